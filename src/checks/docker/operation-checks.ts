import type { Check } from "../check.ts";
import { evidence } from "../evidence.ts";
import { known } from "../known.ts";
import { dockerCheck } from "./docker-check.ts";
import type { DockerFacts } from "./docker-facts.ts";

const shownNames = 20;

/** Unused images and stopped containers. */
export const operationChecks: readonly Check<DockerFacts>[] = [
  dockerCheck(
    "unused-images",
    {
      title: { pass: "Engine has no unused images", fail: "Engine has unused images" },
      severity: "low",
      why: "An old image that is started again brings back its vulnerabilities.",
      remediation: "Remove images that are no longer needed.",
      cis: ["6.1"],
    },
    {
      needs: ["images", "containers"],
      evaluate(facts) {
        const used = new Set(known(facts.containers).map(({ imageId }) => imageId));
        const images = known(facts.images);
        const unused = images.filter(({ id }) => !used.has(id));
        const names = unused.map(({ id, tags }) => tags[0] ?? id.slice(0, 19));
        const seen = [evidence("images without containers", `${unused.length} of ${images.length}`), ...listed(names)];
        if (unused.length === 0) return [{ state: "pass", evidence: seen }];
        const reason = "review whether these images are still needed";
        return [{ state: "manual", evidence: seen, reason, commands: ["docker image prune --all"] }];
      },
    },
  ),
  dockerCheck(
    "stopped-containers",
    {
      title: { pass: "Engine has no stopped containers", fail: "Engine has stopped containers" },
      severity: "low",
      why: "Stopped containers keep data and secrets, and can be started again with outdated settings.",
      remediation: "Remove containers that are no longer needed.",
      cis: ["6.2"],
    },
    {
      needs: ["containers"],
      evaluate(facts) {
        const containers = known(facts.containers);
        const stopped = containers.filter(({ state }) => !["running", "paused", "restarting"].includes(state));
        const names = stopped.map(({ name }) => name);
        const seen = [evidence("stopped containers", `${stopped.length} of ${containers.length}`), ...listed(names)];
        if (stopped.length === 0) return [{ state: "pass", evidence: seen }];
        const reason = "review whether these containers are still needed";
        return [{ state: "manual", evidence: seen, reason, commands: ["docker container prune"] }];
      },
    },
  ),
];

function listed(names: readonly string[]): ReturnType<typeof evidence>[] {
  if (names.length === 0) return [];
  const more = names.length > shownNames ? ` and ${names.length - shownNames} more` : "";
  return [evidence("names", names.slice(0, shownNames).join(" ") + more)];
}

import { dockerChecks } from "../../checks/docker/docker-checks.ts";
import { dockerFacts } from "../../checks/docker/docker-facts.ts";
import { runChecks } from "../../checks/run-checks.ts";
import type { CheckReport } from "../../model/checks/check.ts";
import type { FactsBundle } from "../../sources/host/bundle.ts";
import type { MachineCheckOptions } from "./check-host.ts";
import { checkReport } from "./check-report.ts";
import { runCustomChecks } from "./custom-checks.ts";
import { withFacts, withoutPart } from "./facts-bundle.ts";

/** As of {@link MachineCheckOptions}, for an engine. */
export interface DockerCheckOptions extends MachineCheckOptions {
  /** Whether the user's Docker client verifies signatures; unknown when absent. */
  readonly contentTrust?: boolean | undefined;
}

/** Checks a Docker Engine and what it needs of its host. Error: `facts-malformed` for facts without an engine. */
export function checkDocker(facts: FactsBundle, options: DockerCheckOptions): CheckReport {
  return withFacts(() => dockerReport(facts, options));
}

function dockerReport(facts: FactsBundle, { policy, custom, contentTrust }: DockerCheckOptions): CheckReport {
  const { docker: engine, host } = facts;
  if (!engine) throw withoutPart("a Docker Engine");
  const sources = { engine, ...(host && { host }), ...(contentTrust !== undefined && { contentTrust }) };
  const containers = "value" in engine.containers ? engine.containers.value : [];
  const results = [
    ...runChecks(dockerChecks, dockerFacts(sources)),
    ...runCustomChecks(custom, {
      kind: "docker-container",
      objects: containers.map((value) => ({ value, resource: `container ${value.name}` })),
    }),
  ];
  const images = "value" in engine.images ? engine.images.value.length : 0;
  const target = {
    kind: "docker",
    name: engine.address === "" ? "Docker" : `Docker at ${engine.address}`,
    examined: { images, containers: containers.length },
  } as const;
  return checkReport({ target, results, problems: [], collectedAt: facts.collectedAt }, policy);
}

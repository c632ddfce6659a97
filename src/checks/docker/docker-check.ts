import type { CheckMapping } from "../../model/checks/check.ts";
import type { EngineContainerFact, EngineImageFact, EngineInfoFact } from "../../model/checks/engine-facts.ts";
import type { DockerDaemonFact } from "../../model/checks/host-facts.ts";
import type { Check, CheckDescription, Observation } from "../check.ts";
import { evidence } from "../evidence.ts";
import { known } from "../known.ts";
import { type DaemonOption, daemonOption } from "./daemon-options.ts";
import type { DockerFacts } from "./docker-facts.ts";

/** The words of a check, and what it maps to. */
export interface DockerCheckText extends Pick<CheckDescription, "title" | "severity" | "why" | "remediation"> {
  /** Ids of the CIS Docker Benchmark 1.6. */
  readonly cis?: readonly string[];
  readonly also?: readonly CheckMapping[];
}

/** What was seen of one resource whose name is known elsewhere. */
export type Look = Omit<Observation, "resource" | "location">;

/** The daemon whose option a check is about: as a fact, and its settings. */
export interface DaemonFacts extends Pick<DockerFacts, "daemon"> {
  readonly settings: DockerDaemonFact;
}

/** How a check looks: which facts it must have, and what it sees in them. */
export type DockerLook = Pick<Check<DockerFacts>, "needs" | "evaluate">;

/** MITRE ATT&CK: a way out of a container to its host. */
export const escapeToHost: CheckMapping = { framework: "MITRE ATT&CK", id: "T1611" };

/** A check of Docker; `name` is what follows `docker/`. */
export function dockerCheck(name: string, text: DockerCheckText, { needs, evaluate }: DockerLook): Check<DockerFacts> {
  const { cis = [], also = [], ...words } = text;
  return { id: `docker/${name}`, ...words, mappings: [...cis.flatMap(cisDocker), ...also], needs, evaluate };
}

/** A check that only a person can decide. */
export function manualCheck(name: string, text: DockerCheckText, reason: string): Check<DockerFacts> {
  return dockerCheck(name, text, { needs: [], evaluate: () => [{ state: "manual", evidence: [], reason }] });
}

/** A check of each container; undefined: not about this one. */
export function containerCheck(
  name: string,
  text: DockerCheckText,
  {
    needs = [],
    look,
  }: { needs?: DockerLook["needs"]; look: (container: EngineContainerFact, facts: DockerFacts) => Look | undefined },
): Check<DockerFacts> {
  return dockerCheck(name, text, {
    needs: ["containers", ...needs],
    *evaluate(facts) {
      for (const container of known(facts.containers)) {
        const seen = look(container, facts);
        if (seen) yield { resource: `container ${container.name}`, ...seen };
      }
    },
  });
}

/** A check of each image. */
export function imageCheck(
  name: string,
  text: DockerCheckText,
  look: (image: EngineImageFact) => Look | undefined,
): Check<DockerFacts> {
  return dockerCheck(name, text, {
    needs: ["images"],
    *evaluate(facts) {
      for (const image of known(facts.images)) {
        const seen = look(image);
        if (seen) yield { resource: `image ${image.tags[0] ?? image.digests[0] ?? image.id.slice(0, 19)}`, ...seen };
      }
    },
  });
}

/** A check of what the engine says about itself. */
export function infoCheck(
  name: string,
  text: DockerCheckText,
  look: (info: EngineInfoFact, facts: DockerFacts) => Look,
): Check<DockerFacts> {
  return dockerCheck(name, text, { needs: ["info"], evaluate: (facts) => [look(known(facts.info), facts)] });
}

/** A check of one setting of dockerd; `look` gets undefined when nothing sets it, so that the default holds. */
export function optionCheck(
  name: string,
  text: DockerCheckText,
  { option, look }: { option: string; look: (option: DaemonOption | undefined, facts: DaemonFacts) => Look },
): Check<DockerFacts> {
  return dockerCheck(name, text, {
    needs: ["daemon"],
    evaluate(facts) {
      const daemon = known(facts.daemon);
      const setting = daemonOption(daemon, option);
      if ("unavailable" in setting) return [{ state: "warn", evidence: [], reason: setting.unavailable }];
      return [look(setting.value, { daemon: facts.daemon, settings: daemon })];
    },
  });
}

/** Passes or fails on one thing that was seen. */
export function judged(passes: boolean, ...seen: Parameters<typeof evidence>): Look {
  return { state: passes ? "pass" : "fail", evidence: [evidence(...seen)] };
}

/** A failure with the commands that would mend it; anything else as it is. */
export function fixable(seen: Look, commands: readonly string[]): Look {
  return seen.state === "fail" && commands.length > 0 ? { ...seen, commands } : seen;
}

/** The warning for something that the engine does not tell: an absent member is neither a pass nor a failure. */
export function untold(subject: string): Look {
  return { state: "warn", evidence: [], reason: `the engine did not report ${subject}` };
}

/**
 * A control of the CIS Docker Benchmark 1.6, and of later versions where their ids are public: 1.7 up to 2.7, and 1.8
 * up to 2.6, because a new control stands at 2.7 there.
 */
function cisDocker(id: string): CheckMapping[] {
  const [section = 0, number = 0] = id.split(".").map(Number);
  const versions = ["1.6"];
  if (section < 2 || (section === 2 && number <= 7)) versions.push("1.7");
  if (section < 2 || (section === 2 && number <= 6)) versions.push("1.8");
  return versions.map((version) => ({ framework: "CIS Docker Benchmark", version, id }));
}

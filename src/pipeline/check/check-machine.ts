import { dockerChecks } from "../../checks/docker/docker-checks.ts";
import { dockerFacts } from "../../checks/docker/docker-facts.ts";
import { hostChecks } from "../../checks/linux/host-checks.ts";
import { runChecks } from "../../checks/run-checks.ts";
import type { CheckReport } from "../../model/check.ts";
import { PlimsollError } from "../../model/error.ts";
import type { FactsBundle } from "../../sources/host/bundle.ts";
import { writeBundle } from "../../sources/host/bundle.ts";
import { collectDocker } from "../../sources/host/collect-docker.ts";
import { collectHost } from "../../sources/host/collect-host.ts";
import type { DockerAccess } from "../engine-access.ts";
import { openDockerClient } from "../open-docker-image.ts";
import { type CheckPolicy, checkReport } from "./check-report.ts";
import { type CustomChecks, runCustomChecks } from "./custom-checks.ts";
import { readFactsFile, withFacts } from "./facts-bundle.ts";
import { requireFolder } from "./require-folder.ts";

/** Where the facts of a machine come from. */
export interface MachineFacts {
  /** A file that `--save` wrote; nothing of this machine is looked at then. */
  readonly factsFile?: string;
  /** The folder that is the root of the host: `/` when absent. */
  readonly root?: string;
  readonly docker: DockerAccess;
  readonly now: Date;
  readonly signal: AbortSignal;
}

/**
 * The facts of a host and, when wanted, of its Docker Engine. Errors: those of reading a file of facts; `target-not-found` for a root that is
 * no folder.
 */
export async function machineFacts(
  { factsFile, root, docker, now, signal }: MachineFacts,
  { withEngine }: { readonly withEngine: boolean },
): Promise<FactsBundle> {
  if (factsFile !== undefined) return readFactsFile(factsFile);
  if (root !== undefined) requireFolder(root);
  const host = await collectHost({ ...(root !== undefined && { root }), signal });
  const collected = { schemaVersion: 1, collectedAt: now.toISOString(), host } as const;
  if (!withEngine) return collected;
  const engine = await openDockerClient(docker);
  return { ...collected, docker: await collectDocker(engine, { signal }) };
}

/** The bytes of facts as `--facts` reads them. Error: `limit-exceeded`. */
export function factsFile(facts: FactsBundle): Buffer {
  return writeBundle(facts);
}

/** What is asked of facts. */
export interface MachineCheckOptions {
  readonly policy: CheckPolicy;
  readonly custom: CustomChecks;
}

/** As of {@link MachineCheckOptions}, for an engine. */
export interface DockerCheckOptions extends MachineCheckOptions {
  /** Whether the user's Docker client verifies signatures; unknown when absent. */
  readonly contentTrust?: boolean | undefined;
}

/** Checks a host by its facts. Error: `facts-malformed` for facts without a host. */
export function checkHost(facts: FactsBundle, options: MachineCheckOptions): CheckReport {
  return withFacts(() => hostReport(facts, options));
}

function hostReport(facts: FactsBundle, { policy, custom }: MachineCheckOptions): CheckReport {
  if (!facts.host) throw withoutPart("a host");
  const results = [
    ...runChecks(hostChecks, facts.host),
    ...runCustomChecks(custom, { kind: "host", objects: [{ value: facts.host }] }),
  ];
  return checkReport(
    { target: { kind: "host", name: nameOf(facts) }, results, problems: [], collectedAt: facts.collectedAt },
    policy,
  );
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

function withoutPart(what: string): PlimsollError {
  return new PlimsollError("facts-malformed", `the facts hold nothing of ${what}`, {
    hint: "Collect them with `plimsoll check docker --save FILE` or `plimsoll check host --save FILE`.",
  });
}

/** The name is of the facts, so that it is the same wherever they are looked at. */
function nameOf({ host }: FactsBundle): string {
  const release = host && "value" in host.osRelease ? host.osRelease.value["PRETTY_NAME"] : undefined;
  const kernel = host && "value" in host.kernel ? host.kernel.value.release : undefined;
  return [release ?? "a host", ...(kernel === undefined ? [] : [`Linux ${kernel}`])].join(", ");
}

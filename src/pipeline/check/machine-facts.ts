import type { FactsBundle } from "../../sources/host/bundle.ts";
import { writeBundle } from "../../sources/host/bundle.ts";
import { collectDocker } from "../../sources/host/collect-docker.ts";
import { collectHost } from "../../sources/host/collect-host.ts";
import type { DockerAccess } from "../targets/engine-access.ts";
import { openDockerClient } from "../targets/open-docker-image.ts";
import { readFactsFile } from "./facts-bundle.ts";
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
 * The facts of a host and, when wanted, of its Docker Engine. Errors: those of reading a file of facts;
 * `target-not-found` for a root that is not a folder.
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
export function factsBytes(facts: FactsBundle): Buffer {
  return writeBundle(facts);
}

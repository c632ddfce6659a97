import { dirname, join } from "node:path";
import type { ContainerdClient } from "../../engines/containerd/containerd-client.ts";
import { PlimsollError } from "../../model/error.ts";

/** Who need not be asked is not waited for any longer, in milliseconds. */
const answerWithin = 5000;

/** The database in which containerd notes its images and containers. */
export function containerdDatabase(root: string): string {
  return join(root, "io.containerd.metadata.v1.bolt", "meta.db");
}

/**
 * The folder of the containerd that listens, by the path that it has where containerd runs; undefined when it does not
 * tell. Errors: those of the client.
 */
export async function toldRoot(client: ContainerdClient, signal: AbortSignal): Promise<string | undefined> {
  const path = await client.metadataPath(signal);
  if (path === undefined) return undefined;
  const root = dirname(dirname(path));
  return path === containerdDatabase(root) ? root : undefined;
}

/** As {@link toldRoot}; undefined also when containerd cannot be asked or takes its time. Error: `cancelled`. */
export async function toldRootOrNone(client: ContainerdClient, signal: AbortSignal): Promise<string | undefined> {
  try {
    return await toldRoot(client, AbortSignal.any([signal, AbortSignal.timeout(answerWithin)]));
  } catch (error) {
    if (error instanceof PlimsollError && !signal.aborted) return undefined;
    throw error;
  }
}

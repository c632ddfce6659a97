import { dirname, join } from "node:path";
import type { ContainerdClient } from "../../engines/containerd/containerd-client.ts";
import { PlimsollError } from "../../model/error.ts";

/** Time limit for sockets that the user did not name, in milliseconds. */
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

/**
 * As {@link toldRoot}; the error when containerd cannot be asked, a {@link SilentSocketError} when it takes its time.
 * Error: `cancelled`.
 */
export async function toldRootOrError(
  client: ContainerdClient,
  { address, signal }: { readonly address: string; readonly signal: AbortSignal },
): Promise<string | PlimsollError | undefined> {
  const deadline = AbortSignal.timeout(answerWithin);
  try {
    return await toldRoot(client, AbortSignal.any([signal, deadline]));
  } catch (error) {
    if (!(error instanceof PlimsollError) || signal.aborted) throw error;
    return deadline.aborted ? new SilentSocketError(address, error) : error;
  }
}

/** A server listens at a socket and does not answer. */
export class SilentSocketError extends PlimsollError {
  constructor(address: string, cause?: unknown) {
    const message = `containerd at ${address} did not respond within ${answerWithin / 1000} s`;
    super("engine-unreachable", message, { hint: "Check the log of containerd, and restart it.", cause });
  }
}

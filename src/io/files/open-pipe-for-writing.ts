import { closeSync, constants, openSync } from "node:fs";
import { BlockingWait } from "../bytes/blocking-wait.ts";

/** Milliseconds within which a reader must open the pipe. */
const longestWaitForReader = 5000;

/**
 * Opens a named pipe for writing. Waits five seconds for a reader, then throws; an interrupt ends the wait and the
 * program. Errors: also those of the operating system.
 */
export function openPipeForWriting(path: string): number {
  const probe = openOnceRead(path);
  try {
    // With a reader there this does not wait, and writes to it wait for the reader.
    return openSync(path, "w");
  } finally {
    closeSync(probe);
  }
}

function openOnceRead(path: string): number {
  const giveUpAt = performance.now() + longestWaitForReader;
  using wait = new BlockingWait();
  for (;;) {
    try {
      return openSync(path, constants.O_WRONLY | (constants.O_NONBLOCK ?? 0));
    } catch (cause) {
      if (!(cause instanceof Error && "code" in cause && cause.code === "ENXIO")) throw cause;
      if (performance.now() > giveUpAt) throw new Error("it is a pipe without a reader", { cause });
    }
    wait.pause();
  }
}

import { readFileSync, statSync } from "node:fs";
import { isProcessRunning } from "../io/is-process-running.ts";

/** A container's first process, as the file says into which its number was written when it began. */
interface LiveProcess {
  readonly pid: number;
  /** RFC 3339. */
  readonly startedAt: string;
}

/** The process whose number a file holds; undefined when there is no such file, or no such process any more. */
export function liveProcess(pidFile: string): LiveProcess | undefined {
  try {
    const pid = readPid(pidFile);
    return pid !== undefined && isProcessRunning(pid)
      ? { pid, startedAt: statSync(pidFile).mtime.toISOString() }
      : undefined;
  } catch {
    // Nothing was started, or it has just ended.
    return undefined;
  }
}

/** The number that a file holds; undefined when it holds none. Throws the operating system's error. */
export function readPid(path: string): number | undefined {
  const pid = Number(readFileSync(path, "latin1").slice(0, 20).trim());
  return Number.isSafeInteger(pid) && pid > 0 ? pid : undefined;
}

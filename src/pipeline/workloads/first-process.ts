import { existsSync, readFileSync, statSync } from "node:fs";
import { isProcessRunning } from "../../io/processes/is-process-running.ts";
import { seesAllProcesses } from "../../io/processes/sees-all-processes.ts";

/** A container's first process, as the file says into which its number was written when it began. */
export interface FirstProcess {
  /** RFC 3339. */
  readonly startedAt: string;
  /**
   * Undefined when it is unknown from here whether it lives: processes of the machine are hidden, see
   * {@link seesAllProcesses}.
   */
  readonly pid: number | undefined;
}

/** What the parent of such a process is like. */
export interface ExpectedParent {
  /** The beginning of its name. */
  readonly name: string;
  /** A file with its number, so that a number that is used again is not taken for the process. */
  readonly pidFile?: string;
}

/** The process whose number a file holds; undefined when there is no such file, or no such process any more. */
export function firstProcess(pidFile: string, parent: ExpectedParent): FirstProcess | undefined {
  try {
    const pid = readPid(pidFile);
    if (pid === undefined) return undefined;
    const startedAt = statSync(pidFile).mtime.toISOString();
    const isIt = isProcessRunning(pid) ? isChildOf(pid, parent) : false;
    if (seesAllProcesses()) return isIt === false ? undefined : { pid, startedAt };
    return { pid: isIt === true ? pid : undefined, startedAt };
  } catch {
    // Nothing was started, or it has just ended.
    return undefined;
  }
}

/** Undefined when that is unknown. */
function isChildOf(pid: number, { name, pidFile }: ExpectedParent): boolean | undefined {
  try {
    // The name in brackets may hold anything, also brackets.
    const [, parent] = readFileSync(`/proc/${pid}/stat`, "latin1")
      .replace(/^.*\)\s*/s, "")
      .split(" ");
    const expected = pidFile !== undefined && existsSync(pidFile) ? readPid(pidFile) : undefined;
    if (expected !== undefined && Number(parent) !== expected) return false;
    return readFileSync(`/proc/${parent}/comm`, "latin1").startsWith(name) ? true : undefined;
  } catch {
    return undefined;
  }
}

/** The number that a file holds; undefined when it holds none. Throws the operating system's error. */
function readPid(path: string): number | undefined {
  const pid = Number(readFileSync(path, "latin1").slice(0, 20).trim());
  return Number.isSafeInteger(pid) && pid > 0 ? pid : undefined;
}

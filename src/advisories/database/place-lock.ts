import { randomUUID } from "node:crypto";
import { constants, linkSync, lstatSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { isProcessGone, processMark } from "../../io/processes/process-mark.ts";
import { temporaryPath } from "./temporary-files.ts";

// `.NAME.lock` beside the database NAME holds the mark of the process that is about to replace it, and a UUID. It is
// there for as long as a look at the database and its replacement take.

/** How long a lock may be the same before its holder counts as gone, in milliseconds. */
const longestHold = 5000;
const betweenLooks = 10;
/** Characters of a lock; a host, a process and a UUID have some 60. */
const longestText = 200;

/**
 * Does something while no other process replaces this database. Waits for a process that does; a lock whose process has
 * ended, or that has not changed for five seconds, does not count. Errors: the file system's, also when such a lock
 * cannot be taken away, and those of `action`.
 */
export function withPlaceLock<T>(database: string, action: () => T): T {
  const lock = join(dirname(database), `.${basename(database)}.lock`);
  const text = `${processMark()} ${randomUUID()}`;
  takeLock({ lock, text, database });
  try {
    return action();
  } finally {
    if (readLock(lock) === text) rmSync(lock, { force: true });
  }
}

interface Lock {
  readonly lock: string;
  readonly text: string;
  readonly database: string;
}

function takeLock({ lock, text, database }: Lock): void {
  let seen: string | undefined;
  let since = 0;
  while (!createLock(lock, text)) {
    const held = readLock(lock);
    if (held === undefined) continue;
    const now = performance.now();
    if (held !== seen) {
      seen = held;
      since = now;
    }
    if (isProcessGone(held.split(" ")[0] ?? "") || now - since > longestHold) {
      removeLock({ lock, text: held, database });
    } else {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, betweenLooks);
    }
  }
}

/** False when there is one. */
function createLock(lock: string, text: string): boolean {
  try {
    writeFileSync(lock, text, { flag: "wx" });
    return true;
  } catch (cause) {
    if (codeOf(cause) === "EEXIST") return false;
    throw cause;
  }
}

/**
 * Undefined when there is none; empty for what is not a file of ours, such as a link: whoever made it holds nothing.
 */
function readLock(lock: string): string | undefined {
  try {
    const stat = lstatSync(lock, { throwIfNoEntry: false });
    if (!stat) return undefined;
    if (!stat.isFile() || stat.size > longestText) return "";
    return readFileSync(lock, { encoding: "latin1", flag: constants.O_RDONLY | constants.O_NOFOLLOW });
  } catch (cause) {
    return codeOf(cause) === "ENOENT" ? undefined : "";
  }
}

function codeOf(cause: unknown): unknown {
  return cause instanceof Error && "code" in cause ? cause.code : undefined;
}

/** Takes a lock away that does not count, by giving it another name, which only one can do. */
function removeLock({ lock, text, database }: Lock): void {
  const taken = temporaryPath(database, "lock");
  try {
    renameSync(lock, taken);
    // Another process was faster, and this is its own.
    if (readLock(taken) !== text) linkSync(taken, lock);
  } catch (cause) {
    // Another process has taken it away, or has a new one.
    if (codeOf(cause) !== "ENOENT" && codeOf(cause) !== "EEXIST") throw cause;
  } finally {
    rmSync(taken, { force: true, recursive: true });
  }
}

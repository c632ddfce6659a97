import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { reasonOf } from "../../io/random-access.ts";
import { PlimsollError } from "../../model/error.ts";
import type { Problem } from "../../model/problem.ts";

const largestFile = 32 * 1024 * 1024;
const mostFiles = 200_000;
const deepest = 64;
/** Where nothing lies that its owner wrote. */
const passedOver: ReadonlySet<string> = new Set([".git", "node_modules", ".terraform", ".venv"]);

/** Which files are wanted of what the user named. */
export interface FileSearch {
  /** Of the files in folders, by path and name; a file that is named itself is always wanted. */
  readonly isWanted: (name: string) => boolean;
  readonly problem: (problem: Problem) => void;
}

/**
 * The files at these paths, of folders all that are wanted, in order. Symbolic links to folders are not followed. A folder that cannot be
 * listed is a problem. Errors: `target-not-found`, `limit-exceeded`.
 */
export function findFiles(paths: readonly string[], { isWanted, problem }: FileSearch): readonly string[] {
  const found: string[] = [];
  const walk = (folder: string, depth: number): void => {
    if (depth > deepest) {
      problem({ code: "limit-exceeded", message: `it lies more than ${deepest} folders deep`, path: folder });
      return;
    }
    try {
      const entries = readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
      for (const entry of entries) {
        if (entry.isDirectory()) {
          if (!passedOver.has(entry.name)) walk(join(folder, entry.name), depth + 1);
        } else if (isWanted(entry.name)) found.push(join(folder, entry.name));
        if (found.length > mostFiles)
          throw new PlimsollError("limit-exceeded", `there are more than ${mostFiles} files`);
      }
    } catch (cause) {
      if (cause instanceof PlimsollError) throw cause;
      problem({ code: "unreadable", message: `it cannot be listed: ${reasonOf(cause)}`, path: folder });
    }
  };
  for (const path of paths) {
    const status = statSync(path, { throwIfNoEntry: false });
    if (!status) throw new PlimsollError("target-not-found", `${path} does not exist`, { hint: "Check the path." });
    if (status.isDirectory()) walk(path, 0);
    else found.push(path);
  }
  return found;
}

/** The bytes of a file; `undefined`, and a problem, when it cannot be read or is too large. */
export function readWhole(path: string, problem: (problem: Problem) => void): Buffer | undefined {
  try {
    const { size } = statSync(path);
    if (size <= largestFile) return readFileSync(path);
    problem({ code: "limit-exceeded", message: `it is larger than ${largestFile} bytes`, path });
  } catch (cause) {
    problem({ code: "unreadable", message: `it cannot be read: ${reasonOf(cause)}`, path });
  }
  return undefined;
}

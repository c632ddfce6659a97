import { closeSync, type Dirent, fstatSync, openSync, readdirSync, readSync, realpathSync, statSync } from "node:fs";
import { basename, isAbsolute, join, relative, resolve, sep } from "node:path";
import { readSmallFile } from "../../io/files/read-small-file.ts";
import { reasonOf } from "../../io/reason-of.ts";
import { PlimsollError } from "../../model/error.ts";
import type { Problem } from "../../model/reports/problem.ts";
import { compareText } from "../../model/text/compare-text.ts";

const largestFile = 32 * 1024 * 1024;
const mostFiles = 200_000;
const deepest = 64;
const smallestRead = 4096;
/** Where nothing lies that its owner wrote. */
const passedOver: ReadonlySet<string> = new Set([".git", "node_modules", ".terraform", ".venv"]);

/** Which files are wanted of what the user named. */
export interface FileSearch {
  /** Selects files in folders by name; a file that is named itself is always wanted. */
  readonly isWanted: (name: string) => boolean;
  readonly problem: (problem: Problem) => void;
}

/**
 * The files at these paths, of folders all that are wanted, in order and each once. Symbolic links in folders are
 * followed to files within the same folder, and never to folders. A folder that cannot be listed, a path that is not a
 * file, and a folder that lies too deep are problems. Errors: `target-not-found`, `limit-exceeded`.
 */
export function findFiles(paths: readonly string[], search: FileSearch): readonly string[] {
  const { problem } = search;
  const found = new Map<string, string>();
  for (const path of paths) {
    const kind = kindOf(path, problem);
    if (kind === "missing") {
      throw new PlimsollError("target-not-found", `${path} does not exist`, { hint: "Check the path." });
    }
    for (const file of kind === "folder" ? filesBelow(path, search) : kind === "file" ? [path] : []) {
      if (!found.has(resolve(file))) found.set(resolve(file), file);
      if (found.size > mostFiles) {
        throw new PlimsollError("limit-exceeded", `there are more than ${mostFiles} files`, {
          hint: "Check fewer files at a time.",
        });
      }
    }
  }
  return [...found.values()];
}

/** The bytes of a file; `undefined`, and a problem, when it cannot be read, changes meanwhile, or is too large. */
export function readWhole(path: string, problem: (problem: Problem) => void): Buffer | undefined {
  try {
    if (!statSync(path).isFile()) return readSmallFile(path, { largest: largestFile });
    const descriptor = openSync(path, "r");
    try {
      const before = fstatSync(descriptor);
      const bytes = before.size > largestFile ? undefined : readToEnd(descriptor, before.size);
      const after = fstatSync(descriptor);
      if (!bytes) problem(tooLarge(path));
      else if (before.size !== after.size || before.mtimeMs !== after.mtimeMs) {
        problem({ code: "unreadable", message: "it changed while it was read", path });
      } else return bytes;
    } finally {
      closeSync(descriptor);
    }
  } catch (cause) {
    if (cause instanceof PlimsollError) problem(tooLarge(path));
    else problem({ code: "unreadable", message: `it cannot be read: ${reasonOf(cause)}`, path });
  }
  return undefined;
}

/** All of standard input; `undefined`, and a problem, when it is too large: the rest is not waited for. */
export async function readStdin(
  stdin: AsyncIterable<Uint8Array>,
  problem: (problem: Problem) => void,
): Promise<Buffer | undefined> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of stdin) {
    size += piece.length;
    if (size > largestFile) {
      problem(tooLarge("stdin"));
      return undefined;
    }
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

function tooLarge(path: string): Problem {
  return { code: "limit-exceeded", message: `it is larger than ${largestFile} bytes`, path };
}

/** The bytes from here to the end, which may be further than the size says; `undefined` beyond the limit. */
function readToEnd(descriptor: number, size: number): Buffer | undefined {
  const pieces: Buffer[] = [];
  let total = 0;
  for (;;) {
    const piece = Buffer.allocUnsafe(Math.max(smallestRead, size - total + 1));
    const length = readSync(descriptor, piece);
    total += length;
    if (total > largestFile) return undefined;
    const part = piece.subarray(0, length);
    // That a file has grown since, its size and time tell: only where the size says nothing is the end looked for.
    if (length === 0 || total === size) return pieces.length === 0 ? part : Buffer.concat([...pieces, part]);
    pieces.push(part);
  }
}

function kindOf(path: string, problem: (problem: Problem) => void): "folder" | "file" | "missing" | undefined {
  try {
    const status = statSync(path, { throwIfNoEntry: false });
    return status === undefined ? "missing" : status.isDirectory() ? "folder" : "file";
  } catch (cause) {
    problem({ code: "unreadable", message: `it cannot be accessed: ${reasonOf(cause)}`, path });
    return undefined;
  }
}

function* filesBelow(
  folder: string,
  { root = folder, depth = 0, ...search }: FileSearch & { readonly root?: string; readonly depth?: number },
): Iterable<string> {
  const { isWanted, problem } = search;
  if (depth > deepest) {
    problem({ code: "limit-exceeded", message: `it is more than ${deepest} folders deep`, path: folder });
    return;
  }
  for (const entry of entriesOf(folder, problem)) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      if (!passedOver.has(entry.name)) yield* filesBelow(path, { ...search, root, depth: depth + 1 });
    } else if (!isWanted(entry.name)) continue;
    else if (entry.isFile()) yield path;
    else if (!entry.isSymbolicLink()) problem({ code: "not-examined", message: "it is not a regular file", path });
    else if (isOwnFile(path, { ...search, root })) yield path;
  }
}

function entriesOf(folder: string, problem: (problem: Problem) => void): readonly Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true }).sort((a, b) => compareText(a.name, b.name));
  } catch (cause) {
    problem({ code: "unreadable", message: `it cannot be listed: ${reasonOf(cause)}`, path: folder });
    return [];
  }
}

/** Whether a link leads to a file below the root that the walk does not meet under its own name. */
function isOwnFile(path: string, { root, isWanted, problem }: FileSearch & { readonly root: string }): boolean {
  const found = followLink(path, root);
  if (typeof found === "string") {
    return !isWanted(basename(found)) || found.split(sep).some((name) => passedOver.has(name));
  }
  if (found) problem({ ...found, path });
  return false;
}

/** The path from the root to the file that a link leads to, or a problem; undefined for a folder. */
function followLink(path: string, root: string): string | Problem | undefined {
  try {
    const target = realpathSync(path);
    const status = statSync(target);
    if (status.isDirectory()) return undefined;
    const within = relative(realpathSync(root), target);
    if (within.split(sep)[0] === ".." || isAbsolute(within)) {
      return { code: "not-examined", message: "it is a symbolic link that points outside the folder" };
    }
    return status.isFile() ? within : { code: "not-examined", message: "it is not a regular file" };
  } catch (cause) {
    return { code: "unreadable", message: `the symbolic link cannot be followed: ${reasonOf(cause)}` };
  }
}

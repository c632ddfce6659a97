import { lstatSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { PlimsollError } from "../../model/error.ts";
import type { Problem } from "../../model/reports/problem.ts";
import { type FileKind, fileKind } from "../../updates/references/file-kind.ts";
import { findReferences } from "../../updates/references/find-references.ts";
import type { ImageReference } from "../../updates/references/image-reference.ts";
import { type SourceText, sourceText } from "../../updates/references/placed-text.ts";
import { findFiles, readWhole } from "../check/find-files.ts";

/** The image references in files, and the files that could not be read. */
export interface ReferenceList {
  readonly references: readonly ImageReference[];
  readonly problems: readonly Problem[];
}

const largestFile = 4 * 1024 * 1024;

/** How references are read. */
export interface ReadingOptions {
  readonly signal: AbortSignal;
  /** Contents by path that count in place of the files. */
  readonly edited?: ReadonlyMap<string, Buffer>;
}

/**
 * The image references in these files and folders. In folders, files are selected by their names, and symbolic links
 * are followed only within the folder. Errors: `target-not-found`, `limit-exceeded`, `cancelled`.
 */
export function readReferences(paths: readonly string[], options: ReadingOptions): ReferenceList {
  const problems: Problem[] = [];
  const problem = (one: Problem): void => void problems.push(one);
  const files = findFiles(paths, { isWanted: (name) => fileKind(name) !== undefined, problem });
  const references = files.flatMap((path) => {
    if (options.signal.aborted) throw new PlimsollError("cancelled", "interrupted");
    return referencesOfFile(path, { ...options, problem });
  });
  return { references, problems };
}

interface FileOptions extends ReadingOptions {
  readonly problem: (problem: Problem) => void;
}

/** The image references in one file; none, and a problem, when it cannot be read. */
function referencesOfFile(path: string, options: FileOptions): readonly ImageReference[] {
  const { problem, edited } = options;
  const kind = fileKind(resolve(path));
  if (kind === undefined) {
    problem({ code: "not-examined", message: "its name is not one of a file with image references", path });
    return [];
  }
  const bytes = edited?.get(path) ?? readWhole(path, problem);
  const source = bytes && sourceOf(path, bytes, { kind, problem });
  if (!source) return [];
  const found = findReferences(source, kind, (name) => readBeside(join(dirname(path), name), edited));
  if (!("error" in found)) return found.references;
  problem({ code: "unreadable", message: `it is not valid YAML: ${found.error}`, path });
  return [];
}

function sourceOf(
  path: string,
  bytes: Buffer,
  { kind, problem }: Pick<FileOptions, "problem"> & { readonly kind: FileKind },
): SourceText | undefined {
  if (bytes.length <= largestFile) return sourceText(path, bytes);
  if (kind !== "yaml" || bytes.includes("apiVersion")) {
    problem({ code: "limit-exceeded", message: `it is larger than ${largestFile} bytes`, path });
  }
  return undefined;
}

/** A file beside another; undefined for a missing, large or unreadable file and for a symbolic link. */
function readBeside(path: string, edited: ReadingOptions["edited"]): SourceText | undefined {
  if (lstatSync(path, { throwIfNoEntry: false })?.isFile() !== true) return undefined;
  const bytes = edited?.get(path) ?? readWhole(path, () => undefined);
  return bytes && bytes.length <= largestFile ? sourceText(path, bytes) : undefined;
}

import { basename } from "node:path";
import type { Extractor } from "../../extractors/extractor.ts";
import { DiskFile } from "../../io/bytes/random-access.ts";
import { PlimsollError } from "../../model/error.ts";
import { headSize } from "../../model/images/tree.ts";
import { SingleFileTree } from "../../sources/folder/single-file-tree.ts";
import { FileMatcher } from "../inventory/file-matcher.ts";
import type { OpenTree } from "./open-target.ts";
import { requirePath } from "./recognise-target.ts";

/** The kinds of single files that can be a target. */
const supportedFiles =
  "a Java archive (.jar, .war, .ear), a Python wheel, egg or zipapp, a Go or Rust program, a .deps.json, or a lock file";

/**
 * Opens one file whose packages an extractor reads: a program by its first bytes, any other by its name. The extractors
 * of lock files are loaded here, because other targets do not need them.
 *
 * Errors: `target-not-found`, `target-unreadable`; `archive-not-recognised` for any other file.
 */
export async function openSingleFile(path: string): Promise<OpenTree> {
  requirePath(path);
  const { fileExtractors, lockExtractors } = await import("../../extractors/file-extractors.ts");
  const matcher = new FileMatcher(fileExtractors);
  if (matcher.byPath(basename(path)).length === 0 && matcher.byMagic(headOf(path)).length === 0) {
    const message = `${path} is not an image archive, an SBOM or a file whose packages Plimsoll can read`;
    throw new PlimsollError("archive-not-recognised", message, {
      hint: `Supported: a tar (docker save, OCI layout; also compressed), CycloneDX or SPDX in JSON, ${supportedFiles}: ${lockFileNames(lockExtractors)}.`,
    });
  }
  return {
    form: "tree",
    target: { kind: "file", name: path },
    trees: [{ tree: new SingleFileTree(path), name: "", verifies: false, standsAlone: true }],
    layers: [],
    unexamined: [],
    extractors: fileExtractors,
    [Symbol.dispose]: () => undefined,
  };
}

function lockFileNames(extractors: readonly Extractor[]): string {
  return extractors
    .flatMap(({ files }) => files.flatMap((pattern) => ("basename" in pattern ? [pattern.basename] : [])))
    .join(", ");
}

function headOf(path: string): Buffer {
  using file = new DiskFile(path);
  return file.read(0, headSize);
}

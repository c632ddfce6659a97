import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { describe, test } from "vitest";

/** The folder of test data that nobody here wrote: beside the repository, or where `PLIMSOLL_CORPUS` says. */
const corpusFolder: string = process.env["PLIMSOLL_CORPUS"] ?? join(import.meta.dirname, "../../../shared/corpus");

/** True where the corpus is; CI must have it. */
const corpusIsHere: boolean = existsSync(corpusFolder);

if (!corpusIsHere && process.env["CI"] !== undefined) {
  throw new Error(`the conformance corpus is missing at ${corpusFolder}`);
}

/**
 * `describe` for tests that read the corpus: skipped, with its name as the one line, where a clone stands alone. The body does not
 * run then, because it may read the corpus to name its tests.
 */
export function describeWithCorpus(title: string, body: () => void): void {
  if (corpusIsHere) describe(title, body);
  else test.skip(`${title} (no corpus beside this clone)`);
}

/** The path of a file or folder in the corpus. */
export function corpusPath(...parts: string[]): string {
  return join(corpusFolder, ...parts);
}

/** The bytes of a corpus file; `.gz` ones are unpacked. */
export function corpusBytes(...parts: string[]): Buffer {
  const bytes = readFileSync(corpusPath(...parts));
  return parts.at(-1)?.endsWith(".gz") ? gunzipSync(bytes) : bytes;
}

/** The parsed content of a corpus JSON file, gzipped or not. */
export function corpusJson<T>(...parts: string[]): T {
  return JSON.parse(corpusBytes(...parts).toString("utf8")) as T;
}

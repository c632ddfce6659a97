import { readdirSync } from "node:fs";
import type { CsafDocument } from "../../src/advisories/feeds/csaf/csaf-document.ts";
import { readCsaf } from "../../src/advisories/feeds/csaf/read-csaf.ts";
import { corpusBytes, corpusPath } from "./corpus.ts";

/** The files in a folder of the corpus, by their paths there. */
export function filesOf(folder: string): string[] {
  return readdirSync(corpusPath(folder), { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => `${folder}/${name}`)
    .sort();
}

/** The path with `.gz` where the corpus has the file packed. */
export function existing(path: string): string {
  const folder = path.slice(0, path.lastIndexOf("/"));
  return filesOf(folder).find((name) => name === path || name === `${path}.gz`) ?? path;
}

/** Error: what the document is refused for. */
export function documentOf(path: string): CsafDocument {
  const reading = readCsaf(JSON.parse(corpusBytes(path).toString("utf8")));
  if ("refused" in reading) throw new Error(`${path}: ${reading.refused}`);
  return reading.document;
}

import { extractors } from "./builtin.ts";
import type { Extractor } from "./extractor.ts";
import { lockExtractors } from "./file-extractors.ts";
import { isInDependency } from "./is-in-dependency.ts";

/** Every extractor that reads a folder of source code: what is installed in it, and what its own files declare. */
export const repositoryExtractors: readonly Extractor[] = [...extractors, ...lockExtractors.map(outsideDependencies)];

function outsideDependencies(extractor: Extractor): Extractor {
  return {
    ...extractor,
    extract: (file, context) => (isInDependency(file.path) ? [] : extractor.extract(file, context)),
  };
}

import { extractors } from "../../extractors/builtin.ts";
import type { Extractor } from "../../extractors/extractor.ts";

/** What reads the files of an image. The search for secrets is loaded only when it is wanted. */
export async function imageExtractors({ secrets }: { readonly secrets: boolean }): Promise<readonly Extractor[]> {
  if (!secrets) return extractors;
  withSecrets ??= import("./secret-extractor.ts").then(({ secretExtractor }) => [...extractors, secretExtractor]);
  return withSecrets;
}

/** Shared by all layers of a run: a matcher is prepared once for each list. */
let withSecrets: Promise<readonly Extractor[]> | undefined;

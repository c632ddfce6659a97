import { extractors } from "../../extractors/builtin.ts";
import type { Extractor } from "../../extractors/extractor.ts";
import { rememberedFor } from "../../model/objects/remembered-for.ts";
import type { ContentSearch } from "./content-search.ts";

/** What reads the files of an image; the same list for the same search, for which a matcher is prepared once. */
export const imageExtractors: (search: ContentSearch) => Promise<readonly Extractor[]> = rememberedFor(
  async (search: ContentSearch): Promise<readonly Extractor[]> => {
    const added = await contentExtractors(search);
    return added.length === 0 ? extractors : [...extractors, ...added];
  },
);

/** What searches the contents of files. It is loaded only when it is wanted. */
export async function contentExtractors(
  { secrets, malware }: ContentSearch,
  { isRepository = false }: { readonly isRepository?: boolean } = {},
): Promise<readonly Extractor[]> {
  const found: Extractor[] = [];
  if (secrets) {
    const { secretExtractor, ownSecretExtractor } = await import("./secret-extractor.ts");
    found.push(isRepository ? ownSecretExtractor : secretExtractor);
  }
  if (malware) {
    const { ruleExtractor } = await import("./rule-extractor.ts");
    found.push(ruleExtractor(malware));
    if (malware.hashes.tables.length > 0) {
      const { hashExtractor } = await import("./hash-extractor.ts");
      found.push(hashExtractor(malware));
    }
    if (malware.clamd) {
      const { clamdExtractor } = await import("./clamd-extractor.ts");
      found.push(clamdExtractor(malware.clamd));
    }
  }
  return found;
}

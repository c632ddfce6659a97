import { dotenvValues } from "./dotenv.ts";
import type { ImageReference } from "./image-reference.ts";
import type { PlacedText, SourceText } from "./placed-text.ts";
import { YamlFinder } from "./yaml-finder.ts";
import { isMap, member, members, mergeSources, type YAMLMap, type YamlDocument } from "./yaml-text.ts";

/** The images of the services of a Compose file; `dotenv` is the file `.env` beside it. */
export function composeReferences(
  source: SourceText,
  documents: readonly YamlDocument[],
  dotenv: SourceText | undefined,
): readonly ImageReference[] {
  const values = dotenv ? dotenvValues(dotenv) : new Map<string, PlacedText>();
  return documents.flatMap((document) => {
    const finder = new YamlFinder("compose", document, source);
    for (const { key, value } of members(finder.resolved(member(document.root, "services")))) {
      const service = finder.resolved(value);
      if (!isMap(service)) continue;
      const image = inherited(finder, service, "image", new Set());
      const isBuiltHere = inherited(finder, service, "build", new Set()) !== undefined;
      finder.addImage(image, {
        usedBy: [key],
        isBuiltHere,
        variables: { hasDoubledDollar: true, lookup: (name) => values.get(name) },
      });
    }
    return finder.found;
  });
}

/** The value of a key in a mapping or in what it merges (`<<`). */
function inherited(finder: YamlFinder, mapping: YAMLMap, key: string, seen: Set<unknown>): unknown {
  seen.add(mapping);
  const own = member(mapping, key);
  if (own !== undefined && own !== null) return own;
  for (const source of mergeSources(mapping)) {
    const target = finder.resolved(source);
    const value = isMap(target) && !seen.has(target) ? inherited(finder, target, key, seen) : undefined;
    if (value !== undefined) return value;
  }
  return undefined;
}

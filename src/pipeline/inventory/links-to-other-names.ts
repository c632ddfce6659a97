import { parentPath } from "../../io/files/tree-path.ts";
import { rememberedForBoth } from "../../model/objects/remembered-for.ts";
import type { FileMatcher } from "./file-matcher.ts";
import type { LayerInventory } from "./layer-inventory.ts";
import { resolveLinks } from "./resolve-links.ts";

/** The most such links that are followed in one target; each may lead to a file that has to be read once more. */
const mostFollowed = 200;

/** Links that matter, and how many more there were than are followed. */
export interface LinksToOtherNames {
  readonly paths: readonly string[];
  readonly left: number;
}

/**
 * The symbolic links that an extractor wants for their name, and that lead to a name that it does not want: their file
 * is not read under that other name, although programs find it by the link (`METADATA -> /opt/store/5f3a`).
 */
export function linksToOtherNames(layers: readonly LayerInventory[], matcher: FileMatcher): LinksToOtherNames {
  const paths = new Set<string>();
  const more = new Set<string>();
  for (const layer of layers) {
    for (const path of linksIn(matcher, layer)) {
      if (paths.has(path)) continue;
      if (paths.size < mostFollowed) paths.add(path);
      else more.add(path);
    }
  }
  return { paths: [...paths], left: more.size };
}

/** Those of one layer. */
const linksIn = rememberedForBoth((matcher: FileMatcher, { symlinks }: LayerInventory): readonly string[] =>
  symlinks.flatMap(([path, text]) => {
    if (matcher.byPath(path).length === 0) return [];
    const target = resolveLinks(text.startsWith("/") ? text : `${parentPath(path)}/${text}`, () => undefined) ?? "";
    return isReadAt(target, { path, matcher }) ? [] : [path];
  }),
);

/** True when every extractor that wants `path` for its name wants the file at `target` for its own. */
export function isReadAt(
  target: string,
  { path, matcher }: { readonly path: string; readonly matcher: FileMatcher },
): boolean {
  const readBy = matcher.byPath(target);
  return matcher.byPath(path).every((extractor) => readBy.includes(extractor));
}

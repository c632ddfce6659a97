import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type ChunkedLayer, type ChunkedLayerOptions, zstdChunkedLayer } from "./chunked-layer.ts";
import type { TarMember } from "./tar.ts";

/**
 * Writes a layer as containers/storage keeps one that it pulled in part: the files of its members below `folder`, and its table of
 * contents. Gives the layer as it was in the registry.
 */
export function writePartialLayer(
  { folder, table }: { readonly folder: string; readonly table: string },
  members: readonly TarMember[],
  { change = (all) => all, ...options }: ChunkedLayerOptions = {},
): ChunkedLayer {
  mkdirSync(folder, { recursive: true });
  mkdirSync(dirname(table), { recursive: true });
  for (const { name, content } of members) {
    if (content === undefined || content.length === 0) continue;
    const path = join(folder, String(name));
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  }
  return zstdChunkedLayer(members, {
    ...options,
    change(entries) {
      const changed = change(entries);
      writeFileSync(table, JSON.stringify({ version: 1, entries: changed }));
      return changed;
    },
  });
}

import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { type ChunkedLayer, type ChunkedLayerOptions, zstdChunkedLayer } from "./chunked-layer.ts";
import type { TarMember } from "./tar.ts";
import { writeMembers } from "./write-files.ts";

/**
 * Writes a layer as containers/storage keeps one that it pulled in part: the files of its members below `folder`, and its table of
 * contents. Gives the layer as it was in the registry.
 */
export function writePartialLayer(
  { folder, table }: { readonly folder: string; readonly table: string },
  members: readonly TarMember[],
  { change = (all) => all, ...options }: ChunkedLayerOptions = {},
): ChunkedLayer {
  mkdirSync(dirname(table), { recursive: true });
  writeMembers(folder, members);
  return zstdChunkedLayer(members, {
    ...options,
    change(entries) {
      const changed = change(entries);
      writeFileSync(table, JSON.stringify({ version: 1, entries: changed }));
      return changed;
    },
  });
}

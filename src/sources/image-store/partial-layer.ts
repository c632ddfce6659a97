import { createHash } from "node:crypto";
import { readTable } from "../image/chunked/read-table.ts";
import type { TableEntry } from "../image/chunked/table-of-contents.ts";
import { readStoreFile } from "./store-files.ts";

/**
 * A layer of which containers/storage fetched only the files that it did not have yet. It made the layer's folder by
 * the table of contents and never saw the tar, so there is no record of it; it keeps the table, as JSON.
 *
 * Source: containers/storage `pkg/chunked/storage_linux.go`.
 */
export interface PartialLayer {
  /** The file with the table. */
  readonly table: string;
  /** `sha256:…` of that file. */
  readonly tableDigest: string;
  /** The chunks of the layer as it was pulled lay before this byte. */
  readonly chunksEnd: number;
  /** The folder with its files. */
  readonly folder: string;
  /** Bytes of its files, by the table. */
  readonly size: number;
}

/**
 * The layer whose table is in this file; undefined when there is none, or one that cannot be followed, see
 * {@link readTable}. Errors: `target-unreadable`, `limit-exceeded`.
 */
export function findPartialLayer(
  place: Pick<PartialLayer, "table" | "chunksEnd" | "folder">,
): PartialLayer | undefined {
  const found = readLayerTable(place);
  return found && { ...place, tableDigest: found.digest, size: sizeOf(found.entries) };
}

/** A table, and `sha256:…` of its file. Undefined and errors as for {@link findPartialLayer}. */
export function readLayerTable({
  table,
  chunksEnd,
}: Pick<PartialLayer, "table" | "chunksEnd">):
  | { readonly digest: string; readonly entries: readonly TableEntry[] }
  | undefined {
  const json = readStoreFile(table);
  const entries = json && readTable(json, chunksEnd);
  return entries && { digest: `sha256:${createHash("sha256").update(json).digest("hex")}`, entries };
}

/** Numbers from a table may be so large that their sum is no longer exact. */
function sizeOf(entries: readonly TableEntry[]): number {
  return Math.min(
    entries.reduce((sum, { entry }) => sum + entry.size, 0),
    Number.MAX_SAFE_INTEGER,
  );
}

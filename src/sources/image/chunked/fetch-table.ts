import { createHash } from "node:crypto";
import { gunzipSync, zstdDecompressSync } from "node:zlib";
import { blockSize, readHeader } from "../../../io/tar/header.ts";
import type { ByteRange } from "./byte-ranges.ts";
import { estargzFooterSize, readEstargzFooter } from "./estargz-footer.ts";
import { largestTable, type TableLocation } from "./locate-table.ts";
import { readTable } from "./read-table.ts";
import type { ReadRange, TableEntry, TableOfContents } from "./table-of-contents.ts";

/** How much of the end of an eStargz layer is read at once, in the hope that the table is in there. */
const tailSize: number = 64 * 1024;

/**
 * Fetches the table of contents of a layer of `size` bytes. Undefined when the content does not match the digest in the
 * manifest, or cannot be followed: then only the whole layer shows its content. Errors: those of `readRange`.
 */
export async function fetchTable(
  location: TableLocation,
  { size, readRange }: { readonly size: number; readonly readRange: ReadRange },
): Promise<TableOfContents | undefined> {
  if (location.format === "estargz") return fetchEstargz(location.digest, { size, readRange });
  const stored = await readRange(location.from, location.to);
  if (!hasDigest(stored, location.digest)) return undefined;
  const json = inflated(() => zstdDecompressSync(stored, { maxOutputLength: location.inflatedSize }));
  const entries = json && readTable(json, location.from);
  return entries && { compression: "zstd", entries };
}

async function fetchEstargz(
  digest: string,
  { size, readRange }: { readonly size: number; readonly readRange: ReadRange },
): Promise<TableOfContents | undefined> {
  if (size < estargzFooterSize) return undefined;
  const tailFrom = Math.max(0, size - tailSize);
  const tail = await readRange(tailFrom, size);
  const footer = readEstargzFooter(tail);
  if (!footer) return undefined;
  const from = footer.tableFrom;
  const to = size - footer.size;
  if (from <= 0 || from >= to || to - from > largestTable) return undefined;
  const end = tail.subarray(Math.max(0, from - tailFrom), tail.length - footer.size);
  const stored = from >= tailFrom ? end : Buffer.concat([await readRange(from, tailFrom), end]);
  const tar = inflated(() => gunzipSync(stored, { maxOutputLength: largestTable }));
  const json = tar && bodyOfTable(tar);
  if (!json || !hasDigest(json, digest)) return undefined;
  const entries = readTable(json, from);
  return entries && { compression: "gzip", entries, own: ownEntry(json, { from, to }) };
}

const tableName = "stargz.index.json";

function ownEntry(json: Buffer, range: ByteRange): TableEntry {
  const { length: size } = json;
  return {
    entry: { path: tableName, type: "file", size, mode: 0, link: "", storedSize: size },
    chunks: [{ ...range, skip: blockSize, size, digest: sha256(json) }],
  };
}

function bodyOfTable(tar: Buffer): Buffer | undefined {
  const header = tar.length < blockSize ? undefined : readHeader(tar, 0);
  if (header?.name !== tableName || header.size > tar.length - blockSize) return undefined;
  return tar.subarray(blockSize, blockSize + header.size);
}

function inflated(inflate: () => Buffer): Buffer | undefined {
  try {
    return inflate();
  } catch {
    return undefined;
  }
}

function hasDigest(bytes: Buffer, digest: string): boolean {
  return sha256(bytes) === digest;
}

function sha256(bytes: Buffer): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}

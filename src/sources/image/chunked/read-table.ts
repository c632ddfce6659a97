import { EntryBuilder } from "../../../io/tar/entry-builder.ts";
import { isJsonObject, type JsonObject, parseJson } from "../../../model/objects/json-object.ts";
import { isSha256 } from "./locate-table.ts";
import type { Chunk, TableEntry } from "./table-of-contents.ts";

// The JSON of a table, as eStargz and zstd:chunked share it, both after CRFS:
//
//   { version: 1, entries: [{ name, type, size, mode, linkName, digest, offset, endOffset, innerOffset,
//                             chunkOffset, chunkSize, chunkDigest, chunkType }] }
//
// type: dir, reg, symlink, hardlink, char, block, fifo; or chunk, a further piece of the file before it. A number that
// is 0 is left out. A chunk without chunkSize goes to the end of its file, one without endOffset to where the next one
// begins. innerOffset (eStargz): the chunk begins so far into what is inflated from offset. chunkType zeros
// (zstd:chunked): nothing but zeros.

/** The most entries that a table may have. */
const mostTableEntries = 500_000;
/** The most compressed bytes of one chunk. */
export const largestChunk: number = 64 * 1024 * 1024;
/** The most bytes that are inflated to come to a chunk. */
const largestSkip: number = 16 * 1024 * 1024;

const typeFlags: ReadonlyMap<unknown, number> = new Map([
  ["reg", 0x30],
  ["hardlink", 0x31],
  ["symlink", 0x32],
  ["char", 0x33],
  ["block", 0x34],
  ["dir", 0x35],
  ["fifo", 0x36],
]);

/**
 * The entries of a table whose chunks lie before the byte `end` of the layer. Undefined for a table that cannot be
 * followed: one that does not keep its form or the limits, whose chunks overlap, do not make up their file or have no
 * digest, or with a name that JSON cannot hold, which writers replace.
 */
export function readTable(json: Buffer, end: number): readonly TableEntry[] | undefined {
  const document = parseJson(json.toString("utf8"));
  if (!isJsonObject(document) || document["version"] !== 1) return undefined;
  const list = document["entries"];
  if (!Array.isArray(list) || list.length > mostTableEntries || !list.every(isJsonObject)) return undefined;
  const borders = bordersOf(list, end);
  const entries: TableEntry[] = [];
  for (let at = 0; at < list.length; ) {
    const [first, ...more] = withChunks(list, at);
    const read = first && readEntry(first, { more, borders });
    if (!read) return undefined;
    entries.push(read);
    at += 1 + more.length;
  }
  return entries;
}

/** The entry at `at` and the chunks that follow it. */
function withChunks(list: readonly JsonObject[], at: number): readonly JsonObject[] {
  let next = at + 1;
  while (list[next]?.["type"] === "chunk") next++;
  return list.slice(at, next);
}

function readEntry(
  value: JsonObject,
  { more, borders }: { readonly more: readonly JsonObject[]; readonly borders: Borders },
): TableEntry | undefined {
  const { name, linkName = "" } = value;
  const type = typeFlags.get(value["type"]);
  const size = numberIn(value, "size");
  const mode = numberIn(value, "mode");
  if (type === undefined || size === undefined || mode === undefined) return undefined;
  if (!isName(name) || !isName(linkName) || more.some((chunk) => (chunk["name"] ?? name) !== name)) return undefined;
  const isFile = value["type"] === "reg";
  const entry = new EntryBuilder().build({
    name,
    mode: mode % 0o10000,
    size: isFile ? size : 0,
    type,
    linkName,
    sparseExtension: false,
  });
  if (!isFile || size === 0) return more.length === 0 ? { entry, chunks: [] } : undefined;
  const chunks = readChunks([value, ...more], { size, borders });
  return chunks && { entry, chunks };
}

/** Writers put the replacement character in place of what is not UTF-8. */
function isName(name: unknown): name is string {
  return typeof name === "string" && !name.includes("\ufffd");
}

function readChunks(
  values: readonly JsonObject[],
  { size, borders }: { readonly size: number; readonly borders: Borders },
): readonly Chunk[] | undefined {
  const isOnly = values.length === 1;
  const fileEnd = numberIn(values[0] ?? {}, "endOffset");
  const chunks: Chunk[] = [];
  let done = 0;
  for (const [index, value] of values.entries()) {
    const from = numberIn(value, "offset");
    const skip = numberIn(value, "innerOffset");
    const given = numberIn(value, "chunkSize");
    const next = from === undefined ? undefined : borders.after(from);
    if (from === undefined || skip === undefined || given === undefined || next === undefined) return undefined;
    const length = given || size - done;
    if (numberIn(value, "chunkOffset") !== done || length <= 0 || length > size - done) return undefined;
    const to = (index === values.length - 1 && fileEnd) || next;
    const digest = value["chunkDigest"] || (isOnly && value["digest"]);
    const isZeros = value["chunkType"] === "zeros";
    if (from === 0 || to <= from || to > next || (value["chunkType"] && !isZeros)) return undefined;
    if (to - from > largestChunk || skip > largestSkip) return undefined;
    if (!isZeros && (typeof digest !== "string" || !isSha256(digest))) return undefined;
    if (!borders.claim(from, { skip, size: length })) return undefined;
    chunks.push({ from, to, skip, size: length, digest: isZeros ? undefined : String(digest) });
    done += length;
  }
  return done === size ? chunks : undefined;
}

/** Where chunks begin, so that one ends where the next begins. */
class Borders {
  readonly #sorted: readonly number[];
  /** How far what is inflated from a border has been given away. */
  readonly #claimed = new Map<number, number>();

  constructor(offsets: Iterable<number>, end: number) {
    this.#sorted = [...new Set([...offsets, end])].sort((a, b) => a - b);
  }

  /** The border after `offset`; undefined at the end of what can hold chunks. */
  after(offset: number): number | undefined {
    let low = 0;
    let high = this.#sorted.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#sorted[middle] ?? 0) > offset) high = middle;
      else low = middle + 1;
    }
    return this.#sorted[low];
  }

  /** False when the bytes are another chunk's too. */
  claim(offset: number, { skip, size }: { readonly skip: number; readonly size: number }): boolean {
    if (skip < (this.#claimed.get(offset) ?? 0)) return false;
    this.#claimed.set(offset, skip + size);
    return true;
  }
}

function bordersOf(list: readonly JsonObject[], end: number): Borders {
  const offsets = list.flatMap((value) => numberIn(value, "offset") || []).filter((offset) => offset < end);
  return new Borders(offsets, end);
}

/** A whole number that is not negative, 0 when it is left out; undefined for anything else. */
function numberIn(value: JsonObject, key: string): number | undefined {
  const number = value[key] ?? 0;
  return typeof number === "number" && Number.isSafeInteger(number) && number >= 0 ? number : undefined;
}

// The header of an rpm package as its database holds it, all numbers big-endian: the number of index entries, the
// length of the data, the entries of 16 bytes (tag, type, offset into the data, count), the data. Texts end with a zero
// byte. The paths of the files are split: BASENAMES has the names, DIRINDEXES says for each which of DIRNAMES it lies
// in. Source: rpm docs/manual/format_header.md, docs/manual/tags.md, lib/header.c (limits: 65,535 entries, 256 MiB of
// data).

const tags = {
  name: 1000,
  version: 1001,
  release: 1002,
  epoch: 1003,
  vendor: 1011,
  license: 1014,
  architecture: 1022,
  sourceRpm: 1044,
  folderIndexes: 1116,
  baseNames: 1117,
  folderNames: 1118,
  modularityLabel: 5096,
} as const;
const wanted: ReadonlySet<number> = new Set(Object.values(tags));

const mostEntries = 65_535;
const entryLength = 16;
const int32 = 4;
/** Text, list of texts, translated text: the first one counts. */
const textTypes: ReadonlySet<number> = new Set([6, 8, 9]);

/** What a header says about its package. A text that is absent or empty is undefined. */
export interface RpmHeader {
  readonly name: string | undefined;
  readonly version: string | undefined;
  readonly release: string | undefined;
  readonly epoch: number | undefined;
  readonly vendor: string | undefined;
  readonly license: string | undefined;
  readonly architecture: string | undefined;
  /** The file name of the source package. */
  readonly sourceRpm: string | undefined;
  /** `name:stream:version:context:architecture`. */
  readonly modularityLabel: string | undefined;
  /** Folders of the owned files, absolute, ending in a slash. */
  readonly folders: readonly string[];
  /** The owned files: each a name, and an index into `folders`. */
  readonly files: readonly { readonly name: string; readonly folder: number }[];
  /** What could not be read of the header, as the rest of a sentence that begins "because". */
  readonly fault: string | undefined;
}

/** Reads a header; when the bytes are not one, why, as the rest of a sentence that begins "because". */
export function readRpmHeader(blob: Uint8Array): RpmHeader | string {
  const bytes = Buffer.from(blob.buffer, blob.byteOffset, blob.byteLength);
  if (bytes.length < 8) return "a header is too short";
  const count = bytes.readUInt32BE(0);
  const dataLength = bytes.readUInt32BE(4);
  const dataStart = 8 + count * entryLength;
  if (count === 0 || count > mostEntries || dataStart + dataLength > bytes.length) {
    return `a header of ${bytes.length} bytes claims ${count} entries and ${dataLength} bytes of data`;
  }
  const data = bytes.subarray(dataStart, dataStart + dataLength);
  const header = new Index(bytes.subarray(8, dataStart), data);
  const names = header.texts(tags.baseNames);
  const indexes = header.integers(tags.folderIndexes);
  const folders = header.texts(tags.folderNames);
  if (names.length !== indexes.length) header.fault ??= "a header has different numbers of file names and folders";
  const files = header.fault === undefined ? names.map((name, index) => ({ name, folder: indexes[index] ?? 0 })) : [];
  const fields = {
    name: header.text(tags.name),
    version: header.text(tags.version),
    release: header.text(tags.release),
    epoch: header.integers(tags.epoch)[0],
    vendor: header.text(tags.vendor),
    license: header.text(tags.license),
    architecture: header.text(tags.architecture),
    sourceRpm: header.text(tags.sourceRpm),
    modularityLabel: header.text(tags.modularityLabel),
    folders,
    files,
  };
  return { ...fields, fault: header.fault };
}

interface Entry {
  readonly type: number;
  readonly count: number;
  readonly start: number;
  /** Where the data of the next entry starts. */
  readonly end: number;
}

/** The entries of a header that matter. */
class Index {
  /** The fault of the requested entries. */
  fault: string | undefined;
  readonly #data: Buffer;
  readonly #entries = new Map<number, Entry>();

  constructor(index: Buffer, data: Buffer) {
    this.#data = data;
    const starts: number[] = [];
    for (let at = 8; at < index.length; at += entryLength) starts.push(index.readInt32BE(at));
    starts.sort((a, b) => a - b);
    for (let at = 0; at < index.length; at += entryLength) {
      const tag = index.readUInt32BE(at);
      if (!wanted.has(tag)) continue;
      const start = index.readInt32BE(at + 8);
      if (start < 0 || start >= data.length) {
        this.fault = `the tag ${tag} of a header is outside its data`;
        continue;
      }
      const end = Math.min(firstAbove(starts, start) ?? data.length, data.length);
      this.#entries.set(tag, { type: index.readUInt32BE(at + 4), count: index.readUInt32BE(at + 12), start, end });
    }
  }

  text(tag: number): string | undefined {
    const entry = this.#entries.get(tag);
    if (entry === undefined) return undefined;
    const end = this.#data.indexOf(0, entry.start);
    if (!textTypes.has(entry.type) || end < 0) {
      this.fault = `the tag ${tag} of a header is not a string`;
      return undefined;
    }
    return this.#data.toString("utf8", entry.start, end) || undefined;
  }

  texts(tag: number): string[] {
    const entry = this.#entries.get(tag);
    if (entry === undefined) return [];
    const { type, count, start, end } = entry;
    // Each text takes a byte at least.
    const texts =
      textTypes.has(type) && count <= end - start ? this.#data.toString("utf8", start, end).split("\0", count + 1) : [];
    if (texts.length !== count + 1) this.fault = `the tag ${tag} of a header has fewer strings than it claims`;
    return texts.slice(0, count);
  }

  integers(tag: number): number[] {
    const entry = this.#entries.get(tag);
    if (entry === undefined) return [];
    const { type, count, start, end } = entry;
    if (type !== int32 || 4 * count > end - start) {
      this.fault = `the tag ${tag} of a header has fewer numbers than it claims`;
      return [];
    }
    return Array.from({ length: count }, (_, index) => this.#data.readUInt32BE(start + 4 * index));
  }
}

/** The smallest of the sorted values that is above `value`. */
function firstAbove(sorted: readonly number[], value: number): number | undefined {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? 0) > value) high = middle;
    else low = middle + 1;
  }
  return sorted[low];
}

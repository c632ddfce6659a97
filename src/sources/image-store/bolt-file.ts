import { DiskFile } from "../../io/bytes/random-access.ts";
import { PlimsollError } from "../../model/error.ts";

/**
 * A bbolt database, read without its lock while its owner may be writing.
 *
 * The file is pages of equal size, numbers little-endian. A page begins with id (8 bytes), which is its number, flags
 * (2, 1 for a branch, 2 for a leaf), count of elements (2) and overflow (4), the number of pages that belong to it
 * beyond the first; those have no beginning of their own. Pages 0 and 1 are two versions of the
 * meta page: magic, version, page size, flags (4 each), root page and sequence of the root bucket, freelist, high
 * water, transaction, FNV-1a checksum (8 each); the valid one with the higher transaction counts.
 *
 * A bucket is a tree of pages. An element of a branch page: position of its key from the element (4), size of the key
 * (4), page (8). An element of a leaf page: flags (4, 1 for a bucket), position of its key (4), size of the key (4),
 * size of the value that follows the key (4). The value of a bucket: root page (8), sequence (8), and when the root
 * page is 0 the only page right there, a leaf with the id 0.
 *
 * Keys and values lie without gaps behind the elements, in their order. Pages do not have checksums: the rules above
 * are verified, so that a page that was lost, cut or overwritten is not taken for one with fewer elements.
 *
 * A transaction writes to pages that the transaction before it did not use, so the data read is sound as long as the
 * meta page is still the same afterwards.
 *
 * Source: etcd-io/bbolt `page.go`, `node.go`, `bucket.go`, `db.go`.
 */
export interface BoltBucket {
  /** The value of a key, undefined when there is none or it is a bucket. */
  value(key: string): Buffer | undefined;
  /** The bucket of a name, undefined when there is none. */
  bucket(key: string): BoltBucket | undefined;
  /** The names of the buckets in it. */
  bucketNames(): string[];
}

/** Its elements were checked, and are looked at where they lie: objects for all would take many times the memory. */
interface Page {
  readonly bytes: Buffer;
  readonly isLeaf: boolean;
  /** Number of elements. */
  readonly count: number;
}

/** Where an element lies in its page: its key up to `keyEnd`, then its value, which one of a branch has not. */
interface ElementPlace {
  readonly start: number;
  readonly keyEnd: number;
  readonly end: number;
}

interface Meta {
  readonly pageSize: number;
  readonly root: number;
  readonly transaction: bigint;
}

const headerSize = 16;
const elementSize = 16;
const branchFlag = 1;
const leafFlag = 2;
const bucketFlag = 1;
const magic = 0xed0cdaed;
const version = 2;
const metaSize = 56;
const largestPage: number = 64 * 1024 * 1024;
const mostKeptBytes: number = 16 * 1024 * 1024;
const deepestTree = 32;
const mostNames = 100_000;
const attempts = 8;

/**
 * Opens the database, gives its root bucket to `read`, and reads again when another process wrote meanwhile. Errors:
 * `target-unreadable`, `layout-malformed`, `limit-exceeded`, those of `read`.
 */
export function readBolt<Result>(path: string, read: (root: BoltBucket) => Result): Result {
  using file = new DiskFile(path);
  for (let attempt = 1; ; attempt++) {
    const meta = newestMeta(file);
    const unchanged = (): boolean => newestMeta(file).transaction === meta.transaction;
    try {
      const result = read(new PagedBucket(new Pages(file, meta.pageSize), meta.root));
      if (unchanged()) return result;
    } catch (error) {
      if (unchanged()) throw error;
    }
    if (attempt === attempts) {
      throw new PlimsollError("target-unreadable", `${path} is being written to continuously`, { hint: "Try again." });
    }
  }
}

function newestMeta(file: DiskFile): Meta {
  const first = readMeta(file, 0);
  // A damaged first page does not give the offset of the second one.
  const sizes = first ? [first.pageSize] : [4096, 8192, 16_384, 65_536];
  const second = sizes.map((size) => readMeta(file, size)).find((meta) => meta !== undefined);
  const newest = !first || (second && second.transaction > first.transaction) ? second : first;
  if (newest) return newest;
  throw malformed(file.path, "neither of its meta pages is valid");
}

function readMeta(file: DiskFile, offset: number): Meta | undefined {
  const bytes = file.read(offset + headerSize, metaSize + 8);
  if (bytes.length < metaSize + 8 || bytes.readUInt32LE(0) !== magic || bytes.readUInt32LE(4) !== version)
    return undefined;
  if (bytes.readBigUInt64LE(metaSize) !== checksum(bytes.subarray(0, metaSize))) return undefined;
  const pageSize = bytes.readUInt32LE(8);
  if (pageSize < 512 || pageSize > 65_536) return undefined;
  return { pageSize, root: pageNumber(bytes, 16), transaction: bytes.readBigUInt64LE(48) };
}

/** FNV-1a with 64 bits. */
function checksum(bytes: Buffer): bigint {
  let hash = 0xcbf29ce484222325n;
  for (const byte of bytes) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  return hash;
}

class Pages {
  readonly #file: DiskFile;
  readonly #size: number;
  readonly #kept = new Map<number, Page>();
  #keptBytes = 0;

  constructor(file: DiskFile, size: number) {
    this.#file = file;
    this.#size = size;
  }

  read(number: number): Page {
    const kept = this.#kept.get(number);
    if (kept) return kept;
    const offset = number * this.#size;
    const head = this.#file.read(offset, headerSize);
    if (head.length < headerSize) throw malformed(this.#file.path, `it has no page ${number}`);
    const size = (head.readUInt32LE(12) + 1) * this.#size;
    if (size > largestPage) throw malformed(this.#file.path, `page ${number} is too large`);
    if (this.#keptBytes + size > mostKeptBytes) {
      this.#kept.clear();
      this.#keptBytes = 0;
    }
    const whole = this.#file.read(offset, size);
    const page = this.#pageIn(whole, { number, flags: [branchFlag, leafFlag], name: `page ${number}` });
    this.#kept.set(number, page);
    this.#keptBytes += size;
    return page;
  }

  /** The page in the value of a bucket. */
  inline(bytes: Buffer): Page {
    return this.#pageIn(bytes, { number: 0, flags: [leafFlag], name: "the page of a bucket" });
  }

  /** `flags` are those that it may have, `name` names it in errors. */
  #pageIn(
    bytes: Buffer,
    wanted: { readonly number: number; readonly flags: readonly number[]; readonly name: string },
  ): Page {
    const flags = bytes.readUInt16LE(8);
    if (pageNumber(bytes, 0) !== wanted.number || !wanted.flags.includes(flags)) {
      throw this.malformed(`${wanted.name} has the wrong number or type`);
    }
    const page: Page = { bytes, isLeaf: flags === leafFlag, count: bytes.readUInt16LE(10) };
    let end = headerSize + page.count * elementSize;
    let last: ElementPlace | undefined;
    for (let index = 0; index < page.count && end <= bytes.length; index++) {
      const place = placeOf(page, index);
      if (place.start !== end) throw this.malformed("an element is in the wrong place");
      end = place.end;
      if (
        last &&
        end <= bytes.length &&
        bytes.compare(bytes, place.start, place.keyEnd, last.start, last.keyEnd) >= 0
      ) {
        throw this.malformed("an element is in the wrong place");
      }
      last = place;
    }
    if (end > bytes.length) throw this.malformed("an element extends beyond its page");
    if (!page.isLeaf && page.count === 0) throw this.malformed("a branch does not point to a page");
    return page;
  }

  malformed(reason: string): PlimsollError {
    return malformed(this.#file.path, reason);
  }
}

class PagedBucket implements BoltBucket {
  readonly #pages: Pages;
  readonly #root: number | Page;

  /** `root` is the number of a page, or a page that lies in the value of the bucket. */
  constructor(pages: Pages, root: number | Page) {
    this.#pages = pages;
    this.#root = root;
  }

  value(key: string): Buffer | undefined {
    const found = this.#find(key);
    return found?.isBucket === false ? found.value : undefined;
  }

  bucket(key: string): BoltBucket | undefined {
    const found = this.#find(key);
    if (found?.isBucket !== true) return undefined;
    const { value } = found;
    if (value.length < headerSize) throw this.#pages.malformed("a bucket is cut off");
    const root = pageNumber(value, 0);
    if (root !== 0) return new PagedBucket(this.#pages, root);
    if (value.length < 2 * headerSize) throw this.#pages.malformed("a bucket is cut off");
    return new PagedBucket(this.#pages, this.#pages.inline(value.subarray(headerSize)));
  }

  bucketNames(): string[] {
    const names: string[] = [];
    const seen = new Set<number>();
    const waiting: (number | Page)[] = [this.#root];
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      if (typeof next === "number") {
        if (seen.has(next)) throw this.#pages.malformed("a page is in two places");
        seen.add(next);
      }
      const page = typeof next === "number" ? this.#pages.read(next) : next;
      if (names.length + waiting.length + page.count > mostNames) {
        throw new PlimsollError("limit-exceeded", `a database contains more than ${mostNames} names`);
      }
      for (let index = 0; index < page.count; index++) {
        if (!page.isLeaf) waiting.push(childOf(page, index));
        else if (isBucket(page, index)) names.push(keyOf(page, index));
      }
    }
    return names.sort();
  }

  #rootPage(): Page {
    return typeof this.#root === "number" ? this.#pages.read(this.#root) : this.#root;
  }

  #find(key: string): { readonly value: Buffer; readonly isBucket: boolean } | undefined {
    const wanted = Buffer.from(key);
    let page = this.#rootPage();
    for (let depth = 0; depth <= deepestTree; depth++) {
      const index = lastUpTo(page, wanted);
      if (!page.isLeaf) page = this.#pages.read(childOf(page, Math.max(index, 0)));
      else if (index < 0 || compareKey(page, { index, wanted }) !== 0) return undefined;
      else return { value: valueIn(page, index), isBucket: isBucket(page, index) };
    }
    throw this.#pages.malformed("its pages are nested too deeply");
  }
}

/** The index of the last element whose key is not above the wanted one; -1 when all are. */
function lastUpTo(page: Page, wanted: Buffer): number {
  let low = 0;
  let high = page.count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compareKey(page, { index: middle, wanted }) <= 0) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** Below zero when the key of the element is below the wanted one, above zero when it is above. */
function compareKey(page: Page, { index, wanted }: { readonly index: number; readonly wanted: Buffer }): number {
  const { start, keyEnd } = placeOf(page, index);
  return page.bytes.compare(wanted, 0, wanted.length, start, keyEnd);
}

function keyOf(page: Page, index: number): string {
  const { start, keyEnd } = placeOf(page, index);
  return page.bytes.toString("utf8", start, keyEnd);
}

/** Value of an element of a leaf page. */
function valueIn(page: Page, index: number): Buffer {
  const { keyEnd, end } = placeOf(page, index);
  return page.bytes.subarray(keyEnd, end);
}

/** Whether an element of a leaf page is a bucket. */
function isBucket({ bytes }: Page, index: number): boolean {
  return (bytes.readUInt32LE(headerSize + index * elementSize) & bucketFlag) !== 0;
}

/** The number of the child page that begins with the key of an element of a branch page. */
function childOf({ bytes }: Page, index: number): number {
  return pageNumber(bytes, headerSize + index * elementSize + 8);
}

function placeOf({ bytes, isLeaf }: Page, index: number): ElementPlace {
  const at = headerSize + index * elementSize;
  const words = isLeaf ? at + 4 : at;
  const start = at + bytes.readUInt32LE(words);
  const keyEnd = start + bytes.readUInt32LE(words + 4);
  return { start, keyEnd, end: isLeaf ? keyEnd + bytes.readUInt32LE(words + 8) : keyEnd };
}

/** A page number; one that is not a safe integer is beyond the end of every file. */
function pageNumber(bytes: Buffer, at: number): number {
  return Number(bytes.readBigUInt64LE(at));
}

function malformed(path: string, reason: string): PlimsollError {
  return new PlimsollError("layout-malformed", `${path} is not a complete bbolt database: ${reason}`, {
    hint: "Check with the engine's own tool whether it can still read its images.",
  });
}

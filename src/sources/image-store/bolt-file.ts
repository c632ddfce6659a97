import { DiskFile } from "../../io/random-access.ts";
import { PlimsollError } from "../../model/error.ts";

/**
 * A bbolt database, read without its lock while its owner may be writing.
 *
 * The file is pages of equal size, numbers little-endian. A page begins with id (8 bytes), flags (2), count of elements
 * (2) and overflow (4), the number of pages that belong to it beyond the first. Pages 0 and 1 are two versions of the
 * meta page: magic, version, page size, flags (4 each), root page and sequence of the root bucket, freelist, high
 * water, transaction, FNV-1a checksum (8 each); the valid one with the higher transaction counts.
 *
 * A bucket is a tree of pages. An element of a branch page: position of its key from the element (4), size of the key
 * (4), page (8). An element of a leaf page: flags (4, 1 for a bucket), position of its key (4), size of the key (4),
 * size of the value that follows the key (4). The value of a bucket: root page (8), sequence (8), and when the root
 * page is 0 the only page right there.
 *
 * A transaction writes to pages that the transaction before it did not use, so what is read is sound as long as the
 * meta page is still the same afterwards.
 *
 * Source: etcd-io/bbolt `page.go`, `bucket.go`, `db.go`.
 */
export interface BoltBucket {
  /** The value of a key, undefined when there is none or it is a bucket. */
  value(key: string): Buffer | undefined;
  /** The bucket of a name, undefined when there is none. */
  bucket(key: string): BoltBucket | undefined;
  /** The names of the buckets in it. */
  bucketNames(): string[];
}

interface Page {
  readonly bytes: Buffer;
  readonly flags: number;
  readonly count: number;
}

interface Element {
  readonly isBucket: boolean;
  readonly key: Buffer;
  readonly value: Buffer;
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
const magic = 0xed0cdaed;
const version = 2;
const metaSize = 56;
const largestPage: number = 64 * 1024 * 1024;
const deepestTree = 32;
const mostNames = 100_000;
const attempts = 8;

/**
 * Opens the database, gives its root bucket to `read`, and reads again when somebody wrote meanwhile.
 * Errors: `target-unreadable`, `layout-malformed`, `limit-exceeded`, those of `read`.
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
      throw new PlimsollError("target-unreadable", `${path} is written to without a pause`, { hint: "Try again." });
    }
  }
}

function newestMeta(file: DiskFile): Meta {
  const first = readMeta(file, 0);
  // Where the second page begins cannot be told from a first one that is damaged.
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

  constructor(file: DiskFile, size: number) {
    this.#file = file;
    this.#size = size;
  }

  read(number: number): Page {
    const offset = number * this.#size;
    const head = this.#file.read(offset, headerSize);
    if (head.length < headerSize) throw malformed(this.#file.path, `it has no page ${number}`);
    const size = (head.readUInt32LE(12) + 1) * this.#size;
    if (size > largestPage) throw malformed(this.#file.path, `page ${number} is too large`);
    return pageIn(this.#file.read(offset, size));
  }

  element(page: Page, index: number): Element {
    const { bytes } = page;
    const at = headerSize + index * elementSize;
    this.#check(bytes, at, elementSize);
    const start = at + bytes.readUInt32LE(at + 4);
    const keySize = bytes.readUInt32LE(at + 8);
    const valueSize = bytes.readUInt32LE(at + 12);
    this.#check(bytes, start, keySize + valueSize);
    return {
      isBucket: (bytes.readUInt32LE(at) & 1) === 1,
      key: bytes.subarray(start, start + keySize),
      value: bytes.subarray(start + keySize, start + keySize + valueSize),
    };
  }

  branch(page: Page, index: number): { readonly key: Buffer; readonly page: number } {
    const { bytes } = page;
    const at = headerSize + index * elementSize;
    this.#check(bytes, at, elementSize);
    const start = at + bytes.readUInt32LE(at);
    const keySize = bytes.readUInt32LE(at + 4);
    this.#check(bytes, start, keySize);
    return { key: bytes.subarray(start, start + keySize), page: pageNumber(bytes, at + 8) };
  }

  malformed(reason: string): PlimsollError {
    return malformed(this.#file.path, reason);
  }

  #check(bytes: Buffer, at: number, size: number): void {
    if (at + size > bytes.length) throw this.malformed("an element reaches beyond its page");
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
    const element = this.#find(key);
    return element?.isBucket === false ? element.value : undefined;
  }

  bucket(key: string): BoltBucket | undefined {
    const element = this.#find(key);
    if (element?.isBucket !== true) return undefined;
    const { value } = element;
    if (value.length < headerSize) throw this.#pages.malformed("a bucket is cut off");
    const root = pageNumber(value, 0);
    if (root !== 0) return new PagedBucket(this.#pages, root);
    if (value.length < 2 * headerSize) throw this.#pages.malformed("a bucket is cut off");
    return new PagedBucket(this.#pages, pageIn(value.subarray(headerSize)));
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
        throw new PlimsollError("limit-exceeded", `a database holds more than ${mostNames} names`);
      }
      for (let index = 0; index < page.count; index++) {
        if (page.flags & branchFlag) waiting.push(this.#pages.branch(page, index).page);
        else {
          const { isBucket, key } = this.#pages.element(page, index);
          if (isBucket) names.push(key.toString("utf8"));
        }
      }
    }
    return names.sort();
  }

  #rootPage(): Page {
    return typeof this.#root === "number" ? this.#pages.read(this.#root) : this.#root;
  }

  #find(key: string): Element | undefined {
    const wanted = Buffer.from(key);
    let page = this.#rootPage();
    for (let depth = 0; depth <= deepestTree; depth++) {
      if (page.flags & leafFlag) {
        for (let index = 0; index < page.count; index++) {
          const element = this.#pages.element(page, index);
          if (element.key.equals(wanted)) return element;
        }
        return undefined;
      }
      if (!(page.flags & branchFlag) || page.count === 0) throw this.#pages.malformed("a page is of another kind");
      page = this.#pages.read(this.#childFor(page, wanted));
    }
    throw this.#pages.malformed("its pages are nested too deep");
  }

  /** The page of the last key that is not above the wanted one, else the first. */
  #childFor(page: Page, wanted: Buffer): number {
    let low = 0;
    let high = page.count - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (Buffer.compare(this.#pages.branch(page, middle).key, wanted) <= 0) low = middle;
      else high = middle - 1;
    }
    return this.#pages.branch(page, low).page;
  }
}

function pageIn(bytes: Buffer): Page {
  return { bytes, flags: bytes.readUInt16LE(8), count: bytes.readUInt16LE(10) };
}

/** A page number; one that is no safe integer is beyond the end of every file. */
function pageNumber(bytes: Buffer, at: number): number {
  return Number(bytes.readBigUInt64LE(at));
}

function malformed(path: string, reason: string): PlimsollError {
  return new PlimsollError("layout-malformed", `${path} is not a whole bbolt database: ${reason}`, {
    hint: "Ask the engine's own tool whether it can still read its images.",
  });
}

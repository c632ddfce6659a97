import type { RpmDatabase } from "./rpm-database.ts";

// The hash access method of Berkeley DB, as much of it as visiting every record takes. Pages of one size, numbered from
// 0; page 0 describes the file (magic at 12, page size at 20, last page at 32). Every page has a head of 26 bytes: its
// number at 8, the next page at 16, the number of items at 20, the length of the data of an overflow page at 22, its
// type at 25. A hash page holds the offsets of its items after the head, keys and data in turn, and the items from the
// end of the page downwards. An item is a type byte and its bytes, or a reference to a chain of overflow pages. Numbers
// have the byte order of the machine that made the file. rpm's key is the number of the package; under key 0 it counts,
// and keeps no header. Source: Berkeley DB 5.3 src/dbinc/db_page.h; rpm lib/backend/db3.c.

const hashMagic = 0x00061561;
const pageHead = 26;
const freePage = 0;
const hashPages: ReadonlySet<number> = new Set([2, 13]);
const overflowPage = 7;
const itemInline = 1;
const itemOffPage = 3;

interface Berkeley extends RpmDatabase {
  readonly pageSize: number;
  readonly littleEndian: boolean;
  readonly pages: number;
  /** By page number: 1 when an overflow chain went through it. A page belongs to one chain. */
  readonly visited: Uint8Array;
}

/** Where the overflow pages of one item start, and how many bytes they hold together. */
interface Chain {
  readonly page: number;
  readonly length: number;
}

/** Yields the header blobs of an rpm database in a Berkeley DB hash file, in the order of their pages. */
export function* berkeleyBlobs(database: RpmDatabase): Generator<Uint8Array> {
  const berkeley = open(database);
  if (berkeley === undefined) return;
  const { broken, pageSize, pages } = berkeley;
  const chains: Chain[] = [];
  for (let number = 1; number < pages; number++) {
    const page = view(berkeley, number);
    const type = page.getUint8(25);
    if (hashPages.has(type)) yield* hashPage(berkeley, page, chains);
    else if (type !== overflowPage && type !== freePage) broken.note(`page ${number} has the unexpected type ${type}`);
  }
  // Buckets come in no order of their own; in the order of the pages the file is read once from start to end.
  chains.sort((a, b) => a.page - b.page);
  for (const chain of chains) {
    const blob = readChain(berkeley, chain);
    if (blob) yield blob;
  }
  if (berkeley.size % pageSize !== 0) broken.note("it ends within a page");
}

function open(database: RpmDatabase): Berkeley | undefined {
  const { broken, size } = database;
  const bytes = database.read(0, 72);
  if (bytes.length < 72) {
    broken.note("it ends within its first page");
    return undefined;
  }
  const head = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const littleEndian = head.getUint32(12, true) === hashMagic;
  const pageSize = head.getUint32(20, littleEndian);
  if (pageSize < 512 || pageSize > 65536 || (pageSize & (pageSize - 1)) !== 0) {
    broken.note(`its page size is not valid: ${pageSize}`);
    return undefined;
  }
  if (head.getUint8(24) !== 0 || (head.getUint8(26) & 1) !== 0) {
    broken.note("it is encrypted or has checksums, which rpm does not use");
    return undefined;
  }
  const pages = Math.floor(size / pageSize);
  const last = head.getUint32(32, littleEndian);
  if (last >= pages) broken.note(`it ends after ${pages} of its ${last + 1} pages`);
  return { ...database, pageSize, littleEndian, pages, visited: new Uint8Array(pages) };
}

function view({ read, pageSize }: Berkeley, number: number): DataView {
  const bytes = read(number * pageSize, pageSize);
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Yields the blobs that lie on a hash page and adds those that lie in overflow pages to `chains`. */
function* hashPage(berkeley: Berkeley, page: DataView, chains: Chain[]): Generator<Uint8Array> {
  const { broken, littleEndian, pageSize } = berkeley;
  const items = page.getUint16(20, littleEndian);
  const number = page.getUint32(8, littleEndian);
  if (items % 2 !== 0 || pageHead + 2 * items > pageSize) {
    broken.note(`page ${number} claims to have ${items} items`);
    return;
  }
  let end = pageSize;
  let isCount = false;
  for (let item = 0; item < items; item++) {
    const start = page.getUint16(pageHead + 2 * item, littleEndian);
    if (start < pageHead + 2 * items || start >= end) {
      broken.note(`an item of page ${number} lies outside it`);
      return;
    }
    const bytes = new Uint8Array(page.buffer, page.byteOffset + start, end - start);
    end = start;
    if (item % 2 === 0) isCount = bytes.length === 5 && bytes.subarray(1).every((byte) => byte === 0);
    else if (isCount) continue;
    else if (bytes[0] === itemInline) {
      if (berkeley.allow(bytes.length - 1)) yield bytes.subarray(1);
    } else if (bytes[0] === itemOffPage && bytes.length >= 12) {
      const reference = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      chains.push({ page: reference.getUint32(4, littleEndian), length: reference.getUint32(8, littleEndian) });
    } else broken.note(`an item of page ${number} has the unexpected type ${bytes[0]}`);
  }
}

function readChain(berkeley: Berkeley, chain: Chain): Uint8Array | undefined {
  const { broken, littleEndian, pageSize, pages, visited } = berkeley;
  if (!berkeley.allow(chain.length)) return undefined;
  const blob = Buffer.allocUnsafe(chain.length);
  let number = chain.page;
  for (let filled = 0; filled < chain.length; ) {
    if (number < 1 || number >= pages || visited[number] === 1) {
      broken.note(`page ${number} is ${number > 0 && number < pages ? "used in two places" : "outside the file"}`);
      return undefined;
    }
    visited[number] = 1;
    const page = view(berkeley, number);
    const held = page.getUint16(22, littleEndian);
    if (
      page.getUint8(25) !== overflowPage ||
      held === 0 ||
      pageHead + held > pageSize ||
      filled + held > chain.length
    ) {
      broken.note(`page ${number} does not continue its package`);
      return undefined;
    }
    blob.set(new Uint8Array(page.buffer, page.byteOffset + pageHead, held), filled);
    filled += held;
    number = page.getUint32(16, littleEndian);
  }
  return blob;
}

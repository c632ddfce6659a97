import type { RpmDatabase } from "./rpm-database.ts";

// The SQLite file format, as much of it as reading one table takes: pages of one size, numbered from 1; a table is a
// tree of interior pages (type 5) and leaf pages (type 13) whose cells hold rows; a row too long for its page goes on
// in a chain of overflow pages. The first page starts with the file header of 100 bytes and is the root of the schema
// table. Numbers are big-endian; a varint has seven bits a byte. rpm keeps its headers in the column `blob` of the
// table `Packages`. Changes that lie in a write-ahead log beside the file are part of what is read here; see
// `withTransactions`. Source: sqlite.org/fileformat2.html sections 1.3, 1.5, 1.6, 2.1; rpm lib/backend/sqlite.c.

const interiorPage = 5;
const leafPage = 13;
const fileHeaderLength = 100;

interface Sqlite extends RpmDatabase {
  readonly pageSize: number;
  /** The bytes of a page that are used. */
  readonly usable: number;
  /** How many pages the file holds. */
  readonly pages: number;
  /** By page number: 1 when it was visited. A page belongs to one place. */
  readonly visited: Uint8Array;
}

/** Yields the header blobs of an rpm database in SQLite. */
export function* sqliteBlobs(database: RpmDatabase): Generator<Uint8Array> {
  const sqlite = open(database);
  if (sqlite === undefined) return;
  const root = packagesRoot(sqlite);
  if (root === undefined) return;
  for (const row of rows(sqlite, root)) {
    const blob = columns(row).find(({ serial }) => serial >= 12 && serial % 2 === 0);
    if (blob === undefined || blob.start + blob.length > row.length) sqlite.broken.note("a row has no blob");
    else yield row.subarray(blob.start, blob.start + blob.length);
  }
}

function open(database: RpmDatabase): Sqlite | undefined {
  const { broken, size } = database;
  const header = database.read(0, fileHeaderLength);
  if (header.length < fileHeaderLength) {
    broken.note("it ends within the file header");
    return undefined;
  }
  const written = uint16(header, 16);
  const pageSize = written === 1 ? 65536 : written;
  const usable = pageSize - (header[20] ?? 0);
  if (pageSize < 512 || (pageSize & (pageSize - 1)) !== 0 || usable < 480) {
    broken.note(`its page size is given as ${pageSize}`);
    return undefined;
  }
  const pages = Math.floor(size / pageSize);
  // The number of pages holds only if the program that last wrote the file knew the field.
  const stated = uint32(header, 24) === uint32(header, 92) ? uint32(header, 28) : 0;
  if (stated > pages) broken.note(`it ends after ${pages} of its ${stated} pages`);
  return { ...database, pageSize, usable, pages, visited: new Uint8Array(pages + 1) };
}

/** The root page of the table `Packages`. */
function packagesRoot(sqlite: Sqlite): number | undefined {
  let root: number | undefined;
  for (const row of rows(sqlite, 1)) {
    const [type, name, , page] = columns(row);
    if (page === undefined || text(row, type) !== "table" || text(row, name) !== "Packages") continue;
    root = integer(row, page);
  }
  if (root === undefined) sqlite.broken.note("it has no table named Packages");
  return root;
}

/** The rows of a table in the order of their keys, each as the record that holds its columns. */
function* rows(sqlite: Sqlite, root: number): Generator<Uint8Array> {
  const { broken, pageSize } = sqlite;
  const waiting = [root];
  for (let number = waiting.pop(); number !== undefined; number = waiting.pop()) {
    if (!visit(sqlite, number)) continue;
    const page = sqlite.read((number - 1) * pageSize, pageSize);
    const start = number === 1 ? fileHeaderLength : 0;
    const type = page[start];
    const cells = uint16(page, start + 3);
    const pointers = start + (type === interiorPage ? 12 : 8);
    if ((type !== interiorPage && type !== leafPage) || pointers + 2 * cells > page.length) {
      broken.note(`page ${number} is not a page of a table`);
      continue;
    }
    if (type === leafPage) {
      for (let cell = 0; cell < cells; cell++) {
        const row = readRow(sqlite, page, uint16(page, pointers + 2 * cell));
        if (row) yield row;
      }
      continue;
    }
    waiting.push(uint32(page, start + 8));
    for (let cell = cells - 1; cell >= 0; cell--) waiting.push(uint32(page, uint16(page, pointers + 2 * cell)));
  }
}

/** False, with a note, when the page is outside the file or was visited before. */
function visit(sqlite: Sqlite, number: number): boolean {
  if (number < 1 || number > sqlite.pages) sqlite.broken.note(`page ${number} is outside the file`);
  else if (sqlite.visited[number] === 1) sqlite.broken.note(`page ${number} is used in two places`);
  else {
    sqlite.visited[number] = 1;
    return true;
  }
  return false;
}

/** Assembles the row of the cell at `at` from its page and its overflow pages. */
function readRow(sqlite: Sqlite, page: Uint8Array, at: number): Uint8Array | undefined {
  const { broken, usable, pageSize } = sqlite;
  const cursor = { at };
  const length = varint(page, cursor);
  varint(page, cursor);
  if (!sqlite.allow(length)) return undefined;
  const local = localLength(length, usable);
  if (cursor.at + local + (local < length ? 4 : 0) > page.length) {
    broken.note("a row does not fit its page");
    return undefined;
  }
  const first = page.subarray(cursor.at, cursor.at + local);
  if (local === length) return first;
  const row = Buffer.allocUnsafe(length);
  row.set(first);
  let number = uint32(page, cursor.at + local);
  for (let filled = local; filled < length; ) {
    if (!visit(sqlite, number)) return undefined;
    const overflow = sqlite.read((number - 1) * pageSize, pageSize);
    const part = overflow.subarray(4, Math.min(usable, 4 + length - filled));
    row.set(part, filled);
    filled += part.length;
    number = uint32(overflow, 0);
  }
  return row;
}

/** How much of a row lies on its own page: section 1.6 of the file format. */
function localLength(length: number, usable: number): number {
  const most = usable - 35;
  if (length <= most) return length;
  const least = Math.floor(((usable - 12) * 32) / 255) - 23;
  const wanted = least + ((length - least) % (usable - 4));
  return wanted <= most ? wanted : least;
}

interface Column {
  /** The serial type: section 2.1. */
  readonly serial: number;
  readonly start: number;
  readonly length: number;
}

/** Where the first columns of a record lie; the tables that matter have five at most. */
function columns(row: Uint8Array): Column[] {
  const cursor = { at: 0 };
  const end = Math.min(varint(row, cursor), row.length);
  const found: Column[] = [];
  let start = end;
  while (cursor.at < end && found.length < 8) {
    const serial = varint(row, cursor);
    const length = serial >= 12 ? (serial - (serial % 2) - 12) / 2 : ([0, 1, 2, 3, 4, 6, 8, 8][serial] ?? 0);
    found.push({ serial, start, length });
    start += length;
  }
  return found;
}

function text(row: Uint8Array, column: Column | undefined): string | undefined {
  if (column === undefined || column.serial < 13 || column.serial % 2 === 0 || column.length > 64) return undefined;
  return new TextDecoder().decode(row.subarray(column.start, column.start + column.length));
}

function integer(row: Uint8Array, { serial, start, length }: Column): number {
  if (serial === 9) return 1;
  return row.subarray(start, start + length).reduce((value, byte) => value * 256 + byte, 0);
}

/** Bytes past the end count as zero, so that a value which is cut off leads to a page or length that is refused. */
function varint(bytes: Uint8Array, cursor: { at: number }): number {
  let value = 0;
  for (let count = 0; count < 8; count++) {
    const byte = bytes[cursor.at++] ?? 0;
    value = value * 128 + (byte & 0x7f);
    if (byte < 0x80) return value;
  }
  return value * 256 + (bytes[cursor.at++] ?? 0);
}

function uint16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}

function uint32(bytes: Uint8Array, at: number): number {
  return uint16(bytes, at) * 65536 + uint16(bytes, at + 2);
}

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

/** A tag with its value: a number, a list of numbers, a text or a list of texts. */
export type TagValue = readonly [tag: number, value: number | string | readonly number[] | readonly string[]];

/** A header blob with these tags, in this order. */
export function headerBlob(tags: readonly TagValue[]): Uint8Array {
  const index: Buffer[] = [];
  const data: Buffer[] = [];
  let length = 0;
  for (const [tag, value] of tags) {
    const values = typeof value === "object" ? value : [value];
    const numbers = values.every((one) => typeof one === "number");
    const padding = numbers ? Buffer.alloc((4 - (length % 4)) % 4) : Buffer.alloc(0);
    const bytes = numbers ? uint32s(true, values) : Buffer.from(values.map((one) => `${one}\0`).join(""));
    const type = numbers ? 4 : typeof value === "object" ? 8 : 6;
    index.push(uint32s(true, [tag, type, length + padding.length, values.length]));
    data.push(padding, bytes);
    length += padding.length + bytes.length;
  }
  return Buffer.concat([uint32s(true, [tags.length, length]), ...index, ...data]);
}

/** An ndb database with these blobs. */
export function ndbDatabase(blobs: readonly Uint8Array[]): Uint8Array {
  const slots: Buffer[] = [uint32s(false, [0x506d7052, 0, 1, 1, blobs.length + 1, 0, 0, 0])];
  const data: Buffer[] = [];
  let block = 4096 / 16;
  blobs.forEach((blob, place) => {
    const blocks = Math.ceil((16 + blob.length + 12) / 16);
    slots.push(uint32s(false, [0x746f6c53, place + 1, block, blocks]));
    const body = Buffer.alloc(blocks * 16);
    body.set(uint32s(false, [0x53626c42, place + 1, 1, blob.length]));
    body.set(blob, 16);
    body.set(uint32s(false, [0, blob.length, 0x45626c42]), body.length - 12);
    data.push(body);
    block += blocks;
  });
  const empty = uint32s(false, [0x746f6c53, 0, 0, 0]);
  while (slots.reduce((sum, slot) => sum + slot.length, 0) < 4096) slots.push(empty);
  return Buffer.concat([...slots, ...data]);
}

/**
 * A Berkeley DB hash database of one bucket with these blobs, on pages of 512 bytes; short blobs lie on the hash page,
 * long ones in overflow pages.
 */
export function berkeleyDatabase(blobs: readonly Uint8Array[], bigEndian = false): Uint8Array {
  const size = 512;
  const pages: Buffer[] = [Buffer.alloc(size), Buffer.alloc(size)];
  const items: Buffer[] = [Buffer.from([1, 0, 0, 0, 0]), Buffer.from([1, 9, 0, 0, 0])];
  blobs.forEach((blob, place) => {
    items.push(Buffer.concat([Buffer.from([1]), uint32s(bigEndian, [place + 1])]));
    if (blob.length < 64) {
      items.push(Buffer.concat([Buffer.from([1]), blob]));
      return;
    }
    items.push(Buffer.concat([Buffer.from([3, 0, 0, 0]), uint32s(bigEndian, [pages.length, blob.length])]));
    for (let start = 0; start < blob.length; start += size - 26) {
      const part = blob.subarray(start, start + size - 26);
      const page = Buffer.alloc(size);
      const next = start + part.length < blob.length ? pages.length + 1 : 0;
      page.set(uint32s(bigEndian, [pages.length, 0, next]), 8);
      page.set(uint16(bigEndian, part.length), 22);
      page[25] = 7;
      page.set(part, 26);
      pages.push(page);
    }
  });
  const [meta = Buffer.alloc(0), bucket = Buffer.alloc(0)] = pages;
  meta.set(uint32s(bigEndian, [0, 0x00061561, 9, size]), 8);
  meta[25] = 8;
  meta.set(uint32s(bigEndian, [pages.length - 1]), 32);
  bucket.set(uint32s(bigEndian, [1]), 8);
  bucket.set(uint16(bigEndian, items.length), 20);
  bucket[25] = 13;
  let end = size;
  items.forEach((item, place) => {
    end -= item.length;
    bucket.set(item, end);
    bucket.set(uint16(bigEndian, end), 26 + 2 * place);
  });
  return Buffer.concat(pages);
}

/** An SQLite database with these blobs, written by SQLite itself. */
export function sqliteDatabase(blobs: readonly Uint8Array[], pageSize = 512, table = "Packages"): Uint8Array {
  const folder = mkdtempSync(join(tmpdir(), "rpm-fixture-"));
  try {
    const path = join(folder, "rpmdb.sqlite");
    const database = new DatabaseSync(path);
    database.exec(`PRAGMA page_size = ${pageSize}`);
    database.exec("CREATE TABLE Names (key TEXT NOT NULL, hnum INTEGER NOT NULL)");
    database.exec(`CREATE TABLE ${table} (hnum INTEGER PRIMARY KEY AUTOINCREMENT, blob BLOB NOT NULL)`);
    const insert = database.prepare(`INSERT INTO ${table} (blob) VALUES (?)`);
    database.exec("BEGIN");
    for (const blob of blobs) insert.run(blob);
    database.exec("COMMIT");
    database.close();
    return readFileSync(path);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function uint32s(bigEndian: boolean, values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  values.forEach((value, place) => {
    if (bigEndian) bytes.writeUInt32BE(value, 4 * place);
    else bytes.writeUInt32LE(value, 4 * place);
  });
  return bytes;
}

function uint16(bigEndian: boolean, value: number): Buffer {
  return bigEndian ? Buffer.from([value >> 8, value & 255]) : Buffer.from([value & 255, value >> 8]);
}

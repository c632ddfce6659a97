import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../../tests/setup/temporary-folder.ts";
import type { FeedItem } from "../feed-item.ts";
import { AdvisoryDatabaseWriter } from "./database-writer.ts";
import { verifyDatabase } from "./verify-database.ts";

const folder = temporaryFolder();
const items: FeedItem[] = [
  ...["a", "b", "c"].map(
    (name): FeedItem => ({
      kind: "advisory",
      advisory: {
        id: `A-${name}`,
        modified: "2024-01-01T00:00:00Z",
        published: "2023-12-01T00:00:00Z",
        ...(name === "c" && { withdrawn: "2024-01-02T00:00:00Z" }),
        affected: [{ package: { ecosystem: "npm", name }, versions: ["1"] }],
      },
    }),
  ),
  {
    kind: "statement",
    ecosystem: "Debian:12",
    name: "zlib",
    statement: { vulnerability: { name: "CVE-1" }, products: [], status: "not_affected", author: "x" },
  },
  { kind: "facts", cve: "CVE-1", facts: { exploits: ["EDB-1"] } },
  { kind: "repository", repository: "baseos", cpes: ["cpe:/a"] },
];

function write(name: string, builtAt: string, updatedAt = builtAt): string {
  const path = join(folder, name);
  using writer = new AdvisoryDatabaseWriter(path);
  writer.startPart({ feed: "osv", revision: 1, name: "npm", updatedAt });
  for (const item of items) writer.add(item);
  writer.endPart({ etag: builtAt });
  writer.startPart({ feed: "debian", revision: 1, name: "all", updatedAt });
  for (const item of items.slice(0, 1)) writer.add(item);
  writer.endPart({ etag: builtAt });
  writer.finish({ builtAt, source: builtAt });
  return path;
}

const file = write("all.db", "2025-01-01T00:00:00Z");

test("a database that is whole gives its counts, and a digest of its content alone", async () => {
  const { digest, ...counts } = await verifyDatabase(file);
  expect(counts).toEqual({ parts: 2, records: 3, statements: 1, entries: 2 });
  expect(digest).toMatch(/^sha256:[0-9a-f]{64}$/);
  expect((await verifyDatabase(write("later.db", "2025-02-01T00:00:00Z"))).digest).toBe(digest);
});

test.each([
  ["UPDATE record SET body = '{' WHERE id = 'A-a'", /a row of record cannot be read: 1 A-a/],
  ["UPDATE record SET body = '[]' WHERE id = 'A-a'", /a row of record cannot be read/],
  ["UPDATE background SET body = '[]'", /a row of background cannot be read/],
  ["UPDATE background SET body = '{}' WHERE record = 1", /digest mismatch in the part all of debian/],
  ["UPDATE record SET near = 'b' WHERE id = 'A-a'", /digest mismatch in the part all of debian/],
  ["UPDATE affected SET body = '[1]' WHERE record = 1", /a row of affected cannot be read: 1 npm a/],
  ["INSERT INTO stand_in VALUES (1)", /digest mismatch in the part all of debian/],
  ["INSERT INTO stand_in VALUES (99)", /refers to number 99/],
  ["CREATE TABLE extra(x)", /contains an object that is not part of the format: table "extra"/],
  ["CREATE INDEX extra ON record(id)", /: index "extra"/],
  ["CREATE VIEW extra AS SELECT 1", /: view "extra"/],
  ["CREATE TRIGGER extra AFTER INSERT ON record BEGIN SELECT 1; END", /: trigger "extra"/],
  ["UPDATE affected SET body = replace(body, '1', '2')", /digest mismatch in the part all of debian/],
  ["UPDATE record SET modified = '2024-01-01T00:00:01Z' WHERE id = 'A-b'", /digest mismatch in the part npm of osv/],
  ["UPDATE covered SET release = release + 1", /structure|digest mismatch|refers to|damaged/],
  ["DELETE FROM stated", /should have 6 items in the part npm of osv but has 5/],
  ["UPDATE entry SET key = 'CVE-2' WHERE kind = 'facts'", /digest mismatch in the part npm of osv/],
  ["UPDATE part SET digest = digest || '0' WHERE number = 1", /digest mismatch in the part all of debian/],
  ["UPDATE meta SET value = 'sha256:0' WHERE key = 'digest'", /was changed after it was written: digest mismatch$/],
  ["UPDATE part SET revision = 7 WHERE number = 1", /was changed after it was written: digest mismatch$/],
  ["UPDATE meta SET value = '9' WHERE key = 'records'", /should have 9 records but has 3/],
  ["UPDATE record SET state = 0 WHERE id = 'A-c'", /1 records are wrongly marked as withdrawn/],
  ["UPDATE record SET state = 0 WHERE id = 'A-a'", /1 identifiers do not have exactly one active record/],
  ["UPDATE ecosystem SET records = 9 WHERE name = 'npm'", /1 ecosystems have wrong counts/],
  ["UPDATE part SET position = '1'", /part 1 has no position/],
  [`UPDATE part SET position = '{"etag":1}'`, /part 1 has no position/],
  ["UPDATE part SET position = '{' WHERE number = 2", /part 2 has no position/],
  ["UPDATE meta SET value = 'soon' WHERE key = 'builtAt'", /has no build date/],
  ["UPDATE meta SET value = '2025' WHERE key = 'builtAt'", /has no build date/],
  ["DELETE FROM meta WHERE key = 'builtAt'", /has no build date/],
  ["DELETE FROM meta WHERE key = 'source'", /has no source/],
  ["UPDATE part SET updatedAt = 'soon' WHERE number = 2", /part 2 has no update time/],
  ["UPDATE part SET refused = 'many'", /not valid JSON|in no known form/],
  [`UPDATE part SET refused = '{"count":-1,"first":"x"}'`, /list of unreadable records has an unknown format/],
  ["INSERT INTO meta VALUES ('behind', 'nonsense')", /not valid JSON/],
  [`INSERT INTO meta VALUES ('behind', '[["osv","npm","soon"]]')`, /an entry without a part or a time/],
  [`INSERT INTO meta VALUES ('behind', '[["osv","Go","2025-01-01T00:00:00Z"]]')`, /part Go of osv as older/],
  ["DROP TABLE release", /no such table/],
  ["UPDATE record SET part = 3 WHERE id = 'A-a'", /refers to part 3/],
  ["UPDATE package SET name = 'd' WHERE name = 'c'", /digest mismatch in the part npm of osv/],
  ["INSERT INTO affected(record, body) VALUES (1, '[]')", /1 entries belong to no package or to several/],
  ["DELETE FROM record WHERE id = 'A-c'", /refers to number 4/],
  ["DROP TABLE stated", /no such table/],
])("after %s it is database-malformed", async (sql, message) => {
  const path = join(folder, "changed.db");
  copyFileSync(file, path);
  const database = new DatabaseSync(path);
  database.exec(sql);
  database.close();
  const error: unknown = await verifyDatabase(path).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: "database-malformed", message: expect.stringMatching(message) });
});

test("a changed byte is found or does not matter to the content", async () => {
  const { digest } = await verifyDatabase(file);
  const bytes = readFileSync(file);
  const path = join(folder, "damaged.db");
  let found = 0;
  for (let place = 100; place < bytes.length; place += 97) {
    const damaged = Buffer.from(bytes);
    damaged.writeUInt8(damaged.readUInt8(place) ^ 0xff, place);
    writeFileSync(path, damaged);
    try {
      expect((await verifyDatabase(path)).digest).toBe(digest);
    } catch (error) {
      expect(error).toMatchObject({ code: "database-malformed" });
      found++;
    }
  }
  expect(found).toBeGreaterThan(20);
});

test("the signal is honoured", async () => {
  await expect(verifyDatabase(file, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: "cancelled" });
});

test("a file that is not there is database-not-found", async () => {
  await expect(verifyDatabase(join(folder, "none.db"))).rejects.toMatchObject({ code: "database-not-found" });
});

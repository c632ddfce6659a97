import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type FeedServer, feedServer } from "../../../../tests/setup/feed-server.ts";
import { parsePart } from "../../../../tests/setup/parse-part.ts";
import { temporaryFolder } from "../../../../tests/setup/temporary-folder.ts";
import { zip } from "../../../../tests/setup/zip.ts";
import type { Problem } from "../../../model/reports/problem.ts";
import type { FeedPart } from "../../advisory-feed.ts";
import type { FeedSource, Position } from "../../feed-source.ts";
import { openFeedSource } from "../../open-feed-source.ts";
import { osvFeed } from "./osv-feed.ts";

const folder = temporaryFolder();
const workFolder = temporaryFolder();
const { signal } = new AbortController();

interface TestRecord {
  readonly name: string;
  readonly content: string;
}

function record(id: string, modified = "2024-01-02T03:04:05Z"): TestRecord {
  return { name: `${id}.json`, content: JSON.stringify({ id, modified }) };
}

function bucket(name: string, archives: Readonly<Record<string, Buffer>>, list?: string): FeedSource {
  const path = join(folder, name);
  mkdirSync(path);
  for (const [ecosystem, bytes] of Object.entries(archives)) {
    mkdirSync(join(path, ecosystem));
    writeFileSync(join(path, ecosystem, "all.zip"), bytes);
  }
  if (list !== undefined) writeFileSync(join(path, "ecosystems.txt"), list);
  return openFeedSource({ base: osvFeed.address, replaceBaseBy: path, workFolder, signal });
}

async function fetchParts(
  source: FeedSource,
  { ecosystems, previous = {} }: { ecosystems?: string[]; previous?: Readonly<Record<string, Position>> } = {},
): Promise<FeedPart[]> {
  const parts: FeedPart[] = [];
  const options = { signal, previous: (part: string) => previous[part], ...(ecosystems && { ecosystems }) };
  for await (const part of osvFeed.fetch(source, options)) parts.push(part);
  return parts;
}

async function idsOf(part: FeedPart, problems: Problem[] = []): Promise<string[]> {
  const ids: string[] = [];
  for await (const item of osvFeed.parse(part, { signal, problem: (problem) => problems.push(problem) })) {
    if (item.kind === "advisory") ids.push(item.advisory.id);
  }
  return ids;
}

async function readAll(source: FeedSource, ecosystems?: string[]): Promise<string[]> {
  const ids: string[] = [];
  for (const part of await fetchParts(source, ecosystems && { ecosystems })) {
    for (const id of await idsOf(part)) ids.push(`${part.name}/${id}`);
  }
  return ids;
}

function partOf(bytes: Buffer): FeedPart {
  const path = join(workFolder, "part.zip");
  writeFileSync(path, bytes);
  return { name: "npm", state: "whole", files: [path], position: {} };
}

test("a folder is read in the order of ecosystems and ids, whatever the order in list and archive", async () => {
  const source = bucket(
    "ordered",
    { npm: zip([record("B-2"), record("B-1")]), "[EMPTY]": zip([record("A-1")]), "Azure Linux": zip([record("C-1")]) },
    "npm\nAzure Linux\r\n[EMPTY]\n",
  );
  expect(await readAll(source)).toEqual(["Azure Linux/C-1", "[EMPTY]/A-1", "npm/B-1", "npm/B-2"]);
  expect(await readAll(source, ["npm"])).toEqual(["npm/B-1", "npm/B-2"]);
});

test("a folder without a list counts the folders that hold an archive", async () => {
  const source = bucket("unlisted", { Go: zip([record("G-1")]), "[EMPTY]": zip([record("E-1")]) });
  mkdirSync(join(folder, "unlisted", "other"));
  expect(await readAll(source)).toEqual(["Go/G-1", "[EMPTY]/E-1"]);
});

test("an archive without a list of changes is unchanged when its bytes are", async () => {
  const source = bucket("plain", { Go: zip([record("G-1")]) });
  const [part] = await fetchParts(source);
  expect(part).toMatchObject({ name: "Go", state: "whole", position: { sha256: expect.any(String) } });
  const again = await fetchParts(source, { previous: { Go: part?.position ?? {} } });
  expect(again).toEqual([{ name: "Go", state: "unchanged", files: [], position: part?.position }]);
});

test.each(["../up", "a/b", "..", "a\\b", "a\0b", "x".repeat(200)])("an ecosystem named %j is refused", async (name) => {
  const source = bucket(`hostile-${Buffer.from(name).toString("hex").slice(0, 20)}`, {}, `${name}\n`);
  await expect(readAll(source)).rejects.toMatchObject({ code: "feed-malformed" });
});

test("what is missing is said", async () => {
  await expect(readAll(bucket("bare", {}))).rejects.toMatchObject({ code: "feed-malformed" });
  await expect(readAll(bucket("listed-only", {}, "npm\n"))).rejects.toMatchObject({ code: "feed-unreachable" });
  const some = bucket("some", { npm: zip([]) });
  await expect(readAll(some, ["Go"])).rejects.toMatchObject({ code: "usage" });
  await expect(readAll(some, ["npm", "Nonsense"])).rejects.toMatchObject({ code: "usage" });
  expect(await readAll(some, ["npm", "Go"])).toEqual([]);
});

test("members that are not OSV records are problems and the others are read", async () => {
  const problems: Problem[] = [];
  const archive = zip([
    { name: "a.json", content: "{" },
    { name: "b.json", content: '{"id":"B-1"}' },
    { name: "c.txt", content: "not looked at" },
    record("D-1"),
    { name: "e.json", content: "x", method: 12 },
  ]);
  expect(await idsOf(partOf(archive), problems)).toEqual(["D-1"]);
  expect(problems.map(({ message }) => message)).toEqual([
    "npm/a.json is not a valid OSV record: it is not JSON",
    "npm/b.json is not a valid OSV record: modified is missing",
    "npm/e.json cannot be decompressed, or is longer than 67108864 bytes",
  ]);
});

test("a record that is too long costs no other, in the archive and on its own", async () => {
  const long = { name: "B-1.json", content: `{"id":"B-1"${" ".repeat(64 * 1024 * 1024)}}` };
  const problems: Problem[] = [];
  expect(await idsOf(partOf(zip([record("A-1"), long, record("C-1")])), problems)).toEqual(["A-1", "C-1"]);
  expect(problems.map(({ path }) => path)).toEqual(["npm/B-1.json"]);

  const bucketServer = new Export(await feedServer());
  const { position } = (await bucketServer.fetch()).part;
  bucketServer.set("A-150", "2024-03-01T00:00:00Z");
  bucketServer.set("A-160", "2024-03-01T00:00:00Z");
  bucketServer.publish();
  bucketServer.server.put(`${osvFeed.address}npm/A-150.json`, long.content);
  const { part, asked } = await bucketServer.fetch(position);
  expect(part).toMatchObject({ state: "changes", subjects: ["A-160", "A-150"] });
  expect(asked).not.toContain("200 all.zip");
  const parsed = await parsePart(osvFeed, part);
  expect(parsed.items.map((item) => (item.kind === "advisory" ? item.advisory.id : item))).toEqual([
    "A-160",
    { kind: "unreadable", id: "A-150" },
  ]);
  expect(parsed.problems.map(({ path }) => path)).toEqual(["npm/A-150.json"]);
});

test("a damaged archive gives whole records or is feed-malformed, whichever byte is damaged", async () => {
  const archive = zip([record("A-1"), record("B-1")]);
  let malformed = 0;
  const check = async (bytes: Buffer): Promise<void> => {
    try {
      for (const id of await idsOf(partOf(bytes))) expect(id).toMatch(/^[\x21-\x7e]+$/);
    } catch (error) {
      expect(error).toMatchObject({ code: "feed-malformed", hint: expect.stringMatching(/^Try again later/) });
      malformed++;
    }
  };
  for (let index = 0; index < archive.length; index++) {
    await check(archive.subarray(0, index));
    const flipped = Buffer.from(archive);
    flipped.writeUInt8(flipped.readUInt8(index) ^ 0xff, index);
    await check(flipped);
  }
  expect(malformed).toBeGreaterThan(archive.length);
});

/** A server with one export of records: single ones, list and archive. */
class Export {
  readonly server: FeedServer;
  readonly source: FeedSource;
  readonly #records = new Map<string, string>();

  constructor(server: FeedServer) {
    this.server = server;
    this.source = openFeedSource({ base: osvFeed.address, from: server.address, workFolder, signal, retryDelay: 1 });
    server.put(`${osvFeed.address}ecosystems.txt`, "[EMPTY]\nnpm\n");
    server.put(`${osvFeed.address}[EMPTY]/all.zip`, zip([]));
    for (let number = 100; number < 200; number++) this.#records.set(`A-${number}`, "2024-01-01T00:00:00.5Z");
    this.publish();
  }

  set(id: string, modified: string): void {
    this.#records.set(id, modified);
  }

  drop(id: string): void {
    this.#records.delete(id);
    this.server.remove(`${osvFeed.address}npm/${id}.json`);
  }

  publish({ archive = true } = {}): void {
    const base = `${osvFeed.address}npm/`;
    const rows = [...this.#records].sort(([a, x], [b, y]) => (x > y || (x === y && a < b) ? -1 : 1));
    // Records write the fraction in full.
    const all = rows.map(([id, modified]) => record(id, modified.replace(".5Z", ".500Z")));
    for (const { name, content } of all) this.server.put(base + name, content);
    this.server.put(`${base}modified_id.csv`, rows.map(([id, modified]) => `${modified},${id}\n`).join(""));
    if (archive) this.server.put(`${base}all.zip`, zip(all));
  }

  async fetch(previous?: Position): Promise<{ part: FeedPart; asked: string[] }> {
    this.server.forget();
    const [part] = await fetchParts(this.source, {
      ecosystems: ["npm"],
      ...(previous && { previous: { npm: previous } }),
    });
    if (!part) throw new Error("no part");
    const asked = this.server.requests.map(({ address, status }) => `${status} ${address.split("/").at(-1)}`);
    return { part, asked: asked.slice(1) };
  }
}

test("an ecosystem is fetched whole once and afterwards only what changed", async () => {
  const bucketServer = new Export(await feedServer());
  const first = await bucketServer.fetch();
  expect(first.part.state).toBe("whole");
  expect(await idsOf(first.part)).toHaveLength(100);
  expect(first.asked).toEqual(["200 modified_id.csv", "200 all.zip"]);

  const second = await bucketServer.fetch(first.part.position);
  expect(second.part).toEqual({ name: "npm", state: "unchanged", files: [], position: first.part.position });
  expect(second.asked).toEqual(["304 modified_id.csv"]);

  bucketServer.set("A-150", "2024-03-01T00:00:00Z");
  // A record that comes late, with a time before the newest.
  bucketServer.set("A-999", "2023-12-01T00:00:00Z");
  bucketServer.publish();
  const third = await bucketServer.fetch(first.part.position);
  expect(third.part.state).toBe("changes");
  expect(await idsOf(third.part)).toEqual(["A-150", "A-999"]);
  expect(third.asked).toEqual(["200 modified_id.csv", "200 A-150.json", "200 A-999.json"]);
  expect(third.part.position).toEqual((await bucketServer.fetch()).part.position);
});

test("the archive is fetched again when much changed, a record is gone or a single one is missing", async () => {
  const bucketServer = new Export(await feedServer());
  const { position } = (await bucketServer.fetch()).part;
  for (let number = 100; number < 106; number++) bucketServer.set(`A-${number}`, "2024-03-01T00:00:00Z");
  bucketServer.publish();
  const much = await bucketServer.fetch(position);
  expect(much.part.state).toBe("whole");

  bucketServer.drop("A-120");
  bucketServer.publish();
  const gone = await bucketServer.fetch(much.part.position);
  expect(gone.part.state).toBe("whole");
  expect(await idsOf(gone.part)).not.toContain("A-120");

  bucketServer.set("A-130", "2024-04-01T00:00:00Z");
  bucketServer.publish();
  bucketServer.server.remove(`${osvFeed.address}npm/A-130.json`);
  expect((await bucketServer.fetch(gone.part.position)).part.state).toBe("whole");
});

test("a list that is newer than the archive beside it does not hide a change", async () => {
  const bucketServer = new Export(await feedServer());
  bucketServer.set("A-150", "2024-03-01T00:00:00Z");
  bucketServer.publish({ archive: false });
  const first = await bucketServer.fetch();
  expect(Object.keys(first.part.position)).toEqual(["records"]);
  const second = await bucketServer.fetch(first.part.position);
  expect(second.part.state).toBe("changes");
  expect(await idsOf(second.part)).toEqual(["A-150"]);
});

test("a download that breaks off is resumed, and a position of another form is not an obstacle", async () => {
  const bucketServer = new Export(await feedServer());
  bucketServer.server.fault(`${osvFeed.address}npm/all.zip`, { kind: "cut", after: 1000 }, 1);
  const { part, asked } = await bucketServer.fetch({ records: "no states", etag: '"x"' });
  expect(await idsOf(part)).toHaveLength(100);
  expect(asked).toEqual(["200 modified_id.csv", "200 all.zip", "206 all.zip"]);
});

test("a list that is none and a page in its place are feed-malformed", async () => {
  const bucketServer = new Export(await feedServer());
  bucketServer.server.put(`${osvFeed.address}npm/modified_id.csv`, "id,modified\n");
  await expect(bucketServer.fetch()).rejects.toMatchObject({ code: "feed-malformed" });
  bucketServer.server.fault(`${osvFeed.address}npm/modified_id.csv`, { kind: "html" });
  await expect(bucketServer.fetch()).rejects.toMatchObject({ code: "feed-malformed" });
});

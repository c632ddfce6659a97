import { createHash } from "node:crypto";
import {
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import type { RequestListener } from "node:http";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import {
  type Begun,
  beginning,
  begun,
  body,
  bytesOf,
  contentOf,
  mebibyte,
  Runs,
  writeAt,
} from "../../../tests/setup/download-runs.ts";
import { type FeedServer, feedServer } from "../../../tests/setup/feed-server.ts";
import { serveLocally } from "../../../tests/setup/local-server.ts";
import { temporaryFolder } from "../../../tests/setup/temporary-folder.ts";
import type { Arrival } from "./download.ts";

const folder = temporaryFolder();
const other = bytesOf("second", 4 * mebibyte);

function ranges({ requests }: FeedServer): unknown[] {
  return requests.map(({ status, headers }) => [status, headers.range, headers["if-range"]]);
}

test("what a run brought before it gave up is not asked for again by the next one", async () => {
  const { server, runs, address } = await begun(folder);
  expect(runs.kept).toHaveLength(2);
  const got = await runs.run(address);
  expect(contentOf(got).equals(body)).toBe(true);
  expect(got).toMatchObject({ etag: expect.stringMatching(/^"/), lastModified: expect.stringContaining("GMT") });
  expect(ranges(server)).toEqual([[206, `bytes=${2.5 * mebibyte}-`, got.kind === "file" ? got.etag : ""]]);
  expect(runs.arrivals.at(-1)).toEqual({ received: body.length, total: body.length, before: 2.5 * mebibyte });
  expect(runs.keptFolders).toEqual([]);
});

test("many runs bring a file piece by piece, also when the connection breaks within one", async () => {
  const { server, runs, address } = await begun(folder);
  server.fault("h/f.zip", { kind: "cut", after: 300_000 }, 3);
  await expect(runs.run(address, { attempts: 2 })).rejects.toMatchObject({ code: "feed-unreachable" });
  expect(contentOf(await runs.run(address, { attempts: 2 })).equals(body)).toBe(true);
  const from = (round: number) => `bytes=${2.5 * mebibyte + round * 300_000}-`;
  expect(server.requests.map(({ headers }) => headers.range)).toEqual([0, 1, 2, 3].map(from));
});

test("a download that is cancelled goes on at the next run", async () => {
  const server = await feedServer({ "h/f.zip": body });
  server.fault("h/f.zip", { kind: "stall", after: 3 * mebibyte }, 1);
  const runs = new Runs(folder);
  const controller = new AbortController();
  const progress = ({ received }: Arrival): void => void (received === 3 * mebibyte && controller.abort());
  const address = `${server.address}/h/f.zip`;
  await expect(runs.run(address, { signal: controller.signal, progress })).rejects.toMatchObject({ code: "cancelled" });
  expect(contentOf(await runs.run(address)).equals(body)).toBe(true);
  expect(server.requests.map(({ headers }) => headers.range)).toEqual([undefined, `bytes=${3 * mebibyte}-`]);
});

test("a file without a tag goes on by its date, and one with a weak tag is not kept", async () => {
  const dated = await begun(folder, { etag: null });
  expect(contentOf(await dated.runs.run(dated.address)).equals(body)).toBe(true);
  expect(ranges(dated.server)).toEqual([[206, `bytes=${2.5 * mebibyte}-`, expect.stringContaining("GMT")]]);
  const weak = await begun(folder, { etag: 'W/"weak"' });
  expect(weak.runs.keptFolders).toEqual([]);
});

test("a small file is not kept", async () => {
  const server = await feedServer({ "h/f": body });
  server.fault("h/f", { kind: "cut", after: mebibyte - 1 });
  const runs = new Runs(folder);
  await expect(runs.run(`${server.address}/h/f`)).rejects.toMatchObject({ code: "feed-unreachable" });
  expect(readdirSync(runs.folder)).toEqual([]);
});

test("a file that changed in between, and a server that knows no ranges, begin again", async () => {
  const changed = await begun(folder);
  changed.server.put("h/f.zip", other);
  expect(contentOf(await changed.runs.run(changed.address)).equals(other)).toBe(true);
  expect(changed.server.requests.map(({ status }) => status)).toEqual([200]);
  const simple = await begun(folder);
  simple.server.fault("h/f.zip", { kind: "simple" });
  expect(contentOf(await simple.runs.run(simple.address)).equals(body)).toBe(true);
  expect(simple.server.requests.map(({ status }) => status)).toEqual([200]);
  expect([...changed.runs.keptFolders, ...simple.runs.keptFolders]).toEqual([]);
});

test("a file that is no longer there is forgotten", async () => {
  const { server, runs, address } = await begun(folder);
  server.remove("h/f.zip");
  expect(await runs.run(address)).toEqual({ kind: "absent" });
  expect(runs.keptFolders).toEqual([]);
});

test("a page in place of the file does not cost what has come of it", async () => {
  const { server, runs, address } = await begun(folder);
  server.fault("h/f.zip", { kind: "html" }, 1);
  await expect(runs.run(address)).rejects.toMatchObject({ code: "feed-malformed" });
  server.forget();
  expect(contentOf(await runs.run(address)).equals(body)).toBe(true);
  expect(server.requests.map(({ status }) => status)).toEqual([206]);
});

test.each([
  ["another place", { "content-range": `bytes 1-${body.length - 1}/${body.length}` }],
  ["another total", { "content-range": `bytes ${2.5 * mebibyte}-${body.length - 1}/${body.length + 1}` }],
  ["another tag", { etag: '"2"' }],
  ["another encoding", { "content-encoding": "gzip" }],
])("a rest with %s is not taken", async (_, wrong) => {
  const asked: (string | undefined)[] = [];
  const base = await serveFile((request, response) => {
    asked.push(request.headers.range);
    const start = Number(/\d+/.exec(request.headers.range ?? "")?.[0] ?? 0);
    const range = start > 0 && { "content-range": `bytes ${start}-${body.length - 1}/${body.length}`, ...wrong };
    response.writeHead(start > 0 ? 206 : 200, {
      etag: '"1"',
      "content-length": String(body.length - start),
      ...range,
    });
    if (asked.length > 1) response.end(body.subarray(start));
    else response.write(body.subarray(0, 2.5 * mebibyte), () => setTimeout(() => response.destroy(), 20));
  });
  const runs = new Runs(folder);
  await expect(runs.run(base)).rejects.toMatchObject({ code: "feed-unreachable" });
  expect(contentOf(await runs.run(base, { attempts: 2 })).equals(body)).toBe(true);
  expect(asked).toEqual([undefined, `bytes=${2.5 * mebibyte}-`, undefined]);
});

test("a rest that ends too early is asked for once more", async () => {
  const asked: (string | undefined)[] = [];
  const base = await serveFile((request, response) => {
    asked.push(request.headers.range);
    const start = Number(/\d+/.exec(request.headers.range ?? "")?.[0] ?? 0);
    const end = start === 0 || asked.length > 2 ? body.length : start + 1000;
    response.writeHead(start > 0 ? 206 : 200, {
      etag: '"1"',
      "content-length": String(end - start),
      ...(start > 0 && { "content-range": `bytes ${start}-${end - 1}/${body.length}` }),
    });
    if (asked.length > 1) response.end(body.subarray(start, end));
    else response.write(body.subarray(0, 2 * mebibyte), () => setTimeout(() => response.destroy(), 20));
  });
  const runs = new Runs(folder);
  await expect(runs.run(base)).rejects.toMatchObject({ code: "feed-unreachable" });
  expect(contentOf(await runs.run(base, { attempts: 2 })).equals(body)).toBe(true);
  expect(asked).toEqual([undefined, `bytes=${2 * mebibyte}-`, `bytes=${2 * mebibyte + 1000}-`]);
});

test("of a packed answer the packed bytes are kept, and unpacked when all are there", async () => {
  const packed = gzipSync(body);
  const server = await feedServer();
  server.put("h/f.json", packed, { others: { "content-encoding": "gzip" } });
  server.fault("h/f.json", beginning, 1);
  const runs = new Runs(folder);
  const address = `${server.address}/h/f.json`;
  await expect(runs.run(address)).rejects.toMatchObject({ code: "feed-unreachable" });
  expect(readFileSync(runs.kept[0] ?? "").equals(packed.subarray(0, 2.5 * mebibyte))).toBe(true);
  expect(contentOf(await runs.run(address, { interrupted: true })).equals(body)).toBe(true);
  expect(contentOf(await runs.run(address)).equals(body)).toBe(true);
  expect(server.requests.map(({ status }) => status)).toEqual([200, 206, 304]);
});

test("a whole file whose run was interrupted later is not fetched again while it is the same", async () => {
  const server = await feedServer({ "h/f.zip": body });
  const runs = new Runs(folder);
  const address = `${server.address}/h/f.zip`;
  const first = await runs.run(address, { interrupted: true });
  const second = await runs.run(address, { interrupted: true });
  expect(second).toEqual(first);
  server.put("h/f.zip", other);
  expect(contentOf(await runs.run(address)).equals(other)).toBe(true);
  expect(server.requests.map(({ status }) => status)).toEqual([200, 304, 200]);
  expect(runs.keptFolders).toEqual([]);
});

test("the checksum of the publisher decides also of what is kept, and what does not fit goes", async () => {
  const { runs, address } = await begun(folder);
  const sha256 = createHash("sha256").update(body).digest("hex");
  await expect(runs.run(address, { sha256: "0".repeat(64) })).rejects.toMatchObject({ code: "feed-malformed" });
  expect(runs.keptFolders).toEqual([]);
  expect(await runs.run(address, { sha256 })).toMatchObject({ sha256 });
});

test("what is kept is not asked for when the tag from last time is the same", async () => {
  const { server, runs, address } = await begun(folder, { etag: '"1"' });
  expect(await runs.run(address, { previous: { etag: '"1"' } })).toEqual({ kind: "unchanged" });
  expect(ranges(server)).toEqual([[304, undefined, undefined]]);
  expect(runs.keptFolders).toEqual([]);
});

/** Ways in which kept files change, and the range that the next run asks for. */
const damages: readonly [string, (body: string, state: string) => void, string | undefined][] = [
  ["a byte in the third mebibyte", (path) => writeAt(path, 2.2 * mebibyte), `bytes=${2 * mebibyte}-`],
  ["a byte in the first mebibyte", (path) => writeAt(path, 100), undefined],
  ["a body that was cut", (path) => truncateSync(path, 1.5 * mebibyte), `bytes=${mebibyte}-`],
  ["a body that was cut to nothing", (path) => truncateSync(path, 0), undefined],
  ["a body with more than was noted", (path) => writeFileSync(path, "more", { flag: "a" }), `bytes=${2.5 * mebibyte}-`],
  ["no body", (path) => rmSync(path), undefined],
  ["no state", (_, path) => rmSync(path), undefined],
  ["an empty state", (_, path) => truncateSync(path, 0), undefined],
  ["a state of other words", (_, path) => writeFileSync(path, "{}\n1 2\n"), undefined],
  [
    "a tag that is not a header",
    (_, path) => replaceIn(path, /"rangeValidator":"[^,]+/, '"rangeValidator":"a\\nb"'),
    undefined,
  ],
  ["a state that never ends", (_, path) => truncateSync(path, 3 * mebibyte), undefined],
  ["a body that is too long", (path) => truncateSync(path, 101 * mebibyte), undefined],
];

function replaceIn(path: string, pattern: RegExp, by: string): void {
  const text = readFileSync(path, "utf8");
  expect(text).toMatch(pattern);
  writeFileSync(path, text.replace(pattern, by));
}

/** The kept part of 2.5 MiB that came in pieces of a mebibyte at most. */
async function begunSlowly(): Promise<Begun> {
  const server = await feedServer({ "h/f.zip": body });
  const runs = new Runs(folder);
  const address = `${server.address}/h/f.zip`;
  for (const after of [mebibyte, mebibyte, mebibyte / 2]) {
    server.fault("h/f.zip", { kind: "cut", after }, 1);
    await expect(runs.run(address)).rejects.toMatchObject({ code: "feed-unreachable" });
  }
  server.forget();
  return { server, runs, address };
}

test.each(damages)("%s does no harm", async (_, damage, range) => {
  const { server, runs, address } = await begunSlowly();
  const [keptBody = "", state = ""] = runs.kept;
  damage(keptBody, state);
  expect(contentOf(await runs.run(address)).equals(body)).toBe(true);
  expect(server.requests.map(({ headers }) => headers.range)).toEqual([range]);
  expect(runs.keptFolders).toEqual([]);
});

test.each([
  ["a symbolic link as body", 0, symlinkSync],
  ["a symbolic link as state", 1, symlinkSync],
  ["a second name of another file as body", 0, linkSync],
  ["a folder as body", 0, (_: string, path: string) => mkdirSync(join(path, "below"), { recursive: true })],
])("%s is not followed, and the file that it means is as it was", async (_, which, make) => {
  const { server, runs, address } = await begun(folder);
  const precious = join(runs.folder, "precious");
  const path = runs.kept[which] ?? "";
  writeFileSync(precious, readFileSync(path));
  const before = readFileSync(precious);
  rmSync(path);
  make(precious, path);
  expect(contentOf(await runs.run(address)).equals(body)).toBe(true);
  expect(server.requests.map(({ headers }) => headers.range)).toEqual([undefined]);
  expect(readFileSync(precious).equals(before)).toBe(true);
  expect(runs.keptFolders).toEqual([]);
});

async function serveFile(listener: RequestListener): Promise<string> {
  return `${await serveLocally(listener)}/f.zip`;
}

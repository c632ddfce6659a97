import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { type FeedServer, feedServer } from "../../tests/setup/feed-server.ts";
import { temporaryFolder } from "../../tests/setup/temporary-folder.ts";
import type { FeedSource, Fetched } from "./feed-source.ts";
import { type FeedSourceOptions, openFeedSource } from "./open-feed-source.ts";

const workFolder = temporaryFolder();
const mirrors = temporaryFolder();
const base = "https://feeds.example.org/data/";
const { signal } = new AbortController();

function open(options: Partial<FeedSourceOptions>): FeedSource {
  return openFeedSource({ base, workFolder, signal, retryDelay: 1, idleTimeout: 5000, ...options });
}

function folder(name: string, files: Readonly<Record<string, string>>): string {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(mirrors, name, path)), { recursive: true });
    writeFileSync(join(mirrors, name, path), content);
  }
  return join(mirrors, name);
}

function fileOf(fetched: Fetched): Extract<Fetched, { kind: "file" }> {
  if (fetched.kind !== "file") throw new Error(`${fetched.kind} and no file`);
  return fetched;
}

function textOf(fetched: Fetched): string {
  return readFileSync(fileOf(fetched).path, "utf8");
}

async function statuses(server: FeedServer, act: () => Promise<unknown>): Promise<number[]> {
  server.forget();
  await act();
  return server.requests.map(({ status }) => status);
}

test("a mirror is asked for the host and path of the publisher", async () => {
  const server = await feedServer({ [`${base}a%20b/c.json`]: "one", "https://other.example.org/d": "two" });
  const source = open({ from: server.address });
  expect(textOf(await source.fetch("a%20b/c.json", { maxBytes: 10 }))).toBe("one");
  expect(textOf(await source.fetch("https://other.example.org/d", { maxBytes: 10 }))).toBe("two");
  expect(await source.fetch("none", { maxBytes: 10 })).toEqual({
    kind: "absent",
    place: `${server.address}/feeds.example.org/data/none`,
  });
  expect(server.requests.map(({ address }) => address)).toEqual([
    "feeds.example.org/data/a b/c.json",
    "other.example.org/d",
    "feeds.example.org/data/none",
  ]);
});

test("a file is fetched once and then only when it has changed", async () => {
  const server = await feedServer({ [`${base}list.json`]: "first" });
  const source = open({ from: server.address });
  const { position } = fileOf(await source.fetch("list.json", { maxBytes: 10 }));
  expect(position).toEqual({
    from: expect.stringMatching(/^[0-9a-f]{16}$/),
    etag: expect.stringMatching(/^"/),
    "last-modified": expect.stringContaining("GMT"),
    sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
  });
  expect(
    await statuses(server, async () => {
      expect(await source.fetch("list.json", { maxBytes: 10, previous: position })).toEqual({ kind: "unchanged" });
    }),
  ).toEqual([304]);
  server.put(`${base}list.json`, "second");
  const changed = fileOf(await source.fetch("list.json", { maxBytes: 10, previous: position }));
  expect(textOf(changed)).toBe("second");
  expect(changed.position["sha256"]).not.toBe(position["sha256"]);
});

test("what one address said of its file is not shown to another, whose file may have the same tag by chance", async () => {
  const old = await feedServer();
  const other = await feedServer();
  const words = { etag: '"1"', lastModified: "Mon, 01 Jan 2024 00:00:00 GMT" };
  old.put(`${base}x`, "old", words);
  other.put(`${base}x`, "new", words);
  const { position } = fileOf(await open({ from: old.address }).fetch("x", { maxBytes: 10 }));
  const moved = fileOf(await open({ from: other.address }).fetch("x", { maxBytes: 10, previous: position }));
  expect(textOf(moved)).toBe("new");
  const asked = await statuses(other, async () => {
    const source = open({ from: `${other.address}/?token=of-today` });
    expect(await source.fetch("x", { maxBytes: 10, previous: moved.position })).toEqual({ kind: "unchanged" });
  });
  expect(asked).toEqual([304]);
});

test("the same file at another address is handed out once more, so that the next request is a short one", async () => {
  const old = await feedServer({ [`${base}x`]: "same" });
  const other = await feedServer({ [`${base}x`]: "same" });
  const { position } = fileOf(await open({ from: old.address }).fetch("x", { maxBytes: 10 }));
  const source = open({ from: other.address });
  const moved = fileOf(await source.fetch("x", { maxBytes: 10, previous: position }));
  const asked = await statuses(other, async () => {
    expect(await source.fetch("x", { maxBytes: 10, previous: moved.position })).toEqual({ kind: "unchanged" });
  });
  expect(asked).toEqual([304]);
});

test("a server that cannot answer conditionally is read, and the same content is unchanged all the same", async () => {
  const server = await feedServer();
  server.put(`${base}x`, "same", { etag: null, lastModified: null });
  const source = open({ from: server.address });
  const { position } = fileOf(await source.fetch("x", { maxBytes: 10 }));
  expect(Object.keys(position)).toEqual(["sha256"]);
  expect(await source.fetch("x", { maxBytes: 10, previous: position })).toEqual({ kind: "unchanged" });
});

test("a checksum of the publisher is held to, and one that is known needs no request", async () => {
  const server = await feedServer({ [`${base}x`]: "abc" });
  const source = open({ from: server.address });
  const sha256 = "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD";
  const { position } = fileOf(await source.fetch("x", { maxBytes: 10, sha256 }));
  await expect(source.fetch("x", { maxBytes: 10, sha256: "0".repeat(64) })).rejects.toMatchObject({
    code: "feed-malformed",
    message: expect.stringContaining("its SHA-256 is ba7816bf"),
  });
  expect(
    await statuses(server, async () => {
      expect(await source.fetch("x", { maxBytes: 10, sha256, previous: position })).toEqual({ kind: "unchanged" });
    }),
  ).toEqual([]);
});

test("a folder is a mirror too, whose files are told apart by content and outlive what is handed out", async () => {
  const from = folder("mirror", {
    "feeds.example.org/data/a b.json": "one",
    "feeds.example.org/data/list/index.html": "<html>",
  });
  const source = open({ from });
  const fetched = fileOf(await source.fetch("a%20b.json?x=1", { maxBytes: 10 }));
  expect(fetched.path.startsWith(workFolder)).toBe(true);
  expect(textOf(fetched)).toBe("one");
  rmSync(fetched.path);
  expect(readFileSync(join(from, "feeds.example.org/data/a b.json"), "utf8")).toBe("one");
  expect(Object.keys(fetched.position)).toEqual(["sha256"]);
  expect(await source.fetch("a%20b.json", { maxBytes: 10, previous: fetched.position })).toEqual({ kind: "unchanged" });
  expect(textOf(await source.fetch("list/", { maxBytes: 10 }))).toBe("<html>");
  expect(await source.fetch("none.json", { maxBytes: 10 })).toEqual({
    kind: "absent",
    place: join(from, "feeds.example.org/data/none.json"),
  });
  await expect(source.fetch("a%20b.json", { maxBytes: 2 })).rejects.toMatchObject({ code: "limit-exceeded" });
  await expect(source.fetch("a%20b.json", { maxBytes: 10, sha256: "0" })).rejects.toMatchObject({
    code: "feed-malformed",
  });
  await expect(source.fetch("list", { maxBytes: 10 })).rejects.toMatchObject({ code: "feed-unreachable" });
});

test("a folder without an index is listed as servers do it", async () => {
  const from = folder("listed", { "feeds.example.org/data/[b] c/x": "", "feeds.example.org/data/a.json": "" });
  expect(textOf(await open({ from }).fetch("", { maxBytes: 1000 }))).toBe(
    '<!DOCTYPE html>\n<a href="./%5Bb%5D%20c/"></a>\n<a href="./a.json"></a>\n',
  );
  expect(await open({ from }).fetch("none/", { maxBytes: 1000 })).toEqual({
    kind: "absent",
    place: join(from, "feeds.example.org/data/none/index.html"),
  });
});

test("a position of the publisher holds for a folder with the same content", async () => {
  const server = await feedServer({ [`${base}x`]: "abc" });
  const { position } = fileOf(await open({ from: server.address }).fetch("x", { maxBytes: 10 }));
  const from = folder("copy", { "feeds.example.org/data/x": "abc" });
  expect(await open({ from }).fetch("x", { maxBytes: 10, previous: position })).toEqual({ kind: "unchanged" });
});

test("the base can be replaced by a folder or an address, and other hosts are looked for below it", async () => {
  const replaced = folder("replaced", { "npm/all.zip": "zip", "other.example.org/d": "two" });
  const local = open({ replaceBaseBy: replaced });
  expect(textOf(await local.fetch("npm/all.zip", { maxBytes: 10 }))).toBe("zip");
  expect(textOf(await local.fetch("https://other.example.org/d", { maxBytes: 10 }))).toBe("two");
  const server = await feedServer({ "bucket/npm/all.zip": "zip" });
  const remote = open({ replaceBaseBy: `${server.address}/bucket/?token=secret` });
  expect(textOf(await remote.fetch("npm/all.zip", { maxBytes: 10 }))).toBe("zip");
});

test.each(["..%2f..%2fetc/passwd", "a%5Cb", "%00", "%ff"])("the address %s leads out of no folder", async (address) => {
  const from = folder("narrow", { "feeds.example.org/data/x": "abc" });
  await expect(open({ from }).fetch(address, { maxBytes: 10 })).rejects.toMatchObject({ code: "feed-malformed" });
});

test("a mirror that is not there is said at once", () => {
  expect(() => open({ from: join(mirrors, "nowhere") })).toThrow("is not a folder");
});

test("a page of HTML is not data, in a folder as on a server", async () => {
  const from = folder("html", { "feeds.example.org/data/x.json": "\n<!doctype HTML><p>" });
  await expect(open({ from }).fetch("x.json", { maxBytes: 100 })).rejects.toMatchObject({ code: "feed-malformed" });
});

test("a failure leaves no file behind, and secrets of the mirror stay out of the message", async () => {
  const server = await feedServer();
  server.fault("feeds.example.org/data/x", { kind: "status", status: 403 });
  const own = temporaryFolderIn("left");
  const from = server.address.replace("//", "//me:secret@");
  await expect(open({ from, workFolder: own }).fetch("x?key=secret", { maxBytes: 10 })).rejects.toThrow(
    /^http:\/\/127\.0\.0\.1:\d+\/feeds\.example\.org\/data\/x cannot be fetched: HTTP status 403$/,
  );
  expect(server.requests[0]?.headers.authorization).toBe(`Basic ${btoa("me:secret")}`);
  expect(readdirSync(own, { recursive: true }).filter((name) => String(name).includes("/"))).toEqual([]);
});

function temporaryFolderIn(name: string): string {
  const path = join(mirrors, name);
  mkdirSync(path);
  return path;
}

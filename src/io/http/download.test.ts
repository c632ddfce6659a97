import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, onTestFinished, test } from "vitest";
import { feedServer } from "../../../tests/setup/feed-server.ts";
import { serveLocally } from "../../../tests/setup/local-server.ts";
import { temporaryFolder } from "../../../tests/setup/temporary-folder.ts";
import { type Download, type DownloadOptions, download } from "./download.ts";
import { HttpClient } from "./http-client.ts";

const folder = temporaryFolder();
const target = join(folder, "download");
const { signal } = new AbortController();
const body = Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * 7919) % 251));

function get(address: string, options: Partial<DownloadOptions> = {}): Promise<Download> {
  const client = new HttpClient();
  return download(address, target, {
    client,
    signal,
    maxBytes: 1_000_000,
    retryDelay: 1,
    idleTimeout: 5000,
    ...options,
  });
}

test("a download that breaks off goes on where it ended", async () => {
  const server = await feedServer({ "h/f": body });
  server.fault("h/f", { kind: "cut", after: 100_000 }, 2);
  expect(await get(`${server.address}/h/f`)).toMatchObject({ kind: "file" });
  expect(readFileSync(target).equals(body)).toBe(true);
  expect(server.requests.map(({ status }) => status)).toEqual([200, 206, 206]);
  expect(server.requests.map(({ headers }) => headers.range)).toEqual([undefined, "bytes=100000-", "bytes=200000-"]);
});

test("a server that falls silent in the middle is asked for the rest", async () => {
  const server = await feedServer({ "h/f": body });
  server.fault("h/f", { kind: "stall", after: 100_000 }, 1);
  await get(`${server.address}/h/f`, { idleTimeout: 300 });
  expect(readFileSync(target).equals(body)).toBe(true);
  expect(server.requests.map(({ status }) => status)).toEqual([200, 206]);
});

test("a server that ignores ranges, or a file that changed in between, begins again", async () => {
  let count = 0;
  const base = await serveLocally((_, response) => {
    count++;
    response.writeHead(200, { "content-length": String(body.length), etag: `"${count}"` });
    if (count > 1) response.end(body);
    else response.write(body.subarray(0, 5000).fill(1), () => setTimeout(() => response.destroy(), 10));
  });
  expect(await get(base)).toMatchObject({ kind: "file", etag: '"2"' });
  expect(readFileSync(target).subarray(5000).equals(body.subarray(5000))).toBe(true);
  expect(readFileSync(target)).toHaveLength(body.length);
});

test("an answer to another range than asked for is not taken", async () => {
  const asked: (string | undefined)[] = [];
  const base = await serveLocally((request, response) => {
    asked.push(request.headers.range);
    if (request.headers.range !== undefined) {
      response.writeHead(206, { "content-range": "bytes 0-9/10", "content-length": "10" }).end("0123456789");
    } else if (asked.length === 1) {
      response.writeHead(200, { "content-length": "10", etag: '"1"' });
      response.write("01234", () => setTimeout(() => response.destroy(), 10));
    } else response.end("0123456789");
  });
  await get(base);
  expect(readFileSync(target, "utf8")).toBe("0123456789");
  expect(asked).toEqual([undefined, "bytes=5-", undefined]);
});

test("without a strong tag or a date the rest is not asked for", async () => {
  const server = await feedServer();
  server.put("h/f", body, { etag: 'W/"weak"', lastModified: null });
  server.fault("h/f", { kind: "cut", after: 1000 }, 1);
  await get(`${server.address}/h/f`);
  expect(server.requests.map(({ headers }) => headers.range)).toEqual([undefined, undefined]);
  expect(readFileSync(target).equals(body)).toBe(true);
});

test("five failures without progress are enough, and nothing is left", async () => {
  const server = await feedServer({ "h/f": body });
  server.fault("h/f", { kind: "cut", after: 10 });
  await expect(get(`${server.address}/h/f`)).rejects.toMatchObject({
    code: "feed-unreachable",
    message: expect.stringMatching(/the connection was lost, 5 times in a row$/),
    hint: expect.stringMatching(/^Check the address, the network and the proxy variables, or /),
  });
  expect(server.requests).toHaveLength(5);
  expect(existsSync(target)).toBe(false);
});

test("a busy server is asked again, when it wishes", async () => {
  const server = await feedServer({ "h/f": "body" });
  server.fault("h/f", { kind: "status", status: 503 }, 1);
  await get(`${server.address}/h/f`);
  expect(readFileSync(target, "utf8")).toBe("body");
  server.fault("h/f", { kind: "status", status: 522 }, 1);
  await get(`${server.address}/h/f`);
  server.fault("h/f", { kind: "status", status: 429, headers: { "retry-after": "1" } }, 1);
  const before = performance.now();
  await get(`${server.address}/h/f`);
  expect(performance.now() - before).toBeGreaterThan(990);
  server.fault("h/f", { kind: "status", status: 503, headers: { "retry-after": "86400" } });
  await expect(get(`${server.address}/h/f`)).rejects.toThrow("HTTP status 503, with a requested wait of 86400 seconds");
});

test("what is shown from last time is not fetched again", async () => {
  const server = await feedServer({ "h/f": "body" });
  const got = await get(`${server.address}/h/f`);
  if (got.kind !== "file") throw new Error(got.kind);
  expect(await get(`${server.address}/h/f`, { previous: got })).toEqual({ kind: "unchanged" });
  expect(await get(`${server.address}/h/f`, { previous: { lastModified: got.lastModified } })).toEqual({
    kind: "unchanged",
  });
  server.fault("h/f", { kind: "simple" });
  expect(await get(`${server.address}/h/f`, { previous: got })).toEqual({ kind: "unchanged" });
  expect(server.requests.map(({ status }) => status)).toEqual([200, 304, 304, 200]);
  expect(existsSync(target)).toBe(false);
});

test("one connection serves many requests", async () => {
  let connections = 0;
  const server = createServer((request, response) => {
    if (request.headers["if-none-match"] !== undefined) response.writeHead(304).end();
    else response.end("body");
  });
  server.on("connection", () => connections++);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/f`;
  const client = new HttpClient();
  for (let count = 0; count < 3; count++) {
    expect(await get(address, { client })).toMatchObject({ kind: "file" });
    expect(await get(address, { client, previous: { etag: '"1"' } })).toEqual({ kind: "unchanged" });
  }
  expect(connections).toBe(1);
});

test("a tag that Apache marked as packed is shown in both forms", async () => {
  const server = await feedServer({ "h/f": "body" });
  await get(`${server.address}/h/f`, { previous: { etag: '"abc-gzip"' } });
  expect(server.requests[0]?.headers["if-none-match"]).toBe('"abc-gzip", "abc"');
});

test("404 and 410 say that a file is absent, other refusals are errors without secrets", async () => {
  const server = await feedServer();
  expect(await get(`${server.address}/h/f`)).toEqual({ kind: "absent" });
  server.fault("h/f", { kind: "status", status: 410 });
  expect(await get(`${server.address}/h/f`)).toEqual({ kind: "absent" });
  server.fault("h/f", { kind: "status", status: 403 });
  await expect(get(`${server.address.replace("//", "//me:word@")}/h/f?key=secret`)).rejects.toThrow(
    /^http:\/\/127\.0\.0\.1:\d+\/h\/f cannot be fetched: HTTP status 403$/,
  );
  server.fault("h/f", { kind: "status", status: 304 });
  await expect(get(`${server.address}/h/f`)).rejects.toMatchObject({ code: "feed-malformed" });
  expect(server.requests).toHaveLength(4);
});

test("a page of HTML is not data, but where a list of files is asked for", async () => {
  const server = await feedServer({ "h/list/": "<html><a href=x>" });
  server.fault("h/f.json", { kind: "html" });
  await expect(get(`${server.address}/h/f.json`)).rejects.toMatchObject({
    code: "feed-malformed",
    message: expect.stringContaining("returned an HTML page instead of data"),
    hint: expect.stringContaining("open the address in a browser"),
  });
  expect(existsSync(target)).toBe(false);
  expect(await get(`${server.address}/h/list/`)).toMatchObject({ kind: "file" });
});

test("the checksum of the publisher decides", async () => {
  const server = await feedServer({ "h/f": "abc" });
  const sha256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
  expect(await get(`${server.address}/h/f`, { sha256 })).toMatchObject({ kind: "file", sha256 });
  await expect(get(`${server.address}/h/f`, { sha256: "0".repeat(64) })).rejects.toMatchObject({
    code: "feed-malformed",
    message: expect.stringMatching(/its SHA-256 is ba78\w+, but the publisher states 0000/),
  });
  expect(existsSync(target)).toBe(false);
});

test("the checksum of Google's storage decides, for the bytes that it is of", async () => {
  const server = await feedServer();
  const stored = { "x-goog-stored-content-encoding": "identity" };
  const put = (md5: string, others = {}): void => {
    server.put("h/f", "abc", { others: { ...stored, "x-goog-hash": `crc32c=Nks/tw==,md5=${md5}`, ...others } });
  };
  put("kAFQmDzST7DWlj99KOF/cg==");
  expect(await get(`${server.address}/h/f`)).toMatchObject({ kind: "file" });
  put("AAAAAAAAAAAAAAAAAAAAAA==");
  await expect(get(`${server.address}/h/f`)).rejects.toMatchObject({
    code: "feed-malformed",
    message: expect.stringContaining("its MD5 is kAFQmDzST7DWlj99KOF/cg==, but the server states AAAA"),
  });
  expect(existsSync(target)).toBe(false);
  put("AAAAAAAAAAAAAAAAAAAAAA==", { "x-goog-stored-content-encoding": "gzip" });
  expect(await get(`${server.address}/h/f`)).toMatchObject({ kind: "file" });
});

test("a server that sends a byte now and then for ever is given up as a silent one is", async () => {
  const base = await serveLocally((_, response) => {
    response.writeHead(200, { "content-length": "1000000", etag: '"1"' });
    const timer = setInterval(() => response.write("x"), 20);
    response.on("close", () => clearInterval(timer));
  });
  await expect(get(base, { idleTimeout: 100, attempts: 2 })).rejects.toMatchObject({
    code: "feed-unreachable",
    message: expect.stringContaining("almost no data"),
  });
});

test("too long an answer is given up, before or while it comes, packed or not", async () => {
  const server = await feedServer();
  server.put("h/packed", gzipSync(Buffer.alloc(100_000)), { others: { "content-encoding": "gzip" } });
  server.put("h/plain", Buffer.alloc(100_000));
  const endless = await serveLocally((_, response) => {
    const write = (): void => void (response.destroyed || response.write(Buffer.alloc(65_536), write));
    write();
  });
  for (const address of [`${server.address}/h/packed`, `${server.address}/h/plain`, endless]) {
    await expect(get(address, { maxBytes: 1000 })).rejects.toMatchObject({ code: "limit-exceeded" });
    expect(readdirSync(folder)).toEqual([]);
  }
});

test("a packed answer is unpacked, a packed file is not, and an unknown encoding is refused", async () => {
  const packed = gzipSync("text");
  const server = await feedServer();
  const others = { "content-encoding": "gzip" };
  server.put("h/f.json", packed, { others });
  server.put("h/f.json.gz", packed, { others });
  server.put("h/damaged", packed.subarray(0, 12), { others });
  server.put("h/other", packed, { others: { "content-encoding": "br" } });
  await get(`${server.address}/h/f.json`);
  expect(readFileSync(target, "utf8")).toBe("text");
  await get(`${server.address}/h/f.json.gz`);
  expect(readFileSync(target).equals(packed)).toBe(true);
  expect(server.requests.map(({ headers }) => headers["accept-encoding"])).toEqual(["gzip", "identity"]);
  await expect(get(`${server.address}/h/damaged`)).rejects.toMatchObject({ code: "feed-malformed" });
  await expect(get(`${server.address}/h/other`)).rejects.toThrow('content encoding "br"');
});

test("a download can be cancelled while it comes and while it waits", async () => {
  const base = await serveLocally((_, response) => void response.write("part"));
  const server = await feedServer();
  server.fault("h/f", { kind: "status", status: 503, headers: { "retry-after": "60" } });
  for (const address of [base, `${server.address}/h/f`]) {
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 30);
    await expect(get(address, { signal: controller.signal })).rejects.toMatchObject({ code: "cancelled" });
    expect(existsSync(target)).toBe(false);
  }
});

test("a file that cannot be written is not blamed on the network", async () => {
  const server = await feedServer({ "h/f": "body" });
  const client = new HttpClient();
  const path = join(folder, "missing", "download");
  await expect(download(`${server.address}/h/f`, path, { client, signal, maxBytes: 10 })).rejects.toMatchObject({
    code: "output-not-written",
    message: `a download cannot be written to ${path}: it does not exist`,
  });
  expect(server.requests).toHaveLength(1);
});

test("what cannot be reached is said in plain words", async () => {
  await expect(get("ftp://example.org/")).rejects.toThrow("it is not an http or https address");
  await expect(get("nonsense")).rejects.toThrow("it is not an http or https address");
  const gone = createServer();
  await new Promise<void>((resolve) => gone.listen(0, "127.0.0.1", resolve));
  const { port } = gone.address() as AddressInfo;
  await new Promise((resolve) => gone.close(resolve));
  await expect(get(`http://127.0.0.1:${port}/x`)).rejects.toThrow(
    `http://127.0.0.1:${port}/x cannot be fetched: connection refused`,
  );
});

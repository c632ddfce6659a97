import { join } from "node:path";
import { expect, test } from "vitest";
import { serveLocally } from "../../../tests/setup/local-server.ts";
import { temporaryFolder } from "../../../tests/setup/temporary-folder.ts";
import { type Download, type DownloadOptions, download } from "./download.ts";
import { FeedServers } from "./feed-servers.ts";
import { HttpClient } from "./http-client.ts";

const folder = temporaryFolder();
const { signal } = new AbortController();

function get(address: string, servers: FeedServers, options: Partial<DownloadOptions> = {}): Promise<Download> {
  const own = { client: new HttpClient(), signal, maxBytes: 1e6, retryDelay: 1, servers, ...options };
  return download(address, join(folder, "file"), own);
}

test("a server that says nothing costs its time once, not with every file", async () => {
  let asked = 0;
  const server = await serveLocally(() => void asked++);
  const servers = new FeedServers();
  const reason = /sent almost no data for too long/;
  for (const file of ["a", "b", "c", "d"])
    await expect(get(`${server}/${file}`, servers, { idleTimeout: 60 })).rejects.toThrow(reason);
  expect(asked).toBe(5 + 1);
});

test("a server that answers that it is busy is asked once for each further file, and as usual once it gives one", async () => {
  const asked: string[] = [];
  const server = await serveLocally(({ url = "" }, response) => {
    asked.push(url);
    response.writeHead(url === "/good" ? 200 : 502).end("x");
  });
  const servers = new FeedServers();
  for (const file of ["a", "b", "c"])
    await expect(get(`${server}/${file}`, servers)).rejects.toThrow("HTTP status 502");
  expect((await get(`${server}/good`, servers)).kind).toBe("file");
  await expect(get(`${server}/d`, servers, { attempts: 2 })).rejects.toThrow("2 times in a row");
  expect(asked.join("")).toBe("/a/a/a/a/a/b/c/good/d/d");
});

test("a server that cannot be reached does not mention another", async () => {
  const server = await serveLocally((_, response) => response.end("x"));
  const servers = new FeedServers();
  for (const file of ["a", "b", "c"])
    await expect(get(`http://127.0.0.1:1/${file}`, servers)).rejects.toThrow("connection refused");
  expect((await get(`${server}/a`, servers)).kind).toBe("file");
});

test("whoever waits is told once, and not where something comes", async () => {
  const told: string[] = [];
  const servers = new FeedServers((sentence) => told.push(sentence), { longWait: 40 });
  const server = await serveLocally(({ url }, response) => {
    if (url !== "/slow") return;
    response.writeHead(200);
    let pieces = 0;
    const timer = setInterval(() => {
      response.write(Buffer.alloc(8192, "x"));
      if (++pieces < 12) return;
      clearInterval(timer);
      response.end();
    }, 10);
  });
  await get(`${server}/slow`, servers);
  expect(told).toEqual([]);
  for (const file of ["a", "b"])
    await expect(get(`${server}/${file}`, servers, { idleTimeout: 100, attempts: 2 })).rejects.toThrow("for too long");
  expect(told).toEqual([`waiting for ${new URL(server).host}: no data received for 1 seconds`]);
});

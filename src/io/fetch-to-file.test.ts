import { existsSync, readFileSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { temporaryFolder } from "../../tests/setup/temporary-folder.ts";
import { fetchToFile } from "./fetch-to-file.ts";

const folder = temporaryFolder();
const target = join(folder, "download");
const { signal } = new AbortController();

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test("an answer becomes a file, also after redirects", async () => {
  const base = await serve((request, response) => {
    if (request.url === "/a") response.writeHead(302, { location: "/b" }).end();
    else response.end("body");
  });
  await fetchToFile(`${base}/a`, target, { signal, maxBytes: 4 });
  expect(readFileSync(target, "utf8")).toBe("body");
});

test("a circle of redirects ends", async () => {
  let requests = 0;
  const base = await serve((_, response) => {
    requests++;
    response.writeHead(302, { location: "/again" }).end();
  });
  await expect(fetchToFile(base, target, { signal, maxBytes: 10 })).rejects.toMatchObject({
    code: "feed-unreachable",
    message: expect.stringContaining("redirects more than 5 times"),
  });
  expect(requests).toBe(6);
});

test.each(["file:///etc/passwd", "ftp://example.org/", "http://user:word@127.0.0.1/"])(
  "a redirect to %s is refused",
  async (location) => {
    const base = await serve((_, response) => response.writeHead(302, { location }).end());
    await expect(fetchToFile(base, target, { signal, maxBytes: 10 })).rejects.toMatchObject({
      code: "feed-unreachable",
    });
  },
);

test("too long an answer is given up and leaves no file", async () => {
  const base = await serve((_, response) => response.end("x".repeat(100_000)));
  await expect(fetchToFile(base, target, { signal, maxBytes: 1000 })).rejects.toMatchObject({ code: "limit-exceeded" });
  expect(existsSync(target)).toBe(false);
});

test("an error status, a broken answer and a silent server are unreachable", async () => {
  const missing = await serve((_, response) => response.writeHead(404).end("no"));
  await expect(fetchToFile(`${missing}/x?key=secret`, target, { signal, maxBytes: 10 })).rejects.toThrow(
    /^http:\/\/127\.0\.0\.1:\d+\/x cannot be fetched: the server answered 404$/,
  );
  const broken = await serve((_, response) => {
    response.writeHead(200, { "content-length": "100" });
    response.write("part");
    setTimeout(() => response.destroy(), 20);
  });
  await expect(fetchToFile(broken, target, { signal, maxBytes: 1000 })).rejects.toMatchObject({
    code: "feed-unreachable",
  });
  expect(existsSync(target)).toBe(false);
  const silent = await serve(() => {});
  await expect(fetchToFile(silent, target, { signal, maxBytes: 10, idleTimeout: 50 })).rejects.toThrow(
    "the server sent nothing for too long",
  );
});

test("a download can be cancelled", async () => {
  const base = await serve((_, response) => void response.write("part"));
  const controller = new AbortController();
  setTimeout(() => controller.abort(), 30);
  await expect(fetchToFile(base, target, { signal: controller.signal, maxBytes: 10 })).rejects.toMatchObject({
    code: "cancelled",
  });
});

test("an address with a password is refused without repeating it", async () => {
  await expect(fetchToFile("http://me:secret@127.0.0.1:1/", target, { signal, maxBytes: 10 })).rejects.toThrow(
    /^http:\/\/127\.0\.0\.1:1\/ cannot be fetched: an address may not hold a user name or password$/,
  );
});

test("a file that cannot be written is not blamed on the network", async () => {
  const base = await serve((_, response) => response.end("body"));
  const path = join(folder, "missing", "download");
  await expect(fetchToFile(base, path, { signal, maxBytes: 10 })).rejects.toMatchObject({
    code: "output-not-written",
    message: `a download cannot be written to ${path}: it does not exist`,
  });
});

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { makeCertificates, pem } from "../../../tests/registry/setup/certificates.ts";
import { fakeProxy } from "../../../tests/registry/setup/fake-proxy.ts";
import { listenLocally, serveLocally } from "../../../tests/setup/local-server.ts";
import { PrivateSigstore } from "./fixtures/private-sigstore.ts";
import { startTufRepository, type TufRepository } from "./fixtures/tuf-repository.ts";
import { openKeylessVerifier } from "./keyless.ts";
import { builtInTrustedRoot, fetchTrustedRoot, type TrustedRootOptions } from "./trusted-root.ts";

const { trustedRoot } = new PrivateSigstore();
const target = "trusted_root.json";
const { signal } = new AbortController();

test("the trusted root that ships with the program can be used", async () => {
  expect(openKeylessVerifier(await builtInTrustedRoot())).toBeTypeOf("object");
});

test("a trusted root is fetched from a TUF repository whose root is trusted", async () => {
  const repository = await startTufRepository(target, trustedRoot);
  const options = optionsFor(repository);
  expect(await fetchTrustedRoot(options)).toEqual(trustedRoot);
  expect(await fetchTrustedRoot(options)).toEqual(trustedRoot);
});

test("a trusted root that was changed, or is signed by another key, is refused", async () => {
  const repository = await startTufRepository(target, trustedRoot);
  repository.files.set(`/targets/${target}`, Buffer.from(trustedRoot.toString().replace("SHA2_256", "SHA2_512")));
  await expect(fetchTrustedRoot(optionsFor(repository))).rejects.toMatchObject({ code: "feed-unreachable" });
  const foreign = await startTufRepository(target, trustedRoot);
  const mixed = { ...foreign, root: repository.root };
  await expect(fetchTrustedRoot(optionsFor(mixed))).rejects.toMatchObject({ code: "feed-unreachable" });
});

test("an older state than was seen before is refused", async () => {
  const repository = await startTufRepository(target, trustedRoot);
  const options = optionsFor(repository);
  repository.publish(2);
  await fetchTrustedRoot(options);
  repository.publish(3);
  await fetchTrustedRoot(options);
  repository.publish(2);
  await expect(fetchTrustedRoot(options)).rejects.toMatchObject({ code: "feed-unreachable" });
});

test("a mirror that does not answer is an error that names no secret", async () => {
  const { root } = await startTufRepository(target, trustedRoot);
  const options = optionsFor({ mirror: "http://user:marker-pa55word@127.0.0.1:1", root });
  const failure = await fetchTrustedRoot(options).catch((cause: unknown) => cause);
  expect(failure).toMatchObject({ code: "feed-unreachable" });
  expect(inspect(failure)).not.toContain("pa55word");
});

test.each([
  ["which leads nowhere", undefined, "does not connect to the host: HTTP status 502", "Check the network"],
  ["which wants a user", 407, "requires a user name and a password (HTTP status 407)", "in the variable HTTPS_PROXY"],
  [
    "which ends connections",
    "end",
    "does not forward the request: the connection was lost, 3 times",
    "Check the network",
  ],
  [
    "which speaks no HTTP",
    { bytes: "SSH-2.0\r\n\r\n" },
    "does not forward the request: its response is not HTTP",
    "file",
  ],
] as const)("a proxy %s is named, without its password", async (_, tunnels, said, hint) => {
  const { root } = await startTufRepository(target, trustedRoot);
  const proxy = await fakeProxy(tunnels === undefined ? {} : { tunnels });
  const options = optionsFor({ mirror: "https://tuf.example.test", root });
  const failure = await fetchTrustedRoot({
    ...options,
    proxies: { HTTPS_PROXY: `http://user:marker-pa55word@${proxy.host}`, NO_PROXY: "other.test" },
  }).catch((cause: unknown) => cause);
  const words = `the trusted root of tuf.example.test could not be fetched: the proxy ${proxy.host} ${said}`;
  expect(failure).toMatchObject({ code: "feed-unreachable", message: expect.stringContaining(words) });
  expect(failure).toMatchObject({ hint: expect.stringContaining(hint) });
  expect(inspect(failure)).not.toContain("pa55word");
  expect(new Set(proxy.asked)).toEqual(new Set(["CONNECT tuf.example.test:443"]));
  await expect.poll(proxy.open).toBe(0);
});

test.each([
  ["says nothing", ""],
  ["sends drop by drop", "HTTP/1.1 200 OK\r\n"],
])("a proxy that %s is left in time", async (_, bytes) => {
  const { root } = await startTufRepository(target, trustedRoot);
  const proxy = await fakeProxy({ tunnels: { bytes } });
  const options = { ...optionsFor({ mirror: "https://tuf.example.test", root }), timeout: 400 };
  const failure = fetchTrustedRoot({ ...options, proxies: { HTTPS_PROXY: proxy.host } });
  await expect(failure).rejects.toMatchObject({
    code: "feed-unreachable",
    message:
      "the trusted root of tuf.example.test could not be fetched: its server did not complete a response within 1 seconds",
  });
  await expect.poll(proxy.open).toBe(0);
});

test("a trusted root is fetched through a proxy, which is asked for it over plain HTTP", async () => {
  const { mirror, root } = await startTufRepository(target, trustedRoot);
  const proxy = await fakeProxy({ hosts: { "tuf.example.test": new URL(mirror).host } });
  const options = optionsFor({ mirror: "http://tuf.example.test", root });
  expect(await fetchTrustedRoot({ ...options, proxies: { HTTP_PROXY: proxy.host } })).toEqual(trustedRoot);
  expect(proxy.asked[0]).toBe("GET http://tuf.example.test/2.root.json");
});

test("a variable that names no proxy is told as such", async () => {
  const { root } = await startTufRepository(target, trustedRoot);
  const options = optionsFor({ mirror: "https://tuf.example.test", root });
  const failure = fetchTrustedRoot({ ...options, proxies: { HTTPS_PROXY: "socks5://127.0.0.1" } });
  await expect(failure).rejects.toMatchObject({ code: "usage" });
});

test.each([
  [500, "its server returned HTTP status 500, 3 times in a row"],
  [401, "its server returned HTTP status 401"],
])("a mirror that answers %d is told in our words", async (status, words) => {
  const { root } = await startTufRepository(target, trustedRoot);
  const mirror = await serveLocally((_, response) => response.writeHead(status).end());
  await expect(fetchTrustedRoot(optionsFor({ mirror, root }))).rejects.toMatchObject({
    message: `the trusted root of ${new URL(mirror).host} could not be fetched: ${words}`,
  });
});

test("a mirror whose authority is not known is told without the words of Node.js", async () => {
  const { root } = await startTufRepository(target, trustedRoot);
  const { server } = makeCertificates(temporaryFolder(), ["127.0.0.1"]);
  const secret = { cert: pem(server.certificate), key: pem(server.key) };
  const mirror = `https://127.0.0.1:${await listenLocally(createSecureServer(secret))}`;
  const failure = await fetchTrustedRoot(optionsFor({ mirror, root })).catch((cause: unknown) => cause);
  expect(failure).toMatchObject({
    message: expect.stringMatching(/: its certificate is signed by an untrusted CA$/),
  });
});

test("a file that does not end is not read to its end", async () => {
  const { root } = await startTufRepository(target, trustedRoot);
  const mirror = await serveLocally((_, response) => {
    const timer = setInterval(() => response.write(Buffer.alloc(64 * 1024)), 1);
    response.on("close", () => clearInterval(timer));
  });
  await expect(fetchTrustedRoot(optionsFor({ mirror, root }))).rejects.toMatchObject({
    message: expect.stringContaining("one of its files is longer than 512000 bytes"),
  });
});

test("a mirror that NO_PROXY excepts is asked directly", async () => {
  const repository = await startTufRepository(target, trustedRoot);
  const proxy = await fakeProxy({ tunnels: 407, plain: 407 });
  const proxies = { HTTPS_PROXY: proxy.host, HTTP_PROXY: proxy.host };
  expect(await fetchTrustedRoot({ ...optionsFor(repository), proxies })).toEqual(trustedRoot);
  const { root } = repository;
  const excepted = {
    ...optionsFor({ mirror: "https://tuf.example.test:1", root }),
    proxies: { ...proxies, NO_PROXY: "example.test" },
  };
  await expect(fetchTrustedRoot(excepted)).rejects.toMatchObject({ code: "feed-unreachable" });
  expect(proxy.connections()).toBe(0);
});

test("a mirror other than the public one needs a root to begin with", async () => {
  const failure = fetchTrustedRoot({ cacheFolder: temporaryFolder(), mirror: "https://tuf.example.test", signal });
  await expect(failure).rejects.toMatchObject({ code: "usage" });
});

test("an interruption ends the wait for a mirror that says nothing", async () => {
  const aborted = fetchTrustedRoot({ cacheFolder: temporaryFolder(), signal: AbortSignal.abort() });
  await expect(aborted).rejects.toMatchObject({ code: "cancelled" });
  const server = createServer(() => {});
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const controller = new AbortController();
  server.once("request", () => controller.abort());
  const { port } = server.address() as AddressInfo;
  const { root } = await startTufRepository(target, trustedRoot);
  const options = optionsFor({ mirror: `http://127.0.0.1:${port}`, root });
  await expect(fetchTrustedRoot({ ...options, signal: controller.signal })).rejects.toMatchObject({
    code: "cancelled",
  });
  server.closeAllConnections();
  server.close();
});

function optionsFor({ mirror, root }: Pick<TufRepository, "mirror" | "root">): TrustedRootOptions {
  const cacheFolder = temporaryFolder();
  const rootFile = join(cacheFolder, "first-root.json");
  writeFileSync(rootFile, root);
  return { cacheFolder, mirror, rootFile, signal };
}

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-trust-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { fakeProxy } from "../../../tests/registry/setup/fake-proxy.ts";
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
  ["which leads nowhere", undefined, 502],
  ["which wants a user", 407, 407],
] as const)("a proxy %s is named, without its password", async (_, tunnels, status) => {
  const { root } = await startTufRepository(target, trustedRoot);
  const proxy = await fakeProxy(tunnels === undefined ? {} : { tunnels });
  const options = optionsFor({ mirror: "https://tuf.example.test", root });
  const failure = await fetchTrustedRoot({
    ...options,
    proxies: { HTTPS_PROXY: `http://user:marker-pa55word@${proxy.host}`, NO_PROXY: "other.test" },
  }).catch((cause: unknown) => cause);
  const words = `the proxy ${proxy.host} does not connect to that host: it answered ${status}`;
  expect(failure).toMatchObject({ code: "feed-unreachable", message: expect.stringContaining(words) });
  expect(inspect(failure)).not.toContain("pa55word");
  expect(new Set(proxy.asked)).toEqual(new Set(["CONNECT tuf.example.test:443"]));
  await expect.poll(proxy.open).toBe(0);
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

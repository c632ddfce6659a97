import type { ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import type { RegistryClient } from "../../src/registry/connection/registry-client.ts";
import { blobOf } from "../../src/registry/content/blob-source.ts";
import { openRemoteImage } from "../../src/registry/content/open-remote-image.ts";
import { clientSignatureSource } from "../../src/registry/signatures/client-signature-source.ts";
import { verifyImage } from "../../src/registry/signatures/verify-image.ts";
import { askApi } from "../../src/registry/vendors/ask-api.ts";
import { googleArtifactRegistry } from "../../src/registry/vendors/google-artifact-registry.ts";
import { repositoriesBelow } from "../../src/registry/vendors/list-repositories.ts";
import { type FakeRegistry, fakeRegistry, sendCut, sendJson } from "./setup/fake-registry.ts";
import { collect, listOf, reference, testClient } from "./setup/registry-client.ts";

const config = Buffer.from('{"os":"linux","architecture":"amd64"}');
const ociManifest = "application/vnd.oci.image.manifest.v1+json";

/** A registry that sends for tokens and answers a vendor's interface, with an image to which something is attached. */
async function completeRegistry(): Promise<FakeRegistry & { readonly digest: string; readonly blob: Blob }> {
  const registry = await fakeRegistry({ referrers: true });
  const blob = registry.putBlob("team/app", config);
  const image = { schemaVersion: 2, mediaType: ociManifest, config: blob, layers: [] };
  const digest = registry.putManifest("team/app", image, { tag: "v1" });
  const attached = { ...image, artifactType: "a/b", subject: { mediaType: ociManifest, digest, size: 1 } };
  registry.putManifest("team/app", attached);
  return Object.assign(registry, { digest, blob });
}

type Blob = ReturnType<FakeRegistry["putBlob"]>;
type Complete = Awaited<ReturnType<typeof completeRegistry>>;
type Answer = (response: ServerResponse, send: () => void) => boolean;

/** Has the registry answer the requests that a pattern fits, `GET /path`, in a way of its own; gives how many there were. */
function spoil(registry: FakeRegistry, pattern: RegExp, answer: Answer): () => number {
  let count = 0;
  registry.intercept = ({ method, path, headers }, response) => {
    const send = (): void => {
      if (path.startsWith("/token")) sendJson(response, 200, { token: "t" });
      else if (path.startsWith("/api")) sendJson(response, 200, { names: ["a"] });
    };
    if (pattern.test(`${method} ${path}`)) {
      count++;
      if (answer(response, send)) return true;
    }
    if (path.startsWith("/token") || path.startsWith("/api")) {
      send();
      return true;
    }
    if (path === "/v2/" || headers.authorization !== undefined) return false;
    return sendJson(response, 401, {}, { "www-authenticate": `Bearer realm="http://${registry.host}/token"` });
  };
  return () => count;
}

/** All that is asked of a registry and gives a document: what is called, and which of its requests goes wrong. */
const documents: Readonly<Record<string, readonly [RegExp, (client: RegistryClient, place: Complete) => unknown]>> = {
  "a manifest": [/^GET .*\/manifests\/v1/, (client, { host }) => client.manifest(named(host))],
  "a manifest by digest": [
    /^GET .*\/manifests\/sha256/,
    (client, { host, digest }) => client.manifest({ ...named(host), digest }),
  ],
  "a manifest past all mirrors": [/^GET .*\/manifests\/v1/, (client, { host }) => client.manifestOf(named(host))],
  "an image": [/^GET .*\/manifests\/v1/, (client, { host }) => open(client, host)],
  "the config of an image": [/^GET .*\/blobs\//, (client, { host }) => open(client, host)],
  "a small blob": [/^GET .*\/blobs\//, (client, { host, blob }) => client.blobBytes(named(host), blob, 1000)],
  "a blob": [/^GET .*\/blobs\//, (client, { host, blob }) => collect(client.blob(named(host), blob))],
  "a list of tags": [/^GET .*\/tags\/list/, (client, { host }) => listOf(client.tags(named(host)))],
  "a catalogue": [/^GET .*\/_catalog/, (client, { host }) => listOf(client.catalog(host))],
  "the repositories below a path": [
    /^GET .*\/_catalog/,
    (client, { host }) => listOf(repositoriesBelow(client, host, "team")),
  ],
  "a list of referrers": [
    /^GET .*\/referrers\//,
    (client, { host, digest }) => listOf(client.referrers(named(host), digest)),
  ],
  "the manifest of a referrer": [
    /^GET .*\/manifests\/sha256/,
    (client, { host, digest }) => listOf(client.referrers(named(host), digest)),
  ],
  "a token": [/^GET \/token/, (client, { host }) => client.manifest(named(host))],
  "a vendor's interface": [
    /^GET \/api/,
    (client, { host }) => askApi(client.host(host), { url: new URL(`http://${host}/api`), what: "the names" }),
  ],
  "a vendor's list of tags": [
    /^GET .*\/tags\/list/,
    (client, { host }) => listOf(googleArtifactRegistry.list({ ...listedPlace(client, host), prefix: "team/app" })),
  ],
};

const named = (host: string): ReturnType<typeof reference> => reference(`${host}/team/app:v1`);
const open = (client: RegistryClient, host: string): Promise<unknown> =>
  openRemoteImage(client, named(host), { platform: "linux/amd64", orAny: true });
const listedPlace = (client: RegistryClient, registry: string): Parameters<typeof googleArtifactRegistry.list>[0] => ({
  client,
  registry,
  prefix: "",
  credential: () => Promise.resolve(undefined),
  signs: () => Promise.reject(new Error("nobody needs them")),
  problem: () => undefined,
  misfit: () => undefined,
});

/** How a body goes wrong. */
const faults: Readonly<Record<string, (response: ServerResponse) => true>> = {
  "breaks off": (response) => sendCut(response, config, { after: 5 }),
  "breaks off in chunks": (response) => {
    response.writeHead(200, { "transfer-encoding": "chunked" });
    response.write(config.subarray(0, 5), () => setTimeout(() => response.socket?.destroy(), 5));
    return true;
  },
  "falls silent": (response) => {
    response.writeHead(200, { "content-length": config.length }).write(config.subarray(0, 5));
    return true;
  },
};

describe.each(Object.keys(documents))("%s whose body", (what) => {
  const [pattern, call] = documents[what] ?? [/^$/, () => undefined];

  test.each(Object.keys(faults))("%s once is asked for again", async (fault) => {
    const registry = await completeRegistry();
    let broken = false;
    const count = spoil(registry, pattern, (response) => {
      if (broken) return false;
      broken = true;
      return faults[fault]?.(response) === true;
    });
    const client = testClient({ limits: { idleTimeout: 100 } });
    await call(client, registry);
    expect(count()).toBeGreaterThan(1);
  });

  test("breaks off each time is given up after five attempts", async () => {
    const registry = await completeRegistry();
    const count = spoil(registry, pattern, (response) => sendCut(response, config, { after: 0 }));
    await expect(Promise.resolve(call(testClient(), registry))).rejects.toMatchObject({
      code: "registry-unreachable",
      message: expect.stringContaining("5 times in a row"),
    });
    expect(count()).toBe(5);
  });
});

test("whether an image is signed cannot be told where its referrers break off each time", async () => {
  const registry = await completeRegistry();
  const { host, digest } = registry;
  spoil(registry, /\/referrers\//, (response) => sendCut(response, config, { after: 5 }));
  const image = { repository: "team/app", digest };
  const result = await verifyImage(clientSignatureSource(testClient(), host), image, { keys: [] });
  expect(result).toMatchObject({
    outcome: "cannot-tell",
    problems: [{ message: expect.stringContaining("5 times in a row") }],
  });
});

test.each(["POST", "PATCH", "PUT"])(
  "a body of an answer to %s that breaks off does not stop a push",
  async (method) => {
    const registry = await completeRegistry();
    const count = spoil(registry, new RegExp(`^${method} `), (response) => {
      const { socket } = response;
      response.setHeader("content-length", 5);
      setTimeout(() => socket?.destroy(), 10);
      return false;
    });
    const blob = blobOf(Buffer.from("a new blob"));
    expect(await testClient().pushBlob(named(registry.host), blob, { chunkSize: 4 })).toBe("uploaded");
    expect(count()).toBeGreaterThan(0);
  },
);

test("a document that comes drop by drop is given up, and one that comes slowly is not", async () => {
  const registry = await completeRegistry();
  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: ociManifest, config: {}, layers: [] }));
  const trickle = (response: ServerResponse, size: number): true => {
    response.writeHead(200, { "content-type": ociManifest, "content-length": bytes.length });
    let at = 0;
    const timer = setInterval(() => {
      if (response.destroyed || at >= bytes.length) clearInterval(timer);
      else response.write(bytes.subarray(at, at + size));
      at += size;
    }, 20);
    return true;
  };
  spoil(registry, /manifests/, (response) => trickle(response, 1));
  const limits = { idleTimeout: 300, attempts: 2 };
  await expect(testClient({ limits }).manifest(named(registry.host))).rejects.toMatchObject({
    code: "registry-unreachable",
    message: expect.stringContaining("almost no data"),
  });
  spoil(registry, /manifests/, (response) => trickle(response, 20));
  expect((await testClient({ limits }).manifest(named(registry.host))).bytes).toEqual(bytes);
});

test("a refusal whose body comes drop by drop is told all the same", async () => {
  const registry = await completeRegistry();
  spoil(registry, /manifests/, (response) => {
    response.writeHead(403, { "content-type": "text/plain" });
    const timer = setInterval(() => (response.destroyed ? clearInterval(timer) : response.write("no ")), 20);
    return true;
  });
  const failure = testClient({ limits: { idleTimeout: 200 } }).manifest(named(registry.host));
  await expect(failure).rejects.toMatchObject({ code: "registry-refused", message: expect.stringContaining("no no") });
});

test("the registry is asked where a mirror's manifest breaks off each time", async () => {
  const [mirror, registry] = [await fakeRegistry(), await completeRegistry()];
  mirror.intercept = ({ path }, response) => path !== "/v2/" && sendCut(response, Buffer.alloc(100), { after: 10 });
  const client = testClient({ settings: new Map([[registry.host, { mirrors: [mirror.host] }]]) });
  expect((await client.manifest(named(registry.host))).digest).toBe(registry.digest);
  expect(mirror.requests.length).toBeGreaterThanOrEqual(5);
});

test("a wait that the registry asked for holds although another request fails meanwhile", async () => {
  const registry = await completeRegistry();
  for (const tag of ["limited", "sick", "next"])
    registry.putManifest("team/app", { schemaVersion: 2, config: {}, layers: [], tag }, { tag });
  const client = testClient();
  await client.manifest(named(registry.host));
  const failed = new Set<string>();
  registry.intercept = ({ path }, response) => {
    const tag = path.split("/").at(-1) ?? "";
    if (failed.has(tag)) return false;
    failed.add(tag);
    if (tag === "limited") return sendJson(response, 429, {}, { "retry-after": "2" });
    if (tag !== "sick") return false;
    setTimeout(() => sendJson(response, 500, {}), 100);
    return true;
  };
  const tagged = (tag: string): Promise<unknown> => client.manifest(reference(`${registry.host}/team/app:${tag}`));
  const earlier = [tagged("limited"), tagged("sick")];
  await sleep(300);
  const start = Date.now();
  await tagged("next");
  expect(Date.now() - start).toBeGreaterThan(1400);
  await Promise.all(earlier);
});

test.each([408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524, 529, 530])("%d passes", async (status) => {
  const registry = await completeRegistry();
  const count = spoil(registry, /manifests/, (response) => {
    if (count() > 1) return false;
    return sendJson(response, status, {});
  });
  expect((await testClient().manifest(named(registry.host))).digest).toBe(registry.digest);
});

test.each([501, 505, 511, 525, 526])("%d is an answer that stays", async (status) => {
  const registry = await completeRegistry();
  const count = spoil(registry, /manifests/, (response) => sendJson(response, status, {}));
  await expect(testClient().manifest(named(registry.host))).rejects.toMatchObject({ code: "registry-failed" });
  expect(count()).toBe(1);
});

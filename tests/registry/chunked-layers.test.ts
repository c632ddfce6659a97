import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { createServer, request } from "node:http";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { elfProgram, framed, inlineBuildInfo } from "../../src/extractors/binary/go/synthetic-executables.ts";
import { makePodmanStore, type PodmanStore, podmanObstacle } from "../engines/podman.ts";
import { type ChunkedLayer, estargzLayer, zstdChunkedLayer } from "../setup/chunked-layer.ts";
import { type Stock, type StockOptions, takeStock } from "../setup/take-stock.ts";
import { type TarMember, tar } from "../setup/tar.ts";
import { temporaryFolder } from "../setup/temporary-folder.ts";
import { type RunningRegistry, registryObstacle, startDockerRegistry } from "./setup/docker-registry.ts";
import { type FakeRegistry, fakeRegistry, listen, sendBlob, sendCut, sha256 } from "./setup/fake-registry.ts";
import { testClient } from "./setup/registry-client.ts";

const filler = randomBytes(20_000_000);
/** Files that nobody wants, large enough to be programs. */
function fillerFiles(name: string, from: number, to: number): TarMember[] {
  const size = 1_000_000;
  return Array.from({ length: (to - from) / size }, (_, index) => {
    const at = from + index * size;
    return { name: `usr/share/${name}/${index}`, content: filler.subarray(at, at + size) };
  });
}

/** As large as the smallest real ones. */
function program(module: string, dependency: string): Buffer {
  const text = `path\t${module}\nmod\t${module}\tv1.2.3\t\ndep\t${dependency}\tv0.17.0\th1:a=\n`;
  const begin = elfProgram(inlineBuildInfo("go1.21.3", framed(text)), { bits: 64 });
  return Buffer.concat([begin, filler.subarray(0, 700_000)]);
}

const members: readonly TarMember[] = [
  { name: "etc/os-release", content: 'ID=debian\nVERSION_ID="12"\n' },
  ...fillerFiles("data", 0, 8_000_000),
  {
    name: "var/lib/dpkg/status",
    content: "Package: curl\nStatus: install ok installed\nArchitecture: amd64\nVersion: 7.88.1-10\n",
  },
  ...fillerFiles("more", 8_000_000, 16_000_000),
  { name: "usr/bin/tool", content: program("example.com/tool", "golang.org/x/net"), mode: 0o755 },
  { name: "usr/bin/same", type: "hardlink", link: "usr/bin/tool" },
  { name: "app/node_modules/lodash/package.json", content: '{"name":"lodash","version":"4.17.15"}' },
  ...fillerFiles("rest", 16_000_000, 20_000_000),
  // Nothing but its first bytes says that it is a program.
  { name: "srv/plugin", content: program("example.com/plugin", "golang.org/x/text") },
  { name: "opt/.wh.old", content: "" },
];
/** The same with two files that are where they matter only through links of the layer. */
const linked = members.flatMap((member): TarMember[] => {
  if (member.name === "etc/os-release") {
    const link = { name: member.name, type: "symlink", link: "../data/release" } as const;
    return [link, { ...member, name: "data/release" }];
  }
  if (member.name !== "var/lib/dpkg/status") return [member];
  return [
    { name: "srv", type: "symlink", link: "var/lib" },
    { ...member, name: "srv/dpkg/status" },
  ];
});
const names = [
  "curl",
  "example.com/plugin",
  "example.com/tool",
  "golang.org/x/net",
  "golang.org/x/text",
  "lodash",
  "stdlib",
];

interface Served {
  readonly target: string;
  readonly layer: ChunkedLayer;
  /** Bytes of the layer that were asked for. */
  readonly asked: () => number;
  readonly isLayer: (path: string) => boolean;
}

interface Descriptor {
  readonly digest: string;
  readonly size: number;
}

const manifestType = "application/vnd.oci.image.manifest.v1+json";

/** The manifest of an image of one layer, whose parts are put where they belong. */
async function manifestOf(
  { bytes, annotations }: ChunkedLayer,
  put: (bytes: Uint8Array) => Descriptor | Promise<Descriptor>,
): Promise<object> {
  const rootfs = { type: "layers", diff_ids: [sha256(bytes)] };
  const config = Buffer.from(JSON.stringify({ architecture: "amd64", os: "linux", config: {}, rootfs }));
  return {
    schemaVersion: 2,
    mediaType: manifestType,
    config: { mediaType: "application/vnd.oci.image.config.v1+json", ...(await put(config)) },
    layers: [{ mediaType: "application/vnd.oci.image.layer.v1.tar+gzip", ...(await put(bytes)), annotations }],
  };
}

/** Puts an image of one layer into a registry. */
async function serve(registry: FakeRegistry, layer: ChunkedLayer): Promise<Served> {
  const manifest = await manifestOf(layer, (bytes) => registry.putBlob("team/app", bytes));
  registry.putManifest("team/app", manifest, { tag: "v1" });
  const digest = sha256(layer.bytes);
  const isLayer = (path: string): boolean => path.endsWith(digest);
  const asked = (): number =>
    registry.requests
      .filter(({ path }) => isLayer(path))
      .map(({ headers }) => /^bytes=(\d+)-(\d+)$/.exec(headers.range ?? ""))
      .reduce((sum, range) => sum + (range ? 1 + Number(range[2]) - Number(range[1]) : layer.bytes.length), 0);
  return { target: `registry:${registry.host}/team/app:v1`, layer, asked, isLayer };
}

/** Reads by the table unless the options say otherwise: a test of that reading asks for it, as users must. */
function stock({ target }: Pick<Served, "target">, options: StockOptions = {}): Promise<Stock> {
  return takeStock(target, { registry: testClient(), platform: "linux/amd64", lazy: true, ...options });
}

function namesIn({ packages }: Stock): string[] {
  return [...new Set(packages.map(({ name }) => name))].sort();
}

describe.each([
  ["eStargz", estargzLayer(members), estargzLayer(linked)],
  [
    "zstd:chunked",
    zstdChunkedLayer(members, { chunkSize: 64 * 1024 }),
    zstdChunkedLayer(linked, { chunkSize: 64 * 1024 }),
  ],
])("a layer in the form of %s in a registry", (_, layer, linkedLayer) => {
  const cacheFolder = temporaryFolder();

  test("gives the same packages by its table as when it is read whole, for far fewer bytes, and is not verified", async () => {
    const served = await serve(await fakeRegistry(), layer);
    const byTable = await stock(served);
    expect(namesIn(byTable)).toEqual(names);
    expect(byTable).toMatchObject({ problems: [], verified: [false] });
    expect(served.asked()).toBeLessThan(layer.bytes.length / 8);
    const whole = await stock(served, { verifyDigests: true });
    expect(whole).toMatchObject({ problems: [], verified: [true] });
    expect(byTable.packages).toEqual(whole.packages);
  });

  test("gives the same when files are where they matter only through links", async () => {
    const served = await serve(await fakeRegistry(), linkedLayer);
    const byTable = await stock(served);
    expect(namesIn(byTable)).toEqual(names);
    expect(byTable).toMatchObject({ problems: [], verified: [false], distribution: { id: "debian" } });
    expect(served.asked()).toBeLessThan(linkedLayer.bytes.length / 8);
    const whole = await stock(served, { verifyDigests: true });
    expect(byTable.packages).toEqual(whole.packages);
    expect(byTable.distribution).toEqual(whole.distribution);
  });

  test("is read whole when its digest is to be verified, whatever the cache holds, and then known", async () => {
    const registry = await fakeRegistry();
    const served = await serve(registry, layer);
    const again = async (verifyDigests: boolean): Promise<unknown> => {
      registry.forget();
      const { verified } = await stock(served, { cacheFolder, verifyDigests });
      return { verified, share: Math.round((10 * served.asked()) / layer.bytes.length) / 10 };
    };
    expect(await again(false)).toMatchObject({ verified: [false] });
    expect(await again(false)).toEqual({ verified: [false], share: 0 });
    expect(await again(true)).toEqual({ verified: [true], share: 1 });
    expect(await again(true)).toEqual({ verified: [true], share: 0 });
    expect(await again(false)).toEqual({ verified: [true], share: 0 });
  });

  test("is read whole, once, when the registry sends no parts", async () => {
    const registry = await fakeRegistry({ ranges: false });
    const served = await serve(registry, layer);
    const found = await stock(served);
    expect(found).toMatchObject({ problems: [], verified: [true] });
    expect(namesIn(found)).toEqual(names);
    expect(
      registry.requests.filter(({ path }) => served.isLayer(path)).map(({ headers }) => "range" in headers),
    ).toEqual([true, false]);
  });

  test("is incomplete when the registry stops sending parts, and what lies before them is not downloaded", async () => {
    const registry = await fakeRegistry();
    const served = await serve(registry, layer);
    await stock(served);
    const enough = registry.requests.filter(({ path }) => served.isLayer(path)).length;
    let requests = 0;
    registry.intercept = ({ path }, response) =>
      served.isLayer(path) && ++requests >= enough && sendBlob(response, layer.bytes);
    const found = await stock(served);
    expect(found.verified).toEqual([false]);
    expect(found.problems).toMatchObject([
      { code: "unreadable", message: expect.stringContaining("it does not send parts of a blob") },
    ]);
    expect(requests).toBe(enough);
  });

  test("goes on where a connection broke, and is incomplete when the registry is gone for good", async () => {
    const registry = await fakeRegistry();
    const served = await serve(registry, layer);
    let requests = 0;
    let gone = false;
    registry.intercept = ({ path, headers }, response) => {
      const [, from = "", to = ""] = /^bytes=(\d+)-(\d+)$/.exec(headers.range ?? "") ?? [];
      if (!served.isLayer(path) || (++requests % 2 === 0 && !gone)) return false;
      if (gone) {
        response.destroy();
        return true;
      }
      const part = layer.bytes.subarray(Number(from), Number(to) + 1);
      const head = { "content-range": `bytes ${from}-${to}/${layer.bytes.length}` };
      return sendCut(response, part, { after: Math.floor(part.length / 2), status: 206, headers: head });
    };
    const found = await stock(served);
    expect(namesIn(found)).toEqual(names);
    expect(found.problems).toEqual([]);
    expect(requests).toBeGreaterThan(4);
    gone = true;
    const lost = await stock(served);
    expect(lost.verified).toEqual([false]);
    expect(lost.problems).toMatchObject([
      { code: "unreadable", message: expect.stringContaining("the request to the registry") },
    ]);
  });

  test("whose files the registry changed is a problem, not another result", async () => {
    const registry = await fakeRegistry();
    const served = await serve(registry, layer);
    const at = layer.bytes.length - 100_000;
    const other = Buffer.from(layer.bytes);
    other.fill(0, Math.floor(at / 3), at);
    registry.intercept = ({ path, headers }, response) =>
      served.isLayer(path) && sendBlob(response, other, { range: headers.range });
    const found = await stock(served);
    expect(found.verified).toEqual([false]);
    expect(found.problems).toMatchObject([{ code: "unreadable" }]);
  });
});

describe.skipIf(registryObstacle !== undefined)(
  `an eStargz layer in Debian's docker-registry${registryObstacle ? ` (${registryObstacle})` : ""}`,
  () => {
    let registry: RunningRegistry;
    beforeAll(async () => {
      registry = await startDockerRegistry();
    });
    afterAll(() => registry.stop());

    test("is read by its table: the beginnings of its large files, and its programs", async () => {
      const layer = estargzLayer(members);
      await push(registry.host, layer);
      const counted = await countingProxy(registry.host);
      const byTable = await stock({ target: `registry:${counted.host}/team/app:v1` });
      const seen = { bytes: counted.bytes(), requests: counted.requests() };
      const whole = await stock({ target: `registry:${registry.host}/team/app:v1` }, { verifyDigests: true });
      expect(namesIn(byTable)).toEqual(names);
      expect(byTable.packages).toEqual(whole.packages);
      expect([byTable.problems, byTable.verified, whole.verified]).toEqual([[], [false], [true]]);
      expect(seen.bytes).toBeGreaterThan(1_400_000);
      expect(seen.bytes).toBeLessThan(layer.bytes.length / 12);
      expect(seen.requests).toBeLessThan(40);
    });
  },
);

const obstacle = registryObstacle ?? podmanObstacle;

describe.skipIf(obstacle !== undefined)(`what Podman pushed as zstd:chunked${obstacle ? ` (${obstacle})` : ""}`, () => {
  const folder = temporaryFolder();
  let registry: RunningRegistry;
  let store: PodmanStore;
  beforeAll(async () => {
    registry = await startDockerRegistry();
    store = makePodmanStore("vfs");
  }, 60_000);
  afterAll(async () => {
    await store.remove();
    await registry.stop();
  });

  test("is read by its table from Debian's docker-registry", { timeout: 120_000 }, async () => {
    const path = join(folder, "root.tar");
    writeFileSync(path, tar(members.filter(({ name }) => name !== "opt/.wh.old")));
    store.podman("import", path, "localhost/chunked:1");
    const name = "team/chunked:1";
    const to = ["--compression-format", "zstd:chunked", "localhost/chunked:1", `${registry.host}/${name}`];
    store.podman("push", "--tls-verify=false", ...to);
    const counted = await countingProxy(registry.host);
    const byTable = await stock({ target: `registry:${counted.host}/${name}` });
    const bytes = counted.bytes();
    const whole = await stock({ target: `registry:${registry.host}/${name}` }, { verifyDigests: true });
    expect(namesIn(byTable)).toEqual(names);
    expect(byTable.packages).toEqual(whole.packages);
    expect([byTable.problems, byTable.verified, whole.verified]).toEqual([[], [false], [true]]);
    expect(bytes).toBeGreaterThan(10_000);
    expect(bytes).toBeLessThan((whole.layers[0]?.size ?? 0) / 4);
  });
});

/** Pushes an image of one layer to a registry. */
async function push(registry: string, layer: ChunkedLayer): Promise<void> {
  const blob = async (bytes: Uint8Array): Promise<Descriptor> => {
    const digest = sha256(bytes);
    const begun = await fetch(`http://${registry}/v2/team/app/blobs/uploads/`, { method: "POST" });
    const address = new URL(begun.headers.get("location") ?? "", begun.url);
    address.searchParams.set("digest", digest);
    const { status } = await fetch(address, { method: "PUT", body: new Uint8Array(bytes) });
    expect(status).toBe(201);
    return { digest, size: bytes.length };
  };
  const body = JSON.stringify(await manifestOf(layer, blob));
  const headers = { "content-type": manifestType };
  const { status } = await fetch(`http://${registry}/v2/team/app/manifests/v1`, { method: "PUT", headers, body });
  expect(status).toBe(201);
}

/** Hands requests on to a registry, and counts them and the bytes of the bodies that come back. */
async function countingProxy(
  registry: string,
): Promise<{ readonly host: string; readonly bytes: () => number; readonly requests: () => number }> {
  let bytes = 0;
  let requests = 0;
  const server = createServer((incoming, response) => {
    const { method, url, headers } = incoming;
    requests++;
    const options = { method, headers, agent: false };
    request(`http://${registry}${url}`, options, (answer) => {
      answer.on("data", (piece: Buffer) => {
        bytes += piece.length;
      });
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    }).end();
  });
  return { host: await listen(server), bytes: () => bytes, requests: () => requests };
}

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

const filler = randomBytes(6_000_000);
const modules = framed(
  "path\texample.com/tool\nmod\texample.com/tool\tv1.2.3\t\ndep\tgolang.org/x/net\tv0.17.0\th1:a=\n",
);
/** Files that nobody wants. */
function fillerFiles(name: string, from: number, to: number): TarMember[] {
  const size = 100_000;
  return Array.from({ length: (to - from) / size }, (_, index) => {
    const at = from + index * size;
    return { name: `usr/share/${name}/${index}`, content: filler.subarray(at, at + size) };
  });
}

/** As large as the smallest real ones. */
const program = Buffer.concat([
  elfProgram(inlineBuildInfo("go1.21.3", modules), { bits: 64 }),
  filler.subarray(0, 700_000),
]);
const members: readonly TarMember[] = [
  { name: "etc/os-release", content: 'ID=debian\nVERSION_ID="12"\n' },
  ...fillerFiles("data", 0, 2_400_000),
  {
    name: "var/lib/dpkg/status",
    content: "Package: curl\nStatus: install ok installed\nArchitecture: amd64\nVersion: 7.88.1-10\n",
  },
  ...fillerFiles("more", 2_400_000, 4_800_000),
  { name: "usr/bin/tool", content: program, mode: 0o755 },
  { name: "usr/bin/same", type: "hardlink", link: "usr/bin/tool" },
  { name: "app/node_modules/lodash/package.json", content: '{"name":"lodash","version":"4.17.15"}' },
  ...fillerFiles("rest", 4_800_000, 6_000_000),
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
const names = ["curl", "example.com/tool", "golang.org/x/net", "lodash", "stdlib"];

interface Served {
  readonly target: string;
  readonly layer: ChunkedLayer;
  /** Bytes of the layer that were asked for. */
  readonly asked: () => number;
  readonly isLayer: (path: string) => boolean;
}

/** Puts an image of one layer into a registry. */
function serve(registry: FakeRegistry, layer: ChunkedLayer): Served {
  const config = Buffer.from(
    JSON.stringify({
      architecture: "amd64",
      os: "linux",
      config: {},
      rootfs: { type: "layers", diff_ids: [sha256(layer.bytes)] },
    }),
  );
  const mediaType = "application/vnd.oci.image.manifest.v1+json";
  const blob = registry.putBlob("team/app", layer.bytes);
  registry.putManifest(
    "team/app",
    {
      schemaVersion: 2,
      mediaType,
      config: { mediaType: "application/vnd.oci.image.config.v1+json", ...registry.putBlob("team/app", config) },
      layers: [{ mediaType: "application/vnd.oci.image.layer.v1.tar+gzip", ...blob, annotations: layer.annotations }],
    },
    { tag: "v1" },
  );
  const isLayer = (path: string): boolean => path.endsWith(blob.digest);
  const asked = (): number =>
    registry.requests
      .filter(({ path }) => isLayer(path))
      .map(({ headers }) => /^bytes=(\d+)-(\d+)$/.exec(headers.range ?? ""))
      .reduce((sum, range) => sum + (range ? 1 + Number(range[2]) - Number(range[1]) : layer.bytes.length), 0);
  return { target: `registry:${registry.host}/team/app:v1`, layer, asked, isLayer };
}

function stock({ target }: Pick<Served, "target">, options: StockOptions = {}): Promise<Stock> {
  return takeStock(target, { registry: testClient(), platform: "linux/amd64", ...options });
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
    const served = serve(await fakeRegistry(), layer);
    const byTable = await stock(served);
    expect(namesIn(byTable)).toEqual(names);
    expect(byTable).toMatchObject({ problems: [], verified: [false] });
    expect(served.asked()).toBeLessThan(layer.bytes.length / 4);
    const whole = await stock(served, { verifyDigests: true });
    expect(whole).toMatchObject({ problems: [], verified: [true] });
    expect(byTable.packages).toEqual(whole.packages);
  });

  test("gives the same when files are where they matter only through links", async () => {
    const served = serve(await fakeRegistry(), linkedLayer);
    const byTable = await stock(served);
    expect(namesIn(byTable)).toEqual(names);
    expect(byTable).toMatchObject({ problems: [], verified: [false], distribution: { id: "debian" } });
    expect(served.asked()).toBeLessThan(linkedLayer.bytes.length / 3);
    const whole = await stock(served, { verifyDigests: true });
    expect(byTable.packages).toEqual(whole.packages);
    expect(byTable.distribution).toEqual(whole.distribution);
  });

  test("is read whole when its digest is to be verified, whatever the cache holds, and then known", async () => {
    const registry = await fakeRegistry();
    const served = serve(registry, layer);
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
    const served = serve(registry, layer);
    const found = await stock(served);
    expect(found).toMatchObject({ problems: [], verified: [true] });
    expect(namesIn(found)).toEqual(names);
    expect(
      registry.requests.filter(({ path }) => served.isLayer(path)).map(({ headers }) => "range" in headers),
    ).toEqual([true, false]);
  });

  test("is incomplete when the registry stops sending parts, and what lies before them is not downloaded", async () => {
    const registry = await fakeRegistry();
    const served = serve(registry, layer);
    await stock(served);
    const enough = registry.requests.filter(({ path }) => served.isLayer(path)).length;
    let requests = 0;
    registry.intercept = ({ path }, response) =>
      served.isLayer(path) && ++requests >= enough && sendBlob(response, layer.bytes);
    const found = await stock(served);
    expect(found.verified).toEqual([false]);
    expect(found.problems).toMatchObject([
      { code: "unreadable", message: expect.stringContaining("it sends no parts") },
    ]);
    expect(requests).toBe(enough);
  });

  test("goes on where a connection broke, and is incomplete when the registry is gone for good", async () => {
    const registry = await fakeRegistry();
    const served = serve(registry, layer);
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
    expect(lost.problems).toMatchObject([{ code: "unreadable", message: expect.stringContaining("cannot be asked") }]);
  });

  test("whose files the registry changed is a problem, not another result", async () => {
    const registry = await fakeRegistry();
    const served = serve(registry, layer);
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

/** Hands requests on to a registry, and counts the bytes of the bodies that come back. */
async function countingProxy(registry: string): Promise<{ readonly host: string; readonly bytes: () => number }> {
  let bytes = 0;
  const server = createServer((incoming, response) => {
    const { method, url, headers } = incoming;
    const options = { method, headers, agent: false };
    request(`http://${registry}${url}`, options, (answer) => {
      answer.on("data", (piece: Buffer) => {
        bytes += piece.length;
      });
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    }).end();
  });
  return { host: await listen(server), bytes: () => bytes };
}

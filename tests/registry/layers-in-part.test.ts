import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import type { RegistryReport } from "../../src/model/reports/registry-report.ts";
import type { Report } from "../../src/model/reports/report.ts";
import { scanRegistry } from "../../src/pipeline/registry/scan-registry.ts";
import { scanTarget } from "../../src/pipeline/scan/scan.ts";
import { cyclonedx } from "../../src/reporters/formats/cyclonedx/cyclonedx.ts";
import { registryTable } from "../../src/reporters/registry-table.ts";
import { table } from "../../src/reporters/table.ts";
import { type ChunkedLayer, estargzLayer } from "../setup/chunked-layer.ts";
import { temporaryFolder } from "../setup/temporary-folder.ts";
import { type FakeRegistry, fakeRegistry, sha256 } from "./setup/fake-registry.ts";
import { testClient } from "./setup/registry-client.ts";

const filler = randomBytes(4_000_000);
/** Files that are large enough to be programs, and are none. */
const fillers = Array.from({ length: 4 }, (_, n) => ({
  name: `opt/${n}`,
  content: filler.subarray(n * 1_000_000, (n + 1) * 1_000_000),
}));
const manifestType = "application/vnd.oci.image.manifest.v1+json";

/** A layer whose tar holds a package that its table of contents leaves out. */
const lying = estargzLayer(
  [
    { name: "etc/os-release", content: 'ID=debian\nVERSION_ID="12"\n' },
    ...fillers,
    { name: "app/node_modules/lodash/package.json", content: '{"name":"lodash","version":"4.17.15"}' },
  ],
  { change: (entries) => entries.filter(({ name }) => !String(name).includes("lodash")) },
);

/** A layer with a file that is no package's, whoever reads it. */
const broken = estargzLayer([...fillers, { name: "app/node_modules/odd/package.json", content: "{" }]);

function put(
  registry: FakeRegistry,
  tag: string,
  {
    annotations,
    bytes = lying.bytes,
    repository = "team/app",
  }: Pick<ChunkedLayer, "annotations"> & { readonly bytes?: Uint8Array; readonly repository?: string },
): void {
  const config = Buffer.from(
    JSON.stringify({
      architecture: "amd64",
      os: "linux",
      config: { Labels: { tag } },
      rootfs: { type: "layers", diff_ids: [sha256(bytes)] },
    }),
  );
  const layer = { mediaType: "application/vnd.oci.image.layer.v1.tar+gzip", annotations };
  registry.putManifest(
    repository,
    {
      schemaVersion: 2,
      mediaType: manifestType,
      config: { mediaType: "application/vnd.oci.image.config.v1+json", ...registry.putBlob(repository, config) },
      layers: [{ ...layer, ...registry.putBlob(repository, bytes) }],
    },
    { tag },
  );
}

const basics = { signal: new AbortController().signal, now: new Date("2026-01-01T00:00:00Z"), verifyDigests: false };

/** Lists what a layer holds by its table, as `--lazy` does. */
const lazy = { lazy: true };

async function scan(registry: FakeRegistry, options: object = {}): Promise<Report> {
  const how = { ...basics, registry: testClient(), platform: "linux/amd64", ...options };
  return scanTarget(`registry:${registry.host}/team/app:v1`, how);
}

function scanAll(registry: FakeRegistry, cache?: string, options: object = {}): Promise<RegistryReport> {
  const place = { registry: registry.host, prefix: "team/app", tags: [], newest: undefined };
  const how = { ...basics, client: testClient(), fresh: false, allPlatforms: false, atOnce: 1 };
  return scanRegistry(place, { ...how, ...(cache !== undefined && { cache }), ...options });
}

test("a file that the table leaves out and the tar holds is listed by scan and by scan --registry", async () => {
  const registry = await fakeRegistry();
  put(registry, "v1", lying);
  for (const cache of [undefined, temporaryFolder()]) {
    const whole = await scan(registry, { ...(cache !== undefined && { cache }) });
    expect(whole.packages.map(({ name }) => name)).toEqual(["lodash"]);
    expect(whole).toMatchObject({ layers: [{ verified: true }] });
    expect([...(await scanAll(registry, cache)).images]).toMatchObject([{ packages: 1, layers: [{ verified: true }] }]);
  }
});

test("what --lazy left in the cache never stands for a layer that is read whole", async () => {
  const registry = await fakeRegistry();
  const cache = temporaryFolder();
  put(registry, "v1", lying);
  await scan(registry, { cache, ...lazy });
  expect([...(await scanAll(registry, cache, lazy)).images]).toMatchObject([{ packages: 0 }]);
  expect([...(await scanAll(registry, cache)).images]).toMatchObject([{ packages: 1, layers: [{ verified: true }] }]);
  expect((await scan(registry, { cache })).packages.map(({ name }) => name)).toEqual(["lodash"]);
});

test("the verdict on a layer that --lazy reads is cannot-tell at best, from the cache too", async () => {
  const registry = await fakeRegistry();
  const cache = temporaryFolder();
  put(registry, "v1", lying);
  const message =
    "layer 1 of 1: read by its table of contents (--lazy); files that only its tar contains were not examined";
  for (let round = 0; round < 2; round++) {
    expect(await scan(registry, { cache, failOn: "critical", ...lazy })).toMatchObject({
      problems: expect.arrayContaining([{ code: "not-examined", message }]),
      verdict: { decision: "cannot-tell" },
    });
    const { images } = await scanAll(registry, cache, { failOn: "critical", ...lazy });
    expect([...images]).toMatchObject([{ verdict: { decision: "cannot-tell" } }]);
  }
});

test("a layer that was read by its table of contents alone is told in the report, the table and the SBOM", async () => {
  const registry = await fakeRegistry();
  put(registry, "v1", lying);
  const byTable = await scan(registry, lazy);
  expect(byTable).toMatchObject({ packages: [], layers: [{ verified: false, inPart: true }] });
  const lines = [...table(byTable, { width: 100, colour: false })].join("").split("\n");
  expect(lines.slice(2, 5)).toEqual([
    "            0 packages in 1 layer",
    "            1 layer was read by its table of contents alone; docker run unpacks the whole tar, and a",
    "            scan without --lazy reads that",
  ]);
  const sbom: unknown = JSON.parse([...cyclonedx(byTable)].join(""));
  const property = { name: "plimsoll:target:layersInPart", value: "1" };
  expect(sbom).toMatchObject({
    metadata: { component: { properties: expect.arrayContaining([property]) } },
    compositions: [{ aggregate: "unknown", assemblies: ["target"] }],
  });
});

test("so it is when it comes from the cache", async () => {
  const registry = await fakeRegistry();
  const cache = temporaryFolder();
  put(registry, "v1", lying);
  await scan(registry, { cache, ...lazy });
  expect(await scan(registry, { cache, ...lazy })).toMatchObject({ layers: [{ inPart: true }] });
});

test("one that was read whole is told in no such way", async () => {
  const registry = await fakeRegistry();
  put(registry, "v1", lying);
  const whole = await scan(registry, { verifyDigests: true });
  expect(whole.packages.map(({ name }) => name)).toEqual(["lodash"]);
  expect(whole.layers).toEqual([expect.not.objectContaining({ inPart: true })]);
  expect([...table(whole, { width: 100, colour: false })].join("")).not.toContain("table of contents");
  expect([...cyclonedx(whole)].join("")).not.toMatch(/layersInPart|compositions/);
});

test("a run over a registry counts the images of which a layer was read so", async () => {
  const registry = await fakeRegistry();
  put(registry, "v1", lying);
  const report = await scanAll(registry, undefined, lazy);
  expect([...report.images]).toMatchObject([{ packages: 0, layers: [{ verified: false, inPart: true }] }]);
  const text = [...registryTable(report, { width: 120, colour: false })].join("");
  expect(text).toContain("1 with layers that were read by their tables of contents alone");
  expect(text).toContain("without --lazy they are read completely");
});

test.each(["without", "with"])(
  "%s a cache, what was read whole for one image counts for another that has a table",
  async (word) => {
    const registry = await fakeRegistry();
    put(registry, "a-honest", { annotations: {} });
    put(registry, "z-table", lying);
    const report = await scanAll(registry, word === "with" ? temporaryFolder() : undefined, lazy);
    expect([...report.images].map(({ tags, packages, layers }) => [tags, packages, layers[0]?.inPart])).toEqual([
      [["a-honest"], 1, undefined],
      [["z-table"], 1, undefined],
    ]);
    expect(report.totals.layers).toEqual({ distinct: 1, read: 1 });
  },
);

test("so does what is in the cache, though a reading by the table is there too", async () => {
  const registry = await fakeRegistry();
  const cache = temporaryFolder();
  put(registry, "v1", lying);
  await scan(registry, { cache, ...lazy });
  await scan(registry, { cache, verifyDigests: true });
  const report = await scanAll(registry, cache, lazy);
  expect([...report.images]).toMatchObject([{ packages: 1, layers: [{ verified: true }] }]);
});

test("a file that cannot be read in a layer that was read so is sought nowhere else, nor by the next run", async () => {
  const registry = await fakeRegistry();
  const cache = temporaryFolder();
  const repositories = ["team/app", "team/app/b", "team/app/c"];
  for (const repository of repositories) put(registry, "v1", { ...broken, repository });
  const layer = sha256(broken.bytes);
  const configsAsked = (): number =>
    registry.requests.filter(
      ({ method, path }) => method === "GET" && path.includes("/blobs/") && !path.endsWith(layer),
    ).length;
  for (const resumed of [0, 1]) {
    const report = await scanAll(registry, cache, lazy);
    expect(Array.from(report.images, ({ problems }) => problems.filter(({ code }) => code === "unreadable"))).toEqual(
      repositories.map(() => [expect.objectContaining({ path: "app/node_modules/odd/package.json" })]),
    );
    expect([...report.images]).toMatchObject(repositories.map(() => ({ layers: [{ inPart: true }] })));
    expect(report.totals).toMatchObject({ images: 1, resumed });
    expect(configsAsked()).toBe(1);
  }
});

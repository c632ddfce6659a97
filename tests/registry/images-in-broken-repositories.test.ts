import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import type { RegistryReport } from "../../src/model/reports/registry-report.ts";
import { type ScanRegistryOptions, scanRegistry } from "../../src/pipeline/registry/scan-registry.ts";
import { blobOf } from "../../src/registry/content/blob-source.ts";
import { ociIndexType } from "../../src/registry/content/manifest.ts";
import { startPlimsoll } from "../end-to-end/run-plimsoll.ts";
import { writeBucket } from "../end-to-end/small-targets.ts";
import { rpmDatabase, stoppedRpm } from "../setup/stopped-rpm.ts";
import { type TarMember, tar } from "../setup/tar.ts";
import { type FakeRegistry, fakeRegistry, sendJson } from "./setup/fake-registry.ts";
import { npmLayer, pushLayers, type SharedLayer } from "./setup/push-layers.ts";
import { reference, testClient } from "./setup/registry-client.ts";

const plimsoll = startPlimsoll();
const { folder } = plimsoll;
const { signal } = new AbortController();
const now = new Date("2026-01-01T00:00:00Z");
const vulnerable = npmLayer("lodash", "4.17.4");
const sound = npmLayer("sound", "1.0.0");
const bothOrders = [
  ["brk/a", "brk/b"],
  ["brk/b", "brk/a"],
] as const;

/** Repositories that hold one image, `x`, and an index of it, `idx`. */
async function holding(
  repositories: readonly string[],
  layer: SharedLayer,
): Promise<{ readonly registry: FakeRegistry; readonly image: string }> {
  const registry = await fakeRegistry();
  let image = "";
  for (const repository of repositories) {
    const named = reference(`${registry.host}/${repository}:x`);
    const { digest, size, mediaType } = await pushLayers(testClient(), named, { layers: [sound, layer] });
    const platform = { os: "linux", architecture: "amd64" };
    const manifests = [{ digest, size, mediaType, platform }];
    registry.putManifest(repository, { schemaVersion: 2, mediaType: ociIndexType, manifests }, { tag: "idx" });
    image = digest;
  }
  return { registry, image };
}

const blobs = (repository: string, { digest }: SharedLayer): string => `/v2/${repository}/blobs/${digest}`;
const manifests = (repository: string, digest: string): string => `/v2/${repository}/manifests/${digest}`;

/** Answers 404 for these paths from now on. */
function lose(registry: FakeRegistry, ...paths: readonly string[]): void {
  registry.intercept = ({ path }, response) => paths.includes(path) && sendJson(response, 404, {});
}

function scan(
  { host }: FakeRegistry,
  { tags = ["x"], ...options }: Partial<ScanRegistryOptions> & { readonly tags?: readonly string[] } = {
    failOn: "low",
  },
): Promise<RegistryReport> {
  const basics = { client: testClient(), signal, now, fresh: false, verifyDigests: false };
  return scanRegistry({ registry: host, prefix: "brk", tags }, { ...basics, allPlatforms: false, ...options });
}

const rowsOf = ({ images }: RegistryReport): readonly string[] =>
  Array.from(images, ({ repository, tags, verdict, problems }) => {
    return `${repository}:${tags} ${verdict.decision}${problems.length > 0 ? ` ${problems.length}` : ""}`;
  });

test.each(bothOrders)("what %s lacks of an image is read in %s, and answers for both", async (broken) => {
  const { registry } = await holding(["brk/a", "brk/b"], vulnerable);
  lose(registry, blobs(broken, vulnerable));
  const report = await scan(registry);
  expect(rowsOf(report)).toEqual(["brk/a:x denied", "brk/b:x denied"]);
  expect(report.verdict).toEqual({ decision: "denied", reasons: ["1 image denied"] });
  expect(report.failures).toEqual([]);
});

test.each(bothOrders)(
  "of two repositories that lack layers %s lacks more, and the other answers for both",
  async (more) => {
    const { registry } = await holding(["brk/a", "brk/b"], vulnerable);
    lose(registry, blobs("brk/a", sound), blobs("brk/b", sound), blobs(more, vulnerable));
    expect(rowsOf(await scan(registry, { failOn: "low", atOnce: 1 }))).toEqual([
      "brk/a:x denied 1",
      "brk/b:x denied 1",
    ]);
  },
);

test("so it is where the second repository is found when the first one has been asked", async () => {
  const { registry } = await holding(["brk/a", "brk/b"], vulnerable);
  const asked = Promise.withResolvers<void>();
  registry.intercept = ({ path }, response) => {
    if (path.startsWith("/v2/brk/b/tags/")) {
      void asked.promise.then(() => setTimeout(() => sendJson(response, 200, { name: "brk/b", tags: ["x"] }), 200));
      return true;
    }
    if (path !== blobs("brk/a", vulnerable)) return false;
    asked.resolve();
    return sendJson(response, 404, {});
  };
  const report = await scan(registry);
  expect(rowsOf(report)).toEqual(["brk/a:x denied", "brk/b:x denied"]);
  expect(report.verdict.reasons).toEqual(["1 image denied"]);
});

test.each(bothOrders)(
  "an image has one answer alone and in an index, in a new run and in one that goes on, where %s is broken",
  async (broken) => {
    for (const atOnce of [1, 8]) {
      const { registry } = await holding(["brk/a", "brk/b"], vulnerable);
      lose(registry, blobs(broken, vulnerable));
      const cache = mkdtempSync(join(folder, "cache-"));
      const options = { failOn: "low", atOnce, allPlatforms: true, tags: [], cache } as const;
      const rows = ["brk/a:idx denied", "brk/a:x denied", "brk/b:idx denied", "brk/b:x denied"];
      expect(rowsOf(await scan(registry, options))).toEqual(rows);
      const second = await scan(registry, options);
      expect(rowsOf(second)).toEqual(rows);
      expect(second.totals).toMatchObject({ images: 1, resumed: 1 });
    }
  },
);

test("a whole reading leaves nothing of one that was not whole", async () => {
  const database = join(folder, "advisories.sqlite");
  const args = ["db", "build", "--from", writeBucket(folder), "--db", database, "--date", now.toISOString()];
  expect(await plimsoll(args)).toMatchObject({ code: 0 });
  const { registry } = await holding(["brk/a", "brk/b"], npmLayer("other", "1.0.0"));
  lose(registry, blobs("brk/a", sound));
  const report = await scan(registry, { failOn: "low", database });
  expect(rowsOf(report)).toEqual(["brk/a:x allowed", "brk/b:x allowed"]);
  expect(report.verdict).toEqual({ decision: "allowed", reasons: ["1 image allowed"] });
});

test("an image that is whole nowhere is told as far as it was read, and three repositories are asked for it", async () => {
  const repositories = ["brk/a", "brk/b", "brk/c", "brk/d"];
  const { registry } = await holding(repositories, vulnerable);
  lose(registry, ...repositories.map((repository) => blobs(repository, vulnerable)));
  registry.forget();
  const report = await scan(registry, { failOn: "low", atOnce: 1 });
  expect(rowsOf(report)).toEqual(repositories.map((repository) => `${repository}:x cannot-tell 1`));
  expect(report.totals).toMatchObject({ images: 1, failures: 0, layers: { distinct: 2, read: 2 } });
  expect(report.verdict.reasons).toEqual(["1 image could not be fully examined"]);
  const asked = new Set(registry.requests.map(({ path }) => path).filter((path) => path.endsWith(vulnerable.digest)));
  expect([...asked]).toEqual(repositories.slice(0, 3).map((repository) => blobs(repository, vulnerable)));
});

function layerOf(members: readonly TarMember[]): SharedLayer {
  const bytes = tar(members);
  return { ...blobOf(gzipSync(bytes)), diffId: blobOf(bytes).digest };
}

const linking = layerOf([
  { name: "etc/os-release", content: "ID=alpine\nVERSION_ID=3.23.0\n" },
  { name: "opt/packages", content: "P:musl\nV:1.2.5-r1\nA:x86_64\no:musl\n\n" },
  { name: "lib/apk/db/installed", type: "symlink", link: "../../../opt/packages" },
]);

/** A layer of which a walk reads rpm's log, and another one the database with it. */
function loggedLayer(): SharedLayer {
  const { ofDatabase, ofLog } = stoppedRpm(mkdtempSync(join(folder, "rpm-")));
  return layerOf([
    { name: "etc/os-release", content: "ID=fedora\nVERSION_ID=43\n" },
    { name: rpmDatabase, content: ofDatabase },
    { name: `${rpmDatabase}-wal`, content: ofLog },
  ]);
}

test.each([
  ["for what a link leads to", linking, { refused: 2, partly: "1 2", wholly: "2 0" }],
  ["for rpm's log", loggedLayer(), { refused: 2, partly: "2 3", wholly: "3 1" }],
  ["for rpm's database with its log", loggedLayer(), { refused: 3, partly: "2 3", wholly: "3 1" }],
])(
  "a layer that is not given again %s is read where another repository has it, or by the next run",
  async (_, layer, { refused, partly, wholly }) => {
    const packagesIn = ({ images }: RegistryReport): readonly string[] =>
      Array.from(images, ({ repository, packages, problems }) => `${repository} ${packages} ${problems.length}`);
    for (const [repositories, rows] of [
      [["brk/a"], [`brk/a ${partly}`]],
      [
        ["brk/a", "brk/b"],
        [`brk/a ${wholly}`, `brk/b ${wholly}`],
      ],
    ] as const) {
      const { registry } = await holding(repositories, layer);
      let times = 0;
      registry.intercept = ({ path, method }, response) =>
        method === "GET" && path === blobs("brk/a", layer) && ++times >= refused && sendJson(response, 404, {});
      const options = { cache: mkdtempSync(join(folder, "cache-")), atOnce: 1 };
      expect(packagesIn(await scan(registry, options))).toEqual(rows);
      registry.intercept = () => false;
      const all = repositories.map((repository) => `${repository} ${wholly}`);
      expect(packagesIn(await scan(registry, options))).toEqual(all);
    }
  },
);

test("a layer that many images lack everywhere is asked for once in each repository, and nowhere else is more", async () => {
  const repositories = ["brk/a", "brk/b", "brk/c", "brk/d"];
  const registry = await fakeRegistry();
  const many = 20;
  for (const repository of repositories) {
    for (let number = 0; number < many; number++) {
      const named = reference(`${registry.host}/${repository}:x${number}`);
      await pushLayers(testClient(), named, { layers: [vulnerable], label: String(number) });
    }
  }
  lose(registry, ...repositories.map((repository) => blobs(repository, vulnerable)));
  registry.forget();
  const report = await scan(registry, { failOn: "low", atOnce: 1, tags: [] });
  expect(report.totals).toMatchObject({ images: many, failures: 0 });
  expect(rowsOf(report).filter((row) => row.endsWith(" cannot-tell 1"))).toHaveLength(many * repositories.length);
  const asked = registry.requests.filter(({ method, path }) => method === "GET" && path.includes("/blobs/"));
  const ofLayer = asked.filter(({ path }) => path.endsWith(vulnerable.digest));
  expect([asked.length - ofLayer.length, ofLayer.length]).toEqual([
    many + repositories.length - 1,
    repositories.length,
  ]);
});

test("an image that lacks two layers in turn is still sought where the one is known to be missing", async () => {
  const { registry } = await holding(["brk/a", "brk/b", "brk/c"], vulnerable);
  lose(registry, blobs("brk/a", vulnerable), blobs("brk/b", sound));
  expect(rowsOf(await scan(registry, { failOn: "low", atOnce: 1 }))).toEqual([
    "brk/a:x denied",
    "brk/b:x denied",
    "brk/c:x denied",
  ]);
});

test("what one repository gave in part is no failure because the next one gave nothing", async () => {
  const { registry, image } = await holding(["brk/a", "brk/b"], vulnerable);
  lose(registry, blobs("brk/a", vulnerable), blobs("brk/b", vulnerable));
  const { intercept } = registry;
  registry.intercept = (request, response) => {
    const isGone = request.path === manifests("brk/b", image) && request.method === "GET";
    return isGone ? sendJson(response, 404, {}) : intercept(request, response);
  };
  const report = await scan(registry, { failOn: "low", atOnce: 1 });
  expect(rowsOf(report)).toEqual(["brk/a:x cannot-tell 1", "brk/b:x cannot-tell 1"]);
  expect(report.failures).toEqual([]);
});

test("an image of an index that one repository has no manifest of is scanned where another has it", async () => {
  const { registry, image } = await holding(["brk/a", "brk/b"], vulnerable);
  lose(registry, manifests("brk/a", image));
  const report = await scan(registry, { failOn: "low", atOnce: 1, allPlatforms: true, tags: ["idx"] });
  expect(rowsOf(report)).toEqual(["brk/a:idx denied", "brk/b:idx denied"]);
  expect(report.failures).toEqual([]);
});

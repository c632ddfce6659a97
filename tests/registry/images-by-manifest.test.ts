import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Workload } from "../../src/model/images/workload.ts";
import type { RegistryReport } from "../../src/model/reports/registry-report.ts";
import { type ScanRegistryOptions, scanAllPlatforms, scanRegistry } from "../../src/pipeline/registry/scan-registry.ts";
import { recallVerdict } from "../../src/pipeline/scan/remember-verdict.ts";
import { scanTarget } from "../../src/pipeline/scan/scan.ts";
import { ociIndexType } from "../../src/registry/content/manifest.ts";
import { VerdictStore } from "../../src/store/verdict-store.ts";
import { startPlimsoll } from "../end-to-end/run-plimsoll.ts";
import { writeBucket } from "../end-to-end/small-targets.ts";
import { advisoryIndex } from "../setup/advisory-index.ts";
import { type FakeRegistry, fakeRegistry, sendJson } from "./setup/fake-registry.ts";
import { alpineLayer, npmLayer, pushLayers, type SharedLayer } from "./setup/push-layers.ts";
import { reference, testClient } from "./setup/registry-client.ts";

const plimsoll = startPlimsoll();
const { folder } = plimsoll;
const { signal } = new AbortController();
const now = new Date("2026-01-01T00:00:00Z");
const vulnerable = npmLayer("lodash", "4.17.4");

interface Entry {
  readonly digest: string;
  readonly size: number;
  readonly mediaType: string;
  readonly platform?: { readonly os: string; readonly architecture: string; readonly variant?: string };
}

interface ImageFacts {
  readonly architecture?: string;
  readonly layers?: readonly SharedLayer[];
  readonly label?: string;
}

async function image(
  registry: FakeRegistry,
  name: string,
  { architecture = "amd64", layers = [vulnerable], label = name }: ImageFacts = {},
): Promise<Entry> {
  const named = reference(`${registry.host}/${name}`);
  const { digest, size, mediaType } = await pushLayers(testClient(), named, { layers, architecture, label });
  return { digest, size, mediaType };
}

function index(registry: FakeRegistry, name: string, manifests: readonly Entry[]): Entry {
  const [repository = "", tag = ""] = name.split(":");
  const document = { schemaVersion: 2, mediaType: ociIndexType, manifests };
  const digest = registry.putManifest(repository, document, { tag });
  return { digest, size: JSON.stringify(document).length, mediaType: ociIndexType };
}

const linux = (entry: Entry, architecture: string, variant?: string): Entry => ({
  ...entry,
  platform: { os: "linux", architecture, ...(variant !== undefined && { variant }) },
});

function basics(failOn?: "low"): Omit<ScanRegistryOptions, "allPlatforms"> {
  return { client: testClient(), signal, now, fresh: false, verifyDigests: false, ...(failOn && { failOn }) };
}

function scan(registry: FakeRegistry, options: Partial<ScanRegistryOptions> = {}): Promise<RegistryReport> {
  const place = { registry: registry.host, prefix: "", tags: [] };
  return scanRegistry(place, { ...basics("low"), allPlatforms: true, ...options });
}

/** A database that speaks of npm. */
async function database(): Promise<string> {
  const path = join(folder, "advisories.sqlite");
  const args = ["db", "build", "--from", writeBucket(folder), "--db", path, "--date", now.toISOString()];
  expect(await plimsoll(args)).toMatchObject({ code: 0 });
  return path;
}

const rowsOf = ({ images }: RegistryReport): readonly string[] =>
  Array.from(images, ({ tags, platform, verdict }) => `${tags} ${platform} ${verdict.decision}`);

/** Images by their own tags, in an index, and in an index of that one. */
async function tagged(): Promise<FakeRegistry> {
  const registry = await fakeRegistry();
  const amd = linux(await image(registry, "app:amd"), "amd64");
  const arm = linux(await image(registry, "app:arm", { architecture: "arm64" }), "arm64");
  index(registry, "app:outer", [index(registry, "app:both", [amd, arm]), amd]);
  return registry;
}

test.each([1, 8])("an image that several names reach is counted once, %d at a time", async (atOnce) => {
  const registry = await tagged();
  const report = await scan(registry, { atOnce });
  expect(rowsOf(report).toSorted()).toEqual([
    "amd linux/amd64 denied",
    "arm linux/arm64 denied",
    "both linux/amd64 denied",
    "both linux/arm64 denied",
    "outer linux/amd64 denied",
    "outer linux/arm64 denied",
  ]);
  expect(report.totals).toMatchObject({ tags: 4, images: 2, resumed: 0, failures: 0 });
  expect(report.verdict).toEqual({ decision: "denied", reasons: ["2 images denied"] });
  const one = await scan(registry, { atOnce, allPlatforms: false, platform: "linux/amd64" });
  expect(one.totals).toMatchObject({ images: 1, failures: 1 });
  expect(one.verdict.reasons[0]).toBe("1 image denied");
});

test("a run that goes on counts it once too, whichever of its names an earlier one finished", async () => {
  const registry = await tagged();
  const cache = mkdtempSync(join(folder, "cache-"));
  const tags = ["both"];
  const first = await scanRegistry(
    { registry: registry.host, prefix: "app", tags },
    { ...basics("low"), cache, allPlatforms: true },
  );
  expect(first.totals).toMatchObject({ images: 2, resumed: 0 });
  const second = await scan(registry, { cache });
  expect(second.totals).toMatchObject({ images: 2, resumed: 2 });
  expect(second.verdict.reasons).toEqual(["2 images denied"]);
  expect(rowsOf(second)).toHaveLength(6);
  expect((await scan(registry, { cache, fresh: true })).totals).toMatchObject({ images: 2, resumed: 0 });
});

test("its verdict is remembered under the digest of each index", async () => {
  const registry = await tagged();
  const cache = mkdtempSync(join(folder, "cache-"));
  const report = await scan(registry, { cache, atOnce: 1 });
  const digests = new Set(Array.from(report.images, ({ digest }) => digest));
  expect(digests.size).toBe(4);
  const known = Array.from(digests, (digest) => new VerdictStore(cache).get(digest).map(({ platform }) => platform));
  expect(known.map((platforms) => platforms.toSorted().join()).sort()).toEqual([
    "linux/amd64",
    "linux/amd64,linux/arm64",
    "linux/amd64,linux/arm64",
    "linux/arm64",
  ]);
});

/** The findings that are remembered of what runs under a digest; undefined when none are. */
function remembered(cache: string, digest: string, platform: string): object | undefined {
  const workload: Workload = {
    ...{ engine: "kubernetes", name: "web", container: "web", image: "app", instances: 1, state: "running" },
    ...{ digest, platform },
  };
  const { findings } = recallVerdict(workload, { cache, index: advisoryIndex([]), now }) ?? {};
  return findings;
}

const sound = npmLayer("sound", "1.0.0");

test.each([true, false])(
  "it is remembered for the platform by which the index lists it; all of them: %s",
  async (all) => {
    const registry = await fakeRegistry();
    const amd = linux(await image(registry, "app:x", { layers: [vulnerable] }), "amd64");
    // Built for another platform and never said so, as cross-builds without the right setting are.
    const arm = linux(await image(registry, "app:y", { layers: [sound] }), "arm64");
    const { digest } = index(registry, "app:multi", [amd, arm]);
    const cache = mkdtempSync(join(folder, "cache-"));
    const place = { registry: registry.host, prefix: "app", tags: ["multi"] };
    const scanAs = (platform?: string): Promise<RegistryReport> =>
      scanRegistry(place, { ...basics(), cache, allPlatforms: all, ...(platform !== undefined && { platform }) });
    for (const platform of all ? [undefined] : ["linux/amd64", "linux/arm64"]) {
      for (const { platform: reported } of (await scanAs(platform)).images) expect(reported).toBe("linux/amd64");
    }
    expect(Object.keys(remembered(cache, digest, "linux/amd64") ?? {})).not.toEqual([]);
    expect(remembered(cache, digest, "linux/arm64")).toEqual({});
    expect(new VerdictStore(cache).get(arm.digest)).toMatchObject([{ platform: "linux/amd64", findings: {} }]);
  },
);

test("what ps scans is remembered for the platform that it runs on, whatever its config says", async () => {
  const registry = await fakeRegistry();
  const arm = linux(await image(registry, "app:y", { layers: [sound] }), "arm64");
  const { digest } = index(registry, "app:multi", [arm]);
  const cache = mkdtempSync(join(folder, "cache-"));
  const { target } = await scanTarget(`registry:${registry.host}/app@${digest}`, {
    ...{ registry: testClient(), signal, now, verifyDigests: false, cache },
    ...{ platform: "linux/arm64", alsoKnownAs: [digest] },
  });
  expect(target.platform).toBe("linux/amd64");
  expect(remembered(cache, digest, "linux/arm64")).toEqual({});
  expect(remembered(cache, digest, "linux/amd64")).toBeUndefined();
});

test.each([
  ["alone", ["whole"]],
  ["after the one of them", ["six", "whole"]],
  ["after the other", ["seven", "whole"]],
])("images whose configs do not tell their variants are told apart under their index, judged %s", async (_, tags) => {
  const registry = await fakeRegistry();
  const six = await image(registry, "app:six", { architecture: "arm", layers: [sound] });
  const seven = await image(registry, "app:seven", { architecture: "arm", layers: [vulnerable] });
  const { digest } = index(registry, "app:whole", [linux(seven, "arm", "v7"), linux(six, "arm", "v6")]);
  const cache = mkdtempSync(join(folder, "cache-"));
  const place = { registry: registry.host, prefix: "app", tags };
  await scanRegistry(place, { ...basics(), cache, allPlatforms: true, atOnce: 1 });
  expect(remembered(cache, digest, "linux/arm/v6")).toEqual({});
  expect(Object.keys(remembered(cache, digest, "linux/arm/v7") ?? {})).not.toEqual([]);
  expect(new VerdictStore(cache).get(digest).map(({ isOfIndex }) => isOfIndex)).toEqual([true, true]);
});

test.each([
  ["a", "b"],
  ["b", "a"],
])("what %s could not give whole of an index answers for both when %s has its image", async (broken, good) => {
  const registry = await fakeRegistry();
  const layers = [npmLayer("sound", "1.0.0")];
  const [hidden, same] = [
    await image(registry, `${broken}/app:hidden`, { layers, label: "same" }),
    await image(registry, `${good}/app:own`, { layers, label: "same" }),
  ];
  expect(hidden.digest).toBe(same.digest);
  index(registry, `${broken}/app:index`, [linux(hidden, "amd64")]);
  registry.intercept = ({ path }, response) => {
    if (path.startsWith(`/v2/${broken}/app/tags/`)) return sendJson(response, 200, { tags: ["index"] });
    return path.endsWith(`/v2/${broken}/app/blobs/${layers[0]?.digest}`) && sendJson(response, 404, {});
  };
  const report = await scan(registry, { atOnce: 1, database: await database() });
  expect(Array.from(report.images, ({ repository, problems }) => [repository, problems.length])).toEqual([
    ["a/app", 0],
    ["b/app", 0],
  ]);
  expect(rowsOf(report).toSorted()).toEqual(["index linux/amd64 allowed", "own linux/amd64 allowed"]);
  expect(report.totals.images).toBe(1);
  expect(report.verdict).toEqual({ decision: "allowed", reasons: ["1 image allowed"] });
  const alone = { registry: registry.host, prefix: `${broken}/app`, tags: [] };
  const options = { ...basics("low"), allPlatforms: true, database: await database() };
  const { verdict } = await scanRegistry(alone, options);
  expect(verdict).toEqual({ decision: "cannot-tell", reasons: ["1 image could not be fully examined"] });
});

test("an image has one name for its platform, whichever way it is reached", async () => {
  const registry = await fakeRegistry();
  const layers = [alpineLayer("3.23")];
  const arm64 = linux(await image(registry, "app:arm64", { architecture: "arm64", layers }), "arm64", "v8");
  const arm = linux(await image(registry, "app:arm", { architecture: "arm", layers }), "arm", "v7");
  index(registry, "app:multi", [arm64]);
  index(registry, "app:old", [arm]);
  const client = testClient();
  const nameOf = async (tag: string): Promise<readonly unknown[]> => {
    const named = `${registry.host}/app:${tag}`;
    const single = await scanTarget(`registry:${named}`, { registry: client, signal, now, verifyDigests: false });
    const all = await scanAllPlatforms(reference(named), { ...basics(), allPlatforms: true });
    return [single.target.platform, ...Array.from(all.images, ({ platform }) => platform)];
  };
  expect(await nameOf("multi")).toEqual(["linux/arm64", "linux/arm64"]);
  expect(await nameOf("arm64")).toEqual(["linux/arm64", "linux/arm64"]);
  expect(await nameOf("old")).toEqual(["linux/arm/v7", "linux/arm/v7"]);
  expect(await nameOf("arm")).toEqual(["linux/arm/v7", "linux/arm/v7"]);
  registry.intercept = ({ path }, response) =>
    path.endsWith(`/manifests/${arm64.digest}`) && sendJson(response, 404, {});
  const failing = await scanAllPlatforms(reference(`${registry.host}/app:multi`), { ...basics(), allPlatforms: true });
  expect(failing.failures).toMatchObject([{ code: "image-not-found", platform: "linux/arm64" }]);
});

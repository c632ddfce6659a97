import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ScanRegistryOptions, scanNamedImages, scanRegistry } from "../../src/pipeline/registry/scan-registry.ts";
import { ociIndexType } from "../../src/registry/content/manifest.ts";
import { type RunResult, startPlimsoll } from "../end-to-end/run-plimsoll.ts";
import { type RunningRegistry, registryObstacle, startDockerRegistry } from "./setup/docker-registry.ts";
import { npmLayer, pushLayers } from "./setup/push-layers.ts";
import { reference, testClient } from "./setup/registry-client.ts";

const plimsoll = startPlimsoll();
const { folder } = plimsoll;
const { signal } = new AbortController();
const now = new Date("2026-01-01T00:00:00Z");
const bad = npmLayer("leftpad", "1.0.0");
const good = npmLayer("leftpad", "2.0.0");

describe.skipIf(registryObstacle !== undefined)(
  `registry find${registryObstacle ? ` (${registryObstacle})` : ""}`,
  () => {
    let registry: RunningRegistry;
    beforeAll(async () => {
      registry = await startDockerRegistry();
    });
    afterAll(() => registry.stop());
    const push = (name: string, layer: typeof bad, label = name): ReturnType<typeof pushLayers> =>
      pushLayers(testClient(), reference(`${registry.host}/${name}`), { layers: [layer], label });
    const newCache = (): string => mkdtempSync(join(folder, "cache-"));
    const basics = (cache: string): ScanRegistryOptions => {
      return { client: testClient(), signal, now, cache, fresh: false, verifyDigests: false, allPlatforms: false };
    };
    const scan = (cache: string, prefix: string, more: { newest?: number; tags?: string[]; now?: Date } = {}) => {
      const { newest, tags = [], now: at = now } = more;
      return scanRegistry({ registry: registry.host, prefix, tags, newest }, { ...basics(cache), now: at });
    };
    const find = (cache: string, ...args: readonly string[]): Promise<RunResult> =>
      plimsoll(["registry", "find", "--cache", cache, ...args]);

    test("names the images with repository, tags, digest, version, path and layer, without a network", async () => {
      const { digest } = await push("whole/app:1", bad);
      await push("whole/app:2", good);
      await push("whole/other:1", good);
      await push("whole/app:same", bad, "whole/app:1");
      const cache = newCache();
      await scan(cache, "whole");
      const json = await find(cache, "leftpad@<2", "--format", "json");
      expect(json).toMatchObject({ code: 0 });
      const report = JSON.parse(json.stdout);
      expect(report.matches).toMatchObject([
        {
          registry: registry.host,
          repository: "whole/app",
          tags: ["1", "same"],
          digest,
          package: { version: "1.0.0", paths: ["app/node_modules/leftpad/package.json"], layer: 0 },
          layerDigest: bad.digest,
        },
      ]);
      expect(report).toMatchObject({ answer: "found", images: 3, found: 1, unknownCount: 0 });
      expect(report.scopes).toEqual([{ name: `${registry.host}/whole`, scannedAt: now.toISOString() }]);
      const text = await find(cache, "pkg:npm/leftpad");
      expect(text.stdout).toContain(`${registry.host}/whole/app:1,same@${digest}\n  npm leftpad 1.0.0  app/`);
      expect(text.stdout).toContain("leftpad is in 3 of 3 scanned images.");
      expect(text.stdout).toContain(`(${now.toISOString()})`);
      const none = await find(cache, "leftpa");
      expect(none).toMatchObject({ code: 0 });
      expect(none.stdout).toContain("leftpa is not in any of 3 scanned images.\nSimilar names: leftpad.");
      const place = await find(cache, "leftpad", "--registry", registry.host);
      expect(place).toMatchObject({ code: 3 });
      expect(place.stdout).toContain("only part of it was scanned");
      const elsewhere = await find(cache, "leftpad", "--registry", "registry.example.com");
      expect(elsewhere).toMatchObject({ code: 3 });
      expect(elsewhere.stderr).toContain("the cache has no scan results about registry.example.com");
      expect(elsewhere.stderr).toContain("plimsoll scan --registry registry.example.com");
      expect((await find(newCache(), "leftpad")).stderr).toContain("the cache has no scan results");
    });

    test("cannot tell with other tags or platforms left out, and says which", async () => {
      await push("part/app:1", good);
      const { size, digest, mediaType } = await push("part/parts:amd64", good);
      const platforms = ["amd64", "arm64"].map((architecture) => ({ os: "linux", architecture }));
      const arm = await push("part/parts:arm64", good, "arm");
      const manifests = [
        { digest, size, mediaType, platform: platforms[0] },
        { digest: arm.digest, size: arm.size, mediaType: arm.mediaType, platform: platforms[1] },
      ];
      const cache = newCache();
      await scan(cache, "part");
      expect(await find(cache, "absent")).toMatchObject({ code: 0 });
      const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: ociIndexType, manifests }));
      await testClient().pushManifest(reference(`${registry.host}/part/parts:multi`), {
        bytes,
        mediaType: ociIndexType,
      });
      await scan(cache, "part");
      const platform = await find(cache, "absent");
      expect(platform).toMatchObject({ code: 3 });
      expect(platform.stdout).toContain("CANNOT TELL: absent was not found");
      expect(platform.stdout).toContain("1 image for other platforms not scanned");
      const filtered = newCache();
      await scan(filtered, "part", { tags: ["1"] });
      const some = await find(filtered, "absent");
      expect(some.stdout).toContain(`${registry.host}/part: only some tags were scanned`);
      expect(some.stdout).not.toContain("not in any");
    });

    test("the report has the packages of each image when they are asked for", async () => {
      await push("listed/app:1", bad);
      const cache = newCache();
      const place = { registry: registry.host, prefix: "listed", tags: [] };
      for (const listPackages of [true, true, false]) {
        const { images } = await scanRegistry(place, { ...basics(cache), listPackages });
        const lists = Array.from(images, ({ packageList }) => packageList?.map(({ purl }) => purl));
        expect(lists).toEqual([listPackages ? ["pkg:npm/leftpad@1.0.0"] : undefined]);
      }
      const args = ["scan", "--registry", `${registry.host}/listed`, "--list-packages"];
      const refused = await plimsoll(args, { env: { PLIMSOLL_OFFLINE: "" } });
      expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining("--format json") });
    });

    test("keeps what a notification adds, and forgets what a later run does not list any more", async () => {
      await push("later/app:1", good);
      const cache = newCache();
      await scan(cache, "later");
      await push("later/app:2", bad);
      const named = { registry: registry.host, references: [reference(`${registry.host}/later/app:2`)], failures: [] };
      await scanNamedImages(named, { ...basics(cache), now: new Date("2026-01-02T00:00:00Z") });
      const both = JSON.parse((await find(cache, "leftpad", "--format", "json")).stdout);
      expect(both.matches.map(({ tags }: { tags: string[] }) => tags)).toEqual([["2"], ["1"]]);
      await push("later/app:1", bad, "later/app:2");
      await scan(cache, "later", { now: new Date("2026-01-03T00:00:00Z") });
      const moved = JSON.parse((await find(cache, "leftpad", "--format", "json")).stdout);
      expect(moved).toMatchObject({ matches: [{ tags: ["1", "2"], package: { version: "1.0.0" } }], unknownCount: 0 });
    });
  },
);

import { existsSync, mkdtempSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RegistryImage, RegistryReport } from "../../src/model/reports/registry-report.ts";
import {
  type RegistryProgress,
  type ScanRegistryOptions,
  scanAllPlatforms,
  scanRegistry,
} from "../../src/pipeline/registry/scan-registry.ts";
import type { RegistryClient } from "../../src/registry/connection/registry-client.ts";
import { ociIndexType, ociManifestType } from "../../src/registry/content/manifest.ts";
import { type RunOptions, type RunResult, startPlimsoll } from "../end-to-end/run-plimsoll.ts";
import { writeBucket } from "../end-to-end/small-targets.ts";
import { type CountingProxy, countingProxy } from "./setup/counting-proxy.ts";
import { type RunningRegistry, registryObstacle, startDockerRegistry } from "./setup/docker-registry.ts";
import { npmLayer, pushLayers, type SharedLayer } from "./setup/push-layers.ts";
import { reference, testClient } from "./setup/registry-client.ts";

const plimsoll = startPlimsoll();
const { folder } = plimsoll;
const { signal } = new AbortController();
const now = new Date("2026-01-01T00:00:00Z");
const database = join(folder, "advisories.sqlite");

const bases = [npmLayer("base-one", "1.0.0", 200_000), npmLayer("base-two", "1.0.0", 200_000)];
const leaky = npmLayer("leaky", "1.0.0");
const sound = npmLayer("leaky", "2.0.0");

describe.skipIf(registryObstacle !== undefined)(
  `A whole registry${registryObstacle ? ` (${registryObstacle})` : ""}`,
  () => {
    let registry: RunningRegistry;
    let proxy: CountingProxy;
    let client: RegistryClient;
    beforeAll(async () => {
      registry = await startDockerRegistry();
      const built = await plimsoll([
        "db",
        "build",
        "--from",
        writeBucket(folder),
        "--db",
        database,
        "--date",
        now.toISOString(),
      ]);
      expect(built).toMatchObject({ code: 0 });
    });
    afterAll(() => registry.stop());

    const push = (name: string, layers: readonly SharedLayer[], facts: object = {}): ReturnType<typeof pushLayers> =>
      pushLayers(client, reference(`${registry.host}/${name}`), { layers, ...facts });
    const blobRequests = (): string[] =>
      proxy.requests.filter((line) => line.startsWith("GET") && line.includes("/blobs/"));
    const scan = (
      prefix: string,
      options: Partial<ScanRegistryOptions> & { tags?: readonly string[]; newest?: number } = {},
    ): Promise<RegistryReport> => {
      const { tags = [], newest, ...rest } = options;
      const place = { registry: proxy.host, prefix, tags, newest };
      return scanRegistry(place, { ...basics(), allPlatforms: false, atOnce: 4, ...rest });
    };
    const basics = (): Omit<ScanRegistryOptions, "allPlatforms"> => ({
      client,
      signal,
      now,
      database,
      fresh: false,
      verifyDigests: false,
    });
    const run = (args: readonly string[], options: Partial<RunOptions> = {}): Promise<RunResult> =>
      plimsoll([...args, "--db", database, "--max-db-age", "99999"], { ...options, env: { PLIMSOLL_OFFLINE: "" } });
    const prepare = async (): Promise<void> => {
      proxy = await countingProxy(registry.host);
      client = testClient();
    };

    test("each layer is asked for once, however many images share it, with and without a cache", async () => {
      await prepare();
      for (let index = 0; index < 20; index++) {
        const layers = [...bases.slice(0, 1 + (index % 2)), index % 5 === 0 ? leaky : sound];
        await push(`shared/app-${index % 4}:v${index}`, layers, { label: `${index}` });
      }
      await push("shared/app-0:same", [bases[0] ?? leaky, leaky], { label: "0" });
      const layers = new Set([...bases, leaky, sound].map(({ digest }) => digest));
      for (const cache of [undefined, mkdtempSync(join(folder, "cache-"))]) {
        proxy.requests.length = 0;
        const progress: RegistryProgress[] = [];
        const runProgress = (told: RegistryProgress): void => void progress.push(told);
        const report = await scan("shared", { failOn: "high", runProgress, ...(cache !== undefined && { cache }) });
        expect(progress.findLast(({ stage }) => stage === "listing")).toMatchObject({ repositories: 4, tags: 21 });
        expect(progress.at(-1)).toMatchObject({ stage: "scanning", done: 20, total: 20 });
        const done = progress.map((told) => told.done);
        expect(done).toEqual(done.toSorted((a, b) => a - b));
        const ofLayers = blobRequests().filter((line) => layers.has(line.split("/").at(-1) ?? ""));
        expect(ofLayers.length).toBe(4);
        expect(new Set(ofLayers.map((line) => line.split("/").at(-1)))).toEqual(layers);
        const images = [...report.images];
        expect(images.length).toBe(20);
        expect(report.totals).toMatchObject({ repositories: 4, tags: 21, images: 20, resumed: 0, failures: 0 });
        expect(report.totals.layers).toEqual({ distinct: 4, read: 4 });
        expect(report.totals.bytes).toBe([...bases, leaky, sound].reduce((sum, { size }) => sum + size, 0));
        expect(images.filter(({ verdict }) => verdict.decision === "denied").map(nameOf)).toEqual([
          "shared/app-0:same,v0",
          "shared/app-1:v5",
          "shared/app-2:v10",
          "shared/app-3:v15",
        ]);
        expect(images.find(({ tags }) => tags.includes("v5"))?.findings).toMatchObject([
          { id: "TEST-2024-1", severity: "high", fixedIn: "2.0.0", package: { name: "leaky", layer: 2 } },
        ]);
        expect(report.verdict.decision).toBe("denied");
      }
      expect(readdirSync(folder).filter((name) => name.startsWith("plimsoll-layers-"))).toEqual([]);
    });

    test("tags are chosen by globs, and the newest by the date in the config", async () => {
      await prepare();
      const dated: readonly (readonly [string, string | undefined])[] = [
        ["1.0", "2024-01-01T00:00:00Z"],
        ["1.1", "2024-03-01T00:00:00Z"],
        ["1.2", "2024-02-01T00:00:00Z"],
        ["1.3-debug", "2024-04-01T00:00:00Z"],
        ["2.0", undefined],
      ];
      for (const [tag, created] of dated) await push(`dated:${tag}`, [sound], { created, label: tag });
      const tagsOf = (report: RegistryReport): string[] => [...report.images].flatMap(({ tags }) => tags);
      expect(tagsOf(await scan("dated", { tags: ["1.*", "!*-debug"] }))).toEqual(["1.0", "1.1", "1.2"]);
      expect(tagsOf(await scan("dated", { newest: 2 }))).toEqual(["1.1", "1.3-debug"]);
      expect(tagsOf(await scan("dated", { newest: 2, tags: ["1.?"] }))).toEqual(["1.1", "1.2"]);
      expect(tagsOf(await scan("dated", { newest: 9 }))).toEqual(["1.0", "1.1", "1.2", "1.3-debug", "2.0"]);
      await expect(scan("dated", { tags: ["3.*"] })).rejects.toMatchObject({ code: "image-not-found" });
      await expect(scan("date")).rejects.toMatchObject({ code: "image-not-found" });
    });

    test("all platforms of an index are scanned when they are wanted, else one", async () => {
      await prepare();
      const platforms = ["amd64", "arm64"];
      const manifests = [];
      for (const architecture of platforms) {
        const descriptor = await push(`multi/parts:${architecture}`, [sound], { architecture });
        const { digest, size, mediaType } = descriptor;
        manifests.push({ digest, size, mediaType, platform: { os: "linux", architecture } });
      }
      const attestation = await push("multi/parts:att", [sound], { label: "attestation" });
      manifests.push({ ...pick(attestation), platform: { os: "unknown", architecture: "unknown" } });
      const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: ociIndexType, manifests }));
      const named = reference(`${registry.host}/multi/parts:multi`);
      const { digest } = await client.pushManifest(named, { bytes, mediaType: ociIndexType });
      const options = { ...basics(), allPlatforms: true };
      const platformsIn = (report: RegistryReport): unknown[] =>
        [...report.images].filter(({ tags }) => tags.includes("multi")).map((image) => [image.platform, image.digest]);
      const both = platforms.map((architecture) => [`linux/${architecture}`, digest]);
      expect(platformsIn(await scanAllPlatforms({ ...named, registry: proxy.host }, options))).toEqual(both);
      expect(platformsIn(await scan("multi", { allPlatforms: true }))).toEqual(both);
      expect(platformsIn(await scan("multi", { platform: "linux/arm64" }))).toEqual(both.slice(1));
      const inner = { digest, size: bytes.length, mediaType: ociIndexType };
      const nesting = JSON.stringify({ schemaVersion: 2, mediaType: ociIndexType, manifests: [inner, manifests[0]] });
      const outer = { ...named, tag: "nested" };
      await client.pushManifest(outer, { bytes: Buffer.from(nesting), mediaType: ociIndexType });
      const nested = await scanAllPlatforms({ ...outer, registry: proxy.host }, options);
      expect([...nested.images].map(({ platform }) => platform).sort()).toEqual(["linux/amd64", "linux/arm64"]);
      expect(nested.failures).toEqual([]);
    });

    test("what fails is told with its reason, what is no image is counted, and the rest goes on", async () => {
      await prepare();
      await push("mixed/good:1", [sound]);
      await push("mixed/secret:1", [bases[0] ?? sound], { label: "secret" });
      await push("mixed/gone:1", [bases[1] ?? sound], { label: "gone" });
      const chart = {
        schemaVersion: 2,
        mediaType: ociManifestType,
        artifactType: "application/vnd.cncf.helm.config.v1+json",
      };
      const empty = {
        mediaType: "application/vnd.oci.empty.v1+json",
        ...(await pushEmpty(client, `${registry.host}/mixed/good`)),
      };
      for (const tag of ["chart", `sha256-${"a".repeat(64)}.sig`]) {
        const bytes = Buffer.from(JSON.stringify({ ...chart, config: empty, layers: [empty], annotations: { tag } }));
        await client.pushManifest(reference(`${registry.host}/mixed/good:${tag}`), {
          bytes,
          mediaType: ociManifestType,
        });
      }
      proxy.intercept = (path, response) => {
        if (path.startsWith("/v2/mixed/secret/tags")) {
          response.writeHead(401, { "www-authenticate": 'Basic realm="secret"' }).end();
          return true;
        }
        if (!path.startsWith("/v2/mixed/gone/manifests/sha256:")) return false;
        response.writeHead(200, { "content-type": ociManifestType }).end("no manifest");
        return true;
      };
      const report = await scan("mixed");
      expect([...report.images].map(nameOf)).toEqual(["mixed/good:1"]);
      expect(report.totals).toMatchObject({ repositories: 3, images: 1, artifacts: 2, failures: 2 });
      expect(report.failures).toMatchObject([
        { repository: "mixed/gone", tags: ["1"], code: "digest-mismatch" },
        { repository: "mixed/secret", tags: [], code: "registry-refused" },
      ]);
      expect(report.verdict.decision).toBe("cannot-tell");
    });

    test("a layer that holds the same and is another one is no clean bill, and is not kept", async () => {
      await prepare();
      const layer = npmLayer("changed", "1.0.0");
      await push("changed/app:1", [layer]);
      const other = await client.blobBytes(reference(`${registry.host}/changed/app`), layer, layer.size);
      // The byte of gzip's header that names the system on which it was made.
      other[9] = 7;
      proxy.intercept = (path, response) => {
        if (!path.endsWith(layer.digest)) return false;
        response.writeHead(200, { "content-length": other.length }).end(other);
        return true;
      };
      const cache = mkdtempSync(join(folder, "cache-"));
      const [image] = [...(await scan("changed", { cache })).images];
      expect(image?.verdict.decision).toBe("cannot-tell");
      expect(image?.problems[0]?.message).toContain(`a blob should have the digest ${layer.digest} but has sha256:`);
      proxy.intercept = () => false;
      const [mended] = [...(await scan("changed", { cache })).images];
      expect(mended).toMatchObject({ verdict: { decision: "not-judged" }, problems: [] });
    });

    test("a name that no tag can have, and an image for another platform than was asked for, have failed", async () => {
      await prepare();
      await push("odd/app:1", [sound]);
      proxy.intercept = (path, response) => {
        if (!path.startsWith("/v2/odd/app/tags")) return false;
        response.end(JSON.stringify({ name: "odd/app", tags: ["1", "no tag"] }));
        return true;
      };
      const report = await scan("odd", { platform: "linux/s390x" });
      expect([...report.images]).toEqual([]);
      expect(report.empty).toEqual([]);
      expect(report.failures).toMatchObject([
        { repository: "odd/app", tags: [], message: expect.stringContaining('"no tag"') },
        { repository: "odd/app", tags: ["1"], code: "platform-not-found" },
      ]);
      expect([...(await scan("odd", { allPlatforms: true })).images].map(nameOf)).toEqual(["odd/app:1"]);
    });

    test("a registry that lists nothing is one error, unless a repository is named whole", async () => {
      await prepare();
      await push("alone/app:1", [sound]);
      proxy.intercept = (path, response) => {
        if (path !== "/v2/_catalog") return false;
        response.writeHead(404, { "content-type": "text/plain" }).end("404 page not found");
        return true;
      };
      await expect(scan("")).rejects.toMatchObject({ code: "registry-failed" });
      await expect(scan("alone")).rejects.toMatchObject({ code: "registry-failed" });
      const report = await scan("alone/app");
      expect([...report.images].map(nameOf)).toEqual(["alone/app:1"]);
      expect(report.failures).toMatchObject([
        { code: "registry-failed", message: expect.stringContaining("may be incomplete") },
      ]);
    });

    test("when the registry goes away, what is left is not tried one by one", async () => {
      await prepare();
      for (let index = 0; index < 20; index++) await push(`away:v${index}`, [sound], { label: `away ${index}` });
      proxy.intercept = (path, response) => {
        if (!path.includes("/manifests/sha256:")) return false;
        response.destroy();
        return true;
      };
      const report = await scan("away", { atOnce: 1 });
      expect(report.failures.length).toBe(20);
      expect(
        report.failures.filter(({ message }) => message.startsWith("it was skipped after repeated failures: ")).length,
      ).toBe(15);
      expect(report.failures.every(({ code }) => code === "registry-unreachable")).toBe(true);
      expect(report.verdict.decision).toBe("cannot-tell");
    });

    test("a deleted image is missing alone, and its repository holds nothing in a run", async () => {
      await prepare();
      const { digest } = await push("deleted/app:1", [sound]);
      await push("deleted/other:1", [sound], { label: "other" });
      const response = await fetch(`http://${registry.host}/v2/deleted/app/manifests/${digest}`, { method: "DELETE" });
      expect(response.status).toBe(202);
      const alone = await run(["scan", `registry:${registry.host}/deleted/app:1`]);
      expect(alone).toMatchObject({ code: 3, stdout: "" });
      expect(alone.stderr).toContain(`does not have ${registry.host}/deleted/app:1`);
      const report = await scan("deleted");
      expect([...report.images].map(nameOf)).toEqual(["deleted/other:1"]);
      expect(report).toMatchObject({ failures: [], empty: ["deleted/app"] });
    });

    test("the command prints one table or one document, and ends with 1, 3 or 2", async () => {
      await prepare();
      await push("command/bad:1", [leaky]);
      await push("command/good:1", [sound]);
      const table = await run(["scan", "--registry", `${registry.host}/command`]);
      expect(table).toMatchObject({ code: 0, stderr: "" });
      expect(table.stdout.split("\n").filter((line) => line.length > 100)).toEqual([]);
      const gated = await run([
        "scan",
        "--registry",
        `${registry.host}/command`,
        "--fail-on",
        "high",
        "--format",
        "json",
      ]);
      expect(gated).toMatchObject({ code: 1, stderr: "" });
      const report = JSON.parse(gated.stdout) as RegistryReport;
      expect([...report.images].map(({ verdict }) => verdict.decision)).toEqual(["denied", "allowed"]);
      expect(report.totals).toMatchObject({ images: 2, resumed: 2 });
      const filtered = await run(["scan", "--registry", `${registry.host}/command`, "--severity", "low"]);
      expect(filtered.stdout).toContain("1 finding left out by --severity low");
      expect((await run(["scan", "--registry", `${registry.host}/command/good`, "--fail-on", "high"])).code).toBe(0);
      expect((await run(["scan", "--registry", `${registry.host}/nothing`])).code).toBe(3);
      const platforms = await run(["scan", `${registry.host}/command/good:1`, "--all-platforms", "--fail-on", "high"]);
      expect(platforms).toMatchObject({ code: 0, stderr: "" });
      expect(platforms.stdout).toMatch(/^ALLOWED {5}command\/good:1 /m);
      for (const wrong of [
        ["image.tar", "--registry", registry.host],
        ["--registry", registry.host, "--explain", "CVE-2024-0001"],
        ["--registry", registry.host, "--tags", "a b"],
        ["--registry", registry.host, "--newest", "0"],
        ["--registry", `${registry.host}/UPPER`],
        ["--newest", "3", "image.tar"],
        ["docker:nginx:1", "--all-platforms"],
        [database, "--all-platforms"],
      ]) {
        expect(await run(["scan", ...wrong])).toMatchObject({ code: 2, stdout: "" });
      }
    });

    test.each(["SIGKILL", "SIGINT"] as const)("a run that %s ended goes on where it was", async (how) => {
      await prepare();
      const repository = `resume-${how.toLowerCase()}`;
      for (let index = 0; index < 6; index++) {
        await push(`${repository}:v${index}`, [...bases, sound], { label: `${how} ${index}` });
      }
      const { digest } = await push(`${repository}:stalls`, [leaky], { label: how });
      const cache = mkdtempSync(join(folder, "cache-"));
      const args = ["scan", "--registry", `${proxy.host}/${repository}`, "--cache", cache, "--format", "json"];
      proxy.intercept = (path) => path.endsWith(digest);
      const first = await run(args, {
        started: async (child) => {
          while (finishedIn(cache) < 6) await delay(20);
          child.kill(how);
        },
      });
      expect(first.stdout).toBe("");
      if (how === "SIGINT") {
        expect(first.code).toBe(130);
        expect(first.stderr).toBe(
          "error: interrupted [cancelled]\n       6 of 7 images are finished; run the same command again to continue with the others.\n",
        );
      }
      proxy.intercept = () => false;
      proxy.requests.length = 0;
      const second = await run(args);
      expect(second).toMatchObject({ code: 0, stderr: "" });
      const manifests = proxy.requests.filter((line) => line.startsWith("GET") && line.includes("/manifests/"));
      expect(manifests).toEqual([`GET /v2/${repository}/manifests/${digest}`]);
      expect(blobRequests().length).toBe(2);
      const report = JSON.parse(second.stdout) as RegistryReport;
      expect(report.totals).toMatchObject({ images: 7, resumed: 6, layers: { distinct: 1, read: 1 } });
      expect([...report.images].flatMap(({ tags }) => tags)).toEqual(["stalls", "v0", "v1", "v2", "v3", "v4", "v5"]);
      const fresh = await run([...args, "--fresh"]);
      expect((JSON.parse(fresh.stdout) as RegistryReport).totals).toMatchObject({ images: 7, resumed: 0 });
    });
  },
);

function finishedIn(cache: string): number {
  const store = join(cache, "registry-scans");
  if (!existsSync(store)) return 0;
  return readdirSync(store, { recursive: true, encoding: "utf8" }).filter((name) => /[0-9a-f]{62}$/.test(name)).length;
}

function nameOf({ repository, tags }: RegistryImage): string {
  return `${repository}:${tags.join(",")}`;
}

function pick({ digest, size, mediaType }: { digest: string; size: number; mediaType: string }): object {
  return { digest, size, mediaType };
}

async function pushEmpty(client: RegistryClient, repository: string): Promise<object> {
  const { blobOf } = await import("../../src/registry/content/blob-source.ts");
  const { digest, size, open } = blobOf(Buffer.from("{}"));
  await client.pushBlob(reference(`${repository}:x`), { digest, size, open });
  return { digest, size };
}

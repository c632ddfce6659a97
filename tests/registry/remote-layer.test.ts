import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { decompress } from "../../src/io/compression/decompress.ts";
import { TarStreamWalker } from "../../src/io/tar/stream-walker.ts";
import { openRemoteImage, type RemoteLayer } from "../../src/registry/content/open-remote-image.ts";
import { everyFile, takeStock } from "../setup/take-stock.ts";
import { temporaryFolder } from "../setup/temporary-folder.ts";
import { type FakeRegistry, fakeRegistry, sendBlob, sendCut } from "./setup/fake-registry.ts";
import { pushImage } from "./setup/push-image.ts";
import { collect, reference, testClient } from "./setup/registry-client.ts";

const { signal } = new AbortController();
const folder = temporaryFolder();

/** The names in a layer that is inflated while it is downloaded, as a scan does it. */
async function namesIn(layer: RemoteLayer): Promise<string[]> {
  const names: string[] = [];
  const walker = new TarStreamWalker({
    entry: ({ path }) => names.push(path) < 0,
    file: () => undefined,
    refused: () => undefined,
  });
  for await (const piece of decompress(layer.read(), { signal, limit: 1_000_000 })) walker.push(piece);
  walker.end();
  walker.release();
  return names;
}

async function imageOf(registry: FakeRegistry, texts: readonly string[]): Promise<RemoteLayer[]> {
  const client = testClient();
  const named = reference(`${registry.host}/team/app:v1`);
  await pushImage(client, named, { texts });
  return [...(await openRemoteImage(client, named, { platform: "linux/amd64" })).layers];
}

describe("a layer that is inflated while it is downloaded", () => {
  test("gives its files, also when the connection breaks in the middle", async () => {
    const registry = await fakeRegistry();
    const layers = await imageOf(registry, ["one", "two"]);
    const broken = new Set<string>();
    const stored = new Map<string, Buffer>();
    for (const layer of layers) stored.set(layer.digest, await collect(layer.read()));
    registry.intercept = ({ path, method }, response) => {
      const bytes = method === "GET" ? stored.get(path.replace(/^.*\//, "")) : undefined;
      if (!bytes || broken.has(path)) return false;
      broken.add(path);
      return sendCut(response, bytes, { after: 60 });
    };
    expect(await Promise.all(layers.map(namesIn))).toEqual([["etc/file-0"], ["etc/file-1"]]);
    expect(broken.size).toBe(2);
  });

  test("is a digest mismatch when it is another, though it can be inflated", async () => {
    const registry = await fakeRegistry();
    const [one] = await imageOf(registry, ["one"]);
    if (!one) throw new Error("there should be a layer");
    const other = await collect(one.read());
    // The byte of gzip's header that names the system on which it was made.
    other[9] = 7;
    registry.intercept = ({ path }, response) => path.endsWith(one.digest) && sendBlob(response, other);
    await expect(namesIn(one)).rejects.toMatchObject({ code: "digest-mismatch" });
  });

  test("keeps the words of its error when it cannot be downloaded", async () => {
    const registry = await fakeRegistry();
    const [layer] = await imageOf(registry, ["one"]);
    registry.intercept = ({ path }, response) =>
      path.includes("/blobs/") && sendCut(response, Buffer.alloc(layer?.size ?? 0), { after: 0 });
    await expect(layer && namesIn(layer)).rejects.toMatchObject({ code: "registry-unreachable" });
  });

  test("is not downloaded again once it is known, also not as a layer of another image", async () => {
    const registry = await fakeRegistry();
    const client = testClient();
    const cacheFolder = mkdtempSync(join(folder, "cache-"));
    const layersAsked = async (name: string, texts: readonly string[]): Promise<number> => {
      const { layers } = await pushImage(client, reference(`${registry.host}/${name}`), { texts });
      registry.forget();
      const target = `registry:${registry.host}/${name}`;
      const { packages, verified } = await takeStock(target, {
        ...{ registry: client, platform: "linux/amd64", cacheFolder, extractors: [everyFile] },
      });
      expect(packages.map((found) => found.version)).toEqual(texts);
      expect(verified).toEqual(texts.map(() => true));
      return registry.requests.filter(({ path }) => layers.some(({ digest }) => path.endsWith(digest))).length;
    };
    expect(await layersAsked("team/app:v1", ["one", "two"])).toBe(2);
    expect(await layersAsked("team/app:v1", ["one", "two"])).toBe(0);
    expect(await layersAsked("other/app:v1", ["one", "two", "three"])).toBe(1);
  });

  test("goes to the platform that fits best", async () => {
    const registry = await fakeRegistry();
    const client = testClient();
    const entries = [];
    for (const platform of ["linux/arm/v5", "linux/arm/v6", "linux/arm64", "linux/amd64"]) {
      const [os, architecture = "", variant] = platform.split("/");
      const named = reference(`${registry.host}/team/app:${platform.replaceAll("/", "-")}`);
      const { descriptor } = await pushImage(client, named, { texts: [platform], architecture, variant });
      entries.push({ ...descriptor, platform: { os, architecture, variant } });
    }
    const index = { schemaVersion: 2, manifests: entries.map(({ artifactType: _, ...entry }) => entry) };
    registry.putManifest("team/app", index, { tag: "multi", mediaType: "application/vnd.oci.image.index.v1+json" });
    const chosen = async (platform: string): Promise<string | undefined> =>
      (await openRemoteImage(client, reference(`${registry.host}/team/app:multi`), { platform })).platform;
    expect(await chosen("linux/arm64/v8")).toBe("linux/arm64");
    expect(await chosen("linux/x86_64")).toBe("linux/amd64");
    expect(await chosen("linux/arm")).toBe("linux/arm/v6");
    expect(await chosen("linux/arm/v7")).toBe("linux/arm/v6");
    expect(await chosen("linux/arm/v6")).toBe("linux/arm/v6");
    await expect(chosen("linux/s390x")).rejects.toMatchObject({ code: "platform-not-found" });
    await expect(chosen("nonsense,x")).rejects.toMatchObject({ code: "usage" });
  });
});

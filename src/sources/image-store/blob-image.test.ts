import { readdirSync } from "node:fs";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { type LayoutContent, ociLayout, sha256 } from "../../../tests/setup/image.ts";
import { temporaryFilesIn, temporaryFolder } from "../../../tests/setup/temporary-folder.ts";
import { recorder } from "../../../tests/setup/walk-tar.ts";
import { PlimsollError } from "../../model/error.ts";
import { type BlobSource, listBlobImages, openBlobImage } from "./blob-image.ts";

const temporary = temporaryFilesIn(temporaryFolder());
const { signal } = new AbortController();
const options = { verifyDigests: false, signal, platform: "linux/amd64" };
const content = ociLayout([
  { architecture: "arm64", layers: [{ members: [{ name: "arm", content: "a" }], compression: "gzip" }] },
  {
    architecture: "amd64",
    layers: [
      { members: [{ name: "one", content: "1" }], compression: "gzip" },
      { members: [{ name: "two", content: "2" }], compression: "zstd" },
    ],
  },
]);

/** A source that notes what it is asked for. */
function sourceOf(files: LayoutContent): BlobSource & { readonly digest: string; readonly asked: string[] } {
  const asked: string[] = [];
  const index = files["index.json"] ?? new Uint8Array();
  return {
    name: "the source",
    digest: sha256(index),
    asked,
    async *read(digest) {
      asked.push(digest);
      const bytes = digest === sha256(index) ? index : files[`blobs/sha256/${digest.slice(7)}`];
      if (!bytes) throw new PlimsollError("image-not-found", `the source has no ${digest}`);
      yield bytes.subarray(0, 10);
      yield bytes.subarray(10);
    },
  };
}

interface IndexEntry {
  readonly digest: string;
  readonly platform: { readonly architecture: string };
}

function manifestsOf(files: LayoutContent): readonly IndexEntry[] {
  const index = JSON.parse(Buffer.from(files["index.json"] ?? "").toString()) as { manifests: readonly IndexEntry[] };
  return index.manifests;
}

/** The same with an index that tells other platforms, by architecture. */
function retold(files: LayoutContent, platforms: Readonly<Record<string, string>>): LayoutContent {
  const manifests = manifestsOf(files).map(({ platform, ...entry }) => {
    const told = platforms[platform.architecture];
    if (told === undefined) return { ...entry, platform };
    const [os, architecture, variant] = told.split("/");
    return { ...entry, platform: { os, architecture, variant } };
  });
  return { ...files, "index.json": Buffer.from(JSON.stringify({ schemaVersion: 2, manifests })) };
}

describe("an image that is fetched blob by blob", () => {
  test("needs its manifests and its config, and a layer only when that is walked", async () => {
    const source = sourceOf(content);
    const image = await openBlobImage(source, { digest: source.digest, names: ["app:1"], options });
    expect(image).toMatchObject({ platform: "linux/amd64", tags: ["app:1"] });
    expect(source.asked).toHaveLength(3);
    const [first, second] = image.layers;
    expect([first?.cacheKey, second?.cacheKey]).toEqual([first?.digest, second?.digest]);
    expect(first?.size).toBeGreaterThan(50);
    for (let turn = 0; turn < 2; turn++) {
      const visitor = recorder(() => false);
      await second?.tree.walk(visitor, { signal });
      expect(visitor.events).toMatchObject([{ path: "two" }]);
    }
    expect(source.asked.slice(3)).toEqual([second?.digest]);
    image[Symbol.dispose]();
    expect(readdirSync(temporary)).toEqual([]);
  });

  test("of which only another platform is there is that one, unless a platform was asked for", async () => {
    const foreign = process.arch === "arm64" ? "amd64" : "arm64";
    const { blobs, index } = ["amd64", "arm64"].reduce<{ blobs: LayoutContent; index: { manifests: object[] } }>(
      (all, architecture) => {
        const files = ociLayout([{ architecture, layers: [{ members: [{ name: architecture, content: "x" }] }] }]);
        const own = JSON.parse(Buffer.from(files["index.json"] ?? "").toString()) as { manifests: object[] };
        const kept = architecture === foreign ? files : {};
        return { blobs: { ...all.blobs, ...kept }, index: { manifests: [...all.index.manifests, ...own.manifests] } };
      },
      { blobs: {}, index: { manifests: [] } },
    );
    const source = sourceOf({ ...blobs, "index.json": Buffer.from(JSON.stringify(index)) });
    const where = { digest: source.digest, names: [] };
    using image = await openBlobImage(source, { ...where, options: { verifyDigests: false, signal } });
    expect(image.platform).toBe(`linux/${foreign}`);
    const platform = foreign === "arm64" ? "linux/amd64" : "linux/arm64";
    const asked = openBlobImage(source, { ...where, options: { verifyDigests: false, signal, platform } });
    await expect(asked).rejects.toMatchObject({ code: "image-not-found" });
  });

  test.each(["linux/arm64", "linux/arm64/v8", "linux/aarch64"])("is found under %s", async (platform) => {
    for (const told of ["linux/arm64", "linux/arm64/v8"]) {
      const source = sourceOf(retold(content, { arm64: told }));
      const asked = { ...options, platform };
      using image = await openBlobImage(source, { digest: source.digest, names: [], options: asked });
      expect(image.platform).toBe("linux/arm64");
    }
  });

  test("is the one whose manifest is named, whatever the index says of its platform", async () => {
    const arm = ociLayout([
      { architecture: "arm", variant: "v7", layers: [{ members: [{ name: "a", content: "a" }] }] },
      { architecture: "amd64", layers: [{ members: [{ name: "b", content: "b" }] }] },
    ]);
    const files = retold(arm, { arm: "linux/arm/v6" });
    const source = sourceOf(files);
    const manifestDigest = manifestsOf(files)[0]?.digest ?? "";
    const asked = { ...options, platform: "linux/arm/v7" };
    const where = { digest: source.digest, names: [] };
    await expect(openBlobImage(source, { ...where, options: asked })).rejects.toMatchObject({
      code: "platform-not-found",
    });
    using image = await openBlobImage(source, { ...where, options: { ...asked, manifestDigest } });
    expect(image).toMatchObject({ platform: "linux/arm/v7", manifestDigest });
  });

  test("for a platform that the index does not have tells which it has", async () => {
    const source = sourceOf(content);
    const asked = { ...options, platform: "linux/s390x" };
    await expect(openBlobImage(source, { digest: source.digest, names: [], options: asked })).rejects.toMatchObject({
      code: "platform-not-found",
      message: "the source has no image for linux/s390x",
      hint: "Available platforms: linux/arm64, linux/amd64.",
    });
    expect(readdirSync(temporary)).toEqual([]);
  });

  describe("whose manifest has a list of layers that is", () => {
    /** A source of one manifest, the config of an image with such a list of layers. */
    function sourceWith(layers: object): ReturnType<typeof sourceOf> {
      const files = ociLayout([{ architecture: "amd64", layers: [] }]);
      const path = `blobs/sha256/${manifestsOf(files)[0]?.digest.slice(7)}`;
      const { layers: _, ...manifest } = JSON.parse(Buffer.from(files[path] ?? "").toString());
      return sourceOf({ ...files, "index.json": Buffer.from(JSON.stringify({ ...manifest, ...layers })) });
    }

    test.each([[null], [[]]])("%j, as Go writes one of none, is an image of none", async (layers) => {
      const source = sourceWith({ layers });
      using image = await openBlobImage(source, { digest: source.digest, names: ["app:1"], options });
      expect(image).toMatchObject({ platform: "linux/amd64", tags: ["app:1"], layers: [] });
      expect(await listBlobImages(source, source.digest, options)).toMatchObject([{ id: image.id, diffIds: [] }]);
    });

    test.each([{}, { layers: "x" }, { layers: {} }])("not there or none is an error (%j)", async (layers) => {
      const source = sourceWith(layers);
      const opening = openBlobImage(source, { digest: source.digest, names: [], options });
      await expect(opening).rejects.toMatchObject({
        code: "layout-malformed",
        message: `the image from the source is not a complete OCI layout: ${source.digest} does not lead to an image manifest in the layout`,
        hint: "The engine does not have the complete image: pull or build it again.",
      });
      expect(await listBlobImages(source, source.digest, options)).toEqual([]);
    });
  });

  test("is compared with its digests", async () => {
    const changed = Object.fromEntries(
      Object.entries(content).map(([path, bytes]) => [
        path,
        path.startsWith("blobs/") && bytes[0] === 0x1f ? Buffer.concat([bytes, Buffer.alloc(1)]) : bytes,
      ]),
    );
    const source = sourceOf(changed);
    using image = await openBlobImage(source, { digest: source.digest, names: [], options });
    await expect(
      image.layers[0]?.tree.walk(
        recorder(() => false),
        { signal },
      ),
    ).rejects.toBeInstanceOf(PlimsollError);
    const lying = { ...sourceOf(content), read: () => sourceOf(content).read(source.digest, signal) };
    await expect(openBlobImage(lying, { digest: sha256("other"), names: [], options })).rejects.toBeInstanceOf(
      PlimsollError,
    );
  });

  test.each<[string, string, object]>([
    [
      "has not",
      "image-not-found",
      { manifests: [{ digest: sha256("none"), platform: { os: "linux", architecture: "amd64" } }] },
    ],
    ["cannot have", "layout-malformed", { manifests: [{ digest: "sha256:../x" }] }],
    ["has too many of", "limit-exceeded", { manifests: Array.from({ length: 70 }, () => ({ digest: sha256("{}") })) }],
    ["has none of", "layout-malformed", {}],
  ])("whose source %s its parts gives %s and leaves nothing behind", async (_, code, index) => {
    const source = sourceOf({
      "index.json": Buffer.from(JSON.stringify(index)),
      [`blobs/sha256/${sha256("{}").slice(7)}`]: Buffer.from("{}"),
    });
    await expect(openBlobImage(source, { digest: source.digest, names: [], options })).rejects.toMatchObject({ code });
    expect(readdirSync(temporary)).toEqual([]);
  });
});

test("where no folder for what is fetched can be made the error says what to do", async () => {
  onTestFinished(() => void vi.unstubAllEnvs());
  vi.stubEnv("TMPDIR", "/nowhere/at/all");
  const source = sourceOf(content);
  const opened = openBlobImage(source, { digest: source.digest, names: [], options });
  await expect(opened).rejects.toMatchObject({ code: "output-not-written", hint: expect.stringContaining("TMPDIR") });
});

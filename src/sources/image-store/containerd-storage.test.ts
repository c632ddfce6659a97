import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { boltFile } from "../../../tests/setup/bolt.ts";
import { type LayoutContent, ociLayout, sha256, writeLayout } from "../../../tests/setup/image.ts";
import { temporaryFolder } from "../../../tests/setup/temporary-folder.ts";
import { isContainerdStorage, openContainerdStorage } from "./containerd-storage.ts";
import { DiscardedLayersError } from "./discarded-layers.ts";

const base = temporaryFolder();
const options = { verifyDigests: false, signal: new AbortController().signal };
const content = ociLayout([
  { architecture: "arm64", layers: [{ members: [{ name: "arm", content: "a" }], compression: "gzip" }] },
  { architecture: "amd64", user: "app", layers: [{ members: [{ name: "amd", content: "a" }], compression: "gzip" }] },
]);
const index = content["index.json"] ?? new Uint8Array();
const digest = sha256(index);
const path = (blob: string): string => `blobs/sha256/${blob.slice(7)}`;
let count = 0;

function writeRoot(files: LayoutContent): string {
  const root = join(base, String(count++));
  writeLayout(join(root, "io.containerd.content.v1.content"), { ...files, [path(digest)]: index });
  const database = boltFile({ v1: { default: { images: { "docker.io/library/app:1": { target: { digest } } } } } });
  const metadata = join(root, "io.containerd.metadata.v1.bolt", "meta.db");
  mkdirSync(dirname(metadata), { recursive: true });
  writeFileSync(metadata, database);
  return root;
}

describe("containerd's folder", () => {
  test("is told by the form that it has", () => {
    expect(isContainerdStorage(writeRoot(content))).toBe(true);
    expect(isContainerdStorage(base)).toBe(false);
  });

  test("gives the image for a platform, with its layers by their digests", () => {
    const root = writeRoot(content);
    using image = openContainerdStorage(root, {
      digest,
      names: ["app:1"],
      options: { ...options, platform: "linux/amd64" },
    });
    expect(image).toMatchObject({ platform: "linux/amd64", user: "app", tags: ["app:1"], unexamined: [] });
    expect(image?.layers).toMatchObject([{ verifies: true, cacheKey: image?.layers[0]?.digest }]);
    const none = { digest: sha256("none"), names: [], options };
    expect(openContainerdStorage(root, none)).toBeUndefined();
    expect(openContainerdStorage(root, { ...none, digest: "sha256:../../x" })).toBeUndefined();
  });

  test("gives an image of which it lacks a layer that is known, under that layer's digest, for none to walk", async () => {
    const root = writeRoot(content);
    const wanted = { digest, names: [], options: { ...options, platform: "linux/amd64" } };
    using whole = openContainerdStorage(root, wanted);
    const layer = whole?.layers[0]?.digest ?? "";
    rmSync(join(root, "io.containerd.content.v1.content", path(layer)));
    using image = openContainerdStorage(root, { ...wanted, isKnownLayer: (one) => one === layer });
    expect(image?.layers).toMatchObject([{ digest: layer, cacheKey: layer, verifies: true }]);
    const { signal } = new AbortController();
    const visitor = { entry: () => false, file: () => {}, refused: () => {} };
    await expect(image?.layers[0]?.tree.walk(visitor, { signal })).rejects.toThrow(DiscardedLayersError);
    const other = { ...wanted, isKnownLayer: (one: string) => one === sha256("other") };
    expect(() => openContainerdStorage(root, other)).toThrow(expect.objectContaining({ code: "layout-malformed" }));
  });

  test("says that a layer was discarded, and that a manifest was changed", () => {
    const root = writeRoot(content);
    const wanted = { digest, names: [], options: { ...options, platform: "linux/amd64" } };
    const blobs = join(root, "io.containerd.content.v1.content");
    using image = openContainerdStorage(root, wanted);
    rmSync(join(blobs, path(image?.layers[0]?.digest ?? "")));
    expect(() => openContainerdStorage(root, wanted)).toThrow(
      expect.objectContaining({ code: "layout-malformed", hint: expect.stringContaining("discard_unpacked_layers") }),
    );
    writeFileSync(join(blobs, path(digest)), Buffer.concat([index, Buffer.from(" ")]));
    expect(() => openContainerdStorage(root, wanted)).toThrow(expect.objectContaining({ code: "digest-mismatch" }));
  });

  test("without the config of an image says to pull it again, and not to copy it", () => {
    const root = writeRoot(content);
    const wanted = { digest, names: [], options: { ...options, platform: "linux/amd64" } };
    using image = openContainerdStorage(root, wanted);
    rmSync(join(root, "io.containerd.content.v1.content", path(image?.id ?? "")));
    expect(() => openContainerdStorage(root, wanted)).toThrow(
      expect.objectContaining({
        code: "layout-malformed",
        message: `the image in ${root} is not a complete OCI layout: its config ${image?.id} is missing`,
        hint: "The engine does not have the complete image: pull or build it again.",
      }),
    );
  });

  test.each([
    ["is encrypted", "application/vnd.oci.image.layer.v1.tar+gzip+encrypted", "the layer is encrypted"],
    ["is not a tar", "application/vnd.erofs.layer.v1", "in the format of EROFS"],
  ])("does not call a layer that is there and %s a discarded one", async (_, mediaType, message) => {
    const files = ociLayout([
      { architecture: "amd64", layers: [{ members: [{ name: "a", content: "a" }], mediaType }] },
    ]);
    const { manifests } = JSON.parse(Buffer.from(files["index.json"] ?? "").toString());
    const wanted = { digest: manifests[0].digest, names: [], options };
    using image = openContainerdStorage(writeRoot(files), wanted);
    const visitor = { entry: () => false, file: () => {}, refused: () => {} };
    const walking = image?.layers[0]?.tree.walk(visitor, { signal: options.signal });
    await expect(walking).rejects.toMatchObject({ message: expect.stringContaining(message) });
  });
});

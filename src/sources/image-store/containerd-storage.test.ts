import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { boltFile } from "../../../tests/setup/bolt.ts";
import { type LayoutContent, ociLayout, sha256, writeLayout } from "../../../tests/setup/image.ts";
import { temporaryFolder } from "../../../tests/setup/temporary-folder.ts";
import { findInContainerd, isContainerdStorage, openContainerdStorage } from "./containerd-storage.ts";

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

/** The id of the image at a place of the index. */
function configOf(position: number): string {
  const { manifests } = JSON.parse(Buffer.from(index).toString()) as { manifests: readonly { digest: string }[] };
  const manifest = Buffer.from(content[path(manifests[position]?.digest ?? "")] ?? "").toString();
  return (JSON.parse(manifest) as { config: { digest: string } }).config.digest;
}

function writeRoot(files: LayoutContent): string {
  const root = join(base, String(count++));
  writeLayout(join(root, "io.containerd.content.v1.content"), { ...files, [path(digest)]: index });
  const target = { target: { digest } };
  const other = { target: { digest: sha256("other") } };
  const database = boltFile({
    v1: {
      zoo: { images: { "registry.example/only-here:1": target } },
      "k8s.io": { images: { "docker.io/library/app:1": other, [sha256("config")]: target } },
      default: { images: { "docker.io/library/app:1": target } },
    },
  });
  const metadata = join(root, "io.containerd.metadata.v1.bolt", "meta.db");
  mkdirSync(dirname(metadata), { recursive: true });
  writeFileSync(metadata, database);
  return root;
}

describe("containerd's folder", () => {
  test.each([
    ["app:1", undefined, "default", digest],
    ["docker.io/library/app:1", undefined, "default", digest],
    ["app:1", "k8s.io", "k8s.io", sha256("other")],
    ["registry.example/only-here:1", undefined, "zoo", digest],
    [sha256("config"), undefined, "k8s.io", digest],
    [sha256("config").slice(7), undefined, "k8s.io", digest],
    [digest, "default", "default", digest],
    [`registry.example/only-here@${digest}`, undefined, "zoo", digest],
    [configOf(1), "default", "default", digest],
    [configOf(0).slice(7), "zoo", "zoo", digest],
  ])("knows %s in the namespace %s", (name, namespace, where, expected) => {
    const root = writeRoot(content);
    expect(findInContainerd(root, name, namespace)).toMatchObject({ namespace: where, digest: expected });
  });

  test("does not know other names", () => {
    const root = writeRoot(content);
    for (const name of [
      "app",
      "app:2",
      `only-here@${digest}`,
      `registry.example/other@${digest}`,
      "only-here:1",
      sha256("none"),
    ])
      expect(findInContainerd(root, name)).toBeUndefined();
    expect(findInContainerd(root, "app:1", "zoo")).toBeUndefined();
    expect(isContainerdStorage(root)).toBe(true);
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
});

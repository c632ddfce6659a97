import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { boltFile } from "../../../tests/setup/bolt.ts";
import { ociLayout, sha256, writeLayout } from "../../../tests/setup/image.ts";
import { temporaryFolder } from "../../../tests/setup/temporary-folder.ts";
import { containerdFolderIndex } from "./containerd-storage.ts";
import { findInContainerd } from "./find-in-containerd.ts";

const base = temporaryFolder();
const content = ociLayout([
  { architecture: "arm64", layers: [{ members: [{ name: "arm", content: "a" }] }] },
  { architecture: "amd64", layers: [{ members: [{ name: "amd", content: "a" }] }] },
]);
const index = content["index.json"] ?? new Uint8Array();
const digest = sha256(index);
const path = (blob: string): string => `blobs/sha256/${blob.slice(7)}`;
const { manifests } = JSON.parse(Buffer.from(index).toString()) as { manifests: readonly { digest: string }[] };
const [arm = "", amd = ""] = manifests.map((manifest) => manifest.digest);
const other = sha256("other");
// Both begin with the same digits.
const twins = ["0", "1"].map((last) => `sha256:${"abcdef0".repeat(9)}${last}`);

/** The id of the image whose manifest has the digest. */
function configOf(manifest: string): string {
  const text = Buffer.from(content[path(manifest)] ?? "").toString();
  return (JSON.parse(text) as { config: { digest: string } }).config.digest;
}

const root = join(base, "root");
writeLayout(join(root, "io.containerd.content.v1.content"), { ...content, [path(digest)]: index });
const image = (of: string): { readonly target: { readonly digest: string } } => ({ target: { digest: of } });
const metadata = join(root, "io.containerd.metadata.v1.bolt", "meta.db");
mkdirSync(dirname(metadata), { recursive: true });
writeFileSync(
  metadata,
  boltFile({
    v1: {
      zoo: { images: { "registry.example/only-here:1": image(digest), "docker.io/library/same:1": image(digest) } },
      ant: { images: { "docker.io/library/same:1": image(digest) } },
      "k8s.io": {
        images: {
          "docker.io/library/app:1": image(other),
          "docker.io/library/kept:1": image(digest),
          "docker.io/library/same:1": image(digest),
          [configOf(amd)]: image(digest),
          "docker.io/library/twin:0": image(twins[0] ?? ""),
          "docker.io/library/twin:1": image(twins[1] ?? ""),
        },
      },
      default: { images: { "docker.io/library/app:1": image(digest) } },
    },
  }),
);
const containerd = containerdFolderIndex(root, new AbortController().signal);

describe("an image of containerd", () => {
  test.each([
    ["app:1", "k8s.io", "k8s.io", other],
    ["docker.io/library/app:1", "default", "default", digest],
    ["registry.example/only-here:1", undefined, "zoo", digest],
    ["same:1", undefined, "k8s.io", digest],
    [digest, undefined, "default", digest],
    [digest, "zoo", "zoo", digest],
    [`registry.example/only-here@${digest}`, undefined, "zoo", digest],
    [digest.slice(7, 19), undefined, "default", digest],
    [digest.slice(0, 12), "k8s.io", "k8s.io", digest],
    [configOf(amd), undefined, "k8s.io", amd],
    [configOf(amd).slice(7), undefined, "k8s.io", amd],
    [configOf(arm), undefined, "default", arm],
    [configOf(arm).slice(7), "zoo", "zoo", arm],
    [configOf(arm).slice(7, 20), undefined, "default", arm],
    [configOf(amd).slice(7, 20), "k8s.io", "k8s.io", amd],
    [arm, undefined, "default", arm],
  ])("is known as %s in the namespace %s", async (name, namespace, where, expected) => {
    expect(await findInContainerd(containerd, name, namespace)).toMatchObject({ namespace: where, digest: expected });
  });

  test("found by its id has the name that a person gave it", async () => {
    expect(await findInContainerd(containerd, configOf(amd))).toMatchObject({ name: "docker.io/library/kept:1" });
  });

  test.each([
    "app",
    "app:2",
    `only-here@${digest}`,
    `registry.example/other@${digest}`,
    "only-here:1",
    sha256("none"),
    "sha256:",
    // A beginning as short as this is rather a name.
    digest.slice(7, 11),
  ])("is not known as %s", async (name) => {
    expect(await findInContainerd(containerd, name)).toBeUndefined();
  });

  test("is not known in a namespace that does not have it", async () => {
    expect(await findInContainerd(containerd, "app:1", "zoo")).toBeUndefined();
    expect(await findInContainerd(containerd, "app:1", "none")).toBeUndefined();
  });

  test("whose name is another one's in a second namespace is refused, saying which there are", async () => {
    await expect(findInContainerd(containerd, "app:1")).rejects.toMatchObject({
      code: "usage",
      message: `app:1 matches several images of containerd at ${root}: ${digest.slice(0, 19)} in default, ${other.slice(0, 19)} in k8s.io`,
      hint: `Set CONTAINERD_NAMESPACE to one of default, k8s.io, or use the digest: containerd:${digest}.`,
    });
  });

  test("is not picked by digits with which several begin", async () => {
    await expect(findInContainerd(containerd, "abcdef0abcdef0")).rejects.toMatchObject({
      code: "usage",
      message: expect.stringContaining("2 images"),
      hint: expect.stringContaining(twins.join(", ")),
    });
    expect(await findInContainerd(containerd, twins[1] ?? "")).toMatchObject({ name: "docker.io/library/twin:1" });
  });
});

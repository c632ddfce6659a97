import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { type BoltContent, boltFile } from "../../../tests/setup/bolt.ts";
import { type ImageSpec, ociLayout, sha256, writeLayout } from "../../../tests/setup/image.ts";
import { type TarMember, tar } from "../../../tests/setup/tar.ts";
import { temporaryFolder } from "../../../tests/setup/temporary-folder.ts";
import type { EngineListing } from "./list-workloads.ts";
import { listWorkloads } from "./list-workloads.ts";
import { listContainerd } from "./list-workloads-containerd.ts";

const base = temporaryFolder();
const { signal } = new AbortController();
const name = "registry.example/shop:1";
const members = [{ name: "app", content: "app" }];
const chainId = sha256(tar(members));
let count = 0;

/** An image of one layer, the same unless other files are given, and what the store has of it. */
function imageOf(
  facts: Pick<ImageSpec, "user" | "architecture" | "config">,
  files: readonly TarMember[] = members,
): {
  readonly spec: ImageSpec;
  readonly digest: string;
  readonly id: string;
} {
  const spec = { layers: [{ members: files }], ...facts };
  const content = ociLayout([spec]);
  const text = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString();
  const { digest } = JSON.parse(text(content["index.json"])).manifests[0];
  const manifest = JSON.parse(text(content[`blobs/sha256/${digest.slice(7)}`]));
  return { spec, digest, id: manifest.config.digest };
}

const image = imageOf({ user: "one" });
const other = imageOf({ user: "two" });
const arm = imageOf({ architecture: "arm64", config: { variant: "v8" } });

/** Some seconds as Go writes a time. */
function time(seconds: number): string {
  return `\u0001${"\0".repeat(7)}${String.fromCharCode(seconds)}${"\0".repeat(6)}`;
}

/** The `Any` in which Kubernetes' part of containerd notes the image of a container, and what was asked for. */
function madeFrom(id: string, asked: BoltContent = { image: name }): BoltContent {
  const json = JSON.stringify({ Metadata: { Config: { image: asked }, ImageRef: id } });
  // As UTF-8 the characters after the first are the bytes C2 82 00: the length 322.
  return { "io.cri-containerd.container.metadata": `\u0012\u0082\0${json.padEnd(322)}` };
}

interface DatabaseFacts {
  readonly updatedat?: string;
  /** What the name means; empty for nothing. */
  readonly target?: string;
  /** What further names mean. */
  readonly names?: Readonly<Record<string, string>>;
}

/** A database with containers of the namespace `default`, all of which run, and an image that was pulled. */
function database(
  containers: BoltContent,
  { updatedat = time(1), target = image.digest, names = {} }: DatabaseFacts = {},
): BoltContent {
  const labels = { "containerd.io/distribution.source.registry.example": "shop" };
  const images = Object.fromEntries(Object.entries(names).map(([one, digest]) => [one, { target: { digest } }]));
  return {
    v1: {
      default: {
        containers,
        images: { ...images, ...(target !== "" && { [name]: { target: { digest: target }, updatedat } }) },
        content: { blob: { [image.digest]: { labels }, [other.digest]: { labels }, [arm.digest]: { labels } } },
        snapshots: { overlayfs: { key: { parent: chainId } } },
      },
    },
  };
}

const web: BoltContent = { image: name, snapshotter: "overlayfs", snapshotKey: "key", createdat: time(2) };

interface Root {
  readonly root: string;
  readonly state: string;
}

function writeRoot(content: BoltContent, ids: readonly string[]): Root {
  const [root, state] = ["root", "state"].map((part) => join(base, String(count), part)) as [string, string];
  count++;
  const file = join(root, "io.containerd.metadata.v1.bolt", "meta.db");
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, boltFile(content, { inlineUpTo: 300 }));
  writeLayout(
    join(root, "io.containerd.content.v1.content"),
    ociLayout([image.spec, other.spec, arm.spec, today.spec]),
  );
  for (const id of ids) mkdirSync(join(state, "io.containerd.runtime.v2.task", "default", id), { recursive: true });
  return { root, state };
}

function list(...roots: readonly [Root, ...Root[]]): Promise<readonly EngineListing[]> {
  return listWith(undefined, ...roots);
}

function listWith(cache: string | undefined, ...roots: readonly [Root, ...Root[]]): Promise<readonly EngineListing[]> {
  const access = { storage: roots.map(({ root }) => root), address: join(roots[0].state, "containerd.sock") };
  return listContainerd(access, { required: true, cache, signal });
}

async function listed(container: BoltContent, store?: DatabaseFacts, cache?: string): Promise<EngineListing> {
  const [listing] = await listWith(cache, writeRoot(database({ web: container }, store), ["web"]));
  return listing ?? { workloads: [] };
}

const nothingNamed = ["imageId", "digest", "manifestDigest", "pinned", "platform"] as const;

/** An image of other layers, which the name means by now. */
const today = imageOf({ user: "three" }, [{ name: "app", content: "today" }]);
const moved = { updatedat: time(3), target: today.digest };

describe("what containerd runs", () => {
  test("is pinned to what its name means, where that was written before it was made", async () => {
    const { workloads } = await listed(web);
    const { id: imageId, digest } = image;
    expect(workloads).toMatchObject([{ name: "web", imageId, digest, pinned: `${name}@${digest}` }]);
    expect(workloads[0]).not.toHaveProperty("moved");
  });

  test("has no digest where its name was written later, maybe for an image of the same layers", async () => {
    const { workloads } = await listed(web, { updatedat: time(3), target: other.digest });
    expect(workloads).toMatchObject([{ name: "web", image: name, platform: "linux/amd64" }]);
    for (const key of ["digest", "pinned", "moved"]) expect(workloads[0]).not.toHaveProperty(key);
  });

  test("is for a platform that is called as other engines call it", async () => {
    const { workloads } = await listed(web, { target: arm.digest });
    expect(workloads).toMatchObject([{ imageId: arm.id, platform: "linux/arm64" }]);
  });

  test("has moved where Kubernetes' part noted another image of the same layers", async () => {
    const { workloads } = await listed(
      { ...web, extensions: madeFrom(image.id) },
      { updatedat: time(3), target: other.digest },
    );
    expect(workloads).toMatchObject([{ name: "web", image: name, imageId: image.id, moved: true }]);
    for (const key of ["digest", "pinned"]) expect(workloads[0]).not.toHaveProperty(key);
  });

  test("has its digest though its tag has moved, where Kubernetes' part keeps the image under its id", async () => {
    const { workloads } = await listed(
      { ...web, extensions: madeFrom(image.id) },
      { updatedat: time(3), target: other.digest, names: { [image.id]: image.digest } },
    );
    const { id: imageId, digest } = image;
    expect(workloads).toMatchObject([{ image: name, imageId, digest, pinned: `${name}@${digest}`, moved: true }]);
  });

  test("has its id still when containerd has removed the image", async () => {
    const { workloads } = await listed({ ...web, extensions: madeFrom(image.id) }, { target: "" });
    expect(workloads).toMatchObject([{ image: name, imageId: image.id }]);
    for (const key of ["digest", "pinned", "moved"]) expect(workloads[0]).not.toHaveProperty(key);
  });

  test.each<[string, BoltContent, string, string | undefined]>([
    [
      "a tag",
      { image: "registry.example/shop:latest" },
      "registry.example/shop:latest",
      "registry.example/shop:latest",
    ],
    ["no tag", { image: "registry.example/shop" }, "registry.example/shop", "registry.example/shop"],
    ["a digest", { image: `${name}@${image.digest}` }, `${name}@${image.digest}`, name],
    ["another repository", { image: "registry.example/other:1" }, "registry.example/other:1", undefined],
    [
      "a name beside the id",
      { image: image.id, user_specified_image: "registry.example/shop" },
      "registry.example/shop",
      "registry.example/shop",
    ],
    ["an id alone", { image: image.id }, name, undefined],
  ])("is called as it was asked for by %s, and not by the first of its names", async (_, asked, shown, pinned) => {
    const others = ["shop:latest", `shop@${image.digest}`, "other:1"];
    const names = Object.fromEntries([
      [image.id, image.digest],
      ...others.map((one) => [`registry.example/${one}`, image.digest]),
    ]);
    const { workloads } = await listed({ ...web, extensions: madeFrom(image.id, asked) }, { names });
    expect(workloads).toMatchObject([{ image: shown, imageId: image.id, digest: image.digest }]);
    expect(workloads[0]?.pinned).toBe(pinned && `${pinned}@${image.digest}`);
    expect(workloads[0]).not.toHaveProperty("moved");
  });

  test("is not told where its tag has moved, whatever else has its layers", async () => {
    const names = { "registry.example/shop:other": image.digest };
    for (const store of [moved, { ...moved, names }]) {
      const { workloads } = await listed(web, store);
      expect(workloads).toMatchObject([{ image: name, moved: true }]);
      for (const key of nothingNamed) expect(workloads[0]).not.toHaveProperty(key);
    }
  });

  test("is listed though another container has its id, in another namespace or folder", async () => {
    const bucket = (): BoltContent => {
      const { v1 } = database({ web, ["d".repeat(64)]: web }) as { readonly v1: { readonly default: BoltContent } };
      return v1.default;
    };
    const ids = ["web", "d".repeat(64)];
    const roots = [
      writeRoot({ v1: { default: bucket(), moby: bucket() } }, ids),
      writeRoot(database({ web }), ["web"]),
    ];
    for (const id of ids)
      mkdirSync(join(roots[0]?.state ?? "", "io.containerd.runtime.v2.task", "moby", id), { recursive: true });
    const access = { storage: roots.map(({ root }) => root), address: join(roots[0]?.state ?? "", "containerd.sock") };
    const { workloads } = await listWorkloads({ containerd: access }, { required: new Set(["containerd"]), signal });
    expect(workloads.map(({ place, container }) => `${place} ${container.slice(0, 3)}`).sort()).toEqual([
      "default ddd",
      "default web",
      "default web",
      "moby ddd",
      "moby web",
    ]);
  });

  test("is told as it was when its name still meant it, of this very container", async () => {
    const cache = join(base, "cache");
    const { id: imageId, digest } = image;
    const known = { imageId, digest, pinned: `${name}@${digest}`, platform: "linux/amd64" };
    expect((await listed(web, moved, cache)).workloads[0]).not.toHaveProperty("digest");
    expect((await listed(web, {}, cache)).workloads).toMatchObject([known]);
    expect((await listed(web, moved, cache)).workloads).toMatchObject([{ ...known, moved: true }]);
    // Its name means an image of the same layers now, and then itself again.
    const sameLayers = (await listed(web, { ...moved, target: other.digest }, cache)).workloads;
    expect(sameLayers).toMatchObject([{ ...known, moved: true }]);
    const again = (await listed(web, { updatedat: time(3) }, cache)).workloads;
    expect(again).toMatchObject([known]);
    expect(again[0]).not.toHaveProperty("moved");
    for (const [container, store] of [
      [{ ...web, createdat: time(4) }, cache],
      [web, join(base, "other-cache")],
    ] as const) {
      const [unknown] = (await listed(container, { ...moved, updatedat: time(5) }, store)).workloads;
      expect(unknown).toMatchObject({ image: name, moved: true });
      for (const key of nothingNamed) expect(unknown).not.toHaveProperty(key);
    }
  });

  test("is told with the namespace that alone was looked at", async () => {
    const root = writeRoot(database({ web }), ["web"]);
    const access = { storage: [root.root], address: join(root.state, "containerd.sock"), namespace: "none" };
    expect(await listContainerd(access, { required: true, signal })).toEqual([
      { place: "none", root: root.root, workloads: [], gaps: [] },
    ]);
  });

  test("is pinned where Kubernetes' part noted the image that was pulled again since", async () => {
    const { workloads } = await listed({ ...web, extensions: madeFrom(image.id) }, { updatedat: time(3) });
    expect(workloads).toMatchObject([{ imageId: image.id, pinned: `${name}@${image.digest}` }]);
  });

  test("is told of where an id is none, or there are more than are looked at", async () => {
    const many = Object.fromEntries(Array.from({ length: 10_001 }, (_, index) => [`c${index}`, web]));
    const [listing] = await list(writeRoot(database({ ...many, "..": web, "a/b": web }), ["c0"]));
    expect(listing?.workloads.map(({ container }) => container)).toEqual(["c0"]);
    expect(listing?.gaps?.map(({ error: { code, message } }) => [code, message])).toEqual([
      [
        "layout-malformed",
        '2 containers in the namespace "default" of containerd were skipped: invalid container name',
      ],
      ["layout-malformed", 'a container in the namespace "default" of containerd was skipped: the limit is 10000'],
    ]);
  });

  test("is told of where the database is damaged, and another one is read beside it", async () => {
    const whole = writeRoot(database({ web }), ["web"]);
    const damaged = writeRoot(database({ api: web }), ["api"]);
    const file = join(damaged.root, "io.containerd.metadata.v1.bolt", "meta.db");
    const bytes = readFileSync(file);
    const page = Number(bytes.readBigUInt64LE(32));
    writeFileSync(file, bytes.fill(0, page * 4096, (page + 1) * 4096));
    const listings = await list(whole, damaged);
    expect(listings).toMatchObject([
      { workloads: [{ name: "web" }], gaps: [] },
      { isClosed: true, workloads: [], gaps: [{ error: { code: "layout-malformed", hint: expect.any(String) } }] },
    ]);
  });
});

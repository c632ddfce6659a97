import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { type BoltContent, boltFile } from "../../../tests/setup/bolt.ts";
import { type ImageSpec, ociLayout, sha256, writeLayout } from "../../../tests/setup/image.ts";
import { tar } from "../../../tests/setup/tar.ts";
import { temporaryFolder } from "../../../tests/setup/temporary-folder.ts";
import type { EngineListing } from "./list-workloads.ts";
import { listContainerd } from "./list-workloads-containerd.ts";

const base = temporaryFolder();
const { signal } = new AbortController();
const name = "registry.example/shop:1";
const members = [{ name: "app", content: "app" }];
const chainId = sha256(tar(members));
let count = 0;

/** An image of one layer, always the same, and what the store has of it. */
function imageOf(facts: Pick<ImageSpec, "user" | "architecture" | "config">): {
  readonly spec: ImageSpec;
  readonly digest: string;
  readonly id: string;
} {
  const spec = { layers: [{ members }], ...facts };
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

/** The `Any` in which Kubernetes' part of containerd notes the image of a container. */
function madeFrom(id: string): BoltContent {
  const json = JSON.stringify({ Metadata: { ImageRef: id } });
  return { "io.cri-containerd.container.metadata": `\u0012${String.fromCharCode(json.length)}${json}` };
}

/** A database with containers of the namespace `default`, all of which run, and an image that was pulled. */
function database(containers: BoltContent, { updatedat = time(1), target = image.digest } = {}): BoltContent {
  const labels = { "containerd.io/distribution.source.registry.example": "shop" };
  return {
    v1: {
      default: {
        containers,
        images: { [name]: { target: { digest: target }, updatedat } },
        content: { blob: { [target]: { labels } } },
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
  writeLayout(join(root, "io.containerd.content.v1.content"), ociLayout([image.spec, other.spec, arm.spec]));
  for (const id of ids) mkdirSync(join(state, "io.containerd.runtime.v2.task", "default", id), { recursive: true });
  return { root, state };
}

function list(...roots: readonly [Root, ...Root[]]): Promise<readonly EngineListing[]> {
  const access = { storage: roots.map(({ root }) => root), address: join(roots[0].state, "containerd.sock") };
  return listContainerd(access, { required: true, signal });
}

async function listed(container: BoltContent, store?: Parameters<typeof database>[1]): Promise<EngineListing> {
  const [listing] = await list(writeRoot(database({ web: container }, store), ["web"]));
  return listing ?? { workloads: [] };
}

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
    expect(workloads).toMatchObject([{ name: "web", image: name, moved: true }]);
    for (const key of ["digest", "pinned", "imageId"]) expect(workloads[0]).not.toHaveProperty(key);
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
        'no look at 2 containers in the namespace "default" of containerd: containerd gives no such names',
      ],
      ["layout-malformed", 'no look at a container in the namespace "default" of containerd: the limit is 10000'],
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

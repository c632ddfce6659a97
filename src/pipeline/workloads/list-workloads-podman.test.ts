import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { sha256 } from "../../../tests/setup/image.ts";
import { temporaryFolder } from "../../../tests/setup/temporary-folder.ts";
import { writeFiles } from "../../../tests/setup/write-files.ts";
import type { Workload } from "../../model/images/workload.ts";
import { listPodmanFolders } from "./list-workloads-podman.ts";

const folder = temporaryFolder();
const { signal } = new AbortController();
let count = 0;

interface Started {
  readonly names: readonly string[];
  readonly image: string;
  readonly metadata: object;
}

/** The listing of a store whose containers, all running, have these metadata. */
function listed(...containers: readonly Started[]): readonly Workload[] {
  return listedBeside([], containers);
}

function listedBeside(images: readonly StoredImage[], containers: readonly Started[]): readonly Workload[] {
  const place = join(folder, String(count++));
  const [storage, state] = [join(place, "root"), join(place, "run")];
  const records = containers.map(({ metadata, ...record }, position) => {
    const id = String(position + 1).repeat(64);
    startContainer(state, id, { root: { path: "/srv/root" } });
    return { id, ...record, metadata: JSON.stringify(metadata) };
  });
  mkdirSync(join(storage, "overlay-containers"), { recursive: true });
  mkdirSync(join(storage, "overlay-images"));
  writeFileSync(join(storage, "overlay-images", "images.json"), JSON.stringify(images.map(({ record }) => record)));
  for (const { record, files } of images) writeFiles(join(storage, "overlay-images", record.id), files);
  writeFileSync(join(storage, "overlay-containers", "volatile-containers.json"), JSON.stringify(records));
  const listings = listPodmanFolders({ storage: [storage], state: [state] }, { signal });
  expect(listings.map(({ gaps = [] }) => gaps)).toEqual([[]]);
  return listings.flatMap(({ workloads }) => workloads);
}

interface StoredImage {
  readonly record: { readonly id: string };
  readonly manifestDigest: string;
  readonly files: Readonly<Record<string, string>>;
}

/**
 * An image of one layer as a store has it that was pulled after it had been built: the digest of its record is still
 * that of the manifest from before. `names` are those it has, `history` those it has or had.
 */
function pulledAfterBuild(names: readonly string[], history: readonly string[] = names): StoredImage {
  const layer = sha256("layer");
  const config = JSON.stringify({ os: "linux", architecture: "amd64", rootfs: { type: "layers", diff_ids: [layer] } });
  const id = sha256(config).slice(7);
  const manifest = JSON.stringify({ config: { digest: `sha256:${id}` }, layers: [{ digest: sha256("packed") }] });
  const local = sha256("local manifest");
  const digests = { manifest: sha256(manifest), [`manifest-${local}`]: local };
  return {
    record: Object.assign(
      { id, digest: local, names, "names-history": history, layer: "" },
      { "big-data-digests": digests },
    ),
    manifestDigest: sha256(manifest),
    files: { manifest, [`=${Buffer.from(`sha256:${id}`).toString("base64")}`]: config },
  };
}

/** The same image with indexes beside it that Podman kept, each listing these manifests. */
function withIndexes(
  image: StoredImage,
  ...indexes: readonly (readonly string[])[]
): StoredImage & { readonly indexDigests: readonly string[] } {
  const texts = indexes.map((digests, position) =>
    JSON.stringify({ schemaVersion: 2, annotations: { position }, manifests: digests.map((digest) => ({ digest })) }),
  );
  const keys = texts.map((text) => `manifest-${sha256(text)}`);
  const record = structuredClone(image.record) as StoredImage["record"] & { "big-data-digests": object };
  Object.assign(record["big-data-digests"], Object.fromEntries(texts.map((text, at) => [keys[at], sha256(text)])));
  const files = Object.fromEntries(
    texts.map((text, at) => [`=${Buffer.from(keys[at] ?? "").toString("base64")}`, text]),
  );
  return { ...image, record, files: { ...image.files, ...files }, indexDigests: texts.map((text) => sha256(text)) };
}

/** A first process and a parent that reads its pipe, with the config of the container; a damaged one when undefined. */
function startContainer(state: string, id: string, config: object | undefined): void {
  const files = join(state, "overlay-containers", id, "userdata");
  mkdirSync(files, { recursive: true });
  execFileSync("mkfifo", [join(files, "ctl")]);
  const parent = spawn("sh", ["-c", 'exec 3<>"$0"; sleep 60', join(files, "ctl")], { detached: true });
  onTestFinished(() => void process.kill(-(parent.pid ?? 0)));
  writeFileSync(join(files, "pidfile"), String(parent.pid));
  writeFileSync(join(files, "config.json"), config === undefined ? "{" : JSON.stringify(config));
}

/** A store with a list of containers and no images. */
function storeWith(containers: unknown): string {
  const root = join(folder, String(count++));
  for (const name of ["overlay-containers", "overlay-images"]) mkdirSync(join(root, name), { recursive: true });
  writeFileSync(join(root, "overlay-images", "images.json"), "[]");
  writeFileSync(join(root, "overlay-containers", "containers.json"), JSON.stringify(containers));
  return root;
}

describe("a damaged store of Podman", () => {
  const whole = { id: "a".repeat(64), names: ["web"], image: "", metadata: "{}" };

  test("is told, and another store is read beside it", () => {
    const stores = [storeWith({}), storeWith([whole, 7])];
    const listings = listPodmanFolders({ storage: stores, state: [join(folder, "none")] }, { signal });
    expect(listings).toMatchObject([
      { isClosed: true, gaps: [{ error: { code: "layout-malformed", hint: expect.any(String) } }] },
      {
        workloads: [],
        gaps: [{ error: { code: "layout-malformed", message: expect.stringMatching(/^an entry of /) } }],
      },
    ]);
    expect(listings[1]).not.toHaveProperty("isClosed");
  });

  test("with a running container whose record is damaged lists it and tells of it", async () => {
    const root = storeWith([
      { ...whole, metadata: "{" },
      { ...whole, id: "b".repeat(64) },
    ]);
    const state = join(folder, String(count++));
    for (const id of ["a", "b"].map((digit) => digit.repeat(64))) {
      startContainer(state, id, id.startsWith("b") ? undefined : { root: { path: "/srv" } });
    }
    await vi.waitFor(() => {
      const [listing] = listPodmanFolders({ storage: [root], state: [state] }, { signal });
      expect(listing?.workloads.map(({ container }) => container.slice(0, 1))).toEqual(["a"]);
      expect(listing?.gaps?.map(({ error }) => error.message)).toEqual([
        "the record of the container aaaaaaaaaaaa of podman is damaged: its metadata cannot be read",
        expect.stringMatching(/^the record of the container bbbbbbbbbbbb of podman is damaged: .* is not valid JSON$/),
      ]);
    });
  });
});

describe.skipIf(process.platform !== "linux")("the store that Podman and CRI-O share", () => {
  const image = "a".repeat(64);

  test("lists what CRI-O runs, by the names of Kubernetes", async () => {
    const metadata = {
      "pod-name": "k8s_web-0_shop_1_0",
      "pod-id": "b".repeat(64),
      "image-name": "docker.io/library/nginx:1.27",
    };
    const names = ["k8s_nginx_web-0_shop_8d3c_0"];
    await vi.waitFor(() =>
      expect(listed({ names, image, metadata })).toMatchObject([
        {
          engine: "podman",
          place: "cri-o",
          name: "shop/pod/web-0/nginx",
          image: "docker.io/library/nginx:1.27",
          imageId: `sha256:${image}`,
          state: "running",
        },
      ]),
    );
  });

  test("lists a container that was started from a folder", async () => {
    const metadata = { "image-name": "", "image-id": "", name: "plain" };
    await vi.waitFor(() => {
      const [workload] = listed({ names: ["plain"], image: "", metadata });
      expect(workload).toMatchObject({ name: "plain", image: "/srv/root" });
      expect(workload).not.toHaveProperty("imageId");
    });
  });
});

describe.skipIf(process.platform !== "linux")("an image that Podman pulled after it had been built here", () => {
  const asked = "registry.example/shop:1";
  const container = (image: StoredImage, name = asked): Started => ({
    names: ["web"],
    image: image.record.id,
    metadata: { "image-name": name },
  });

  test.each([
    ["has no other name", asked, [asked]],
    ["is also tagged for this machine", asked, [asked, "localhost/shop:1"]],
    ["is also tagged in the same repository", "registry.example/shop:2", [asked, "registry.example/shop:2"]],
  ])("and that %s is pinned by the digest of the manifest that was pulled", async (_, name, names) => {
    const image = pulledAfterBuild(names);
    const pinned = `${name}@${image.manifestDigest}`;
    await vi.waitFor(() =>
      expect(listedBeside([image], [container(image, name)])).toMatchObject([{ digest: image.manifestDigest, pinned }]),
    );
  });

  test.each([
    ["has names in several repositories", [asked, "other.example/shop:1"], [asked, "other.example/shop:1"]],
    ["had a name in another repository", [asked], [asked, "other.example/shop:1"]],
    ["has only a name in another repository", ["other.example/shop:1"], ["other.example/shop:1"]],
  ])("and that %s has its digest and no pin", async (_, names, history) => {
    const image = pulledAfterBuild(names, history);
    await vi.waitFor(() => {
      const [workload] = listedBeside([image], [container(image)]);
      expect(workload).toMatchObject({ digest: image.manifestDigest });
      expect(workload).not.toHaveProperty("pinned");
    });
  });

  test("has no digest when its manifest is not the one that the store says", async () => {
    const image = pulledAfterBuild([asked]);
    const files = { ...image.files, manifest: `${image.files["manifest"]} ` };
    await vi.waitFor(() => {
      const [workload] = listedBeside([{ ...image, files }], [container(image)]);
      expect(workload).toMatchObject({ image: asked });
      expect(workload).not.toHaveProperty("digest");
    });
  });

  test("from an index is pinned by the digest of the index, which other platforms can use", async () => {
    const pulled = pulledAfterBuild([asked]);
    const { manifestDigest } = pulled;
    const image = withIndexes(pulled, [sha256("other platform"), manifestDigest], [sha256("of another image")]);
    const [digest] = image.indexDigests;
    const expected = { digest, manifestDigest, pinned: `${asked}@${digest}` };
    await vi.waitFor(() => expect(listedBeside([image], [container(image)])).toMatchObject([expected]));
  });

  test("is pinned by the digest of its manifest where several indexes have it, or the index is damaged", async () => {
    const pulled = pulledAfterBuild([asked]);
    const { manifestDigest } = pulled;
    const several = withIndexes(pulled, [manifestDigest], [manifestDigest, sha256("other platform")]);
    const one = withIndexes(pulled, [manifestDigest]);
    const damaged = Object.entries(one.files).map(([name, text]) => [name, text.replace("position", "place")]);
    for (const image of [several, { ...one, files: Object.fromEntries(damaged) }]) {
      await vi.waitFor(() => {
        const [workload] = listedBeside([image], [container(image)]);
        expect(workload).toMatchObject({ digest: manifestDigest, pinned: `${asked}@${manifestDigest}` });
        expect(workload).not.toHaveProperty("manifestDigest");
      });
    }
  });
});

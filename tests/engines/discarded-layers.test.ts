import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Report } from "../../src/model/reports/report.ts";
import { scanTarget } from "../../src/pipeline/scan/scan.ts";
import type { ContainerdAccess } from "../../src/pipeline/targets/engine-access.ts";
import { openTarget } from "../../src/pipeline/targets/open-target.ts";
import { judgeWorkloads } from "../../src/pipeline/workloads/judge-workloads.ts";
import { type FakeRegistry, fakeRegistry } from "../registry/setup/fake-registry.ts";
import { testClient } from "../registry/setup/registry-client.ts";
import { type BoltContent, boltFile } from "../setup/bolt.ts";
import { type LayoutContent, ociLayout, sha256, writeLayout } from "../setup/image.ts";
import { tar } from "../setup/tar.ts";
import { temporaryFolder } from "../setup/temporary-folder.ts";
import { fakeContainerd } from "./fake-containerd.ts";

const base = temporaryFolder();
const { signal } = new AbortController();
const said = "containerd has only unpacked 1 of the image's layers, and kept no copies of them as pulled";
let count = 0;

/** An image of one layer, which has one package. */
interface SmallImage {
  readonly content: LayoutContent;
  readonly manifest: Uint8Array;
  readonly digest: string;
  readonly id: string;
  readonly layer: string;
  readonly chainId: string;
}

function imageOf(version: string): SmallImage {
  const json = JSON.stringify({ name: "leaky", version });
  const members = [{ name: "app/node_modules/leaky/package.json", content: json }];
  const content = ociLayout([{ layers: [{ members }] }]);
  const read = (bytes: Uint8Array | undefined) => JSON.parse(Buffer.from(bytes ?? []).toString());
  const digest: string = read(content["index.json"]).manifests[0].digest;
  const manifest = content[`blobs/sha256/${digest.slice(7)}`] ?? new Uint8Array();
  const { config, layers } = read(manifest);
  return { content, manifest, digest, id: config.digest, layer: layers[0].digest, chainId: sha256(tar(members)) };
}

const [old, current] = [imageOf("1.0.0"), imageOf("2.0.0")];

/** A registry in which `team/app:1` is the current image, and which has the old one by its digest. */
async function registryWithBoth(): Promise<FakeRegistry> {
  const registry = await fakeRegistry();
  for (const { content, manifest } of [old, current]) {
    for (const bytes of Object.values(content)) registry.putBlob("team/app", bytes);
    registry.putManifest("team/app", manifest, { tag: "1" });
  }
  return registry;
}

interface StoreFacts {
  /** What each name means. */
  readonly names: Readonly<Record<string, SmallImage>>;
  /** Whose layers are there. */
  readonly whole: readonly SmallImage[];
  readonly containers?: BoltContent;
}

/** A containerd with a folder and a socket, in which `web` runs if it is one of the containers. */
async function containerdOf({
  names,
  whole,
  containers = {},
}: StoreFacts): Promise<Required<Omit<ContainerdAccess, "usualAddresses" | "usualStorage">>> {
  const folder = join(base, String(count++));
  const [root, address] = [join(folder, "root"), join(folder, "containerd.sock")];
  const blobs = new Map<string, Uint8Array>();
  for (const image of [old, current]) {
    const isKept = (path: string): boolean => whole.includes(image) || !path.endsWith(image.layer.slice(7));
    const content = Object.fromEntries(Object.entries(image.content).filter(([path]) => isKept(path)));
    writeLayout(join(root, "io.containerd.content.v1.content"), content);
    for (const bytes of Object.values(content)) blobs.set(sha256(bytes), bytes);
  }
  const digests = Object.fromEntries(Object.entries(names).map(([name, { digest }]) => [name, digest]));
  const images = Object.fromEntries(Object.entries(digests).map(([name, digest]) => [name, { target: { digest } }]));
  const labels = { "containerd.io/distribution.source.127.0.0.1": "team/app" };
  const blob = { [old.digest]: { labels }, [current.digest]: { labels } };
  const snapshots = { overlayfs: { key: { parent: old.chainId } } };
  const metadata = join(root, "io.containerd.metadata.v1.bolt");
  mkdirSync(metadata, { recursive: true });
  const content = { v1: { "k8s.io": { images, containers, content: { blob }, snapshots } } };
  writeFileSync(join(metadata, "meta.db"), boltFile(content));
  mkdirSync(join(folder, "io.containerd.runtime.v2.task", "k8s.io", "web"), { recursive: true });
  await fakeContainerd(address, { names: digests, blobs });
  return { storage: [root], address, namespace: "k8s.io" };
}

const elsewhere = {
  ...{ signal, verifyDigests: false },
  docker: { host: `unix://${join(base, "none.sock")}` },
  podman: { storage: [join(base, "none")], hosts: [] },
};

const judging = {
  ...{ signal, now: new Date("2026-11-20T09:00:00Z"), required: new Set<never>() },
  ...{ verifyDigests: false, scan: true },
};

describe("an image of which containerd has discarded the layers", () => {
  test.each(["folder", "socket"])(
    "is opened under its plain name from its registry, by the digest that containerd's %s tells",
    async (where) => {
      const { host } = await registryWithBoth();
      const name = `${host}/team/app:1`;
      const { storage, address } = await containerdOf({ names: { [name]: old }, whole: [] });
      const containerd = where === "folder" ? { storage } : { address };
      const options = { ...elsewhere, containerd, registry: testClient() };
      {
        using opened = await openTarget(name, options);
        expect(opened.target).toMatchObject({
          kind: "registry",
          name: `${name}@${old.digest}`,
          manifestDigest: old.digest,
        });
      }
      const command = `plimsoll scan registry:${name}@${old.digest})`;
      const refused = { code: "layout-malformed", message: said, hint: expect.stringContaining(command) };
      await expect(openTarget(`containerd:${name}`, options)).rejects.toMatchObject(refused);
      await expect(openTarget(name, { ...options, offline: true })).rejects.toMatchObject(refused);
      await expect(openTarget(old.id.slice(7, 19), options)).rejects.toMatchObject(refused);
    },
  );

  test("is told of together with its registry, where that does not have it", async () => {
    const { host } = await fakeRegistry();
    const name = `${host}/team/app:1`;
    const { storage } = await containerdOf({ names: { [name]: old }, whole: [] });
    const options = { ...elsewhere, containerd: { storage }, registry: testClient() };
    await expect(openTarget(name, options)).rejects.toMatchObject({
      code: "image-not-found",
      message: expect.stringContaining(`; ${said}; `),
    });
  });

  test.each(["folder", "socket"])(
    "is read through containerd's %s where its layers are known from earlier",
    async (where) => {
      const { storage, address } = await containerdOf({ names: { "one.example/app:1": old }, whole: [] });
      const containerd = where === "folder" ? { storage } : { address };
      const options = { ...elsewhere, containerd, isKnownLayer: (digest: string) => digest === old.layer };
      using opened = await openTarget("containerd:one.example/app:1", options);
      expect(opened.target).toMatchObject({ kind: "containerd", imageId: old.id });
    },
  );

  test("is scanned as before it was, with the cache; a folder that has all of it comes before one that lacks a layer", async () => {
    const names = { "one.example/app:1": old };
    const [lacking, whole] = [await containerdOf({ names, whole: [] }), await containerdOf({ names, whole: [old] })];
    const scan = (storage: readonly string[], cache: string): Promise<Report> =>
      scanTarget("containerd:one.example/app:1", {
        ...elsewhere,
        ...{ now: judging.now, cache, containerd: { storage } },
      });
    const cache = join(base, String(count++));
    const first = await scan(whole.storage, cache);
    expect(first.packages).toMatchObject([{ name: "leaky", version: "1.0.0" }]);
    const layers = first.layers.map((layer) => ({ ...layer, size: 0 }));
    expect(await scan(lacking.storage, cache)).toEqual({ ...first, layers });
    await expect(scan(lacking.storage, join(base, "empty"))).rejects.toMatchObject({ code: "layout-malformed" });
    const isKnownLayer = (): boolean => true;
    const containerd = { storage: [...lacking.storage, ...whole.storage] };
    using opened = await openTarget("containerd:one.example/app:1", { ...elsewhere, containerd, isKnownLayer });
    expect(opened.form === "tree" && opened.layers.map(({ size }) => size > 0)).toEqual([true]);
  });

  test("and that runs is scanned from its registry, where one may be asked", async () => {
    const registry = await registryWithBoth();
    const name = `${registry.host}/team/app:1`;
    const web = { image: name, snapshotter: "overlayfs", snapshotKey: "key" };
    const containerd = await containerdOf({ names: { [name]: old }, whole: [], containers: { web } });
    const options = { ...judging, registry: testClient() };
    const offline = await judgeWorkloads({ containerd }, { ...options, offline: true });
    expect(offline.workloads).toMatchObject([{ digest: old.digest, scan: null }]);
    expect(offline.unlisted).toMatchObject([
      { message: `${name} (web) was not scanned: ${said}`, hint: expect.stringContaining("plimsoll scan registry:") },
    ]);
    expect(registry.requests.filter(({ method }) => method === "GET")).toEqual([]);
    const asked = await judgeWorkloads({ containerd }, options);
    expect(asked.unlisted).toEqual([]);
    expect(asked.workloads).toMatchObject([{ digest: old.digest, scan: { problems: 0 } }]);
    registry.intercept = (_, response) => response.writeHead(404).end() !== undefined;
    const { unlisted } = await judgeWorkloads({ containerd }, options);
    expect(unlisted).toMatchObject([{ message: expect.stringContaining(`was not scanned: ${said}, and `) }]);
  });
});

describe("a container that Kubernetes' part of containerd made", () => {
  const name = "127.0.0.1:5000/team/app:1";
  const json = JSON.stringify({ Metadata: { Config: { image: { image: name } }, ImageRef: old.id } });
  // As UTF-8 the characters after the first are the bytes C2 82 00: the length 322.
  const noted = { "io.cri-containerd.container.metadata": `\u0012\u0082\0${json.padEnd(322)}` };
  const web = { image: name, snapshotter: "overlayfs", snapshotKey: "key", extensions: noted };

  test.each([
    ["has moved", { [name]: current, [old.id]: old }, { moved: true, digest: old.digest }],
    ["was removed", { [old.id]: old }, { digest: old.digest }],
  ])("is scanned by the id of its image when its tag %s", async (_, names, expected) => {
    const containerd = await containerdOf({ names, whole: [old, current], containers: { web } });
    const { workloads, unlisted } = await judgeWorkloads({ containerd }, judging);
    expect(unlisted).toEqual([]);
    expect(workloads).toMatchObject([{ image: name, imageId: old.id, ...expected, scan: { problems: 0 } }]);
  });

  test("is told of as not scanned when its image is there no more, also under its id", async () => {
    const containerd = await containerdOf({ names: { [name]: current }, whole: [current], containers: { web } });
    const { workloads, unlisted } = await judgeWorkloads({ containerd }, judging);
    expect(workloads).toMatchObject([{ image: name, imageId: old.id, moved: true, scan: null }]);
    expect(unlisted).toMatchObject([
      { message: `${name} (web) was not scanned: containerd has removed all or part of it` },
    ]);
  });
});

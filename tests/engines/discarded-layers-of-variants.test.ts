import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { judgeWorkloads } from "../../src/pipeline/workloads/judge-workloads.ts";
import { fakeRegistry } from "../registry/setup/fake-registry.ts";
import { testClient } from "../registry/setup/registry-client.ts";
import { boltFile } from "../setup/bolt.ts";
import { ociLayout, sha256, writeLayout } from "../setup/image.ts";
import { tar } from "../setup/tar.ts";
import { temporaryFolder } from "../setup/temporary-folder.ts";
import { fakeContainerd } from "./fake-containerd.ts";

const base = temporaryFolder();
const indexType = "application/vnd.oci.image.index.v1+json";

/** An image of one layer, whose config does not tell the variant of its processor. */
function imageFor(variant: string) {
  const members = [
    { name: `app/node_modules/${variant}/package.json`, content: `{"name":"${variant}","version":"1"}` },
  ];
  const content = ociLayout([{ architecture: "arm", layers: [{ members }] }]);
  const read = (bytes: Uint8Array | undefined) => JSON.parse(Buffer.from(bytes ?? []).toString());
  const digest: string = read(content["index.json"]).manifests[0].digest;
  const manifest = content[`blobs/sha256/${digest.slice(7)}`] ?? new Uint8Array();
  const layer: string = read(manifest).layers[0].digest;
  const platform = { os: "linux", architecture: "arm", variant };
  return { content, digest, manifest, layer, chainId: sha256(tar(members)), platform };
}

test.each(["v6", "v7"])(
  "an image for ARM %s that runs and whose layers containerd has discarded is the one that its registry is asked for",
  async (variant) => {
    const images = [imageFor("v6"), imageFor("v7")];
    const running = images.find(({ platform }) => platform.variant === variant);
    if (!running) throw new Error(`there is no image for ${variant}`);
    const manifests = images.map(({ digest, manifest, platform }) => ({ digest, size: manifest.length, platform }));
    const index = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: indexType, manifests }));

    const registry = await fakeRegistry();
    for (const { content, manifest } of images) {
      for (const bytes of Object.values(content)) registry.putBlob("team/app", bytes);
      registry.putManifest("team/app", manifest);
    }
    registry.putManifest("team/app", index, { tag: "1", mediaType: indexType });

    const folder = join(base, variant);
    const [root, address] = [join(folder, "root"), join(folder, "containerd.sock")];
    const kept = Object.entries(running.content).filter(([path]) => !path.endsWith(running.layer.slice(7)));
    const blobs = { ...Object.fromEntries(kept), [`blobs/sha256/${sha256(index).slice(7)}`]: index };
    writeLayout(join(root, "io.containerd.content.v1.content"), blobs);
    const name = `${registry.host}/team/app:1`;
    const labels = { "containerd.io/distribution.source.127.0.0.1": "team/app" };
    const facts = {
      images: { [name]: { target: { digest: sha256(index) } } },
      containers: { web: { image: name, snapshotter: "overlayfs", snapshotKey: "key" } },
      content: { blob: { [sha256(index)]: { labels } } },
      snapshots: { overlayfs: { key: { parent: running.chainId } } },
    };
    mkdirSync(join(root, "io.containerd.metadata.v1.bolt"), { recursive: true });
    writeFileSync(join(root, "io.containerd.metadata.v1.bolt", "meta.db"), boltFile({ v1: { "k8s.io": facts } }));
    mkdirSync(join(folder, "io.containerd.runtime.v2.task", "k8s.io", "web"), { recursive: true });
    const byDigest = new Map(Object.values(blobs).map((bytes) => [sha256(bytes), bytes]));
    await fakeContainerd(address, { names: { [name]: sha256(index) }, blobs: byDigest });

    const { workloads, unlisted } = await judgeWorkloads(
      { containerd: { storage: [root], address, namespace: "k8s.io" } },
      {
        ...{ signal: new AbortController().signal, now: new Date("2026-11-20T09:00:00Z") },
        ...{ required: new Set<never>(), verifyDigests: false, scan: true, registry: testClient() },
      },
    );
    expect(unlisted).toEqual([]);
    expect(workloads).toMatchObject([{ manifestDigest: running.digest, platform: "linux/arm", scan: { problems: 0 } }]);
    const layers = images.map(({ layer }) => `/v2/team/app/blobs/${layer}`);
    const asked = registry.requests.map(({ path }) => path).filter((path) => layers.includes(path));
    expect([...new Set(asked)]).toEqual([`/v2/team/app/blobs/${running.layer}`]);
  },
);

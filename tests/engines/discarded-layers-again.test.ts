import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { examineTarget } from "../../src/pipeline/scan/examine-target.ts";
import { scanTarget } from "../../src/pipeline/scan/scan.ts";
import { judgeWorkloads } from "../../src/pipeline/workloads/judge-workloads.ts";
import { type FakeRegistry, fakeRegistry } from "../registry/setup/fake-registry.ts";
import { testClient } from "../registry/setup/registry-client.ts";
import { boltFile } from "../setup/bolt.ts";
import { ociLayout, sha256, writeLayout } from "../setup/image.ts";
import { rpmDatabase, stoppedRpm } from "../setup/stopped-rpm.ts";
import { type TarMember, tar } from "../setup/tar.ts";
import { temporaryFolder } from "../setup/temporary-folder.ts";
import { fakeContainerd } from "./fake-containerd.ts";

const base = temporaryFolder();
const { signal } = new AbortController();
const now = new Date("2026-11-20T09:00:00Z");
const said = "containerd has only unpacked 2 of the image's layers, and kept no copies of them as pulled";
const packageJson = (name: string): string => JSON.stringify({ name, version: "1.0.0" });
const linked: readonly (readonly TarMember[])[] = [
  [{ name: "nix/store/abc", content: packageJson("leaky") }],
  [
    { name: "app/node_modules/plain/package.json", content: packageJson("plain") },
    { name: "app/node_modules/leaky/package.json", type: "symlink", link: "/nix/store/abc" },
  ],
];
const { ofDatabase, ofLog } = stoppedRpm(base);
const log = `${rpmDatabase}-wal`;
const logged: readonly (readonly TarMember[])[] = [
  [{ name: rpmDatabase, content: ofDatabase }],
  [{ name: log, content: ofLog }],
];
let count = 0;

/**
 * A registry with an image of two layers, of which one package is read by the name of a link unless others are given,
 * and a containerd that has discarded the image's layers and in which `web` runs it. The layers are known from a scan
 * in the registry.
 */
async function discarded(where: "folder" | "socket", of: readonly (readonly TarMember[])[] = linked) {
  const registry = await fakeRegistry();
  const content = ociLayout([{ layers: of.map((members) => ({ members })) }]);
  const read = (bytes: Uint8Array | undefined) => JSON.parse(Buffer.from(bytes ?? []).toString());
  const digest: string = read(content["index.json"]).manifests[0].digest;
  const manifest = content[`blobs/sha256/${digest.slice(7)}`] ?? new Uint8Array();
  const layers: readonly string[] = read(manifest).layers.map((layer: { digest: string }) => layer.digest.slice(7));
  for (const bytes of Object.values(content)) registry.putBlob("team/app", bytes);
  registry.putManifest("team/app", manifest, { tag: "1" });

  const folder = join(base, String(count++));
  const [root, address] = [join(folder, "root"), join(folder, "containerd.sock")];
  const kept = Object.entries(content).filter(([path]) => !layers.some((layer) => path.endsWith(layer)));
  writeLayout(join(root, "io.containerd.content.v1.content"), Object.fromEntries(kept));
  const name = `${registry.host}/team/app:1`;
  const [first, second] = of.map((members) => sha256(tar(members)));
  const facts = {
    images: { [name]: { target: { digest } } },
    containers: { web: { image: name, snapshotter: "overlayfs", snapshotKey: "key" } },
    content: { blob: { [digest]: { labels: { "containerd.io/distribution.source.127.0.0.1": "team/app" } } } },
    snapshots: { overlayfs: { key: { parent: sha256(Buffer.from(`${first} ${second}`)) } } },
  };
  const metadata = join(root, "io.containerd.metadata.v1.bolt");
  mkdirSync(metadata, { recursive: true });
  writeFileSync(join(metadata, "meta.db"), boltFile({ v1: { "k8s.io": facts } }));
  mkdirSync(join(folder, "io.containerd.runtime.v2.task", "k8s.io", "web"), { recursive: true });
  await fakeContainerd(address, { names: { [name]: digest }, blobs: new Map(kept.map(([, b]) => [sha256(b), b])) });

  const options = {
    ...{ signal, now, verifyDigests: false, cache: join(folder, "cache"), registry: testClient() },
    docker: { host: `unix://${join(base, "none.sock")}` },
    podman: { storage: [join(base, "none")], hosts: [] },
    containerd: where === "folder" ? { storage: [root] } : { address },
  };
  const whole = await examineTarget(`registry:${name}`, options);
  expect(whole.packages.map((found) => found.name)).toEqual(of === linked ? ["leaky", "plain"] : ["bash", "zlib"]);
  return { registry, name, digest, options, places: { storage: [root], address, namespace: "k8s.io" } };
}

describe.each(["folder", "socket"] as const)(
  "an image in containerd's %s whose discarded layers are known",
  (where) => {
    test("is read from its registry as often as one of them must be walked", async () => {
      const { name, digest, options } = await discarded(where);
      for (const turn of [1, 2]) {
        const { target, packages, problems } = await scanTarget(name, options);
        expect([turn, target.name, problems]).toEqual([turn, `${name}@${digest}`, []]);
        expect(packages.map((found) => found.name)).toEqual(["leaky", "plain"]);
      }
    });

    test("is read as far as it is known where no registry may be asked, and the rest is a problem", async () => {
      const { name, digest, options } = await discarded(where);
      for (const text of [name, `containerd:${name}`]) {
        const { target, packages, problems, verdict } = await scanTarget(text, { ...options, offline: true });
        expect(target.kind).toBe("containerd");
        expect(packages.map((found) => found.name)).toEqual(["plain"]);
        const message = `${said}; use registry:${name}@${digest} for the rest`;
        const path = "app/node_modules/leaky/package.json";
        expect(problems).toEqual([
          { code: "unreadable", message },
          { code: "unreadable", path, message: `${path} is a link to nix/store/abc, which was not reached` },
        ]);
        expect(verdict.decision).toBe("cannot-tell");
      }
    });

    test("is no less told of where what must be walked again is rpm's log", async () => {
      const { name, digest, options } = await discarded(where, logged);
      expect((await examineTarget(name, options)).packages.map((found) => found.name)).toEqual(["bash", "zlib"]);
      const { packages, problems } = await examineTarget(name, { ...options, offline: true });
      expect(packages.map((found) => found.name)).toEqual(["bash"]);
      const unread = `${log} contains changes to ${rpmDatabase} that were not read, so packages may be missing`;
      expect(problems).toEqual([
        { code: "unreadable", message: `${said}; use registry:${name}@${digest} for the rest` },
        { code: "unreadable", path: log, message: unread },
      ]);
    });

    test("is read as far as it is known where its registry fails, and told together with that", async () => {
      const { registry, name, options } = await discarded(where);
      refuseAll(registry);
      const { packages, problems } = await scanTarget(name, options);
      expect(packages.map((found) => found.name)).toEqual(["plain"]);
      expect(problems[0]?.message).toContain(`; ${said}; `);
    });

    test("is an error that names its registry, where containerd alone is asked and that may be too", async () => {
      const { name, digest, options } = await discarded(where);
      await expect(scanTarget(`containerd:${name}`, options)).rejects.toMatchObject({
        ...{ code: "layout-malformed", message: said },
        hint: expect.stringContaining(`plimsoll scan registry:${name}@${digest}`),
      });
    });
  },
);

test("an image that runs and whose discarded layers are known is scanned whole in its registry", async () => {
  const { options, places } = await discarded("folder");
  const judging = { ...options, required: new Set<never>(), scan: true };
  const { workloads, unlisted } = await judgeWorkloads({ containerd: places }, judging);
  expect(unlisted).toEqual([]);
  expect(workloads).toMatchObject([{ scan: { problems: 0 } }]);
});

function refuseAll(registry: FakeRegistry): void {
  registry.intercept = (_, response) => response.writeHead(404).end() !== undefined;
}

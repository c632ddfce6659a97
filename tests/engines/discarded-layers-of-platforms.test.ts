import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { scanTarget } from "../../src/pipeline/scan/scan.ts";
import { openTarget } from "../../src/pipeline/targets/open-target.ts";
import { fakeRegistry } from "../registry/setup/fake-registry.ts";
import { testClient } from "../registry/setup/registry-client.ts";
import { boltFile } from "../setup/bolt.ts";
import { type ImageSpec, ociLayout, sha256, writeLayout } from "../setup/image.ts";
import type { TarMember } from "../setup/tar.ts";
import { temporaryFolder } from "../setup/temporary-folder.ts";
import { fakeContainerd } from "./fake-containerd.ts";

const base = temporaryFolder();
const [ofHost, ofOther] = process.arch === "arm64" ? ["arm64", "amd64"] : ["amd64", "arm64"];
const indexType = "application/vnd.oci.image.index.v1+json";
const said = "containerd has only unpacked 1 of the image's layers, and kept no copies of them as pulled";
let count = 0;

const packageAt = (name: string, path: string): TarMember => ({
  name: path,
  content: JSON.stringify({ name, version: "1.0.0" }),
});

/** One package is read by the name of a link, for which the layer must be walked once more. */
const linked: readonly TarMember[] = [
  packageAt("leaky", "nix/store/abc"),
  packageAt("plain", "app/node_modules/plain/package.json"),
  { name: "app/node_modules/leaky/package.json", type: "symlink", link: "/nix/store/abc" },
];
const images = [
  builtFor({
    architecture: ofHost,
    layers: [{ members: [packageAt("hosts", "app/node_modules/hosts/package.json")] }],
  }),
  builtFor({ architecture: ofOther, layers: [{ members: linked }] }),
  builtFor(
    { architecture: "s390x", layers: [{ members: linked }] },
    { os: "linux", architecture: "arm", variant: "v7" },
  ),
] as const;

/** An image of one layer; an index may list it for another platform than its config tells. */
function builtFor(spec: ImageSpec, platform?: Readonly<Record<string, string>>) {
  const content = ociLayout([spec]);
  const read = (bytes: Uint8Array | undefined) => JSON.parse(Buffer.from(bytes ?? []).toString());
  const [listed] = read(content["index.json"]).manifests;
  const digest: string = listed.digest;
  const manifest = content[`blobs/sha256/${digest.slice(7)}`] ?? new Uint8Array();
  const layer: string = read(manifest).layers[0].digest;
  const descriptor = { ...listed, ...(platform && { platform }) };
  return { content, digest, manifest, layer, descriptor };
}

type Built = (typeof images)[number];

/** A registry with an index of all the images, and a containerd that has only one of them, without its layer. */
async function discarded(where: "folder" | "socket", kept: Built) {
  const registry = await fakeRegistry();
  const manifests = images.map(({ descriptor }) => descriptor);
  const index = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: indexType, manifests }));
  for (const { content, manifest } of images) {
    for (const bytes of Object.values(content)) registry.putBlob("team/app", bytes);
    registry.putManifest("team/app", manifest);
  }
  registry.putManifest("team/app", index, { tag: "1", mediaType: indexType });

  const folder = join(base, String(count++));
  const [root, address] = [join(folder, "root"), join(folder, "containerd.sock")];
  const documents = Object.entries(kept.content).filter(([path]) => !path.endsWith(kept.layer.slice(7)));
  const blobs = { ...Object.fromEntries(documents), [`blobs/sha256/${sha256(index).slice(7)}`]: index };
  writeLayout(join(root, "io.containerd.content.v1.content"), blobs);
  const name = `${registry.host}/team/app:1`;
  const metadata = join(root, "io.containerd.metadata.v1.bolt");
  mkdirSync(metadata, { recursive: true });
  const named = { [name]: { target: { digest: sha256(index) } } };
  writeFileSync(join(metadata, "meta.db"), boltFile({ v1: { default: { images: named } } }));
  const byDigest = new Map(Object.values(blobs).map((bytes) => [sha256(bytes), bytes]));
  await fakeContainerd(address, { names: { [name]: sha256(index) }, blobs: byDigest });

  const options = {
    ...{ signal: new AbortController().signal, now: new Date("2026-11-20T09:00:00Z"), verifyDigests: false },
    ...{ cache: join(folder, "cache"), registry: testClient() },
    docker: { host: `unix://${join(base, "none.sock")}` },
    podman: { storage: [join(base, "none")], hosts: [] },
    containerd: where === "folder" ? { storage: [root] } : { address },
  };
  return { name, options };
}

describe.each(["folder", "socket"] as const)(
  "an image for another platform than this machine's, alone of its index in containerd's %s, without its layers",
  (where) => {
    const [, kept, listedElse] = images;

    test("is that of the platform that containerd has, in its registry too", async () => {
      const { name, options } = await discarded(where, kept);
      using opened = await openTarget(name, options);
      expect(opened.target).toMatchObject({
        ...{ kind: "registry", manifestDigest: kept.digest, platform: `linux/${ofOther}` },
        name: `${name}@${kept.digest}`,
      });
    });

    test("is the same where its layers are known and one must be walked again, on every turn", async () => {
      const { name, options } = await discarded(where, kept);
      await scanTarget(`registry:${name}`, { ...options, platform: `linux/${ofOther}` });
      for (const turn of [1, 2]) {
        const { target, packages, problems } = await scanTarget(name, options);
        expect([turn, target.manifestDigest, problems]).toEqual([turn, kept.digest, []]);
        expect(packages.map((found) => found.name)).toEqual(["leaky", "plain"]);
      }
    });

    test("is named by its own digest wherever it is said where it is whole", async () => {
      const { name, options } = await discarded(where, kept);
      const whole = `registry:${name}@${kept.digest}`;
      const refused = { message: said, hint: expect.stringContaining(`(plimsoll scan ${whole})`) };
      await expect(scanTarget(`containerd:${name}`, options)).rejects.toMatchObject(refused);
      await scanTarget(`registry:${name}`, { ...options, platform: `linux/${ofOther}` });
      const { target, problems } = await scanTarget(name, { ...options, offline: true });
      expect(target.platform).toBe(`linux/${ofOther}`);
      expect(problems[0]?.message).toBe(`${said}; use ${whole} for the rest`);
    });

    test("is had from its registry when it is asked for by a platform that only its index tells", async () => {
      const { name, options } = await discarded(where, listedElse);
      using opened = await openTarget(name, { ...options, platform: "linux/arm/v7" });
      expect(opened.target).toMatchObject({ kind: "registry", manifestDigest: listedElse.digest });
    });
  },
);

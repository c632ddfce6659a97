import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  dockerLayout,
  type ImageSpec,
  type LayoutContent,
  layoutTar,
  legacyDockerLayout,
  ociLayout,
  sha256,
  writeLayout,
} from "../../../tests/setup/image.ts";
import { everyFile, takeStock } from "../../../tests/setup/take-stock.ts";
import { tar } from "../../../tests/setup/tar.ts";
import { temporaryFolder } from "../../../tests/setup/temporary-folder.ts";

const folder = temporaryFolder();
let count = 0;

const below = { members: [{ name: "a", content: "below" }] };
const above = { members: [{ name: "a", content: "above" }] };

type Members = Record<string, unknown>;

function blobOf(files: LayoutContent, digest: string): Members {
  return JSON.parse(Buffer.from(files[`blobs/sha256/${digest.slice(7)}`] ?? "").toString());
}

/** The same with a changed manifest, as all that its `index.json` names. */
function withManifest(files: LayoutContent, change: (manifest: Members) => Members): LayoutContent {
  const { manifests } = JSON.parse(Buffer.from(files["index.json"] ?? "").toString());
  const bytes = Buffer.from(JSON.stringify(change(blobOf(files, manifests[0].digest))));
  const entry = { ...manifests[0], digest: sha256(bytes), size: bytes.length };
  const index = Buffer.from(JSON.stringify({ schemaVersion: 2, manifests: [entry] }));
  return { ...files, [`blobs/sha256/${sha256(bytes).slice(7)}`]: bytes, "index.json": index };
}

interface Told {
  readonly files: Readonly<Record<string, string>>;
  readonly problems: readonly string[];
  readonly unexamined: readonly string[];
}

/** The contents of an archive or, with `as` being `folder`, of a layout of these files. */
async function told(
  files: LayoutContent,
  { as = "", verifyDigests = false }: { readonly as?: string; readonly verifyDigests?: boolean } = {},
): Promise<Told> {
  const path = join(folder, String(count++));
  if (as === "folder") writeLayout(path, files);
  else writeFileSync(path, layoutTar(files));
  const target = as === "folder" ? path : `${as}${path}`;
  const stock = await takeStock(target, { extractors: [everyFile], verifyDigests, cacheFolder: join(folder, "cache") });
  return {
    files: Object.fromEntries(stock.packages.map(({ name, version }) => [name, version])),
    problems: stock.problems.map(({ message }) => message.replaceAll(/sha256:[0-9a-f]{64}/g, "DIGEST")),
    unexamined: stock.unexamined.map((name) => name.replace(path, "FILE")),
  };
}

describe("what docker save of Docker 25.0.0 writes, whose OCI manifest has the layers in another order", () => {
  const files = withManifest(dockerLayout([{ tags: ["app:1"], layers: [below, above] }]), (manifest) => ({
    ...manifest,
    layers: (manifest["layers"] as readonly unknown[]).toReversed(),
  }));
  const mismatch =
    "does not match its diff ID in the image config, so most engines reject the image: save it again with a newer Docker";
  const advice = "; docker-archive: reads the layers of its tar in the right order";
  const both = [1, 2].map((layer) => `layer ${layer} of 2: the layer DIGEST ${mismatch}${advice}`);

  test("is read in the order of manifest.json, and that Podman may unpack another is told", async () => {
    const [archive, forced] = [await told(files), await told(files, { as: "docker-archive:" })];
    expect(archive).toEqual({ files: { a: "above" }, problems: [], unexamined: ["oci-archive:FILE:app:1"] });
    expect(forced).toEqual(archive);
  });

  test("is as an OCI layout no image that can be told, however often it is read", async () => {
    for (const verifyDigests of [false, true, false]) {
      const [archive, unpacked] = [
        await told(files, { as: "oci-archive:", verifyDigests }),
        await told(files, { as: "folder", verifyDigests }),
      ];
      expect(archive.problems).toEqual(both);
      expect(unpacked.problems).toEqual(both);
      expect([archive.unexamined, unpacked.unexamined]).toEqual([
        ["docker-archive:FILE:app:1"],
        ["app:1 of its manifest.json (docker-archive:TAR:app:1 once the folder is packed in a tar)"],
      ]);
    }
  });

  test("has no right order where there is no manifest.json", async () => {
    const { "manifest.json": _, ...rest } = files;
    const { problems } = await told(rest);
    expect(problems).toEqual([1, 2].map((layer) => `layer ${layer} of 2: the layer DIGEST ${mismatch}`));
  });

  test("has, of two layers that are the same, one", async () => {
    const twice = dockerLayout([{ tags: ["app:1"], layers: [below, above, below] }]);
    const once = withManifest(twice, (manifest) => ({
      ...manifest,
      layers: (manifest["layers"] as readonly unknown[]).slice(1),
    }));
    expect((await told(once, { as: "oci-archive:" })).problems).toEqual(both);
    expect(await told(once)).toMatchObject({ files: { a: "below" }, unexamined: ["oci-archive:FILE:app:1"] });
  });
});

test.each(["gzip", "zstd"] as const)(
  "a layer in %s has another digest than its tar, and none is in doubt",
  async (compression) => {
    const layers = [below, above].map((layer) => ({ ...layer, compression }));
    expect(await told(ociLayout([{ layers }]))).toMatchObject({ files: { a: "above" }, problems: [] });
  },
);

test("digests of two algorithms are not compared", async () => {
  const bytes = tar(below.members);
  const diffId = `sha512:${createHash("sha512").update(bytes).digest("hex")}`;
  expect((await told(ociLayout([{ layers: [{ ...below, diffId }] }]))).problems).toEqual([]);
});

describe("a layer that is not all there is a problem, also where no digest is proved", () => {
  const image: ImageSpec = { layers: [{ ...below, compression: "gzip" }, above] };
  const layers = (files: LayoutContent): string[] => {
    const { manifests } = JSON.parse(Buffer.from(files["index.json"] ?? "").toString());
    const listed = blobOf(files, manifests[0].digest)["layers"] as readonly { readonly digest: string }[];
    return listed.map(({ digest }) => `blobs/sha256/${digest.slice(7)}`);
  };

  test.each(["oci-archive:", "folder"])("in an OCI layout by its size (%s)", async (as) => {
    const files = ociLayout([image]);
    const [first = "", second = ""] = layers(files);
    const whole = Buffer.from(files[second] ?? "");
    const cut = { ...files, [first]: Buffer.alloc(0), [second]: whole.subarray(0, 1024) };
    const { problems } = await told(cut, { as });
    expect(problems).toEqual([
      `layer 1 of 2: the layer DIGEST is 0 bytes, but ${files[first]?.length} in the manifest`,
      `layer 2 of 2: the layer DIGEST is 1024 bytes, but ${whole.length} in the manifest`,
    ]);
  });

  test.each(["oci-archive:", "folder"])("but not by its size alone, which no loader minds (%s)", async (as) => {
    for (const size of [0, 5, 1e9]) {
      const files = withManifest(ociLayout([image]), (manifest) => ({
        ...manifest,
        layers: (manifest["layers"] as readonly object[]).map((layer) => ({ ...layer, size })),
      }));
      expect(await told(files, { as })).toMatchObject({ files: { a: "above" }, problems: [] });
      const { [layers(files)[1] ?? ""]: _, ...others } = files;
      const changed = { ...others, [layers(files)[1] ?? ""]: tar(below.members) };
      expect((await told(changed, { as })).problems).toEqual([
        `layer 2 of 2: the layer DIGEST is 2048 bytes, but ${size} in the manifest`,
      ]);
    }
  });

  test.each([
    ["before Docker 25", legacyDockerLayout],
    ["since Docker 25", dockerLayout],
  ] as const)("in an archive of docker save, %s, where it is empty", async (_, layout) => {
    const files = layout([image]);
    const [item] = JSON.parse(Buffer.from(files["manifest.json"] ?? "").toString());
    const { problems } = await told({ ...files, [item.Layers[0]]: Buffer.alloc(0) }, { as: "docker-archive:" });
    expect(problems).toEqual([expect.stringContaining("is empty, but its digest is not that of an empty file")]);
  });

  test.each([
    ["before Docker 25", legacyDockerLayout],
    ["since Docker 25", dockerLayout],
  ] as const)("in an archive of docker save, %s, where it is cut off between two entries", async (_, layout) => {
    const bytes = tar([{ name: "b", content: "b" }, ...below.members]);
    const files = layout([{ layers: [{ bytes }, above] }]);
    const [item] = JSON.parse(Buffer.from(files["manifest.json"] ?? "").toString());
    const { problems } = await told({ ...files, [item.Layers[0]]: bytes.subarray(0, 1024) }, { as: "docker-archive:" });
    expect(problems).toEqual(["layer 1 of 2: the layer should have the digest DIGEST but has DIGEST"]);
    const withoutMark = bytes.subarray(0, 2048);
    const whole = await told(layout([{ layers: [{ bytes: withoutMark }] }]), { as: "docker-archive:" });
    expect(whole).toMatchObject({ files: { a: "below", b: "b" }, problems: [] });
  });

  test("but not one that is empty and has the digest of nothing", async () => {
    const empty = { bytes: Buffer.alloc(0) };
    for (const layout of [legacyDockerLayout, dockerLayout, ociLayout])
      expect(await told(layout([{ layers: [below, empty] }]))).toMatchObject({ files: { a: "below" }, problems: [] });
  });
});

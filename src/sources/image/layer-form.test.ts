import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { dockerLayout, type LayerSpec, layoutTar, ociLayout, writeLayout } from "../../../tests/setup/image.ts";
import { takeStock } from "../../../tests/setup/take-stock.ts";
import { type TarMember, tar } from "../../../tests/setup/tar.ts";
import { temporaryFolder } from "../../../tests/setup/temporary-folder.ts";
import { formOfMediaType } from "./layer-form.ts";

const folder = temporaryFolder();
let count = 0;

const packages: LayerSpec = {
  members: [{ name: "app/node_modules/a/package.json", content: '{"name":"a","version":"1.0.0"}' }],
};

/** A layer like the image of a file system: a magic number behind 1024 zeros. */
const fileSystem = Buffer.concat([Buffer.alloc(1024), Buffer.from("e2e1f5e0", "hex"), Buffer.alloc(3000)]);

/** What was found of an image whose second layer is this one, and what the problems are. */
async function scan(layer: LayerSpec, verifyDigests = false): Promise<readonly string[]> {
  const path = join(folder, `layout-${count++}`);
  writeLayout(path, ociLayout([{ layers: [packages, layer] }]));
  const { packages: found, problems } = await takeStock(path, { verifyDigests });
  expect(found.map(({ name }) => name)).toEqual(["a"]);
  return problems.map(({ code, message }) => `${code}: ${message}`);
}

describe("a layer that is not a tar", () => {
  test.each([
    ["application/vnd.erofs.layer.v1", "EROFS"],
    ["application/vnd.erofs.layer.v1+zstd", "EROFS"],
    ["application/vnd.oci.image.layer.v1.erofs", "EROFS"],
    ["application/vnd.oci.image.layer.squashfs", "SquashFS"],
    ["application/vnd.stacker.image.layer.squashfs+zstd+verity", "SquashFS"],
    ["application/vnd.sylabs.image.layer.v1.squashfs", "SquashFS"],
    ["application/vnd.sylabs.image.layer.v1.ext3", "ext3"],
    ["application/vnd.oci.image.layer.nydus.blob.v1", "nydus"],
    ["application/vnd.puzzlefs.image.rootfs.v1", "PuzzleFS"],
  ])("is a problem that names the form of its media type %s", async (mediaType, form) => {
    expect(formOfMediaType(mediaType)).toBe(form);
    expect(await scan({ bytes: tar([]), mediaType })).toEqual([
      `unreadable: layer 2 of 2: the layer is in the format of ${form}, which is not supported`,
    ]);
  });

  test.each([
    "application/vnd.oci.image.layer.v1.tar",
    "application/vnd.oci.image.layer.v1.tar+gzip",
    "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
    "application/vnd.sif.layer.tar",
    "application/octet-stream",
    "",
  ])("is not said of the media type %s", (mediaType) => {
    expect(formOfMediaType(mediaType)).toBeUndefined();
  });

  test.each<[string, LayerSpec]>([
    ["as it is", { bytes: fileSystem }],
    ["in gzip", { bytes: gzipSync(fileSystem), mediaType: "application/vnd.oci.image.layer.v1.tar+gzip" }],
  ])("is a problem by its bytes, %s, whatever its media type and whether digests are proved", async (_, layer) => {
    for (const verifyDigests of [false, true]) {
      expect(await scan(layer, verifyDigests)).toEqual([
        expect.stringMatching(/^unreadable: layer 2 of 2: it is not a tar archive, but may be a file system image/),
      ]);
    }
  });

  test("makes an image no artifact, also where all its layers are of that form", async () => {
    const path = join(folder, "all");
    writeLayout(path, ociLayout([{ layers: [{ bytes: fileSystem, mediaType: "application/vnd.erofs.layer.v1" }] }]));
    expect((await takeStock(path)).problems).toEqual([
      { code: "unreadable", message: expect.stringContaining("layer 1 of 1: the layer is in the format of EROFS") },
    ]);
  });

  test("is one in an archive of docker save too, which gives no media types", async () => {
    const path = join(folder, "saved.tar");
    writeFileSync(path, layoutTar(dockerLayout([{ layers: [packages, { bytes: fileSystem }] }])));
    expect((await takeStock(path)).problems).toMatchObject([{ code: "unreadable" }]);
  });
});

describe("a tar that only wraps another form", () => {
  const commit: TarMember = { name: "overlaybd.commit", content: "LSMT" };
  test.each<[string, string, readonly TarMember[]]>([
    ["overlaybd", "overlaybd.commit alone", [commit]],
    [
      "overlaybd",
      "what TurboOCI keeps",
      [{ name: "ext4.fs.meta", content: "LSMT" }, { name: ".turbo.ociv1" }, { name: "gzip.meta", content: "i" }],
    ],
    [
      "nydus",
      "a bootstrap alone",
      [
        { name: "image", type: "directory" },
        { name: "image/image.boot", content: "RAFS" },
      ],
    ],
  ])("is a problem that names %s for %s, read by seeking or as a stream", async (form, _, members) => {
    for (const compression of ["none", "gzip"] as const) {
      expect(await scan({ members, compression })).toEqual([
        `unreadable: layer 2 of 2: the layer is in the format of ${form}, which is not supported`,
      ]);
    }
  });

  test.each<[string, readonly TarMember[]]>([
    ["other files beside it", [commit, { name: "etc/hostname", content: "h" }]],
    ["a file of that name in a folder", [{ name: "srv/overlaybd.commit", content: "LSMT" }]],
    ["nothing at all", []],
    ["folders alone", [{ name: "image", type: "directory" }]],
    ["an index of gzip alone", [{ name: "gzip.meta", content: "i" }]],
  ])("is not one that holds %s", async (_, members) => {
    for (const compression of ["none", "gzip"] as const) expect(await scan({ members, compression })).toEqual([]);
  });
});

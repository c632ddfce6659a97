import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type ImageSpec, type LayoutContent, layoutTar, ociLayout, sha256, writeLayout } from "../setup/image.ts";
import { everyFile, takeStock, visibleFiles } from "../setup/take-stock.ts";
import { type TarMember, tar } from "../setup/tar.ts";
import { temporaryFolder } from "../setup/temporary-folder.ts";

const folder = temporaryFolder();
const good: ImageSpec = { layers: [{ members: [{ name: "good", content: "x" }] }], tags: ["good:1"] };

function write(files: LayoutContent | Buffer, name = "image.tar"): string {
  const path = join(folder, name);
  writeFileSync(path, Buffer.isBuffer(files) ? files : layoutTar(files));
  return path;
}

describe("links in an archive", () => {
  const manifest = (paths: string[]): TarMember[] => [
    { name: "config.json", content: "{}" },
    { name: "manifest.json", content: JSON.stringify([{ Config: "config.json", Layers: paths }]) },
  ];
  const layer: TarMember = { name: "real/layer.tar", content: tar([{ name: "a", content: "x" }]) };

  test.each<[string, TarMember[]]>([
    ["a relative symbolic link", [{ name: "l/layer.tar", type: "symlink", link: "../real/layer.tar" }]],
    ["an absolute symbolic link", [{ name: "l/layer.tar", type: "symlink", link: "/real/layer.tar" }]],
    ["a hard link", [{ name: "l/layer.tar", type: "hardlink", link: "real/layer.tar" }]],
    [
      "a chain of both",
      [
        { name: "l/layer.tar", type: "symlink", link: "../m/layer.tar" },
        { name: "m/layer.tar", type: "hardlink", link: "real/layer.tar" },
      ],
    ],
  ])("%s leads to the layer", async (_, links) => {
    const path = write(tar([layer, ...links, ...manifest(["l/layer.tar"])]));
    expect(await visibleFiles(path)).toEqual({ a: "x" });
  });

  test.each<[string, TarMember[]]>([
    ["out of the archive", [{ name: "l", type: "symlink", link: "../../../../etc/passwd" }]],
    ["to an absolute path of this machine", [{ name: "l", type: "symlink", link: "/etc/passwd" }]],
    ["to itself", [{ name: "l", type: "symlink", link: "l" }]],
    [
      "in a circle",
      [
        { name: "l", type: "symlink", link: "m" },
        { name: "m", type: "hardlink", link: "l" },
      ],
    ],
  ])("a link %s is a missing layer", async (_, links) => {
    const { problems } = await takeStock(write(tar([...links, ...manifest(["l"])])));
    expect(problems.map(({ message }) => message)).toEqual(["layer 1 of 1: the layer l is missing from the archive"]);
  });

  test("a layer that is there twice is read where both are the same", async () => {
    const path = write(tar([layer, ...manifest(["real/layer.tar"]), layer, layer]));
    expect(await visibleFiles(path)).toEqual({ a: "x" });
    const link: TarMember = { name: "l/layer.tar", type: "symlink", link: "../real/layer.tar" };
    expect(await visibleFiles(write(tar([link, layer, ...manifest(["l/layer.tar"]), link])))).toEqual({ a: "x" });
  });

  // Docker and containerd take the last of two, Podman the first.
  test.each<[string, TarMember[]]>([
    ["one of another size", [{ name: "real/layer.tar", content: "" }]],
    ["one of the same size", [{ name: "./real/layer.tar", content: tar([{ name: "b", content: "y" }]) }]],
    ["one between", [{ name: "real/layer.tar", content: tar([{ name: "b", content: "y" }]) }, layer]],
  ])("a layer that is there twice is not read beside %s", async (_, others) => {
    const path = write(tar([layer, ...others, ...manifest(["real/layer.tar"])]));
    const { packages, problems } = await takeStock(path, { extractors: [everyFile] });
    expect(packages).toEqual([]);
    expect(problems.map(({ message }) => message)).toEqual([
      "layer 1 of 1: the layer real/layer.tar in the archive cannot be read: the archive contains it twice, with different contents",
    ]);
  });

  test("a list of images that is there twice, once as another, is not read", async () => {
    const path = write(tar([layer, ...manifest(["real/layer.tar"]), ...manifest(["other.tar"])]));
    await expect(takeStock(path)).rejects.toMatchObject({
      code: "layout-malformed",
      message: expect.stringContaining("manifest.json in"),
    });
  });

  test("a layer that is a file and something else is not read, because loaders do not agree which counts", async () => {
    const other: TarMember = { name: "other.tar", content: tar([{ name: "b", content: "y" }]) };
    const link: TarMember = { name: "real/layer.tar", type: "symlink", link: "../other.tar" };
    const hardLink: TarMember = { name: "real/layer.tar", type: "hardlink", link: "other.tar" };
    const twice = "real/layer.tar in the archive cannot be read: the archive contains it twice, as different types";
    for (const members of [
      [link, layer],
      [layer, link],
      [layer, link, layer],
      [layer, hardLink],
      [hardLink, layer],
    ]) {
      const path = write(tar([other, ...members, ...manifest(["real/layer.tar"])]));
      const { problems } = await takeStock(path, { extractors: [everyFile] });
      expect(problems.map(({ message }) => message)).toEqual([expect.stringContaining(twice)]);
    }
  });

  const link = (name: string, target: string): TarMember => ({ name, type: "symlink", link: target });

  // Docker unpacks the archive, so that the folder of one file is where a link leads.
  test.each<[string, TarMember[], string]>([
    ["below a link, over another", [link("l", "real"), { name: "l/layer.tar" }], "l/layer.tar"],
    ["below a link to the root", [link("l", "."), { name: "l/manifest.json" }], "l/manifest.json"],
    ["in a folder below a link", [link("l", "."), { name: "l/real/layer.tar" }], "l/real/layer.tar"],
    ["below a link to a link", [link("l", "m"), link("m", "real"), { name: "l/layer.tar" }], "l/layer.tar"],
    [
      "below a link in a linked folder",
      [link("a/b", "../x"), link("a", "y"), { name: "a/b/n" }, link("y/b", "../real"), { name: "a/b/layer.tar" }],
      "a/b/layer.tar",
    ],
    ["in place of the folder of one", [link("l", "."), { name: "l/real" }], "l/real"],
    ["below a link out of the archive", [link("l", "../.."), { name: "l/n" }], "l/n"],
    ["that is a link below a link", [link("l", "x"), link("l/m", "n")], "l/m"],
    ["in a folder that becomes a link", [link("real", "x")], "real/layer.tar"],
    [
      "below a link that was a folder",
      [{ name: "l", type: "directory" }, link("l", "real"), { name: "l/layer.tar" }],
      "l/layer.tar",
    ],
    [
      "below a link that led elsewhere before",
      [link("l", "x"), link("l", "real"), { name: "l/layer.tar" }],
      "l/layer.tar",
    ],
    ["below a link that led there before", [link("l", "real"), { name: "l/layer.tar" }, link("l", "x")], "l/layer.tar"],
  ])("a file %s makes an archive unreadable", async (_, members, name) => {
    const path = write(tar([layer, ...manifest(["real/layer.tar"]), ...members]));
    const taking = takeStock(path, { extractors: [everyFile] });
    const stock = await taking.catch((error: Error) => error);
    const told = stock instanceof Error ? stock.message : stock.problems.map(({ message }) => message).join();
    expect(told).toContain(`the archive contains "${name}" below a link, which tools unpack to different places`);
  });

  test.each<[string, TarMember[]]>([
    ["below a link to another folder", [link("cur", "v1"), { name: "cur/readme" }]],
    ["in a folder below one", [link("l", "x"), { name: "l/m/n", content: "" }]],
    ["below a link that was a folder", [{ name: "l", type: "directory" }, link("l", "x"), { name: "l/n" }]],
    ["beside the layer", [link("l", "real"), { name: "l/readme" }]],
  ])("a file %s that comes to no file of the image is nothing to an archive", async (_, members) => {
    const path = write(tar([layer, ...members, ...manifest(["real/layer.tar"])]));
    const { problems, packages } = await takeStock(path, { extractors: [everyFile] });
    expect([problems, packages.map(({ name }) => name)]).toEqual([[], ["a"]]);
  });

  test("a file that no archive has, and that one below a link may be, is not said to be missing", async () => {
    const path = write(tar([...manifest(["real/layer.tar"]), link("l", "real"), { name: "l/layer.tar" }]));
    const { problems } = await takeStock(path, { extractors: [everyFile] });
    expect(problems.map(({ message }) => message).join()).toContain('the archive contains "l/layer.tar" below a link');
  });

  test("a layer that is there twice, once as a file that some readers pass over, is not read", async () => {
    const path = write(tar([layer, { ...layer, type: "contiguous" }, ...manifest(["real/layer.tar"])]));
    const { problems } = await takeStock(path, { extractors: [everyFile] });
    expect(problems.map(({ message }) => message).join()).toContain(
      "the archive contains it twice, as different types",
    );
  });

  test("whoever ends a scan is heard while what an archive holds twice is compared", async () => {
    const large: TarMember = { name: "large", content: Buffer.alloc(3 * 1024 * 1024) };
    const path = write(tar([layer, large, large, ...manifest(["real/layer.tar"])]));
    const ending = new AbortController();
    const opening = takeStock(path, { signal: ending.signal });
    setImmediate(() => ending.abort());
    await expect(opening).rejects.toMatchObject({ code: "cancelled" });
  });

  test.each<[string, TarMember[], string]>([
    [
      "stored with holes",
      [{ name: "manifest.json", type: "sparse", format: "gnu" }],
      "Recreate the archive without --sparse.",
    ],
    [
      "there twice",
      [...manifest(["a"]), ...manifest(["b"])],
      "Save the image again, or recreate the archive with each path only once.",
    ],
    [
      "a file and a link",
      [...manifest(["a"]), link("manifest.json", "x")],
      "Save the image again, or recreate the archive with each path only once.",
    ],
    [
      "below a link too",
      [...manifest(["a"]), link("l", "."), { name: "l/manifest.json" }],
      "Save the image again, or recreate the archive with folders instead of links to folders.",
    ],
    ["a hard link out of it", [{ name: "manifest.json", type: "hardlink", link: "../x" }], "Save the image again."],
  ])("a list of images that is %s says what to do about that", async (_, members, hint) => {
    await expect(takeStock(write(tar(members)))).rejects.toMatchObject({ code: "layout-malformed", hint });
  });

  test("a manifest that is a link in a layout folder says how to copy it", async () => {
    const root = join(folder, "linked-manifest");
    const files = ociLayout([good]);
    const { manifests } = JSON.parse(Buffer.from(files["index.json"] ?? "").toString());
    const path = `blobs/sha256/${manifests[0].digest.slice(7)}`;
    const { [path]: bytes = "", ...rest } = files;
    writeLayout(root, rest);
    writeFileSync(join(folder, "manifest-elsewhere"), bytes);
    symlinkSync(join(folder, "manifest-elsewhere"), join(root, path));
    await expect(takeStock(root)).rejects.toMatchObject({
      code: "layout-malformed",
      hint: "A copy made with cp -rL has files instead of links.",
    });
  });

  test("an archive of very many files below very many links is refused in time", async () => {
    const folder = `${"a/".repeat(1_000)}`;
    const links = Array.from(
      { length: 20 },
      (_, index): TarMember => ({ name: `l${index}`, type: "symlink", link: "x" }),
    );
    const files = Array.from({ length: 2_000 }, (_, index): TarMember => ({ name: `${folder}${index}` }));
    const path = write(tar([layer, ...links, ...files, ...manifest(["real/layer.tar"])]));
    const started = performance.now();
    await expect(takeStock(path)).rejects.toMatchObject({ code: "layout-malformed" });
    expect(performance.now() - started).toBeLessThan(8_000);
  });

  test("a layer that is a link in a layout folder is not followed", async () => {
    const root = join(folder, "linked");
    writeLayout(root, ociLayout([{ layers: [{ members: [{ name: "a", content: "x" }], missing: true }] }]));
    writeFileSync(join(folder, "elsewhere.tar"), tar([{ name: "a", content: "x" }]));
    const digest = sha256(tar([{ name: "a", content: "x" }]));
    mkdirSync(join(root, "blobs/sha256"), { recursive: true });
    symlinkSync(join(folder, "elsewhere.tar"), join(root, "blobs/sha256", digest.slice(7)));
    const { packages, problems } = await takeStock(root, { extractors: [everyFile] });
    expect(packages).toEqual([]);
    expect(problems.map(({ message }) => message)).toEqual([
      `layer 1 of 1: the layer ${digest} in the layout cannot be read: it is a symbolic link, and those are not followed: copy the layout with cp -rL`,
    ]);
  });
});

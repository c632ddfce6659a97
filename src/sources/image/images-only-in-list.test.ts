import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  dockerLayout,
  type ImageSpec,
  type LayoutContent,
  layoutOfTwoLists,
  layoutTar,
  ociLayout,
  writeLayout,
} from "../../../tests/setup/image.ts";
import { temporaryFolder } from "../../../tests/setup/temporary-folder.ts";
import type { ImageOptions } from "./image.ts";
import { openArchive } from "./open-archive.ts";
import { openLayoutFolder } from "./open-layout-folder.ts";

const folder = temporaryFolder();
const { signal } = new AbortController();
let count = 0;

const image = (name: string, tag: string, architecture = "amd64"): ImageSpec => ({
  tags: [tag],
  architecture,
  layers: [{ members: [{ name: `${name}.txt`, content: name }] }],
});
const clean = image("clean", "app:1");
const evil = image("evil", "app:1");

const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));

/** The images reported as not examined beside the image of `index.json`. */
async function others(files: LayoutContent, options: Partial<ImageOptions> = {}): Promise<readonly string[]> {
  const path = join(folder, `${count++}.tar`);
  writeFileSync(path, layoutTar(files));
  const opened = await openArchive(path, { verifyDigests: false, signal, ...options, kind: "oci-archive" });
  using found = opened.image;
  expect(opened.kind).toBe("oci-archive");
  return found.unexamined.map((name) => name.replace(path, "FILE"));
}

describe("an image of oci-archive: that index.json names", () => {
  test.each([{}, { reference: "app:1" }, { platform: "linux/amd64" }])(
    "is not alone where manifest.json names another, which Docker loads (%j)",
    async (options) => {
      expect(await others(layoutOfTwoLists([evil], [clean]), options)).toEqual(["docker-archive:FILE:app:1"]);
      expect(await others(layoutOfTwoLists([clean, evil], [clean]), options)).toEqual(["docker-archive:FILE:app:1"]);
    },
  );

  test("is not alone where manifest.json has its config with other layers", async () => {
    const files = layoutOfTwoLists([clean], [clean]);
    const [item] = JSON.parse(Buffer.from(files["manifest.json"] ?? "").toString());
    for (const layers of [[], [...item.Layers, ...item.Layers], ["index.json"]]) {
      const changed = { ...files, "manifest.json": json([{ ...item, Layers: layers }]) };
      expect(await others(changed)).toEqual(["docker-archive:FILE:app:1"]);
    }
  });

  test("is not alone where manifest.json has another by the name that was asked for, beside its own by a longer one", async () => {
    const long = { ...clean, tags: ["registry.example/team/app:1"] };
    const files = layoutOfTwoLists([long, evil], [long]);
    expect(await others(files, { reference: "app:1" })).toEqual(["docker-archive:FILE:app:1"]);
    expect(await others(files, { reference: "registry.example/team/app:1" })).toEqual([]);
    expect(await others(layoutOfTwoLists([evil, long], [long]), { reference: "team/app:1" })).toEqual([]);
  });

  test("is, where it was asked for by its digest, that of its name in manifest.json too", async () => {
    const files = layoutOfTwoLists([evil, image("other", "other:1")], [clean]);
    const { manifests } = JSON.parse(Buffer.from(files["index.json"] ?? "").toString());
    expect(await others(files, { reference: manifests[0].digest })).toEqual(["docker-archive:FILE:app:1"]);
  });

  test("is told of an image without a tag by the path of its config", async () => {
    const { tags: _, ...untagged } = evil;
    const files = layoutOfTwoLists([clean, untagged], [clean]);
    const [, item] = JSON.parse(Buffer.from(files["manifest.json"] ?? "").toString());
    expect(await others(files)).toEqual([`docker-archive:FILE:${item.Config}`]);
    expect(await others(files, { reference: "app:1" })).toEqual([]);
  });

  test.each<[string, Buffer]>([
    ["is damaged", Buffer.from("[{")],
    ["has something behind its end, where Docker does not read", Buffer.from('[{"Config":"x","Layers":[]}] x')],
    ["lists what is not an image", json([{ Config: "x", Layers: [] }, { Config: 5 }])],
    ["has a member twice", Buffer.from('[{"Config":"x","config":"y","Layers":[]}]')],
    ["lists very many images", json(Array.from({ length: 1001 }, () => ({ Config: "index.json", Layers: [] })))],
  ])("is not alone where manifest.json %s", async (_, list) => {
    expect(await others({ ...ociLayout([clean]), "manifest.json": list })).toEqual(["docker-archive:FILE"]);
  });

  test.each<[string, Buffer]>([
    ["an object", json({ Config: "x", Layers: [] })],
    ["an empty list", json([])],
    ["a list of other things", json([1, "Config", { name: "x" }, null])],
    ["no JSON and no list", Buffer.from("Config")],
    ["empty", Buffer.alloc(0)],
    ["a list of an image that is not there", json([{ Config: "x", Layers: [] }])],
  ])("is alone where manifest.json is %s, of which nobody loads an image", async (_, list) => {
    expect(await others({ ...ociLayout([clean]), "manifest.json": list })).toEqual([]);
  });

  test("is alone beside what Docker writes, of one image, of several, and of one of them", async () => {
    const both = dockerLayout([clean, image("other", "other:1")]);
    expect(await others(dockerLayout([clean]))).toEqual([]);
    expect(await others(both)).toEqual(["other:1"]);
    expect(await others(both, { reference: "other:1" })).toEqual([]);
  });

  test("is alone where manifest.json has only the images for other platforms", async () => {
    const arm = image("arm", "app:1", "arm64");
    expect(await others(layoutOfTwoLists([clean], [clean, arm]), { platform: "linux/arm64" })).toEqual([]);
    expect(await others(layoutOfTwoLists([evil], [arm]), { platform: "linux/arm64" })).toEqual([]);
    expect(await others(layoutOfTwoLists([evil], [arm]))).toEqual(["docker-archive:FILE:app:1"]);
  });
});

test("a folder that is an unpacked archive of docker save too tells of what its manifest.json alone has", () => {
  const tell = (files: LayoutContent): readonly string[] => {
    const path = join(folder, `layout-${count++}`);
    writeLayout(path, files);
    using opened = openLayoutFolder(path, { verifyDigests: false, signal });
    return opened.unexamined;
  };
  expect(tell(dockerLayout([clean]))).toEqual([]);
  expect(tell(layoutOfTwoLists([evil], [clean]))).toEqual([
    "app:1 of its manifest.json (docker-archive:TAR:app:1 once the folder is packed in a tar)",
  ]);
  expect(tell({ ...ociLayout([clean]), "manifest.json": Buffer.from("[") })).toEqual([
    "the images in its manifest.json, which cannot be read",
  ]);
});

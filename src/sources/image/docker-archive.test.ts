import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { dockerLayout, type ImageSpec, layoutTar, legacyDockerLayout, ociLayout } from "../../../tests/setup/image.ts";
import { takeStock } from "../../../tests/setup/take-stock.ts";
import { tar } from "../../../tests/setup/tar.ts";
import { temporaryFolder } from "../../../tests/setup/temporary-folder.ts";
import type { Image } from "./image.ts";
import { openArchive } from "./open-archive.ts";

const folder = temporaryFolder();
const signal = new AbortController().signal;

const image = (name: string, tags: readonly string[], architecture = "amd64"): ImageSpec => ({
  tags,
  architecture,
  os: "linux",
  layers: [{ members: [{ name: `${name}.txt`, content: name }] }],
});

describe.each([
  ["legacy", legacyDockerLayout],
  ["since Docker 25", dockerLayout],
] as const)("an archive of docker save (%s)", (form, layout) => {
  const path = join(folder, `${form}.tar`);
  writeFileSync(path, layoutTar(layout([image("a", ["first:1"]), image("b", ["second:2"]), image("c", [])])));

  async function open(reference?: string): Promise<Image> {
    const options = { verifyDigests: true, signal, ...(reference !== undefined && { reference }) };
    return (await openArchive(path, options)).image;
  }

  test("tells of the images beside the first one, and of none beside one that was named", async () => {
    using first = await open();
    expect([first.tags, first.unexamined.length, first.unexamined[0]]).toEqual([["first:1"], 2, "second:2"]);
    using second = await open("second:2");
    expect([second.tags, second.unexamined]).toEqual([["second:2"], []]);
  });

  test("names an image without a tag by its config, its id and the beginning of that", async () => {
    using first = await open();
    const config = first.unexamined[1] ?? "";
    using untagged = await open(config);
    expect(untagged.tags).toEqual([]);
    for (const name of [untagged.id, untagged.id.slice("sha256:".length), untagged.id.slice(7, 19)]) {
      using found = await open(name);
      expect(found.id).toBe(untagged.id);
    }
    await expect(open("0000000")).rejects.toMatchObject({ code: "image-not-found" });
  });
});

test("an archive with one image for several platforms gives the one that is wanted", async () => {
  const path = join(folder, "platforms.tar");
  writeFileSync(path, layoutTar(dockerLayout([image("a", ["app:1"]), image("b", ["app:1"], "arm64")])));
  const options = { verifyDigests: true, signal, reference: "app:1" };
  using opened = (await openArchive(path, { ...options, platform: "linux/arm64" })).image;
  expect(opened.platform).toBe("linux/arm64");
  const missing = openArchive(path, { ...options, platform: "linux/s390x" });
  await expect(missing).rejects.toMatchObject({ code: "platform-not-found" });
});

describe("an archive whose manifest.json names fewer platforms than its index.json", () => {
  const path = join(folder, "exported.tar");
  const own = image("a", ["app:1"]);
  const both = ociLayout([own, image("b", ["app:1"], "arm64")]);
  writeFileSync(path, layoutTar({ ...both, "manifest.json": dockerLayout([own])["manifest.json"] ?? Buffer.alloc(0) }));

  test.each([undefined, "app:1"])(
    "gives what index.json has for the one that is wanted, of the image %s",
    async (name) => {
      const options = { verifyDigests: true, signal, ...(name !== undefined && { reference: name }) };
      const { kind, image: opened } = await openArchive(path, { ...options, platform: "linux/arm64" });
      using found = opened;
      expect([kind, found.platform, found.unexamined]).toEqual(["oci-archive", "linux/arm64", []]);
      const first = await openArchive(path, { ...options, platform: "linux/amd64" });
      using _first = first.image;
      expect([first.kind, first.image.platform]).toEqual(["docker-archive", "linux/amd64"]);
    },
  );

  test("says which there are when neither has it, and goes by manifest.json alone when that is meant", async () => {
    const options = { verifyDigests: true, signal };
    await expect(openArchive(path, { ...options, platform: "linux/s390x" })).rejects.toMatchObject({
      code: "platform-not-found",
      hint: "Available platforms: linux/amd64, linux/arm64.",
    });
    await expect(
      openArchive(path, { ...options, platform: "linux/arm64", kind: "docker-archive" }),
    ).rejects.toMatchObject({ code: "platform-not-found", hint: "Available platforms: linux/amd64." });
  });
});

test("the configs of many images are read once to say for which platforms there are images", async () => {
  const path = join(folder, "many.tar");
  const padding = "x".repeat(1_500_000);
  const many = Array.from({ length: 50 }, (_, index) => ({
    ...image(`i${index}`, [`i:${index}`]),
    config: { padding },
  }));
  writeFileSync(path, layoutTar(dockerLayout(many)));
  const opening = openArchive(path, { verifyDigests: false, signal, platform: "linux/arm64", kind: "docker-archive" });
  await expect(opening).rejects.toMatchObject({
    code: "platform-not-found",
    hint: "Available platforms: linux/amd64.",
  });
});

test("a name without a tag is found in index.json too, for a platform that manifest.json does not have", async () => {
  const path = join(folder, "exported-latest.tar");
  const own = image("a", ["app:latest"]);
  const both = ociLayout([own, image("b", ["app:latest"], "arm64")]);
  writeFileSync(path, layoutTar({ ...both, "manifest.json": dockerLayout([own])["manifest.json"] ?? Buffer.alloc(0) }));
  const opened = await openArchive(path, { verifyDigests: true, signal, reference: "app", platform: "linux/arm64" });
  using found = opened.image;
  expect([opened.kind, found.platform]).toEqual(["oci-archive", "linux/arm64"]);
});

test("a name without a tag is that with the tag latest, and all tags are told where it fits none", async () => {
  const path = join(folder, "latest.tar");
  writeFileSync(path, layoutTar(dockerLayout([image("a", ["app:1", "app:latest"]), image("b", ["app:2"])])));
  const options = { verifyDigests: true, signal };
  for (const reference of ["app", "app:latest"]) {
    using opened = (await openArchive(path, { ...options, reference })).image;
    expect(opened.tags).toEqual(["app:1", "app:latest"]);
  }
  await expect(openArchive(path, { ...options, reference: "app:3" })).rejects.toMatchObject({
    code: "image-not-found",
    hint: "Available images: app:1, app:latest, app:2.",
  });
});

describe("an archive that gives one tag to several images, of which Docker loads the last under it", () => {
  const open = async (images: readonly ImageSpec[], more: object = {}): Promise<readonly string[]> => {
    const path = join(folder, "one-tag.tar");
    writeFileSync(path, layoutTar(dockerLayout(images)));
    const options = { verifyDigests: true, signal, kind: "docker-archive", ...more } as const;
    using opened = (await openArchive(path, options)).image;
    return opened.unexamined.filter((name) => !name.startsWith("oci-archive:"));
  };
  const [one, two] = [image("a", ["app:1"]), image("b", ["app:1", "app:2"])];

  test("tells of the others, also to who names the tag, by what leads to them", async () => {
    for (const more of [{}, { reference: "app:1" }]) {
      const [path = "", ...rest] = await open([one, two], more);
      expect([path, rest]).toEqual([expect.stringMatching(/^blobs\/sha256\//), []]);
      expect(await open([one, two], { reference: path })).toEqual([]);
      using other = (await openArchive(join(folder, "one-tag.tar"), { verifyDigests: true, signal, reference: path }))
        .image;
      expect(other.tags).toEqual(["app:1", "app:2"]);
    }
  });

  test("tells of none that is the same, has another name, or is for another platform than the one that is wanted", async () => {
    expect(await open([one, one], { reference: "app:1" })).toEqual([]);
    expect(await open([one, image("c", ["other:1"])], { reference: "app:1" })).toEqual([]);
    const arm = image("c", ["app:1"], "arm64");
    expect(await open([one, arm], { reference: "app:1", platform: "linux/amd64" })).toEqual([]);
    expect(await open([one, arm], { reference: "app:1" })).toHaveLength(1);
  });
});

test("a list of layers that is null, as Go writes an empty one, is of none", async () => {
  const path = join(folder, "null.tar");
  const files = dockerLayout([{ ...image("a", ["app:1"]), layers: [] }]);
  const [item] = JSON.parse(Buffer.from(files["manifest.json"] ?? "").toString()) as readonly object[];
  writeFileSync(
    path,
    layoutTar({ ...files, "manifest.json": Buffer.from(JSON.stringify([{ ...item, Layers: null }])) }),
  );
  using opened = (await openArchive(path, { verifyDigests: true, signal })).image;
  expect([opened.tags, opened.layers]).toEqual([["app:1"], []]);
});

describe("an archive that was packed with holes in its files", () => {
  const files = dockerLayout([image("a", ["app:1"])]);
  const packed = (isSparse: (name: string) => boolean): Buffer =>
    tar(
      Object.entries(files).map(([name, content]) => ({
        name,
        content,
        ...(isSparse(name) && ({ type: "sparse", format: "gnu" } as const)),
      })),
    );

  test("says of a layer that it cannot be read, and reads the others", async () => {
    const path = join(folder, "sparse-layer.tar");
    const [item] = JSON.parse(Buffer.from(files["manifest.json"] ?? "").toString()) as [{ Layers: readonly string[] }];
    writeFileSync(
      path,
      packed((name) => item.Layers.includes(name)),
    );
    const { problems } = await takeStock(path);
    expect(problems).toEqual([
      {
        code: "unreadable",
        message: `layer 1 of 1: the layer ${item.Layers[0]} in the archive cannot be read: it is stored as a sparse file, which is not supported`,
      },
    ]);
  });

  test("says so of its list of images", async () => {
    const path = join(folder, "sparse-list.tar");
    writeFileSync(
      path,
      packed((name) => name === "manifest.json"),
    );
    await expect(openArchive(path, { verifyDigests: true, signal })).rejects.toMatchObject({
      code: "layout-malformed",
      message: `manifest.json in ${path} cannot be read: it is stored as a sparse file, which is not supported`,
    });
  });
});

describe.each(["docker-archive", "oci-archive"] as const)("a name in an archive read as %s:", (kind) => {
  const long = image("long", ["registry.example/team/app:1"]);
  const exact = image("exact", ["app:1"]);
  let count = 0;
  const open = async (
    images: readonly ImageSpec[],
    reference: string,
  ): Promise<readonly [string, readonly string[]]> => {
    const path = join(folder, `${kind}-${count++}.tar`);
    writeFileSync(path, layoutTar(kind === "docker-archive" ? legacyDockerLayout(images) : ociLayout(images)));
    const opened = await openArchive(path, { verifyDigests: true, signal, kind, reference });
    using found = opened.image;
    return [found.tags[0] ?? "", found.unexamined];
  };

  test("is taken for the image that has it, in whatever order, and for none of a longer name", async () => {
    for (const images of [
      [exact, long],
      [long, exact],
    ]) {
      for (const reference of ["app:1", "docker.io/app:1", "docker.io/library/app:1", "library/app:1"])
        expect(await open(images, reference)).toEqual(["app:1", []]);
      expect(await open(images, "registry.example/team/app:1")).toEqual(["registry.example/team/app:1", []]);
    }
  });

  test("means all that Docker has under it, however it is written", async () => {
    const [one, two] = [exact, image("two", ["docker.io/library/app:1"])];
    expect((await open([one, two], "app:1"))[1]).toHaveLength(1);
    expect((await open([two, one], "docker.io/app:1"))[1]).toHaveLength(1);
  });

  test("without a tag is the latest of that name before that of a longer one", async () => {
    const [latest, longer] = [image("a", ["app:latest"]), image("b", ["registry.example/team/app:latest"])];
    for (const images of [
      [latest, longer],
      [longer, latest],
    ]) {
      for (const reference of ["app", "docker.io/app", "app:latest"])
        expect(await open(images, reference)).toEqual(["app:latest", []]);
    }
    expect(await open([longer], "app")).toEqual(["registry.example/team/app:latest", []]);
  });

  test("may be the last part of a longer one where nothing has it", async () => {
    expect(await open([image("x", ["other:1"]), long], "app:1")).toEqual(["registry.example/team/app:1", []]);
    const twice = [long, image("y", ["registry.example/other/app:1"])];
    expect((await open(twice, "app:1"))[1]).toEqual(["registry.example/other/app:1"]);
    await expect(open([long], "pp:1")).rejects.toMatchObject({ code: "image-not-found" });
  });
});

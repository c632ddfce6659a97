import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { dockerLayout, type ImageSpec, layoutTar, legacyDockerLayout } from "../../../tests/setup/image.ts";
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

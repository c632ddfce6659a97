import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { dockerLayout, type ImageSpec, legacyDockerLayout, writeLayout } from "../../../tests/setup/image.ts";
import { temporaryFolder } from "../../../tests/setup/temporary-folder.ts";
import { imagesBelow, recogniseTarget, refuseUnpackedImage } from "./recognise-target.ts";

const folder = temporaryFolder();
const image: ImageSpec = { tags: ["app:1"], layers: [{ members: [{ name: "a", content: "a" }] }] };

describe("a folder with what docker save packed", () => {
  const unpacked = join(folder, "unpacked");
  writeLayout(unpacked, legacyDockerLayout([image]));

  test("is not a folder of files, also as dir:, and it is told how to scan it", () => {
    const refusal = expect.objectContaining({
      code: "archive-not-recognised",
      message: `${unpacked} contains an image in the format of docker save, which is supported only in a tar`,
      hint: `Pack it again (tar -C ${unpacked} -cf image.tar .) and scan image.tar.`,
    });
    expect(() => recogniseTarget(unpacked)).toThrow(refusal);
    expect(() => refuseUnpackedImage(unpacked)).toThrow(refusal);
  });

  test("is an image that lies in the folder above it", () => {
    expect(imagesBelow(folder)).toContain("unpacked");
  });
});

test("a folder with what docker save packs since version 25 is a layout, and as dir: a folder of files", () => {
  const layout = join(folder, "layout");
  writeLayout(layout, dockerLayout([image]));
  expect(recogniseTarget(layout)).toBe("oci-dir");
  expect(() => refuseUnpackedImage(layout)).not.toThrow();
});

describe("a folder whose manifest.json", () => {
  let count = 0;
  function withManifest(content: string): string {
    const path = join(folder, `other-${count++}`);
    mkdirSync(path);
    writeFileSync(join(path, "manifest.json"), content);
    return path;
  }

  test.each([
    ["is that of an extension of a browser", '{"manifest_version": 3, "name": "a"}'],
    ["is a list of other things", '[{"Config": 1, "Layers": []}, "x"]'],
    ["is an empty list", "[]"],
    ["names a config that is not there", '[{"Config": "c.json", "Layers": ["a/layer.tar"]}]'],
    ["names a config above the folder", '[{"Config": "../unpacked/manifest.json", "Layers": []}]'],
    ["is not JSON", "["],
    ["names a config whose name is too long", `[{"Config": "${"c".repeat(300)}", "Layers": []}]`],
    ["names a config below a file", '[{"Config": "manifest.json/c", "Layers": []}]'],
    ["is over 1 MiB", `[{"Config": "manifest.json", "Layers": []}${" ".repeat(2 ** 20)}]`],
  ])("%s is a folder of files", (_, content) => {
    expect(recogniseTarget(withManifest(content))).toBe("repo");
  });

  test("is large and of other things is not parsed", () => {
    const path = withManifest(`[${"{},".repeat(300_000)}{}]`);
    const parse = vi.spyOn(JSON, "parse");
    onTestFinished(() => parse.mockRestore());
    expect(recogniseTarget(path)).toBe("repo");
    expect(parse).not.toHaveBeenCalled();
  });

  test.skipIf(process.getuid?.() === 0)("may not be read is a folder of files, which tells of it", () => {
    const path = withManifest("[]");
    chmodSync(join(path, "manifest.json"), 0);
    expect(recogniseTarget(path)).toBe("repo");
  });
});

test.each(["etc/os-release", "lib/apk/db/installed", "var/lib/dpkg/status"])("a folder with %s is a system", (path) => {
  const root = join(folder, path.replaceAll("/", "-"));
  mkdirSync(join(root, path, ".."), { recursive: true });
  writeFileSync(join(root, path), "");
  expect(recogniseTarget(root)).toBe("dir");
});

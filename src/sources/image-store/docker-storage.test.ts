import { createHash } from "node:crypto";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { sha256 } from "../../../tests/setup/image.ts";
import type { TarMember } from "../../../tests/setup/tar.ts";
import { temporaryFolder } from "../../../tests/setup/temporary-folder.ts";
import { writeUnpackedLayer } from "../../../tests/setup/unpacked-layer.ts";
import { openDockerStorage } from "./docker-storage.ts";

const base = temporaryFolder();
const options = { verifyDigests: false, signal: new AbortController().signal };
let count = 0;

/** The folder of an engine with one image of these layers; the place of the uppermost one in the layer database. */
function writeFolder(
  layers: readonly (readonly TarMember[])[],
  driver = "overlay2",
): { root: string; id: string; top: string } {
  const root = join(base, String(count++));
  const database = join(root, "image", driver);
  let chain = "";
  let top = "";
  const diffIds = layers.map((members, index) => {
    const cacheId = String(index).repeat(64);
    const folder = driver === "vfs" ? join(root, "vfs", "dir", cacheId) : join(root, driver, cacheId, "diff");
    const aside = join(root, "record");
    const diffId = sha256(writeUnpackedLayer({ folder, record: aside }, members));
    chain = chain === "" ? diffId : `sha256:${createHash("sha256").update(`${chain} ${diffId}`).digest("hex")}`;
    top = join(database, "layerdb", "sha256", chain.slice(7));
    writeUnpackedLayer({ folder, record: join(top, "tar-split.json.gz") }, members);
    writeFileSync(join(top, "cache-id"), cacheId);
    writeFileSync(join(top, "diff"), diffId);
    writeFileSync(join(top, "size"), "5");
    return diffId;
  });
  const config = JSON.stringify({ os: "linux", architecture: "amd64", rootfs: { diff_ids: diffIds } });
  const id = sha256(config);
  mkdirSync(join(database, "imagedb", "content", "sha256"), { recursive: true });
  writeFileSync(join(database, "imagedb", "content", "sha256", id.slice(7)), config);
  return { root, id, top };
}

const layers = [[{ name: "a", content: "a" }], [{ name: "b", content: "b" }], [{ name: "a", content: "c" }]];

describe("the folder of a Docker Engine", () => {
  test.each(["overlay2", "vfs"])("with the driver %s is opened by the id of an image", async (driver) => {
    const { root, id } = writeFolder(layers, driver);
    using image = openDockerStorage(root, { id, tags: ["app:1"], options });
    expect(image).toMatchObject({ id, tags: ["app:1"], platform: "linux/amd64" });
    for (const { tree, size } of image?.layers ?? []) {
      expect(size).toBe(5);
      const visitor = { entry: () => false, file: () => undefined, refused: () => undefined };
      // Three layers in vfs would be copies of those below; here each has only its own files.
      await tree.walk(visitor, { signal: options.signal });
    }
    expect(image?.layers).toHaveLength(3);
  });

  test.each(["-1", "1e308", "9007199254740993", "0.5", "x", ""])("takes %j for no size of a layer", (size) => {
    const { root, id, top } = writeFolder(layers);
    writeFileSync(join(top, "size"), size);
    using image = openDockerStorage(root, { id, tags: [], options });
    expect(image?.layers.map((layer) => layer.size)).toEqual([5, 5, 0]);
  });

  test("of another driver, or without the image, gives nothing", () => {
    const { root } = writeFolder(layers);
    const { root: other, id } = writeFolder(layers, "btrfs");
    expect(openDockerStorage(root, { id: sha256("none"), tags: [], options })).toBeUndefined();
    expect(openDockerStorage(other, { id, tags: [], options })).toBeUndefined();
    expect(openDockerStorage(root, { id: "sha256:../../x", tags: [], options })).toBeUndefined();
  });

  test.each<[string, (top: string) => void]>([
    ["without the record of a layer", (top) => rmSync(join(top, "tar-split.json.gz"))],
    ["without a layer", (top) => rmSync(top, { recursive: true })],
    ["with a layer of another digest", (top) => writeFileSync(join(top, "diff"), sha256("other"))],
    ["with a layer that lies elsewhere", (top) => writeFileSync(join(top, "cache-id"), "../../../../etc")],
    ["with a layer whose files are gone", (top) => writeFileSync(join(top, "cache-id"), "f".repeat(64))],
  ])("%s gives one clear error", (_, damage) => {
    const { root, id, top } = writeFolder(layers);
    damage(top);
    expect(() => openDockerStorage(root, { id, tags: [], options })).toThrow(
      expect.objectContaining({ code: "layout-malformed" }),
    );
  });
});

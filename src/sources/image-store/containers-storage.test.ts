import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { ChunkedLayerOptions } from "../../../tests/setup/chunked-layer.ts";
import { sha256 } from "../../../tests/setup/image.ts";
import { writePartialLayer } from "../../../tests/setup/partial-layer.ts";
import { type TarMember, tar } from "../../../tests/setup/tar.ts";
import { temporaryFolder } from "../../../tests/setup/temporary-folder.ts";
import { writeUnpackedLayer } from "../../../tests/setup/unpacked-layer.ts";
import { recorder } from "../../../tests/setup/walk-tar.ts";
import { isContainersStorage, openContainersStorage } from "./containers-storage.ts";

const base = temporaryFolder();
const options = { verifyDigests: false, signal: new AbortController().signal };
let count = 0;

interface Store {
  readonly root: string;
  readonly id: string;
  readonly manifestDigest: string;
  readonly layerIds: readonly string[];
}

/** A store as Podman writes it, with one image of these layers. */
function writeStore(
  layers: readonly (readonly TarMember[])[],
  {
    driver = "overlay",
    names = ["docker.io/library/app:1"],
    volatile = false,
    manifestLayers = [] as readonly object[],
    change = {} as object,
    manifestText = JSON.stringify as (manifest: object) => string,
  } = {},
): Store {
  const root = join(base, String(count++));
  const written = layers.map((members, index) => {
    const id = String(index + 1).repeat(64);
    const folder = driver === "overlay" ? join(root, "overlay", id, "diff") : join(root, "vfs", "dir", id);
    const tar = writeUnpackedLayer({ folder, record: join(root, `${driver}-layers`, `${id}.tar-split.gz`) }, members);
    const parent = index === 0 ? {} : { parent: String(index).repeat(64) };
    return { id, ...parent, "diff-digest": sha256(tar), "diff-size": tar.length };
  });
  const config = JSON.stringify({
    os: "linux",
    architecture: "amd64",
    config: { User: "app" },
    rootfs: { type: "layers", diff_ids: written.map((layer) => layer["diff-digest"]) },
    history: written.map((_, index) => ({ created_by: `step ${index}` })),
  });
  const id = sha256(config).slice(7);
  const folder = join(root, `${driver}-images`, id);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `=${Buffer.from(`sha256:${id}`).toString("base64")}`), config);
  const manifest = manifestText({ config: { digest: `sha256:${id}` }, layers: manifestLayers });
  writeFileSync(join(folder, "manifest"), manifest);
  const image = {
    id,
    digest: sha256("first manifest"),
    names,
    layer: written.at(-1)?.id,
    "big-data-digests": {
      manifest: sha256(manifest),
      [`manifest-${sha256("first manifest")}`]: sha256("first manifest"),
      [`sha256:${id}`]: `sha256:${id}`,
    },
    ...change,
  };
  writeFileSync(join(root, `${driver}-images`, "images.json"), JSON.stringify([image]));
  writeFileSync(
    join(root, `${driver}-layers`, "layers.json"),
    JSON.stringify(volatile ? written.slice(0, 1) : written),
  );
  if (volatile) {
    writeFileSync(join(root, `${driver}-layers`, "volatile-layers.json"), JSON.stringify(written.slice(1)));
  }
  return { root, id, manifestDigest: sha256(manifest), layerIds: written.map((layer) => layer.id) };
}

const layers: readonly (readonly TarMember[])[] = [
  [{ name: "etc/os-release", content: "ID=a\n" }],
  [{ name: "etc/.wh.os-release", content: "" }],
  [{ name: "top", content: "top" }],
];

test("a manifest that may be read in two ways is not read", () => {
  const other = '{"config":{"digest":"sha256:0"},';
  const store = writeStore(layers, { manifestText: (manifest) => `${other}${JSON.stringify(manifest).slice(1)}` });
  expect(() => openContainersStorage(store.root, "app:1", options)).toThrow(
    expect.objectContaining({ code: "layout-malformed", message: expect.stringContaining("may hide an image") }),
  );
});

describe("a store of containers/storage", () => {
  test.each([{ driver: "overlay" }, { driver: "vfs" }, { volatile: true }])("written as %j is opened", async (how) => {
    const store = writeStore(layers, how);
    expect(isContainersStorage(store.root)).toBe(true);
    using image = openContainersStorage(store.root, "app:1", options);
    expect(image).toMatchObject({
      id: `sha256:${store.id}`,
      manifestDigest: store.manifestDigest,
      tags: ["docker.io/library/app:1"],
      platform: "linux/amd64",
      user: "app",
      unexamined: [],
    });
    expect(image?.layers.map(({ createdBy }) => createdBy)).toEqual(["step 0", "step 1", "step 2"]);
    const paths: string[] = [];
    for (const { tree, verifies } of image?.layers ?? []) {
      expect(verifies).toBe(true);
      const visitor = recorder(() => false);
      await tree.walk(visitor, { signal: options.signal });
      paths.push(...visitor.events.map((event) => (event as { readonly path: string }).path));
    }
    expect(paths).toEqual(["etc/os-release", "etc/.wh.os-release", "top"]);
  });

  test.each([
    ["app:1", true],
    ["library/app:1", true],
    ["docker.io/app:1", true],
    [`docker.io/library/app@${sha256("first manifest")}`, true],
    [`app:1@${sha256("first manifest")}`, true],
    ["app", false],
    ["app:2", false],
    ["pp:1", false],
    [`other@${sha256("first manifest")}`, false],
    [`app@${sha256("other")}`, false],
  ])("finds by the name %s: %j", (name, found) => {
    const { root } = writeStore(layers);
    expect(openContainersStorage(root, name, options) !== undefined).toBe(found);
  });

  test.each([
    ["5", "an entry of overlay-images/images.json in ROOT is not an image"],
    ['{"id":"x"},{"id":null}', "2 entries of overlay-images/images.json in ROOT are not images"],
  ])("with %s among its images cannot say that it has none of a name", (entry, message) => {
    const { root } = writeStore(layers);
    const list = join(root, "overlay-images", "images.json");
    writeFileSync(list, readFileSync(list, "utf8").replace("[", `[${entry},`));
    openContainersStorage(root, "app:1", options)?.[Symbol.dispose]();
    expect(() => openContainersStorage(root, "app:2", options)).toThrow(
      expect.objectContaining({
        code: "target-unreadable",
        message: `${message.replace("ROOT", root)}, so it is unknown whether it has "app:2"`,
        hint: expect.any(String),
      }),
    );
  });

  test.each(["images", "layers"])("whose list of %s is none is damaged, and not empty", (what) => {
    const { root } = writeStore(layers);
    writeFileSync(join(root, `overlay-${what}`, `${what}.json`), "{}");
    expect(() => openContainersStorage(root, "app:1", options)).toThrow(
      expect.objectContaining({
        code: "layout-malformed",
        message: `overlay-${what}/${what}.json in ${root} is not a list`,
      }),
    );
  });

  test("tells of entries that are not layers where a layer is missing", () => {
    const { root } = writeStore(layers);
    const list = join(root, "overlay-layers", "layers.json");
    const records = JSON.parse(readFileSync(list, "utf8")) as readonly object[];
    writeFileSync(list, JSON.stringify([...records.slice(0, 2), { ...records[2], id: 3 }]));
    expect(() => openContainersStorage(root, "app:1", options)).toThrow(
      expect.objectContaining({
        code: "layout-malformed",
        message: expect.stringMatching(/: an entry of overlay-layers\/layers\.json in .* is not a layer$/),
      }),
    );
  });

  test("says which images are meant by a name or an id that fits several", () => {
    const { root } = writeStore(layers);
    const image = { id: "ab".repeat(32), names: ["one.example/x:1"] };
    const other = { id: `abba${"0".repeat(60)}`, names: ["two.example/a/x:1", "two.example/a/x:2"] };
    writeFileSync(join(root, "overlay-images", "images.json"), JSON.stringify([image, other]));
    const failure = (name: string): unknown => {
      try {
        return openContainersStorage(root, name, options);
      } catch (error) {
        return error;
      }
    };
    expect(failure("x:1")).toMatchObject({
      code: "usage",
      message: `2 images of the store ${root} are meant by "x:1"`,
      hint: "Write one of: one.example/x:1, two.example/a/x:1.",
    });
    expect(failure("ab")).toMatchObject({ code: "usage", hint: `Write one of: ${image.id}, ${other.id}.` });
    expect(failure("x:3")).toBeUndefined();
  });

  test("without an image, without a list, or without any folder has none", () => {
    const { root } = writeStore([[]], { names: [] });
    expect(openContainersStorage(root, "app:1", options)).toBeUndefined();
    expect(openContainersStorage(join(base, "none"), "app:1", options)).toBeUndefined();
    expect(isContainersStorage(join(base, "none"))).toBe(false);
  });

  test("of another platform says so", () => {
    const { root } = writeStore(layers);
    expect(() => openContainersStorage(root, "app:1", { ...options, platform: "linux/arm64" })).toThrow(
      expect.objectContaining({ code: "platform-not-found" }),
    );
  });

  test.each<[string, (store: Store) => void, string]>([
    [
      "a layer's record",
      ({ root, layerIds }) => rmSync(join(root, "overlay-layers", `${layerIds[0]}.tar-split.gz`)),
      "layout-malformed",
    ],
    [
      "a layer's files",
      ({ root, layerIds }) => rmSync(join(root, "overlay", `${layerIds[1]}`), { recursive: true }),
      "layout-malformed",
    ],
    ["the list of layers", ({ root }) => rmSync(join(root, "overlay-layers", "layers.json")), "layout-malformed"],
    ["the config", ({ root, id }) => rmSync(join(root, "overlay-images", id), { recursive: true }), "layout-malformed"],
    [
      "JSON in the list of layers",
      ({ root }) => writeFileSync(join(root, "overlay-layers", "layers.json"), "[{"),
      "layout-malformed",
    ],
    [
      "JSON in the list of images",
      ({ root }) => writeFileSync(join(root, "overlay-images", "images.json"), "{]"),
      "layout-malformed",
    ],
    [
      "the right config",
      ({ root, id }) =>
        writeFileSync(join(root, "overlay-images", id, `=${Buffer.from(`sha256:${id}`).toString("base64")}`), "{}"),
      "digest-mismatch",
    ],
    [
      "the manifest that its list tells of",
      ({ root, id }) => writeFileSync(join(root, "overlay-images", id, "manifest"), "{}"),
      "digest-mismatch",
    ],
    [
      "a digest of its manifest that is one",
      ({ root, manifestDigest }) => {
        const list = join(root, "overlay-images", "images.json");
        writeFileSync(list, readFileSync(list, "utf8").replace(manifestDigest, "../../etc"));
      },
      "layout-malformed",
    ],
    [
      "an end of its chain",
      ({ root, layerIds }) => {
        const ring = [{ id: layerIds[2], parent: layerIds[2] }];
        writeFileSync(join(root, "overlay-layers", "layers.json"), JSON.stringify(ring));
      },
      "layout-malformed",
    ],
  ])("without %s gives one clear error", (_, damage, code) => {
    const store = writeStore(layers);
    damage(store);
    expect(() => openContainersStorage(store.root, "app:1", options)).toThrow(expect.objectContaining({ code }));
  });

  test("whose files are named by their digests, for composefs, gives one clear error though it has the record", () => {
    const { root, layerIds } = writeStore(layers);
    const data = join(root, "overlay-layers", layerIds[1] ?? "");
    mkdirSync(data);
    const file = join(data, bigDataName("zstd-chunked-layer-data"));
    writeFileSync(file, '{"format":0}');
    expect(openContainersStorage(root, "app:1", options)?.layers).toHaveLength(3);
    writeFileSync(file, '{"format":1}');
    expect(() => openContainersStorage(root, "app:1", options)).toThrow(
      expect.objectContaining({ code: "layout-malformed" }),
    );
  });

  test("whose ids would lead elsewhere is not followed", () => {
    const outside = "../../../../etc";
    const { root } = writeStore(layers, { change: { layer: outside } });
    expect(() => openContainersStorage(root, "app:1", options)).toThrow(
      expect.objectContaining({ code: "layout-malformed" }),
    );
    const { root: other } = writeStore(layers, { change: { id: outside } });
    expect(() => openContainersStorage(other, "app:1", options)).toThrow(
      expect.objectContaining({ code: "target-unreadable" }),
    );
  });
});

/** What a store says of a layer that was pulled in part, from the digests by which it may name it. */
type Naming = (digests: {
  readonly stored: string;
  readonly table: string;
  readonly tar: string;
}) => Readonly<Record<string, unknown>>;

const namings: Readonly<Record<string, Naming>> = {
  "Podman 4.3": ({ stored }) => ({ "diff-digest": stored }),
  "a later one": ({ table }) => ({ "toc-digest": table, "diff-size": -1 }),
  "a later one that knows the tar's digest": ({ table, tar: digest }) => ({
    "toc-digest": table,
    "diff-digest": digest,
  }),
};

interface PartialStore extends Store {
  readonly folder: string;
  readonly table: string;
}

/** A store with an image of two layers, the upper of which was pulled in part. */
function writePartialStore(naming: Naming, options: ChunkedLayerOptions = {}): PartialStore {
  const members: readonly TarMember[] = [{ name: "upper", content: "upper" }];
  const store = writeStore([[{ name: "lower", content: "lower" }], members]);
  const { root, layerIds } = store;
  const [, id = ""] = layerIds;
  const data = join(root, "overlay-layers", id);
  const folder = join(root, "overlay", id, "diff");
  const table = join(data, bigDataName("zstd-chunked-manifest"));
  const { bytes, annotations } = writePartialLayer({ folder, table }, members, options);
  rmSync(join(root, "overlay-layers", `${id}.tar-split.gz`));
  writeFileSync(join(data, bigDataName("zstd-chunked-layer-data")), '{"format":0}');
  const list = join(root, "overlay-layers", "layers.json");
  const [lower, upper] = JSON.parse(readFileSync(list, "utf8"));
  const checksum = annotations["io.github.containers.zstd-chunked.manifest-checksum"] ?? "";
  const values = naming({ stored: sha256(bytes), table: checksum, tar: sha256(tar(members)) });
  writeFileSync(list, JSON.stringify([lower, { id: upper.id, parent: upper.parent, ...values }]));
  const manifest = {
    config: { digest: `sha256:${store.id}` },
    layers: [
      { digest: sha256("lower"), size: 1 },
      { digest: sha256(bytes), size: bytes.length, annotations },
    ],
  };
  const text = JSON.stringify(manifest);
  writeFileSync(join(root, "overlay-images", store.id, "manifest"), text);
  const images = join(root, "overlay-images", "images.json");
  writeFileSync(images, readFileSync(images, "utf8").replace(store.manifestDigest, sha256(text)));
  return { ...store, folder, table };
}

function bigDataName(key: string): string {
  return `=${Buffer.from(key).toString("base64")}`;
}

describe("a layer that Podman pulled in part", () => {
  test.each(Object.entries(namings))(
    "is read by its table where %s pulled it, and is not proved",
    async (_, naming) => {
      const { root, table } = writePartialStore(naming);
      using image = openContainersStorage(root, "app:1", options);
      const [lower, upper] = image?.layers ?? [];
      expect([lower?.verifies, upper?.verifies]).toEqual([true, false]);
      expect(upper).toMatchObject({ size: 5, diffId: sha256(tar([{ name: "upper", content: "upper" }])) });
      expect(upper?.cacheKey).toBe(`table:${sha256(readFileSync(table))}`);
      const visitor = recorder(() => true);
      await upper?.tree.walk(visitor, { signal: options.signal });
      expect(visitor.events).toMatchObject([{ path: "upper" }, { path: "upper", body: "upper" }]);
    },
  );

  test.each<[string, Naming]>([
    ["another layer's digest", () => ({ "diff-digest": sha256("other") })],
    ["the digest of another table", ({ stored }) => ({ "diff-digest": stored, "toc-digest": sha256("other") })],
    ["a digest that is none", () => ({ "diff-digest": 5 })],
  ])("with %s is not taken for the image's", (_, naming) => {
    const { root } = writePartialStore(naming);
    expect(() => openContainersStorage(root, "app:1", options)).toThrow(
      expect.objectContaining({ code: "layout-malformed" }),
    );
  });

  test.each<[string, (store: PartialStore) => void]>([
    ["without its table", ({ table }) => rmSync(table)],
    ["with a table that cannot be followed", ({ table }) => writeFileSync(table, '{"version":1,"entries":[{}]}')],
    [
      "whose files are named by their digests, for composefs,",
      ({ table }) => writeFileSync(join(table, "..", bigDataName("zstd-chunked-layer-data")), '{"format":1}'),
    ],
    ["without its files", ({ folder }) => rmSync(folder, { recursive: true })],
  ])("%s gives one clear error", (_, damage) => {
    const store = writePartialStore(({ stored }) => ({ "diff-digest": stored }));
    damage(store);
    expect(() => openContainersStorage(store.root, "app:1", options)).toThrow(
      expect.objectContaining({ code: "layout-malformed", hint: expect.any(String) }),
    );
  });
});

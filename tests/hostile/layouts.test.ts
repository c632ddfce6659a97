import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
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
} from "../setup/image.ts";
import { everyFile, type Stock, takeStock } from "../setup/take-stock.ts";
import { type TarMember, tar } from "../setup/tar.ts";
import { temporaryFolder } from "../setup/temporary-folder.ts";

const folder = temporaryFolder();
const good: ImageSpec = { layers: [{ members: [{ name: "good", content: "x" }] }], tags: ["good:1"] };

function write(files: LayoutContent | Buffer, name = "image.tar"): string {
  const path = join(folder, name);
  writeFileSync(path, Buffer.isBuffer(files) ? files : layoutTar(files));
  return path;
}

function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}

/** The same scan of an image as an archive of each kind and as a folder. */
async function inEveryForm(image: ImageSpec): Promise<Stock[]> {
  const root = join(folder, "layout");
  rmSync(root, { recursive: true, force: true });
  writeLayout(root, ociLayout([image]));
  const options = { extractors: [everyFile] };
  return [
    await takeStock(write(legacyDockerLayout([image])), options),
    await takeStock(write(dockerLayout([image])), options),
    await takeStock(write(ociLayout([image])), options),
    await takeStock(write(gzipSync(layoutTar(ociLayout([image])))), options),
    await takeStock(root, options),
  ];
}

test("an image gives the same in every form", async () => {
  const layers = (["gzip", "zstd", "none"] as const).map((compression, index) => ({
    compression,
    createdBy: `RUN step ${index}`,
    members: [{ name: `f${index}`, content: "x" }],
  }));
  const stocks = await inEveryForm({ layers, tags: ["app:1"], user: "1000", variant: "v8", architecture: "arm64" });
  for (const stock of stocks) {
    expect(stock.packages).toEqual(stocks[0]?.packages);
    expect(stock.target).toMatchObject({ platform: "linux/arm64", user: "1000", tags: ["app:1"] });
    expect(stock.layers.map(({ createdBy }) => createdBy)).toEqual(["RUN step 0", "RUN step 1", "RUN step 2"]);
    expect(stock.layers.map(({ diffId }) => diffId)).toEqual(stocks[0]?.layers.map(({ diffId }) => diffId));
  }
  expect(stocks.map(({ target }) => target.kind)).toEqual([
    "docker-archive",
    "docker-archive",
    "oci-archive",
    "oci-archive",
    "oci-dir",
  ]);
});

describe("layers that are not there", () => {
  test("are problems beside what the others hold", async () => {
    const image: ImageSpec = {
      layers: [{ members: [{ name: "a", content: "x" }], missing: true }, { members: [{ name: "b", content: "y" }] }],
    };
    for (const { target, packages, problems, layers } of await inEveryForm(image)) {
      const holder = target.kind === "oci-dir" ? "layout" : "archive";
      expect(packages.map(({ name, layer }) => [name, layer])).toEqual([["b", 1]]);
      expect(problems).toEqual([
        {
          code: "unreadable",
          message: expect.stringMatching(new RegExp(`^layer 1 of 2: the layer \\S+ is missing from the ${holder}$`)),
        },
      ]);
      expect(layers[0]?.size).toBe(0);
    }
  });

  test.each([
    "../../etc/passwd",
    "/etc/passwd",
    "..",
    "",
    "a\0b",
    "manifest.json/x",
    "blobs/sha256/../../../etc/passwd",
  ])("a path like %j never leaves the archive", async (path) => {
    const image: ImageSpec = { layers: [{ members: [], path, missing: true }] };
    for (const layout of [legacyDockerLayout, dockerLayout]) {
      const { packages, problems } = await takeStock(write(layout([image])), { extractors: [everyFile] });
      expect(packages).toEqual([]);
      expect(problems.map(({ message }) => message)).toEqual([expect.stringContaining("is missing from the archive")]);
    }
  });

  test("a digest that is none never leaves a folder", async () => {
    const root = join(folder, "digests");
    const evil = { layers: [{ digest: "sha256:../../../../etc/passwd", members: [] }] };
    const { [`blobs/sha256/../../../../etc/passwd`]: _, ...files } = ociLayout([
      { layers: [{ ...evil.layers[0], missing: true }] },
    ]);
    writeLayout(root, files);
    const { problems } = await takeStock(root);
    expect(problems).toHaveLength(1);
  });
});

describe("documents of a layout", () => {
  const deep = (open: string, close: string): string => open.repeat(200_000) + close.repeat(200_000);

  test.each<[string, Uint8Array]>([
    ["nothing", Buffer.alloc(0)],
    ["no JSON", Buffer.from("{")],
    ["a number", json(7)],
    ["null", json(null)],
    ["an empty list", json([])],
    ["an object", json({})],
    ["images without a config", json([{}])],
    ["a config that is a list", json([{ Config: [], Layers: [] }])],
    ["layers that are numbers", json([{ Config: "c", Layers: [1] }])],
    ["a config that is not there", json([{ Config: "absent", Layers: [] }])],
    ["a config that leaves the archive", json([{ Config: "../../etc/passwd", Layers: [] }])],
    ["200,000 lists in each other", Buffer.from(deep("[", "]"))],
    ["200,000 objects in each other", Buffer.from(`[${deep('{"a":', "}").replace("}", "0}")}]`)],
    ["15 MiB of opening brackets", Buffer.alloc(15 * 1024 * 1024, "[")],
    ["bytes that are not UTF-8", Buffer.from([0x5b, 0xff, 0xfe, 0x5d])],
  ])("manifest.json with %s is an error", async (_, bytes) => {
    const path = write({ "manifest.json": bytes });
    await expect(takeStock(path)).rejects.toMatchObject({ code: "layout-malformed" });
  });

  test.each<[string, unknown]>([
    ["nothing of use", {}],
    ["null", null],
    ["wrong types everywhere", { rootfs: { diff_ids: "x" }, history: {}, config: 3, os: [], architecture: {} }],
    ["a history of nulls", { rootfs: { diff_ids: [null, 1] }, history: [null, 7, []] }],
    ["a prototype of its own", JSON.parse('{"__proto__":{"os":"evil"},"constructor":1}')],
  ])("a config with %s still gives the layers", async (_, config) => {
    const layer = tar([{ name: "a", content: "x" }]);
    const files = {
      "c.json": json(config),
      "l.tar": layer,
      "manifest.json": json([{ Config: "c.json", RepoTags: [1, null, "t"], Layers: ["l.tar"] }]),
    };
    const { packages, target } = await takeStock(write(files), { extractors: [everyFile] });
    expect(packages).toHaveLength(1);
    expect(target).toMatchObject({ tags: ["t"], user: "root" });
  });

  test("one of more than 16 MiB is an error", async () => {
    const path = write({ "manifest.json": Buffer.alloc(16 * 1024 * 1024 + 1, " ") });
    await expect(takeStock(path)).rejects.toMatchObject({ code: "limit-exceeded" });
  });

  test.each<[string, unknown]>([
    ["no manifests", { manifests: [] }],
    ["manifests that are not a list", { manifests: { digest: "x" } }],
    ["digests that are none", { manifests: [{ digest: "sha256:.." }, { digest: 7 }, { digest: "md5:00" }, null] }],
    ["a list", []],
  ])("index.json with %s is an error", async (_, index) => {
    const path = write({ "index.json": json(index), "oci-layout": json({}) });
    await expect(takeStock(path)).rejects.toMatchObject({ code: "layout-malformed" });
  });

  test("indexes that name each other end", async () => {
    const [a, b] = ["a", "b"].map((letter) => `sha256:${letter.repeat(64)}`) as [string, string];
    const index = (digest: string): Buffer => json({ manifests: Array.from({ length: 1_000 }, () => ({ digest })) });
    const files = {
      "index.json": index(a),
      [`blobs/sha256/${a.slice(7)}`]: index(b),
      [`blobs/sha256/${b.slice(7)}`]: index(a),
    };
    await expect(takeStock(write(files))).rejects.toMatchObject({ code: "layout-malformed" });
  });

  test("indexes that lie too deep in each other are said to", async () => {
    const files: Record<string, Buffer> = {};
    let digest = sha256("nothing");
    for (let depth = 0; depth < 6; depth++) {
      const index = json({ manifests: [{ digest }] });
      digest = sha256(index);
      files[`blobs/sha256/${digest.slice(7)}`] = index;
    }
    await expect(takeStock(write({ "index.json": json({ manifests: [{ digest }] }), ...files }))).rejects.toMatchObject(
      {
        code: "layout-malformed",
        message: expect.stringContaining("nested more than 4 deep"),
      },
    );
  });

  test("one large manifest under many names is an error before all of them are read", async () => {
    const hex = (index: number): string => index.toString(16).padStart(64, "0");
    const manifests = Array.from({ length: 900 }, (_, index) => ({ digest: `sha256:${hex(index)}` }));
    const members: TarMember[] = [
      { name: "index.json", content: json({ manifests }) },
      {
        name: `blobs/sha256/${hex(0)}`,
        content: Buffer.concat([Buffer.from('{"a":"'), Buffer.alloc(15_000_000, "x"), Buffer.from('"}')]),
      },
      ...manifests.slice(1).map(
        ({ digest }): TarMember => ({
          name: `blobs/sha256/${digest.slice(7)}`,
          type: "hardlink",
          link: `blobs/sha256/${hex(0)}`,
        }),
      ),
    ];
    await expect(takeStock(write(tar(members)))).rejects.toMatchObject({ code: "limit-exceeded" });
  });

  test("several images are told apart by name and by platform", async () => {
    const images = ["amd64", "arm64"].map(
      (architecture): ImageSpec => ({ ...good, architecture, tags: [`app:${architecture}`] }),
    );
    for (const layout of [dockerLayout, ociLayout]) {
      const path = write(layout(images));
      const named = await takeStock(`${path}:app:arm64`);
      expect(named.target).toMatchObject({ platform: "linux/arm64", tags: ["app:arm64"] });
      await expect(takeStock(`${path}:app:mips`)).rejects.toMatchObject({ code: "image-not-found" });
      await expect(takeStock(path, { platform: "linux/s390x" })).rejects.toMatchObject({ code: "platform-not-found" });
    }
    expect((await takeStock(write(ociLayout(images)), { platform: "linux/arm64" })).target.platform).toBe(
      "linux/arm64",
    );
    expect((await takeStock(write(dockerLayout(images)))).unexamined).toHaveLength(1);
  });
});

describe("a layer that is not a tar", () => {
  test.each<[string, Buffer]>([
    ["text", Buffer.from("this is not a tar".repeat(100))],
    ["one byte", Buffer.from([7])],
    ["a gzip of text", gzipSync("this is not a tar")],
    ["a gzip magic alone", Buffer.from([0x1f, 0x8b])],
  ])("%s is a problem", async (_, bytes) => {
    for (const { problems } of await inEveryForm({ layers: [{ bytes }, ...good.layers] })) {
      expect(problems).toEqual([{ code: "unreadable", message: expect.stringMatching(/^layer 1 of 2: /) }]);
    }
  });

  test("no bytes at all are an empty layer", async () => {
    for (const { problems } of await inEveryForm({ layers: [{ bytes: Buffer.alloc(0) }] }))
      expect(problems).toEqual([]);
  });
});

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import type { Tree } from "../../src/model/images/tree.ts";
import { inventory } from "../../src/pipeline/inventory/inventory.ts";
import { InventoryCache } from "../../src/pipeline/inventory/inventory-cache.ts";
import { dockerLayout, type ImageSpec, layoutTar, ociLayout } from "../setup/image.ts";
import { everyFile, type Stock, type StockOptions, takeStock } from "../setup/take-stock.ts";
import { type TarMember, tar } from "../setup/tar.ts";
import { temporaryFolder } from "../setup/temporary-folder.ts";
import { zip } from "../setup/zip.ts";

const folder = temporaryFolder();
let archives = 0;

function write(image: ImageSpec): string {
  const path = join(folder, `${++archives}.tar`);
  writeFileSync(path, layoutTar(dockerLayout([image])));
  return path;
}

function scan(image: ImageSpec, options: StockOptions = {}): Promise<Stock> {
  return takeStock(write(image), options);
}

/** Bytes that inflate to the header of one large file and 1.25 GiB of zeros. */
function bomb(compress: (bytes: Buffer) => Buffer): Buffer {
  const zeros = compress(Buffer.alloc(64 * 1024 * 1024));
  const header = compress(tar([{ name: "zeros", size: 20 * 64 * 1024 * 1024 }], { zeroBlocks: 0 }));
  return Buffer.concat([header, ...Array.from({ length: 20 }, () => zeros), compress(Buffer.alloc(1024))]);
}

describe("a layer that swells", () => {
  test.each([
    ["gzip", (bytes: Buffer) => gzipSync(bytes)],
    ["zstd", (bytes: Buffer) => zstdCompressSync(bytes)],
  ])("more than 300 times after 1 GiB is a problem: %s", async (_, compress) => {
    const bytes = bomb(compress);
    expect(bytes.length).toBeLessThan(4_000_000);
    const { problems } = await scan({ layers: [{ bytes }, { members: [{ name: "a", content: "x" }] }] });
    expect(problems).toEqual([
      {
        code: "limit-exceeded",
        message:
          "layer 1 of 2: the decompressed data is more than 300 times larger than the compressed data: possible decompression bomb",
      },
    ]);
  });

  test("is read where the user sets the limit, and a problem above that", async () => {
    const layer = { compression: "gzip" as const, members: [{ name: "a", content: Buffer.alloc(5_000_000) }] };
    const options = { extractors: [everyFile] };
    expect((await scan({ layers: [layer] }, { ...options, largestLayer: 6_000_000 })).problems).toEqual([]);
    const { problems } = await scan({ layers: [layer] }, { ...options, largestLayer: 4_000_000 });
    expect(problems).toEqual([
      { code: "limit-exceeded", message: "layer 1 of 1: the decompressed data is larger than 4000000 bytes" },
    ]);
  });
});

describe("a tar that claims more than it has", () => {
  test.each<[string, TarMember]>([
    ["10 TB in base 256", { name: "huge.jar", size: 1e13, content: "x" }],
    ["8 GiB in octal", { name: "huge.jar", size: 8 * 2 ** 30 - 1, content: "x" }],
    ["10 TB in a pax header", { name: "huge.jar", pax: { size: "10000000000000" }, content: "x" }],
    ["3 GiB, which is within the limit for one file", { name: "huge.jar", size: 3 * 2 ** 30, content: "x" }],
  ])("%s is a problem", async (_, member) => {
    for (const compression of ["none", "gzip", "zstd"] as const) {
      const { problems } = await scan({ layers: [{ members: [member], compression }] });
      expect(problems.at(-1)?.message).toBe("layer 1 of 1: the tar archive is truncated");
    }
  });

  test("as the archive itself is an error", async () => {
    const path = join(folder, "huge.tar");
    writeFileSync(path, tar([{ name: "manifest.json", size: 1e13, content: "[]" }]));
    await expect(takeStock(path)).rejects.toMatchObject({ code: "archive-malformed" });
  });
});

describe("what nests", () => {
  test("ten thousand folders in each other are problems, and the rest is read", async () => {
    const members = Array.from(
      { length: 10_000 },
      (_, depth): TarMember => ({ name: "d/".repeat(depth + 1), type: "directory" }),
    );
    const apk = { name: "lib/apk/db/installed", content: "P:musl\nV:1.2.3-r0\nA:x86_64\n\n" };
    const { packages, problems } = await scan({ layers: [{ members: [...members, apk], compression: "gzip" }] });
    expect(packages.map(({ name }) => name)).toEqual(["musl"]);
    expect(problems.length).toBeGreaterThan(0);
    expect(problems.length).toBeLessThan(110);
  });

  test("a jar in a jar 200 deep is a problem, and what lies above the limit is found", async () => {
    const pom = "groupId=deep\nartifactId=bottom\nversion=1\n";
    let jar = zip([{ name: "META-INF/maven/deep/bottom/pom.properties", content: pom }]);
    for (let depth = 1; depth <= 200; depth++) {
      const own = `groupId=deep\nartifactId=level${depth}\nversion=1\n`;
      const name = `META-INF/maven/deep/level${depth}/pom.properties`;
      jar = zip([
        { name, content: own },
        { name: "inner.jar", content: jar, stored: true },
      ]);
    }
    const { packages, problems } = await scan({ layers: [{ members: [{ name: "app.jar", content: jar }] }] });
    expect(packages.map(({ name }) => name)).toContain("deep:level200");
    expect(problems.length).toBeGreaterThan(0);
  });
});

describe("one layer that an image names many times", () => {
  test("is walked once", async () => {
    let walks = 0;
    const tree: Tree = {
      async walk() {
        walks++;
      },
    };
    const layers = Array.from({ length: 127 }, (_, index) => {
      return { tree, cacheKey: "file:one", name: `layer ${index + 1} of 127`, verifies: false };
    });
    const signal = new AbortController().signal;
    const { verified } = await inventory(layers, {
      extractors: [everyFile],
      cache: new InventoryCache(undefined, []),
      signal,
    });
    expect([walks, verified.length]).toEqual([1, 127]);
  });

  test("and that swells is one problem for each place, after one walk", async () => {
    const bytes = bomb((piece) => gzipSync(piece));
    const { problems } = await scan({ layers: Array.from({ length: 127 }, () => ({ bytes })) });
    expect(problems).toHaveLength(127);
  });
});

describe("very many", () => {
  test("500 layers are read", async () => {
    const layers = Array.from({ length: 500 }, (_, index) => ({
      compression: (["gzip", "zstd", "none"] as const)[index % 3] ?? "none",
      members: [
        { name: "counter", content: String(index) },
        { name: `own/${index}`, content: "x" },
        ...(index % 2 === 1 ? [{ name: `own/.wh.${index - 1}` }] : []),
      ],
    }));
    for (const layout of [dockerLayout, ociLayout]) {
      const path = join(folder, "layers.tar");
      writeFileSync(path, layoutTar(layout([{ layers }])));
      const stock = await takeStock(path, { extractors: [everyFile] });
      expect(stock.layers).toHaveLength(500);
      expect(stock.packages).toHaveLength(251);
      expect(stock.packages.find(({ name }) => name === "counter")).toMatchObject({ version: "499", layer: 499 });
      expect(stock.problems).toEqual([]);
    }
  });

  test("more than 500 layers, which no engine stacks, are an error", async () => {
    const layers = Array.from({ length: 501 }, () => ({ members: [] }));
    for (const layout of [dockerLayout, ociLayout]) {
      const path = join(folder, "layers.tar");
      writeFileSync(path, layoutTar(layout([{ layers }])));
      await expect(takeStock(path)).rejects.toMatchObject({ code: "limit-exceeded" });
    }
  });

  test("100,000 files in an archive are not an image", async () => {
    const path = join(folder, "many.tar");
    writeFileSync(path, tar(Array.from({ length: 100_001 }, (_, index) => ({ name: `f${index}` }))));
    await expect(takeStock(path)).rejects.toMatchObject({ code: "archive-not-recognised" });
  });

  test("the same package at 30,000 places is one package", async () => {
    const content = JSON.stringify({ name: "left-pad", version: "1.3.0" });
    const members = Array.from({ length: 30_000 }, (_, index) => ({
      name: `a${index}/node_modules/left-pad/package.json`,
      content,
    }));
    const { packages } = await scan({ layers: [{ members, compression: "gzip" }] });
    expect(packages).toHaveLength(1);
    expect(packages[0]?.paths).toHaveLength(30_000);
  });

  test("folders that replace each other again and again are a problem in the end", async () => {
    const members = Array.from({ length: 20_000 }, (_, index): TarMember[] => [
      { name: `kept/${index}/f`, content: "" },
      { name: "a/b", type: "directory" },
      { name: "a", content: "" },
    ]).flat();
    const { problems } = await scan({ layers: [{ members, compression: "gzip" }] });
    expect(problems).toEqual([expect.objectContaining({ code: "limit-exceeded" })]);
  });
});

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { ImageBudget } from "../../src/model/images/image-budget.ts";
import { dockerLayout, type ImageSpec, layoutTar } from "../setup/image.ts";
import { everyFile, takeStock } from "../setup/take-stock.ts";
import { tar } from "../setup/tar.ts";
import { temporaryFolder } from "../setup/temporary-folder.ts";

const folder = temporaryFolder();
const mebibyte = 1024 * 1024;

function write(image: ImageSpec): string {
  const path = join(folder, "image.tar");
  writeFileSync(path, layoutTar(dockerLayout([image])));
  return path;
}

/** Layers that differ in one name and unpack to 960 MiB each, which is below the limit of one layer. */
function bombs(count: number): ImageSpec {
  const zeros = Buffer.concat(new Array(15).fill(gzipSync(Buffer.alloc(64 * mebibyte))));
  const end = gzipSync(Buffer.alloc(1024));
  return {
    layers: Array.from({ length: count }, (_, index) => {
      const header = gzipSync(tar([{ name: `zeros-${index}`, size: 15 * 64 * mebibyte }], { zeroBlocks: 0 }));
      return { bytes: Buffer.concat([header, zeros, end]) };
    }),
  };
}

describe("layers that swell together", () => {
  test("127 different ones are problems once 2 GiB came out", async () => {
    const { problems } = await takeStock(write(bombs(127)));
    expect(problems.length).toBeGreaterThanOrEqual(121);
    expect(problems.length).toBeLessThanOrEqual(127);
    expect(new Set(problems.map(({ code }) => code))).toEqual(new Set(["limit-exceeded"]));
    expect(problems[0]?.message).toMatch(
      /^layer \d+ of 127: the layers of the image expand more than 300 times beyond the first 2 GiB in total/,
    );
  }, 60_000);

  test("are read with a limit of the user's own", async () => {
    const { problems } = await takeStock(write(bombs(3)), { largestLayer: 1024 * mebibyte });
    expect(problems).toEqual([]);
  }, 60_000);
});

describe("the budget of an image", () => {
  test("allows 128 GiB of honest layers, and four times the user's limit where that is more", () => {
    const gibibyte = 1024 ** 3;
    const budget = new ImageBudget();
    const limits = { limit: 32 * gibibyte };
    for (let layer = 0; layer < 4; layer++) budget.addBytes(10 * gibibyte, 32 * gibibyte, limits);
    expect(() => budget.addBytes(1, 1, limits)).toThrow("unpack to more than 137438953472 bytes in total");
    expect(() => budget.addBytes(1, 1, { limit: 40 * gibibyte, anyRatio: true })).not.toThrow();
    expect(() => budget.addBytes(1, 33 * gibibyte, { limit: 40 * gibibyte, anyRatio: true })).toThrow("in total");
  });

  test("allows 20 million entries", () => {
    const budget = new ImageBudget();
    budget.addEntries(20_000_000);
    expect(() => budget.addEntries(1)).toThrow("more than 20000000 entries in total");
  });

  test("is one for all threads that have its memory", () => {
    const budget = new ImageBudget();
    new ImageBudget(budget.memory).addEntries(20_000_000);
    expect(() => budget.addEntries(1)).toThrow("entries");
  });
});

describe("a layer that an image names often", () => {
  test("counts its names at each place", async () => {
    const members = Array.from({ length: 20_000 }, (_, index) => ({ name: `${"n".repeat(200)}${index}`, content: "" }));
    const bytes = gzipSync(tar(members));
    const path = write({ layers: Array.from({ length: 200 }, () => ({ bytes })) });
    const { problems } = await takeStock(path, { extractors: [everyFile] });
    expect(problems[0]?.message).toMatch(/^layer \d+ of 200: names and facts exceed the limit of 511 MiB/);
  }, 60_000);
});

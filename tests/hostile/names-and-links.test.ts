import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { dockerLayout, layoutTar } from "../setup/image.ts";
import { everyFile, type Stock, takeStock } from "../setup/take-stock.ts";
import type { TarMember } from "../setup/tar.ts";
import { temporaryFilesIn, temporaryFolder } from "../setup/temporary-folder.ts";

const folder = temporaryFolder();
const temporary = temporaryFilesIn(folder);

async function scan(...layers: (readonly TarMember[])[]): Promise<Stock> {
  const path = join(folder, "image.tar");
  let stock: Stock | undefined;
  for (const compression of ["none", "gzip", "zstd"] as const) {
    writeFileSync(path, layoutTar(dockerLayout([{ layers: layers.map((members) => ({ members, compression })) }])));
    const next = await takeStock(path, { extractors: [everyFile] });
    if (stock) {
      expect(next.packages).toEqual(stock.packages);
      expect(next.problems).toEqual(stock.problems);
    }
    stock = next;
  }
  if (!stock) throw new Error("no image was read");
  return stock;
}

function files({ packages }: Stock): Record<string, string> {
  return Object.fromEntries(packages.map(({ name, version }) => [name, version]));
}

const good: TarMember = { name: "good", content: "x" };

describe("names that lead out of the image", () => {
  test.each([
    ["../outside"],
    ["../../../../../../etc/passwd"],
    ["a/b/../../../outside"],
    ["/../outside"],
    ["./../outside"],
  ])("%s is a problem and nothing is written", async (name) => {
    const stock = await scan([{ name, content: "evil" }, good]);
    expect(files(stock)).toEqual({ good: "x" });
    expect(stock.problems).toEqual([
      {
        code: "unreadable",
        path: name,
        message: `layer 1 of 1: ${name} was passed over: its path is outside the root of the image`,
      },
    ]);
    expect(existsSync(join(folder, "outside"))).toBe(false);
    expect(readdirSync(temporary)).toEqual([]);
  });

  test("absolute names are names inside", async () => {
    expect(files(await scan([{ name: "/etc/shadow", content: "x" }]))).toEqual({ "etc/shadow": "x" });
  });

  test("a link out of the image leads to the same name inside", async () => {
    const stock = await scan([
      { name: "out", type: "symlink", link: "../../../../../tmp" },
      { name: "out/file", content: "x" },
    ]);
    expect(files(stock)).toEqual({ "tmp/file": "x" });
    expect(existsSync("/tmp/file")).toBe(false);
  });

  test("a hard link out of the image is a problem", async () => {
    const { problems } = await scan([{ name: "shadow", type: "hardlink", link: "../../etc/shadow" }, good]);
    expect(problems.map(({ message }) => message)).toEqual([
      "layer 1 of 1: shadow was passed over: it is a hard link to a name outside the image",
    ]);
  });
});

describe("names that are not text", () => {
  test("with a NUL are a problem that shows no control character", async () => {
    const { problems } = await scan([{ name: "x", pax: { path: "a\0b\x1b[31m" } }, good]);
    expect(problems.map(({ message }) => message)).toEqual([
      "layer 1 of 1: a�b�[31m was passed over: its name contains a NUL character",
    ]);
  });

  test("that differ in bytes which are not UTF-8 do not hide each other", async () => {
    const names = [0xfd, 0xfe, 0xff].map((byte) => Buffer.from([0x61, byte]));
    expect(Object.keys(files(await scan(names.map((name, index) => ({ name, content: String(index) }))))).length).toBe(
      3,
    );
  });

  test("with line breaks and terminal codes are read", async () => {
    const name = "a\n\x1b]0;title\x07b";
    expect(files(await scan([{ name, content: "x" }]))).toEqual({ [name]: "x" });
  });

  test("like the properties of objects are names like any other", async () => {
    const members = ["__proto__", "constructor", "toString/x"].map((name) => ({ name, content: "x" }));
    const { packages } = await scan(members);
    expect(packages.map(({ name }) => name).sort()).toEqual(["__proto__", "constructor", "toString/x"]);
  });
});

describe("links that go in circles", () => {
  test("as folders are a problem for what lies in them", async () => {
    const stock = await scan([
      { name: "a", type: "symlink", link: "b" },
      { name: "b", type: "symlink", link: "a" },
      { name: "a/file", content: "x" },
      good,
    ]);
    expect(files(stock)).toEqual({ good: "x" });
    expect(stock.problems).toHaveLength(1);
  });

  test("as hard links, to themselves or to nothing, are no file", async () => {
    const stock = await scan([
      { name: "a", type: "hardlink", link: "b" },
      { name: "b", type: "hardlink", link: "a" },
      { name: "self", type: "hardlink", link: "self" },
      { name: "none", type: "hardlink", link: "absent" },
      good,
    ]);
    expect(files(stock)).toEqual({ good: "x" });
  });

  test("across layers lead nowhere", async () => {
    const stock = await scan(
      [{ name: "etc/os-release", type: "symlink", link: "../usr/lib/os-release" }],
      [{ name: "usr/lib/os-release", type: "symlink", link: "/etc/os-release" }, good],
    );
    expect(files(stock)).toEqual({ good: "x" });
  });

  test("an image full of them is read in time", async () => {
    const links = Array.from(
      { length: 3_000 },
      (_, index): TarMember => ({ name: `l${index}`, type: "symlink", link: `l${(index + 1) % 3_000}/x` }),
    );
    const inside = Array.from({ length: 3_000 }, (_, index): TarMember => ({ name: `l${index}/file`, content: "x" }));
    const { problems } = await scan([...links, ...inside, good]);
    expect(problems.length).toBeGreaterThan(0);
  });
});

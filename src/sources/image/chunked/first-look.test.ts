import { randomBytes } from "node:crypto";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import {
  type ChunkedLayer,
  estargzLayer,
  type TableValue,
  zstdChunkedLayer,
} from "../../../../tests/setup/chunked-layer.ts";
import { seededRandom } from "../../../../tests/setup/damaged-bytes.ts";
import type { TarMember } from "../../../../tests/setup/tar.ts";
import {
  streamed,
  type WalkSettings,
  type WriteLayer,
  walk,
  withoutHeads,
} from "../../../../tests/setup/walk-by-table.ts";

const magic = "\x7fELF";
/** Bytes that do not compress, so that they can be found and changed in what is stored. */
const noise = randomBytes(14_000_000);
const size = 1_000_000;
const data: readonly TarMember[] = Array.from({ length: 12 }, (_, index) => {
  return { name: `data/${index}.bin`, content: noise.subarray(index * size, (index + 1) * size) };
});
/** A small file before each, as a layer of many files has them. */
const mixed = data.flatMap((one, index) => [
  { name: `small/${index}`, content: noise.subarray(index * 100_000, (index + 1) * 100_000) },
  one,
]);

function program(name: string, mode = 0o644): TarMember {
  return { name, mode, content: Buffer.concat([Buffer.from(magic, "latin1"), noise.subarray(12 * size)]) };
}

/** A registry that changes the bytes of the layer that begin so. */
function changing({ bytes }: ChunkedLayer, from: string, to: string): NonNullable<WalkSettings["readRange"]> {
  const changed = Buffer.from(bytes);
  const at = changed.indexOf(from, 0, "latin1");
  expect(at).toBeGreaterThan(0);
  changed.write(to, at, "latin1");
  return (start, end) => Promise.resolve(Buffer.from(changed.subarray(start, end)));
}

const ways: readonly [string, WriteLayer][] = [
  ["eStargz", estargzLayer],
  [
    "eStargz whose members hold several files",
    (members, options) => estargzLayer(members, { memberSize: 200_000, ...options }),
  ],
  ["zstd:chunked", (members, options) => zstdChunkedLayer(members, { chunkSize: 64 * 1024, ...options })],
  ["zstd:chunked in chunks of 4 MiB", zstdChunkedLayer],
];

describe.each(ways)("a layer of large files in the form of %s", (_, write) => {
  test("costs a tenth when their first bytes say that nobody wants them", async () => {
    const layer = write(mixed);
    const seen = await walk(layer, { magic });
    expect(seen).toMatchObject({ inPart: true, wholeReads: 0, error: undefined });
    expect(withoutHeads(seen.events)).toEqual(await streamed(layer, { magic }));
    expect(seen.fetched).toBeLessThan(layer.bytes.length * 0.15);
    expect(seen.requests).toBeLessThan(15);
  });

  test("gives the programs among them as its tar does, whatever they call themselves", async () => {
    const members = [...mixed, program("opt/worker"), program("bin/tool", 0o755), program("lib/tool.so.1")];
    const layer = write(members);
    const seen = await walk(layer, { magic });
    expect(seen).toMatchObject({ inPart: true, wholeReads: 0, error: undefined });
    expect(withoutHeads(seen.events)).toEqual(await streamed(layer, { magic }));
    expect(seen.events.filter((event) => "body" in (event as object))).toHaveLength(3);
  });

  test("shows what its bytes begin with, also when that swells", async () => {
    const swelling = { name: "data/zeros", content: Buffer.concat([Buffer.alloc(700_000), noise.subarray(0, size)]) };
    const seen = await walk(write([...data, swelling]), { magic });
    expect(seen).toMatchObject({ inPart: true, error: undefined });
    for (const { name, content } of [...data, swelling]) {
      const head = Buffer.from(content ?? "").toString("hex", 0, 16);
      expect(seen.events).toContainEqual(expect.objectContaining({ path: name, head }));
    }
  });

  test("ends with a result or an error of ours, whatever numbers its table holds", async () => {
    const random = seededRandom(31);
    const pick = <T>(list: readonly T[]): T | undefined => list[Math.floor(random() * list.length)];
    const numbers = [0, 1, 15, 5_000, 131_072, 1_000_000, 5_000_000_000, 2 ** 45];
    const fields = ["offset", "endOffset", "innerOffset", "size", "chunkSize", "mode"];
    const few = [...mixed.slice(0, 6), program("opt/worker"), program("bin/tool", 0o755)];
    const seen = new Set<string>();
    for (let round = 0; round < 20; round++) {
      const change = (all: TableValue[]): TableValue[] => {
        const entry = pick(all);
        const field = pick(fields) ?? "size";
        const other = random() < 0.5 ? pick(all)?.[field] : pick(numbers);
        return all.map((one) => (one === entry ? { ...one, [field]: other } : one));
      };
      const { error, inPart } = await walk(write(few, { change }), { magic });
      seen.add(error ?? (inPart ? "in part" : "whole"));
    }
    expect(seen).toContain("in part");
    expect(["digest-mismatch", "in part", "whole"]).toEqual(expect.arrayContaining([...seen]));
  });

  test("is given up when the scan is while first bytes are fetched", async () => {
    const layer = write(mixed);
    const controller = new AbortController();
    const readRange = (from: number, to: number): Promise<Buffer> => {
      if (from < layer.bytes.length / 2) controller.abort();
      return Promise.resolve(Buffer.from(layer.bytes.subarray(from, to)));
    };
    const seen = await walk(layer, { magic, readRange, signal: controller.signal });
    expect(seen).toMatchObject({ wholeReads: 0, error: "cancelled", events: [] });
  });
});

describe("a file of one large chunk, of which a registry changes the first bytes", () => {
  const members = (name: string, mode?: number): TarMember[] => [...data, program(name, mode)];

  test.each<[string, number]>([
    ["bin/tool", 0o755],
    ["lib/tool.so", 0o644],
    ["app/tool.exe", 0o644],
  ])("is a digest mismatch when it calls itself a program: %s with mode %o", async (name, mode) => {
    const layer = estargzLayer(members(name, mode));
    const seen = await walk(layer, { magic, readRange: changing(layer, magic, "none") });
    expect(seen).toMatchObject({ inPart: true, wholeReads: 0, error: "digest-mismatch" });
  });

  test("is passed over when it does not, and the layer is said to be read in part", async () => {
    const layer = estargzLayer(members("opt/worker"));
    const seen = await walk(layer, { magic, readRange: changing(layer, magic, "none") });
    expect(seen).toMatchObject({ inPart: true, wholeReads: 0, error: undefined });
    expect(seen.events.filter((event) => "body" in (event as object))).toEqual([]);
  });

  test("is a digest mismatch when they make it one", async () => {
    const layer = estargzLayer(data);
    const begin = noise.toString("latin1", 3 * size, 3 * size + 16);
    const seen = await walk(layer, { magic, readRange: changing(layer, begin, magic) });
    expect(seen).toMatchObject({ inPart: true, wholeReads: 0, error: "digest-mismatch" });
    expect(seen.events.filter((event) => "body" in (event as object))).toEqual([]);
  });

  test("makes the layer read whole when nothing can be inflated any more", async () => {
    const layer = estargzLayer(members("opt/worker"));
    const begin = noise.toString("latin1", 3 * size, 3 * size + 16);
    const at = layer.bytes.indexOf(begin, 0, "latin1") - 15;
    expect(layer.bytes.readUInt16BE(at)).toBe(0x1f8b);
    const header = layer.bytes.toString("latin1", at, at + 31);
    const seen = await walk(layer, { magic, readRange: changing(layer, header, "\0\0") });
    expect(seen).toMatchObject({ inPart: false, wholeReads: 1, error: undefined });
    expect(withoutHeads(seen.events)).toEqual(await streamed(layer, { magic }));
  });
});

test("a file whose first bytes do not come out of the beginning of its member is fetched", async () => {
  const pack = (bytes: Buffer): Buffer => {
    const plain = gzipSync(bytes, { level: 1 });
    const extra = Buffer.alloc(2 + 60_000);
    extra.writeUInt16LE(60_000);
    plain[3] = 4;
    return Buffer.concat([plain.subarray(0, 10), extra, plain.subarray(10)]);
  };
  const layer = estargzLayer([...data, program("opt/worker")], {
    pack: (bytes) => (bytes.includes(magic, 0, "latin1") ? pack : gzipSync)(bytes),
  });
  const seen = await walk(layer, { magic });
  expect(seen).toMatchObject({ inPart: true, wholeReads: 0, error: undefined });
  expect(withoutHeads(seen.events)).toEqual(await streamed(layer, { magic }));
  expect(seen.events.filter((event) => "body" in (event as object))).toHaveLength(1);
  expect(seen.fetched).toBeLessThan(2_400_000);
});

test("a program over the limit of one file is told by its first bytes alone", async () => {
  const layer = estargzLayer([...data, program("opt/worker"), program("bin/tool", 0o755)], {
    change: (all) =>
      all.map((one) => (/worker|tool|data.3/.test(String(one["name"])) ? { ...one, size: 5_000_000_000 } : one)),
  });
  const seen = await walk(layer, { magic });
  expect(seen).toMatchObject({ inPart: true, error: undefined });
  expect(seen.events.filter((event) => "reason" in (event as object))).toEqual([
    { path: "opt/worker", reason: "it is larger than 4 GiB, the limit for a file" },
    { path: "bin/tool", reason: "it is larger than 4 GiB, the limit for a file" },
  ]);
  expect(seen.fetched).toBeLessThan(300_000);
});

test("of a program of several large chunks none is fetched twice", async () => {
  const content = Buffer.concat([Buffer.from(magic, "latin1"), noise]);
  const layer = estargzLayer([{ name: "bin/tool", mode: 0o755, content }, ...data, ...data]);
  const examine = (file: { read(at: number, length: number): unknown; size: number }): void => {
    file.read(0, 100);
    file.read(file.size - 100, 100);
  };
  const seen = await walk(layer, { magic, examine });
  expect(seen).toMatchObject({ inPart: true, error: undefined });
  // The first chunk has 4 MiB, the last 1.4 MB.
  expect(seen.fetched).toBeLessThan(6_000_000);
});

test("a layer whose first bytes alone would cost more than most of it is read whole at once", async () => {
  const files = Array.from({ length: 60 }, (_, index) => {
    return { name: `data/${index}`, content: noise.subarray(index * 75_000, (index + 1) * 75_000) };
  });
  const seen = await walk(estargzLayer(files), { byHead: () => true, wants: () => false });
  expect(seen).toMatchObject({ inPart: false, wholeReads: 1, requests: 1, error: undefined });
});

test("a layer of programs is read whole once its first bytes have told", async () => {
  const programs = Array.from({ length: 12 }, (_, index) => program(`opt/${index}`));
  const layer = estargzLayer(programs);
  const seen = await walk(layer, { magic });
  expect(seen).toMatchObject({ inPart: false, wholeReads: 1, error: undefined });
  expect(withoutHeads(seen.events)).toEqual(await streamed(layer, { magic }));
  expect(seen.fetched).toBeLessThan(layer.bytes.length * 0.05);
});

import { randomBytes } from "node:crypto";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import {
  type ChunkedLayer,
  type ChunkedLayerOptions,
  estargzLayer,
  type TableValue,
  zstdChunkedLayer,
} from "../../../../tests/setup/chunked-layer.ts";
import { seededRandom } from "../../../../tests/setup/damaged-bytes.ts";
import { sha256 } from "../../../../tests/setup/image.ts";
import type { TarMember } from "../../../../tests/setup/tar.ts";
import { formats, streamed, type WalkSettings, walk, withoutHeads } from "../../../../tests/setup/walk-by-table.ts";
import { PlimsollError } from "../../../model/error.ts";
import type { OpenFile } from "../../../model/images/file.ts";
import { locateTable } from "./locate-table.ts";

/** Bytes that do not compress, the same in all tests. */
const noise = randomBytes(1_100_000);
const members: readonly TarMember[] = [
  { name: "./", type: "directory" },
  { name: "etc/", type: "directory", mode: 0o755 },
  { name: "etc/os-release", content: "ID=debian\n" },
  { name: "etc/.wh.gone", content: "" },
  { name: "empty", content: "" },
  { name: "large", content: noise.subarray(0, 600_000), mode: 0o4755 },
  { name: "later", content: noise.subarray(600_000, 1_100_000) },
  { name: "wanted/one", content: noise.subarray(0, 300_000) },
  { name: "wanted/two", content: "2".repeat(100_000) },
  { name: "dev/null", type: "character", mode: 0o666 },
  { name: "pipe", type: "fifo" },
  { name: "hard", type: "hardlink", link: "./etc/os-release" },
  { name: "soft", type: "symlink", link: "../../etc/os-release" },
  { name: "../outside", content: "x" },
  { name: `deep/${"folder/".repeat(30)}file`, content: "deep" },
  { name: "wanted/grün", content: "ü" },
  { name: "wanted/zeros", content: Buffer.alloc(300_000) },
];

describe.each(formats)("a layer in the form of %s", (_, write) => {
  test.each<[string, ChunkedLayerOptions]>([
    ["of one chunk each", {}],
    ["of many chunks", { chunkSize: 64 * 1024 }],
    ["that share members", { memberSize: 400_000 }],
    ["of many chunks that share members", { memberSize: 200_000, chunkSize: 64 * 1024 }],
  ])("is walked as its tar is, with files %s, and far less is fetched", async (_, options) => {
    const layer = write(members, options);
    const byTable = await walk(layer);
    expect(byTable).toMatchObject({ inPart: true, wholeReads: 0, error: undefined });
    expect(withoutHeads(byTable.events)).toEqual(await streamed(layer));
    expect(byTable.fetched).toBeLessThan(layer.bytes.length * 0.45);
    expect(byTable.requests).toBeLessThan(12);
  });

  test("gives a body that was not foreseen", async () => {
    const layer = write(members);
    const wants = (path: string): boolean => path === "later" || path === "stargz.index.json";
    const foreseeing = { wants, byHead: () => false };
    const surprise = await walk(layer, { ...foreseeing, byHead: ({ path }) => path === "large" });
    expect(withoutHeads(surprise.events)).toEqual(await streamed(layer, { wants }));
  });

  test("shows first bytes where they decide, also of a file of many chunks", async () => {
    const layer = write(members, { chunkSize: 64 * 1024 });
    const seen = await walk(layer, { byHead: ({ path }) => path === "large" || path === "wanted/one" });
    expect(seen).toMatchObject({ inPart: true, error: undefined });
    expect(withoutHeads(seen.events)).toEqual(await streamed(layer));
    const head = noise.toString("hex", 0, 16);
    expect(seen.events).toContainEqual(expect.objectContaining({ path: "large", head }));
    expect(seen.events).toContainEqual(expect.objectContaining({ path: "wanted/one", head }));
    expect(seen.fetched).toBeLessThan(layer.bytes.length * 0.45);
  });

  test("is read whole when most of it is wanted, when nobody says what, and when it is small", async () => {
    const layer = write(members);
    const most = await walk(layer, { wants: (path) => path !== "later" });
    expect(most).toMatchObject({ inPart: false, wholeReads: 1, error: undefined });
    expect(await walk(layer, { foresees: false })).toMatchObject({ inPart: false, wholeReads: 1, requests: 0 });
    const small = write([{ name: "wanted/a", content: "a" }]);
    expect(await walk(small)).toMatchObject({ inPart: false, wholeReads: 1, requests: 0 });
  });

  test("is read whole when parts cannot be had", async () => {
    const fail = (): Promise<Buffer> => Promise.reject(new PlimsollError("registry-failed", "it sends no parts"));
    const layer = write(members);
    const seen = await walk(layer, { readRange: fail });
    expect(seen).toMatchObject({ inPart: false, wholeReads: 1, requests: 1, error: undefined });
    expect(withoutHeads(seen.events)).toEqual(await streamed(layer));
  });

  test.each<[string, ChunkedLayerOptions]>([
    ["is not JSON", { table: Buffer.from("nonsense") }],
    ["lies about the place of the table", { tableFrom: 1000 }],
    ["has an offset beyond the layer", { change: (all) => all.map((one) => shift(one, 1e9)) }],
    ["has a negative offset", { change: (all) => all.map((one) => shift(one, -1e9)) }],
    [
      "has files that overlap",
      { change: (all) => all.map((one) => ("offset" in one ? { ...one, offset: 500 } : one)) },
    ],
    [
      "has a huge count of bytes",
      { change: (all) => all.map((one) => ("size" in one ? { ...one, size: 2 ** 60 } : one)) },
    ],
  ])("is read whole when the table %s", async (_, options) => {
    const layer = write(members, options);
    const seen = await walk(layer);
    expect(seen).toMatchObject({ inPart: false, wholeReads: 1, error: undefined });
    expect(withoutHeads(seen.events)).toEqual(await streamed(layer));
  });

  test("is read whole when the table is not the one that the manifest names", async () => {
    const layer = write(members);
    const other = write(members, { change: (all) => all.slice(1) });
    const seen = await walk({ ...layer, annotations: { ...layer.annotations, ...digestsOf(other) } });
    expect(seen).toMatchObject({ inPart: false, wholeReads: 1, error: undefined });
  });

  test("whose files were changed is a digest mismatch, wherever they were changed", async () => {
    const layer = write(members, { chunkSize: 64 * 1024 });
    for (const place of [0, 100, 2_000, 50_000]) {
      let requests = 0;
      const readRange = (from: number, to: number): Promise<Buffer> => {
        const bytes = Buffer.from(layer.bytes.subarray(from, to));
        const isTable = to - from < 60_000 || to === layer.bytes.length;
        if (!isTable && requests++ === 0) bytes[place] = (bytes[place] ?? 0) ^ 0x55;
        return Promise.resolve(bytes);
      };
      const seen = await walk(layer, { readRange });
      expect(seen).toMatchObject({ inPart: true, wholeReads: 0, error: "digest-mismatch" });
      expect(JSON.stringify(seen.events)).not.toContain('"path":"wanted/one","mode"');
    }
  });

  test("whose table holds any numbers ends with a result or an error of ours", async () => {
    const random = seededRandom(18);
    const pick = <T>(list: readonly T[]): T | undefined => list[Math.floor(random() * list.length)];
    const extremes = [-1, 0, 1, 100, 65_536, 300_000, 2 ** 31, 2 ** 53, 1e300, 0.5, null, "1", undefined];
    const fields = ["offset", "endOffset", "innerOffset", "size", "chunkSize", "chunkOffset", "mode", "type", "name"];
    const few = members.slice(5);
    const seen = new Set<string | undefined>();
    for (let round = 0; round < 40; round++) {
      const change = (all: TableValue[]): TableValue[] => {
        const entry = pick(all);
        const field = pick(fields) ?? "size";
        const other = random() < 0.3 ? pick(all)?.[field] : pick(extremes);
        return all.map((one) => (one === entry ? { ...one, [field]: other } : one));
      };
      const { error, inPart } = await walk(write(few, { chunkSize: 128 * 1024, change }));
      seen.add(error ?? (inPart ? "in part" : "whole"));
    }
    expect(seen).toContain("whole");
    expect(seen).toContain("in part");
  });

  test("that breaks off in the middle keeps what was seen, and the error", async () => {
    const layer = write(members);
    let requests = 0;
    const readRange = (from: number, to: number): Promise<Buffer> =>
      ++requests < 3
        ? Promise.resolve(Buffer.from(layer.bytes.subarray(from, to)))
        : Promise.reject(new PlimsollError("registry-unreachable", "it is gone"));
    const wants = (path: string): boolean => path.startsWith("wanted/") || path.startsWith("etc/");
    const seen = await walk(layer, { readRange, wants });
    expect(seen).toMatchObject({ wholeReads: 0, error: "registry-unreachable" });
    expect(seen.events).toContainEqual(expect.objectContaining({ path: "etc/os-release", body: "ID=debian\n" }));
  });

  test("has no more bytes than the limit, whatever its chunks say", async () => {
    const seen = await walk(write(members), { largestLayer: 350_000 });
    expect(seen).toMatchObject({ error: "limit-exceeded" });
  });

  test("whose chunks hold less or more than they should is a digest mismatch", async () => {
    const bomb = Buffer.alloc(16 * 1024 * 1024);
    const file = { name: "wanted/bomb", content: bomb };
    const filler = { name: "filler", content: noise.subarray(0, 1_000_000) };
    const short = write([filler, file], {
      chunkSize: bomb.length,
      change: (all) => all.map((one) => (one["name"] === file.name ? { ...one, size: 1000 } : one)),
    });
    expect(await walk(short)).toMatchObject({ inPart: true, error: "digest-mismatch" });
    const long = write([filler, { name: "wanted/bomb", content: "tiny" }], {
      change: (all) => all.map((one) => (one["name"] === file.name ? { ...one, size: 1_000_000_000 } : one)),
    });
    expect(await walk(long)).toMatchObject({ inPart: true, error: "digest-mismatch" });
  });
});

describe("a file of many chunks that its first bytes make interesting", () => {
  const content = noise.subarray(0, 1_000_000);
  const chunkSize = 16 * 1024;
  const layer = zstdChunkedLayer([{ name: "program", content }, ...members.slice(5)], { chunkSize });
  const settings: WalkSettings = {
    wants: (path) => path === "program",
    byHead: ({ path }) => path === "program",
  };
  const places = [0, 999_990, 500_000, 16_380, 700_000, 999_999, 1_000_000, 2_000_000, -1];

  test("is fetched only where it is read", async () => {
    const read: string[][] = [];
    const examine = (file: OpenFile): void => {
      const hex = places.map((place) => Buffer.from(file.read(place, 20)).toString("hex"));
      read.push(hex);
    };
    const seen = await walk(layer, { ...settings, examine });
    expect(seen).toMatchObject({ inPart: true, error: undefined });
    const expected = places.map((place) => (place < 0 ? "" : content.toString("hex", place, place + 20)));
    expect(read).toEqual([expected, expected]);
    expect(seen.fetched).toBeLessThan(400_000);
  });

  test("is fetched in ever larger parts when it is read from end to end, and all of it when much would be held", async () => {
    let sum = "";
    const examine = (file: OpenFile): void => {
      const pieces: Uint8Array[] = [];
      for (let at = 0; at < file.size; at += 5_000) pieces.push(Buffer.from(file.read(at, 5_000)));
      sum = sha256(Buffer.concat(pieces));
    };
    const seen = await walk(layer, { ...settings, examine });
    expect(seen).toMatchObject({ inPart: true, error: undefined });
    expect(sum).toBe(sha256(content));
    expect(seen.requests).toBeLessThan(20);
    const large = Buffer.concat(Array.from({ length: 35 }, () => content));
    const filler = { name: "filler", content: noise };
    const other = zstdChunkedLayer([{ name: "program", content: large }, filler], { chunkSize: 2 ** 20 });
    expect(await walk(other, { ...settings, examine })).toMatchObject({ inPart: true, error: undefined });
    expect(sum).toBe(sha256(large));
  });

  test("that is read otherwise the second time is an error", async () => {
    let calls = 0;
    const examine = (file: OpenFile): void => {
      try {
        file.read(++calls === 1 ? 0 : 500_000, 10);
      } catch {
        // As an extractor would.
      }
    };
    expect(await walk(layer, { ...settings, examine })).toMatchObject({ error: "target-unreadable" });
  });

  test("whose parts were changed is a digest mismatch", async () => {
    const readRange = (from: number, to: number): Promise<Buffer> => {
      const bytes = Buffer.from(layer.bytes.subarray(from, to));
      if (from > 400_000 && from < 600_000) bytes[100] = (bytes[100] ?? 0) ^ 1;
      return Promise.resolve(bytes);
    };
    const examine = (file: OpenFile): void => void file.read(500_000, 10);
    const seen = await walk(layer, { ...settings, examine, readRange });
    expect(seen).toMatchObject({ inPart: true, error: "digest-mismatch" });
  });
});

test("a layer of stargz-snapshotter's predecessor is walked as its tar is", async () => {
  const layer = estargzLayer(members, { legacyFooter: true });
  const seen = await walk(layer);
  expect(seen).toMatchObject({ inPart: true, error: undefined });
  expect(withoutHeads(seen.events)).toEqual(await streamed(layer));
});

test.each([0, 1e9, 2 ** 52])(
  "a layer whose footer says that its table lies at byte %d is read whole",
  async (tableFrom) => {
    const seen = await walk(estargzLayer(members, { tableFrom }));
    expect(seen).toMatchObject({ inPart: false, wholeReads: 1, error: undefined });
  },
);

test("a run of zeros is not fetched", async () => {
  const zeros = Buffer.alloc(4 * 1024 * 1024);
  const content = Buffer.concat([noise.subarray(0, 100_000), Buffer.alloc(31_072), zeros]);
  const layer = zstdChunkedLayer(
    [
      { name: "filler", content: noise.subarray(0, 1_000_000) },
      { name: "wanted/sparse", content },
    ],
    { chunkSize: 131_072 },
  );
  const seen = await walk(layer);
  expect(seen).toMatchObject({ inPart: true, error: undefined });
  expect(withoutHeads(seen.events)).toEqual(await streamed(layer));
});

test("a table that swells beyond its limit is not followed", async () => {
  const filler = gzipSync(noise.subarray(0, 500_000), { level: 0 });
  const layer = estargzLayer([{ name: "a", content: filler }], { table: Buffer.alloc(70 * 1024 * 1024, " ") });
  expect(await walk(layer)).toMatchObject({ inPart: false, wholeReads: 1, error: undefined });
  const other = zstdChunkedLayer([{ name: "a", content: filler }], { table: Buffer.alloc(70 * 1024 * 1024, " ") });
  expect(locateTable(other.annotations, other.bytes.length)).toBeUndefined();
});

function shift(one: TableValue, by: number): TableValue {
  return typeof one["offset"] === "number" ? { ...one, offset: one["offset"] + by } : one;
}

/** The annotations that hold a digest. */
function digestsOf({ annotations }: ChunkedLayer): Record<string, string> {
  return Object.fromEntries(Object.entries(annotations).filter(([, value]) => value.startsWith("sha256:")));
}

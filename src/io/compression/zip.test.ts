import fc from "fast-check";
import { expect, test } from "vitest";
import { type ZipMember, type ZipOptions, zip } from "../../../tests/setup/zip.ts";
import { PlimsollError } from "../../model/error.ts";
import { memoryFile } from "../bytes/memory-file.ts";
import { openZip, type ZipArchive, type ZipEntry, type ZipLimits } from "./zip.ts";

const text = "all work and no play ".repeat(50);

function open(bytes: Uint8Array, limits?: ZipLimits): ZipArchive {
  const archive = openZip(memoryFile("a.zip", bytes), "a.zip", limits);
  if (archive === undefined) throw new Error("not a ZIP archive");
  return archive;
}

function openMembers(members: readonly ZipMember[], options?: ZipOptions): [ZipArchive, ZipEntry] {
  const archive = open(zip(members, options));
  const [first] = archive.entries();
  if (first === undefined) throw new Error("no entries");
  return [archive, first];
}

function contents(bytes: Uint8Array): Record<string, string> {
  const archive = open(bytes);
  return Object.fromEntries(
    [...archive.entries()].map((entry) => [entry.name, archive.read(entry, 1e6)?.toString() ?? "unread"]),
  );
}

function codeOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof PlimsollError) return error.code;
    throw error;
  }
  return "no error";
}

const members: ZipMember[] = [
  { name: "stored.txt", content: text, stored: true },
  { name: "folder/", content: "", stored: true },
  { name: "folder/deflated.txt", content: text },
  { name: "empty", content: "" },
];
const expected = { "stored.txt": text, "folder/": "", "folder/deflated.txt": text, empty: "" };

test("stored and deflated entries are read in the order of the directory", () => {
  expect(contents(zip(members))).toEqual(expected);
  expect([...open(zip(members)).entries()].map(({ name }) => name)).toEqual(Object.keys(expected));
});

test("an archive without entries is empty", () => {
  expect(contents(zip([]))).toEqual({});
});

test("an archive is found behind a script and before a comment of the greatest length", () => {
  const comment = Buffer.alloc(0xffff, "x");
  expect(contents(zip(members, { prefix: Buffer.from("#!/bin/sh\nexec java -jar $0\n") }))).toEqual(expected);
  expect(contents(zip(members, { comment }))).toEqual(expected);
  expect(contents(zip(members, { comment, prefix: Buffer.alloc(100_000), zip64: true }))).toEqual(expected);
});

test("bytes after the archive do not hide it", () => {
  expect(contents(Buffer.concat([zip(members), Buffer.alloc(500, "x")]))).toEqual(expected);
});

test("an empty end record inside the comment does not hide the entries", () => {
  expect(contents(zip(members, { comment: Buffer.concat([zip([]), Buffer.from("more")]) }))).toEqual(expected);
});

test("sizes, offsets and counts come from the zip64 records where the old fields are saturated", () => {
  const zip64 = members.map((member) => ({ ...member, zip64: true }));
  expect(contents(zip(zip64, { zip64: true }))).toEqual(expected);
  expect(contents(zip(zip64))).toEqual(expected);
});

test("more entries than the count of 16 bits can say are all read", () => {
  const many = Array.from({ length: 65_540 }, () => ({ name: "a", content: "", stored: true }));
  expect([...open(zip(many)).entries()]).toHaveLength(65_540);
});

test("names are UTF-8, or Latin-1 when they are not marked and not valid as UTF-8", () => {
  const names = [
    { name: "ö.txt", flags: 0x800 },
    { name: "ö.txt", flags: 0 },
    { name: Buffer.from([0xf6]), flags: 0 },
    { name: Buffer.from([0xf6]), flags: 0x800 },
  ];
  const archive = open(zip(names.map((member) => ({ ...member, content: "" }))));
  expect([...archive.entries()].map(({ name }) => name)).toEqual(["ö.txt", "ö.txt", "ö", "\ufffd"]);
});

test("bytes that are not a ZIP archive give undefined", () => {
  expect(openZip(memoryFile("a", new Uint8Array()), "a")).toBeUndefined();
  expect(openZip(memoryFile("a", Buffer.from("plain text")), "a")).toBeUndefined();
});

test("an archive that is cut off is malformed", () => {
  const bytes = zip(members);
  expect(codeOf(() => open(bytes.subarray(0, bytes.length - 30)))).toBe("file-malformed");
  expect(codeOf(() => open(bytes.subarray(10)))).toBe("file-malformed");
  expect(codeOf(() => open(bytes.subarray(bytes.length - 22)))).toBe("file-malformed");
});

test("a directory that is damaged after some entries is malformed there", () => {
  const bytes = zip(members);
  bytes[bytes.lastIndexOf("PK\x01\x02")] = 0;
  const archive = open(bytes);
  const seen: string[] = [];
  expect(
    codeOf(() => {
      for (const { name } of archive.entries()) seen.push(name);
    }),
  ).toBe("file-malformed");
  expect(seen).toEqual(Object.keys(expected).slice(0, 3));
});

test("a count that cannot fit is malformed at once", () => {
  expect(codeOf(() => open(zip(members, { count: 60_000 })))).toBe("file-malformed");
});

test("entries and names beyond the limits stop the reading", () => {
  expect(codeOf(() => [...open(zip(members), { entries: 3 }).entries()])).toBe("limit-exceeded");
  expect(codeOf(() => [...open(zip(members), { entries: 4 }).entries()])).toBe("no error");
  expect(codeOf(() => [...open(zip(members), { nameLength: 10 }).entries()])).toBe("limit-exceeded");
});

test("an entry is never inflated past the limit, whatever size it declares", () => {
  const bomb = Buffer.alloc(5_000_000);
  for (const size of [5_000_000, 10, 0, 0xfffffff0]) {
    const [archive, entry] = openMembers([{ name: "bomb", content: bomb, size }]);
    expect(codeOf(() => archive.read(entry, 1000))).toBe("limit-exceeded");
  }
});

test("a limit that the entry just meets is enough", () => {
  for (const stored of [true, false]) {
    const [archive, entry] = openMembers([{ name: "a", content: text, stored }]);
    expect(archive.read(entry, text.length)?.toString()).toBe(text);
    expect(codeOf(() => archive.read(entry, text.length - 1))).toBe("limit-exceeded");
    expect(codeOf(() => archive.read(entry, 0))).toBe("limit-exceeded");
  }
});

test("a wrong declared size does not matter to the bytes", () => {
  for (const size of [0, 1, 4_000_000_000]) {
    const [archive, entry] = openMembers([{ name: "a", content: text, size }]);
    expect(archive.read(entry, 1e6)?.toString()).toBe(text);
  }
});

test("a body that is not where or what the directory says is malformed", () => {
  for (const lie of [
    { offset: 7 },
    { offset: 0xfffffffe },
    { compressedSize: 5 },
    { compressedSize: 99_999 },
    { crc: 1 },
  ]) {
    const [archive, entry] = openMembers([{ name: "a", content: text, ...lie }]);
    expect(codeOf(() => archive.read(entry, 1e6))).toBe("file-malformed");
  }
});

test("encrypted entries and other methods give undefined", () => {
  for (const member of [{ flags: 1 }, { method: 12 }, { method: 93 }]) {
    const [archive, entry] = openMembers([{ name: "a", content: text, ...member }]);
    expect(archive.read(entry, 1e6)).toBeUndefined();
    expect(archive.stored(entry)).toBeUndefined();
  }
});

test("a stored entry is read in place", () => {
  const inner = zip(members);
  const [archive, entry] = openMembers([{ name: "inner.zip", content: inner, stored: true }], {
    prefix: Buffer.alloc(100),
  });
  const source = archive.stored(entry);
  expect(source?.size).toBe(inner.length);
  expect(source && Buffer.from(source.read(0, 1e6))).toEqual(inner);
  expect(source && Buffer.from(source.read(inner.length - 5, 100))).toEqual(inner.subarray(-5));
  expect(source?.read(inner.length, 1)).toHaveLength(0);
  const [deflated, deflatedEntry] = openMembers([{ name: "a", content: text }]);
  expect(deflated.stored(deflatedEntry)).toBeUndefined();
});

test("damaged archives throw nothing but errors of their own", () => {
  const bytes = zip([...members.map((member) => ({ ...member, zip64: true })), ...members], { zip64: true });
  const change = fc.tuple(fc.nat(bytes.length - 1), fc.integer({ min: 0, max: 255 }));
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 8 }), fc.nat(bytes.length), (changes, end) => {
      const copy = Buffer.from(bytes.subarray(0, end % 3 === 0 ? end : bytes.length));
      for (const [at, value] of changes) if (at < copy.length) copy[at] = value;
      codeOf(() => {
        const archive = openZip(memoryFile("a", copy), "a");
        for (const entry of archive?.entries() ?? []) codeOf(() => archive?.read(entry, 10_000));
      });
    }),
    { numRuns: 2000, seed: 1 },
  );
});

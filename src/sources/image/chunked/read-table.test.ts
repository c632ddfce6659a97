import { describe, expect, test } from "vitest";
import { largestChunk, readTable } from "./read-table.ts";
import type { TableEntry } from "./table-of-contents.ts";

const digest = `sha256:${"a".repeat(64)}`;
const end = 10_000;

function read(entries: readonly unknown[], limit = end): readonly TableEntry[] | undefined {
  return readTable(Buffer.from(JSON.stringify({ version: 1, entries })), limit);
}

const file = { name: "etc/file", type: "reg", mode: 0o100644, size: 10, offset: 100, digest };

describe("a table of contents", () => {
  test("gives entries as the tar would", () => {
    const entries = read([
      { name: "./", type: "dir", mode: 0o755 },
      { ...file, name: "/etc/./file" },
      { name: "link", type: "symlink", linkName: "../etc/file", mode: 0o777 },
      { name: "hard", type: "hardlink", linkName: "./etc/file", mode: 0o644 },
      { name: "etc/.wh.gone", type: "reg" },
      { name: "dev/null", type: "char", mode: 0o666, devMajor: 1, devMinor: 3 },
      { name: "pipe", type: "fifo", mode: 0o600 },
      { name: "disk", type: "block" },
    ]);
    expect(entries?.map(({ entry: { path, type, size, mode, link } }) => [path, type, size, mode, link])).toEqual([
      ["", "directory", 0, 0o755, ""],
      ["etc/file", "file", 10, 0o644, ""],
      ["link", "symlink", 0, 0o777, "../etc/file"],
      ["hard", "hardlink", 0, 0o644, "etc/file"],
      ["etc/.wh.gone", "file", 0, 0, ""],
      ["dev/null", "other", 0, 0o666, ""],
      ["pipe", "other", 0, 0o600, ""],
      ["disk", "other", 0, 0, ""],
    ]);
    expect(entries?.[1]?.chunks).toEqual([{ from: 100, to: end, skip: 0, size: 10, digest }]);
  });

  test("has names that lead out of the image, which are refused as in a tar", () => {
    const entries = read([
      { ...file, name: "../../etc/passwd" },
      { name: "hard", type: "hardlink", linkName: "../outside" },
    ]);
    expect(entries?.map(({ entry }) => entry.refusal?.reason)).toEqual([
      "its path is outside the root of the image",
      "it is a hard link to a name outside the image",
    ]);
  });

  test("has files of several chunks, each of which ends where the next one begins", () => {
    const entries = read([
      { ...file, size: 25, chunkSize: 10, chunkDigest: digest },
      { type: "chunk", name: file.name, offset: 200, chunkOffset: 10, chunkSize: 10, chunkDigest: digest },
      { type: "chunk", name: file.name, offset: 300, chunkOffset: 20, chunkDigest: digest },
      { ...file, name: "next", offset: 400 },
    ]);
    expect(entries?.map(({ chunks }) => chunks.map(({ from, to, size }) => [from, to, size]))).toEqual([
      [
        [100, 200, 10],
        [200, 300, 10],
        [300, 400, 5],
      ],
      [[400, end, 10]],
    ]);
  });

  const chunked = { ...file, size: 20, chunkSize: 10, chunkDigest: digest };
  const second = { type: "chunk", name: file.name, offset: 200, chunkOffset: 10, chunkSize: 10, chunkDigest: digest };
  test("is taken when it is right", () => {
    expect(read([chunked, second])).toHaveLength(1);
    expect(read([chunked, { ...second, chunkDigest: undefined, chunkType: "zeros" }])).toHaveLength(1);
    expect(read([{ ...file, endOffset: 9_999 }])).toHaveLength(1);
    expect(read([{ ...file }, { ...file, name: "b", innerOffset: 10 }])).toHaveLength(2);
  });

  test.each<[string, readonly unknown[]]>([
    ["an entry that is not an object", [1]],
    ["a type that nobody knows", [{ ...file, type: "whiteout" }]],
    ["no name", [{ ...file, name: undefined }]],
    ["a name that JSON could not hold", [{ ...file, name: "caf\ufffd" }]],
    ["a link that JSON could not hold", [{ name: "a", type: "symlink", linkName: "caf\ufffd" }]],
    ["a negative size", [{ ...file, size: -1 }]],
    ["a size beyond 2^53", [{ ...file, size: 1e300 }]],
    ["half a byte", [{ ...file, size: 1.5 }]],
    ["a mode that is a text", [{ ...file, mode: "644" }]],
    ["no digest", [{ ...file, digest: undefined }]],
    ["a digest of another kind", [{ ...file, digest: `md5:${"a".repeat(32)}` }]],
    ["no offset", [{ ...file, offset: undefined }]],
    ["a negative offset", [{ ...file, offset: -100 }]],
    ["an offset behind the files", [{ ...file, offset: end }]],
    ["an end behind the files", [{ ...file, endOffset: end + 1 }]],
    ["an end before the start", [{ ...file, endOffset: 50 }]],
    [
      "an end in the next file",
      [
        { ...file, endOffset: 250 },
        { ...file, name: "b", offset: 200 },
      ],
    ],
    ["two files at one place", [file, { ...file, name: "b" }]],
    ["two files that overlap", [file, { ...file, name: "b", innerOffset: 5 }]],
    ["a chunk before any file", [second]],
    [
      "a chunk of a folder",
      [
        { name: "a", type: "dir" },
        { ...second, name: "a" },
      ],
    ],
    ["a chunk of another name", [chunked, { ...second, name: "other" }]],
    ["a gap between chunks", [chunked, { ...second, chunkOffset: 11, chunkSize: 9 }]],
    ["chunks that overlap", [chunked, { ...second, chunkOffset: 9, chunkSize: 11 }]],
    ["chunks beyond the file", [chunked, { ...second, chunkSize: 11 }]],
    ["too few chunks", [chunked, { ...second, chunkSize: 9 }]],
    ["a chunk without a digest", [chunked, { ...second, chunkDigest: undefined }]],
    ["a chunk of a kind that nobody knows", [{ ...file, chunkType: "secret" }]],
    ["a start far inside a member", [{ ...file, innerOffset: 1e9 }]],
  ])("with %s is not followed", (_, entries) => {
    expect(read(entries)).toBeUndefined();
  });

  test("over its limits is not followed", () => {
    expect(read(Array.from({ length: 500_001 }, () => ({})))).toBeUndefined();
    expect(read([{ ...file, size: 2 * largestChunk }], 100 + largestChunk)).toHaveLength(1);
    expect(read([{ ...file, size: 2 * largestChunk }], 101 + largestChunk)).toBeUndefined();
  });

  test.each(["", "null", "[]", "{}", '{"version":2,"entries":[]}', '{"version":1}', '{"version":1,"entries":{}}'])(
    "that is %j is none",
    (text) => {
      expect(readTable(Buffer.from(text), end)).toBeUndefined();
    },
  );
});

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { expect, test } from "vitest";
import { tar } from "../../tests/setup/tar.ts";
import { temporaryFolder } from "../../tests/setup/temporary-folder.ts";
import { xz } from "../../tests/setup/xz.ts";
import type { Problem } from "../model/reports/problem.ts";
import { readFeedArchive } from "./read-feed-archive.ts";

const folder = temporaryFolder();
const members = ["a.json", "b.txt", "c.json"].map((name) => ({ name, content: `in ${name}` }));

interface Reading {
  readonly files: readonly string[];
  readonly problems: readonly Problem[];
  readonly refused: readonly string[];
}

async function read(
  bytes: Uint8Array,
  { maxFile = 1000, signal = new AbortController().signal } = {},
): Promise<Reading> {
  const path = join(folder, "archive");
  writeFileSync(path, bytes);
  const files: string[] = [];
  const problems: Problem[] = [];
  const context = { signal, problem: (problem: Problem) => void problems.push(problem) };
  const wanted = (name: string): boolean => name.endsWith(".json");
  const refused: string[] = [];
  const options = { title: "the archive", wanted, maxFile, context };
  for await (const file of readFeedArchive(path, { ...options, refused: (name) => refused.push(name) })) {
    files.push(`${file.path}: ${file.bytes.toString("utf8")}`);
  }
  return { files, problems, refused };
}

test.each([
  ["plain", (bytes: Buffer) => bytes],
  ["gzip", gzipSync],
  ["Zstandard", zstdCompressSync],
  ["xz", xz],
])("the wanted files of a tar come in its order, packed or not: %s", async (_, pack) => {
  expect(await read(pack(tar(members)))).toEqual({
    files: ["a.json: in a.json", "c.json: in c.json"],
    problems: [],
    refused: [],
  });
});

test("a file that is too large is a problem, the rest is read", async () => {
  const large = ["d.json", "d.txt"].map((name) => ({ name, content: "x".repeat(11) }));
  const { files, problems, refused } = await read(tar([...members, ...large]), { maxFile: 10 });
  expect(files).toEqual(["a.json: in a.json", "c.json: in c.json"]);
  expect(problems).toEqual([
    { code: "limit-exceeded", message: "d.json in the archive is longer than 10 bytes", path: "d.json" },
  ]);
  expect(refused).toEqual(["d.json"]);
});

test("an archive that is damaged or cut off is not what the publisher gives", async () => {
  const whole = gzipSync(tar(members));
  const hint = expect.stringMatching(/Try again later/);
  await expect(read(whole.subarray(0, 100))).rejects.toMatchObject({ code: "feed-malformed", hint });
  await expect(read(tar(members).subarray(0, 700))).rejects.toMatchObject({ code: "feed-malformed", hint });
  await expect(read(Buffer.alloc(2000, "x"))).rejects.toMatchObject({ code: "feed-malformed", hint });
});

test("reading can be cancelled", async () => {
  const reading = read(gzipSync(tar(members)), { signal: AbortSignal.abort() });
  await expect(reading).rejects.toMatchObject({ code: "cancelled" });
});

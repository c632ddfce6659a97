import { zstdCompressSync } from "node:zlib";
import { expect, test } from "vitest";
import { memoryFile } from "../../../io/bytes/memory-file.ts";
import type { Problem } from "../../../model/reports/problem.ts";
import { describeExtractor } from "../../conformance.ts";
import { chisel } from "./chisel.ts";

const path = "var/lib/chisel/manifest.wall";
const manifest = compressed([
  { jsonwall: "1.0", schema: "1.0", count: 4 },
  { kind: "content", slice: "libc6_libs", path: "/usr/lib/libc.so.6" },
  { kind: "content", slice: "libc6_libs", path: "/usr/lib/" },
  { kind: "package", name: "libc6", version: "2.39-0ubuntu8.4", digest: "00", arch: "amd64" },
  { kind: "slice", name: "libc6_libs" },
]);

describeExtractor(chisel, [
  {
    path,
    bytes: manifest,
    expected: [
      { kind: "package", package: { type: "deb", name: "libc6", version: "2.39-0ubuntu8.4", architecture: "amd64" } },
      { kind: "ownership", owner: { type: "deb", name: "libc6" }, paths: ["usr/lib/libc.so.6"] },
    ],
  },
]);

test("os/chisel says that the source packages are unknown, and refuses what is no manifest", () => {
  expect(problemsOf(manifest)).toEqual(["no-advisories"]);
  expect(problemsOf(new TextEncoder().encode("asdf"))).toEqual(["unreadable"]);
  expect(problemsOf(compressed(["no manifest"]))).toEqual(["unreadable"]);
});

function problemsOf(bytes: Uint8Array): readonly string[] {
  const problems: Problem[] = [];
  const context = { signal: new AbortController().signal, problem: (problem: Problem) => void problems.push(problem) };
  for (const _ of chisel.extract(memoryFile(path, bytes), context));
  return problems.map(({ code }) => code);
}

function compressed(lines: readonly unknown[]): Uint8Array {
  return zstdCompressSync(lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
}

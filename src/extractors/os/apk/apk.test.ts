import { describe, expect, test } from "vitest";
import { memoryFile } from "../../../io/bytes/memory-file.ts";
import type { Problem } from "../../../model/reports/problem.ts";
import { describeExtractor } from "../../conformance.ts";
import type { Extraction } from "../../extractor.ts";
import { apk } from "./apk.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

const musl = `C:Q1zk0000000000000000000000000=
P:musl-utils
V:1.2.4-r2
A:x86_64
S:36697
T:the musl c library (libc) implementation: utilities
L:MIT AND BSD-2-Clause AND GPL-2.0-or-later
o:musl
F:
R:.keep
F:sbin
R:ldconfig
a:0:0:755
Z:Q1Kja2+POZKxEkUOZqwSjC6kmaED4=
F:usr
F:usr/bin
R:getent
R:iconv

P:local
V:1
`;

describeExtractor(apk, [
  {
    path: "lib/apk/db/installed",
    bytes: bytes(musl),
    expected: [
      {
        kind: "package",
        package: {
          type: "apk",
          name: "musl-utils",
          version: "1.2.4-r2",
          architecture: "x86_64",
          source: { name: "musl", version: "1.2.4-r2" },
          licenses: ["MIT AND BSD-2-Clause AND GPL-2.0-or-later"],
        },
      },
      {
        kind: "ownership",
        owner: { type: "apk", name: "musl-utils" },
        paths: [".keep", "sbin/ldconfig", "usr/bin/getent", "usr/bin/iconv"],
      },
      { kind: "package", package: { type: "apk", name: "local", version: "1" } },
    ],
  },
]);

describe("the database of apk", () => {
  function read(text: string): { extractions: Extraction[]; problems: Problem[] } {
    const problems: Problem[] = [];
    const context = { signal: new AbortController().signal, problem: (problem: Problem) => problems.push(problem) };
    return { extractions: [...apk.extract(memoryFile("lib/apk/db/installed", bytes(text)), context)], problems };
  }

  test("may be empty", () => expect(read("")).toEqual({ extractions: [], problems: [] }));

  test.each([
    ["a line that is no field", "rubbish\n"],
    ["a record without a name", "V:1\n"],
    ["a record without a version", "P:a\n"],
  ])("gives a problem for %s and reads on", (_, text) => {
    const { extractions, problems } = read(`${text}\nP:b\nV:2\n`);
    expect(extractions.at(-1)).toEqual({ kind: "package", package: { type: "apk", name: "b", version: "2" } });
    expect(problems.length).toBe(1);
  });

  test("may have records that run together", () => {
    const { extractions, problems } = read("P:a\nV:1\nF:bin\nR:x\nP:b\nV:2\nR:y\n\nP:c\nV:3\n");
    expect(extractions).toEqual([
      { kind: "package", package: { type: "apk", name: "a", version: "1" } },
      { kind: "ownership", owner: { type: "apk", name: "a" }, paths: ["bin/x"] },
      { kind: "package", package: { type: "apk", name: "b", version: "2" } },
      { kind: "ownership", owner: { type: "apk", name: "b" }, paths: ["y"] },
      { kind: "package", package: { type: "apk", name: "c", version: "3" } },
    ]);
    expect(problems).toEqual([]);
  });

  test("gives a problem for a record that states a field twice", () => {
    const { extractions, problems } = read("P:a\nV:1\nV:2\n");
    expect(extractions).toEqual([{ kind: "package", package: { type: "apk", name: "a", version: "1" } }]);
    const message = "a record of lib/apk/db/installed could not be read because line 3 repeats a field of its record";
    expect(problems).toEqual([{ code: "unreadable", message, path: "lib/apk/db/installed" }]);
  });

  test("that puts many files into one immense folder is not multiplied in memory", () => {
    const { extractions, problems } = read(`P:a\nV:1\nF:${"d".repeat(1_000_000)}\n${"R:f\n".repeat(100_000)}`);
    expect(extractions.length).toBe(1);
    expect(problems.length).toBe(1);
  });
});

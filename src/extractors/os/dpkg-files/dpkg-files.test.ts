import { describe, expect, test } from "vitest";
import { memoryFile } from "../../../io/bytes/memory-file.ts";
import type { Problem } from "../../../model/reports/problem.ts";
import { describeExtractor } from "../../conformance.ts";
import { dpkgFiles } from "./dpkg-files.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

describeExtractor(dpkgFiles, [
  {
    path: "var/lib/dpkg/info/libc6:amd64.list",
    bytes: bytes(
      "/.\n/lib\n/lib/x86_64-linux-gnu\n/lib/x86_64-linux-gnu/libc.so.6\n/lib/ld.so\n/usr\n/usr/share\n/usr/share/lib\n",
    ),
    expected: [
      {
        kind: "ownership",
        owner: { type: "deb", name: "libc6" },
        paths: ["lib/x86_64-linux-gnu/libc.so.6", "lib/ld.so", "usr/share/lib"],
      },
    ],
  },
  {
    path: "var/lib/dpkg/status.d/tzdata.md5sums",
    bytes: bytes(
      "e11d70c96979a1328ae4e7e50542782b  usr/share/zoneinfo/UTC\n9d8facc2fa9d2df52f1c7cb4e5fa4741  ./usr/a b\n",
    ),
    expected: [
      { kind: "ownership", owner: { type: "deb", name: "tzdata" }, paths: ["usr/share/zoneinfo/UTC", "usr/a b"] },
    ],
  },
]);

describe("the file list of a Debian package", () => {
  function read(path: string, text: string) {
    const problems: Problem[] = [];
    const context = { signal: new AbortController().signal, problem: (problem: Problem) => problems.push(problem) };
    return { extractions: [...dpkgFiles.extract(memoryFile(path, bytes(text)), context)], problems };
  }

  test("of a package without files gives nothing", () => {
    expect(read("var/lib/dpkg/info/a.list", "/.\n")).toEqual({ extractions: [], problems: [] });
  });

  test("keeps names that are not folders of the next line", () => {
    const { extractions } = read("var/lib/dpkg/info/a.list", "/a\n/ab\n/ab.c\n");
    expect(extractions).toMatchObject([{ paths: ["a", "ab", "ab.c"] }]);
  });

  test("gives a problem for a line without a sum, and for a file without a package name", () => {
    const { extractions, problems } = read("var/lib/dpkg/status.d/a.md5sums", "usr/bin/a\n");
    expect(extractions).toEqual([]);
    expect(problems.length).toBe(1);
    expect(read("var/lib/dpkg/info/.list", "/a\n").problems.length).toBe(1);
  });
});

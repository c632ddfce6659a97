import { describe, expect, test } from "vitest";
import { memoryFile } from "../../../io/bytes/memory-file.ts";
import type { Problem } from "../../../model/reports/problem.ts";
import { describeExtractor } from "../../conformance.ts";
import type { Extraction } from "../../extractor.ts";
import { r } from "./r.ts";

const path = "usr/local/lib/R/site-library/stringr/DESCRIPTION";
const built = "Built: R 4.3.1; ; 2023-06-20 05:23:31 UTC; unix";
const stringr = [
  "Package: stringr",
  "Title: Simple, Consistent Wrappers for Common",
  "        String Operations",
  "Version: 1.5.0-1",
  "License: MIT + file LICENSE",
  built,
].join("\n");

describeExtractor(r, [
  {
    path,
    bytes: Buffer.from(stringr),
    expected: [
      {
        kind: "package",
        package: { type: "cran", name: "stringr", version: "1.5.0-1", licenses: ["MIT + file LICENSE"] },
      },
    ],
  },
]);

describe("language/r passes over", () => {
  test.each([
    ["the source of a package", stringr.replace(built, "")],
    ["a part of R itself", `Package: base\nVersion: 4.3.0\nPriority: base\n${built}\n`],
    ["a file of another program", "What this folder is for.\n"],
  ])("%s", (_, text) => {
    expect(read(text, "src/stringr/DESCRIPTION")).toEqual({ extractions: [], problems: [] });
  });
});

test("language/r takes what lies in a library and names a package, and what R built anywhere", () => {
  expect(read(stringr.replace(built, "")).extractions).toHaveLength(1);
  expect(read(stringr, "app/renv/library/R-4.3/x86_64-pc-linux-gnu/stringr/DESCRIPTION").extractions).toHaveLength(1);
  const folder = "usr/share/library/stringr/DESCRIPTION";
  expect(read("What this folder is for.\n", folder)).toEqual({ extractions: [], problems: [] });
});

test.each([
  ["usr/local/lib/R/site-library/stringr/DESCRIPTION", ""],
  ["usr/local/lib/R/site-library/stringr/DESCRIPTION", "\0".repeat(4096)],
  ["usr/lib/R/library/MASS/DESCRIPTION", stringr.slice(9)],
  ["opt/R/4.3.1/library/MASS/DESCRIPTION", "Title: Support Functions\n"],
  ["usr/lib/R-4.3.1/library/MASS/DESCRIPTION", "Package"],
])("language/r reports a damaged file at %s", (at, text) => {
  const message = `${at} has no valid name or version, so its package could not be identified`;
  expect(read(text, at)).toEqual({ extractions: [], problems: [{ code: "unreadable", message, path: at }] });
});

test("language/r takes what comes with R and is on CRAN too", () => {
  const { extractions } = read(`Package: MASS\nVersion: 7.3-60\nPriority: recommended\n${built}\n`);
  expect(extractions).toEqual([{ kind: "package", package: { type: "cran", name: "MASS", version: "7.3-60" } }]);
});

test("language/r tells of a package of Bioconductor that it is not read", () => {
  const text = `Package: limma\nVersion: 3.56.2\nbiocViews: ExonArray\n${built}\n`;
  const format = { packagesOf: "Bioconductor", kind: "installed", type: "cran" };
  expect(read(text)).toEqual({ extractions: [{ kind: "unread", format }], problems: [] });
  const origin = "git_url: https://git.bioconductor.org/packages/limma\n";
  for (const told of [origin, "Repository: Bioconductor 3.19\n", `${origin}Repository: RSPM\n`]) {
    expect(read(`Package: limma\nVersion: 3.56.2\n${built}\n${told}`).extractions).toMatchObject([{ kind: "unread" }]);
  }
  // CRAN and its mirrors have packages with a view of Bioconductor's.
  for (const repository of ["CRAN", "RSPM"]) {
    expect(read(`${text}Repository: ${repository}\n`).extractions).toMatchObject([{ kind: "package" }]);
  }
});

test.each([
  `Version: 1.0\n${built}`,
  `Package: a\n${built}`,
  `Package: 1a\nVersion: 1\n${built}`,
  `Package: a\nVersion: 1 2\n${built}`,
])("language/r reports an installed package that says %j", (text) => {
  const message = `${path} has no valid name or version, so its package could not be identified`;
  expect(read(text)).toEqual({ extractions: [], problems: [{ code: "unreadable", message, path }] });
});

function read(text: string, at = path): { extractions: Extraction[]; problems: Problem[] } {
  const problems: Problem[] = [];
  const context = { signal: new AbortController().signal, problem: (problem: Problem) => void problems.push(problem) };
  return { extractions: [...r.extract(memoryFile(at, Buffer.from(text)), context)], problems };
}

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { extractors as builtin } from "../../extractors/builtin.ts";
import type { Extractor } from "../../extractors/extractor.ts";
import type { FilePattern } from "../../model/images/file.ts";
import { FileMatcher } from "./file-matcher.ts";

function wanting(id: string, ...files: FilePattern[]): Extractor {
  return { id, revision: 1, files, *extract() {} };
}

/** The patterns read one by one, as their contract says. */
function wants({ files }: Extractor, path: string): boolean {
  return files.some((pattern) => {
    if ("path" in pattern) return path === pattern.path;
    if ("basename" in pattern) return path === pattern.basename || path.endsWith(`/${pattern.basename}`);
    if ("prefix" in pattern) return path.slice(path.lastIndexOf("/") + 1).startsWith(pattern.prefix);
    if ("suffix" in pattern) return path.endsWith(pattern.suffix) && path.includes(pattern.containing ?? "");
    if (!("directory" in pattern)) return false;
    const inside = pattern.directory === "" ? path : path.slice(pattern.directory.length + 1);
    const isInside = pattern.directory === "" || path.startsWith(`${pattern.directory}/`);
    const ends = pattern.suffixes === undefined || pattern.suffixes.some((suffix) => path.endsWith(suffix));
    return isInside && !inside.includes("/") && ends;
  });
}

describe("files are matched", () => {
  const extractors = [
    wanting("path", { path: "etc/os-release" }),
    wanting("folder", { directory: "var/lib/dpkg/status.d" }),
    wanting("list", { directory: "var/lib/dpkg/info", suffixes: [".list", ".md5sums"] }),
    wanting("name", { basename: "package.json" }),
    wanting("suffix", { suffix: ".jar" }, { suffix: ".dist-info/METADATA" }),
    wanting("folder", { suffix: ".json", containing: "/sboms/" }),
    wanting("elf", {
      magic: [
        [0x7f, 0x45, 0x4c, 0x46],
        [0x4d, 0x5a],
      ],
    }),
  ];
  const matcher = new FileMatcher(extractors);

  test.each<[string, string[]]>([
    ["etc/os-release", ["path"]],
    ["x/etc/os-release", []],
    ["etc/os-releases", []],
    ["var/lib/dpkg/status.d/base", ["folder"]],
    ["var/lib/dpkg/status.d/base/deep", []],
    ["var/lib/dpkg/info/a.list", ["list"]],
    ["var/lib/dpkg/info/a.postinst", []],
    ["package.json", ["name"]],
    ["a/package.json", ["name"]],
    ["a/package.json.bak", []],
    ["a/mypackage.json", []],
    ["a.jar", ["suffix"]],
    ["a/sboms/b/c.json", ["folder"]],
    ["a/c.json", []],
    ["ajar", []],
    ["a.jar/b", []],
    ["lib/x.dist-info/METADATA", ["suffix"]],
    ["METADATA", []],
    ["lib/x.dist-info/metadata", []],
    ["", []],
  ])("%s by path", (path, ids) => {
    expect(matcher.byPath(path).map(({ id }) => id)).toEqual(ids);
  });

  test.each<[number[], string[]]>([
    [[0x7f, 0x45, 0x4c, 0x46, 1], ["elf"]],
    [[0x4d, 0x5a], ["elf"]],
    [[0x7f, 0x45, 0x4c], []],
    [[0x4d], []],
    [[], []],
  ])("%j by first bytes", (head, ids) => {
    expect(matcher.byMagic(Uint8Array.from(head)).map(({ id }) => id)).toEqual(ids);
  });

  test("in the order of registration, whatever pattern matches", () => {
    const ordered = new FileMatcher([
      wanting("1", { suffix: "a" }),
      wanting("2", { basename: "a" }),
      wanting("3", { path: "x/a" }),
    ]);
    expect(ordered.byPath("x/a").map(({ id }) => id)).toEqual(["1", "2", "3"]);
  });

  test("an extractor that wants a file for two reasons gets it once", () => {
    const twice = new FileMatcher([
      wanting("twice", { basename: "a.jar" }, { suffix: ".jar" }, { magic: [[1], [1, 2]] }),
    ]);
    expect(twice.byPath("x/a.jar")).toHaveLength(1);
    expect(twice.byMagic(Uint8Array.of(1, 2))).toHaveLength(1);
  });

  test("for their first bytes only from some size on", () => {
    expect(matcher.smallestByMagic).toBe(1);
    const large = wanting("large", { magic: [[1]], smallest: 500 });
    const larger = wanting("larger", { magic: [[2]], smallest: 600 });
    expect(new FileMatcher([larger, large]).smallestByMagic).toBe(500);
    expect(new FileMatcher([wanting("path", { path: "a" })]).smallestByMagic).toBe(Number.POSITIVE_INFINITY);
  });

  test("as the patterns read one by one, for the built-in extractors and any path", () => {
    const all = new FileMatcher(builtin);
    const words = builtin.flatMap(({ files }) =>
      files.flatMap((pattern) => {
        if ("path" in pattern) return [pattern.path];
        if ("basename" in pattern) return [pattern.basename];
        if ("prefix" in pattern) return [pattern.prefix];
        if ("suffix" in pattern) return [pattern.suffix];
        return "directory" in pattern ? [pattern.directory, ...(pattern.suffixes ?? [])] : [];
      }),
    );
    const part = fc.oneof(fc.constantFrom(...words), fc.constantFrom("a", "b.list", "/", "lib"));
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 3 }), fc.constantFrom("", "/"), (parts, joiner) => {
        const path = parts.join(joiner).replace(/^\/+|\/+$/g, "");
        const expected = builtin.filter((extractor) => wants(extractor, path));
        expect(new Set(all.byPath(path))).toEqual(new Set(expected));
      }),
      { numRuns: 2000, seed: 3 },
    );
  });
});

test("files that may hold a package are told from those that only fill folders", () => {
  const matcher = new FileMatcher([wanting("jar", { suffix: ".jar" })]);
  for (const path of ["usr/bin/tool", "a/b.jar", "lib/libc.so.6", "lib/x.so", "a.exe", "a/.hidden"]) {
    expect(matcher.mayHoldPackage(path)).toBe(true);
  }
  for (const path of ["usr/share/doc/x.txt", "a/b.html", "man1/ls.gz"])
    expect(matcher.mayHoldPackage(path)).toBe(false);
});

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { baseName, cleanPath, longestPath, parentPath } from "./tree-path.ts";

describe("a name from an archive", () => {
  test.each<[string, string | undefined]>([
    ["a/b", "a/b"],
    ["/a", "a"],
    ["./a", "a"],
    ["a//b/", "a/b"],
    ["a/./b", "a/b"],
    ["a/../b", "b"],
    ["..a/.b/c..", "..a/.b/c.."],
    ["", ""],
    [".", ""],
    ["/", ""],
    ["a/..", ""],
    ["..", undefined],
    ["a/../../b", undefined],
    ["a\0b", undefined],
    ["x".repeat(longestPath), "x".repeat(longestPath)],
    ["x".repeat(longestPath + 1), undefined],
  ])("%.20j is %.20j inside the root", (name, path) => {
    expect(cleanPath(name)).toBe(path);
  });

  test("is clean after cleaning, whatever it was", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[ab./]{0,20}$/), (name) => {
        const path = cleanPath(name);
        if (path === undefined) return;
        expect(cleanPath(path)).toBe(path);
        expect(path === "" ? [] : path.split("/")).not.toEqual(
          expect.arrayContaining([expect.stringMatching(/^\.{0,2}$/)]),
        );
      }),
    );
  });
});

test("a path splits into its folder and its last name", () => {
  expect([parentPath("a/b/c"), baseName("a/b/c")]).toEqual(["a/b", "c"]);
  expect([parentPath("a"), baseName("a")]).toEqual(["", "a"]);
});

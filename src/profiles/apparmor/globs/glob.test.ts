import { expect, test } from "vitest";
import { Glob } from "./glob.ts";

test.each<readonly [glob: string, matches: readonly string[], others: readonly string[]]>([
  ["/a/*", ["/a/b"], ["/a/", "/a/b/c"]],
  ["/a/**", ["/a/b", "/a/b/c", "/a/b/"], ["/a/", "/a"]],
  ["/a/{**,}", ["/a/", "/a/b"], ["/a"]],
  ["/a/*.so", ["/a/.so", "/a/b.so"], ["/a/b/c.so"]],
  ["/a?", ["/ab"], ["/a", "/a/"]],
  ["/[a-c^]", ["/a", "/^"], ["/d"]],
  ["/[^a]", ["/b", "//"], ["/a"]],
  ["/{a,{b,c}d}", ["/a", "/bd", "/cd"], ["/b", "/ad"]],
  ["/\\*\\{", ["/*{"], ["/a{"]],
])("%s", (pattern, matches, others) => {
  const glob = new Glob(pattern);
  expect(matches.filter((text) => !glob.matches(text))).toEqual([]);
  expect(others.filter((text) => glob.matches(text))).toEqual([]);
});

test.each(["/a[", "/a]", "/a{b", "/a}", "/a{b}", "/a[]", "/a\\", "/[b-a]"])("%s is malformed", (pattern) => {
  expect(() => new Glob(pattern)).toThrow();
});

test.each<readonly [one: string, other: string, overlap: boolean]>([
  ["/a/**", "/a/*/b", true],
  ["/a*", "/*b", true],
  ["/a/*", "/a/b/*", false],
  ["/{a,b}", "/{b,c}", true],
  ["/[a-c]", "/[d-f]", false],
])("%s and %s overlap: %s", (one, other, overlap) => {
  expect(new Glob(one).overlaps(new Glob(other))).toBe(overlap);
});

test("a hostile pattern takes linear time", () => {
  const glob = new Glob(`/${"a*".repeat(2000)}b`);
  const start = performance.now();
  expect(glob.matches(`/${"a".repeat(4000)}`)).toBe(false);
  expect(performance.now() - start).toBeLessThan(5000);
});

import { describe, expect, test } from "vitest";
import { tagFilter } from "./tag-filter.ts";

const tags = ["latest", "1", "1.2", "1.2.3", "1.20", "v1.2.3-debug", "v1.2.3", "sha-abc", "a.b.a.b"];

describe("patterns for tags", () => {
  test.each<[string, string[]]>([
    ["*", tags],
    ["latest", ["latest"]],
    ["1.*", ["1.2", "1.2.3", "1.20"]],
    ["1.?", ["1.2"]],
    ["v*", ["v1.2.3-debug", "v1.2.3"]],
    ["*-debug", ["v1.2.3-debug"]],
    ["*.b*", ["a.b.a.b"]],
    ["a*b", ["a.b.a.b"]],
    ["*1.2*3*", ["1.2.3", "v1.2.3-debug", "v1.2.3"]],
    ["?", ["1"]],
    ["v*,!*-debug", ["v1.2.3"]],
    ["!v*,!latest", ["1", "1.2", "1.2.3", "1.20", "sha-abc", "a.b.a.b"]],
    ["latest,1", ["latest", "1"]],
    ["a.b*b.a.b", []],
    ["[0-9]*", ["1", "1.2", "1.2.3", "1.20"]],
    ["[!0-9v]*", ["latest", "sha-abc", "a.b.a.b"]],
    ["v[0-9].[0-9].[0-9]", ["v1.2.3"]],
    ["*[-.]2[0-9]", ["1.20"]],
    ["![a-z]*,!*[.]*", ["1"]],
    ["", tags],
  ])("%s", (patterns, expected) => {
    const filter = tagFilter(patterns === "" ? [] : patterns.split(","));
    expect(tags.filter(filter)).toEqual(expected);
  });

  test.each(["!", "a b", "[]", "[a", "[a b]*", "a]", "a/b", "", "x".repeat(200), "1.{2,3}"])(
    "%j is none",
    (pattern) => {
      expect(() => tagFilter([pattern])).toThrow(/is not a valid tag pattern/);
    },
  );

  test("cost little where a backtracking matcher would never end", () => {
    const filter = tagFilter([`${"*a".repeat(60)}*b`]);
    const started = performance.now();
    for (let index = 0; index < 100; index++) expect(filter("a".repeat(128))).toBe(false);
    expect(performance.now() - started).toBeLessThan(1_000);
  });
});

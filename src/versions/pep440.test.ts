import fc from "fast-check";
import { expect, test } from "vitest";
import { describeScheme } from "./conformance.ts";
import { pep440 } from "./pep440.ts";

describeScheme(pep440, {
  ascending: [
    "-class.-jw.util.version.version-dev",
    "trunk",
    "0.1-bulbasaur",
    "5.0-final",
    "0.dev1",
    "0",
    "1.0.dev0",
    "1.0a1.dev1",
    "1.0a1",
    "1.0a1.post1",
    "1.0a10",
    "1.0b1",
    "1.0rc1",
    "1.0",
    "1.0+a",
    "1.0+1",
    "1.0+1.0",
    "1.0.post0.dev1",
    "1.0-1",
    "1.0.post2",
    "1.0.1",
    "1.10",
    "1!0.1",
  ],
  equal: [
    ["1.0", "1", "1.0.0", "v1.0", " 1.0\n", "0!1", "01.00"],
    ["1.0a", "1.0-ALPHA", "1.0_a.0", "1.0.alpha-0"],
    ["1.0rc1", "1.0c1", "1.0-pre_1", "1.0PREVIEW1"],
    ["1.0.post1", "1.0-1", "1.0-r1", "1.0rev1", "1.0_post.1"],
    ["1.0+ubuntu.1", "1.0+Ubuntu-1", "1.0+ubuntu_01"],
  ],
  refused: ["", " ", "1.0 beta", "not a version", "\u0000", "1.0é", "-", "..."],
  versions: fc
    .tuple(
      fc.constantFrom("", "v", "0!", "1!"),
      fc.constantFrom("0", "1", "1.0", "1.0.0", "1.1", "1.10", "x"),
      fc.constantFrom("", "a", "a1", "-b.2", "rc10", "pre"),
      fc.constantFrom("", "-1", ".post0", "r2", "-final"),
      fc.constantFrom("", ".dev", "dev1", "-dev02"),
      fc.constantFrom("", "+a", "+1", "+1.a", "+a.1"),
    )
    .map((parts) => parts.join("")),
});

test("tells a legacy version from one of PEP 440", () => {
  expect(pep440.parse("1.0-1")?.kind).toBe("pep440");
  expect(pep440.parse("1.0-final")).toEqual({ kind: "legacy", parts: ["00000001", "*final-", "*final", "*final"] });
});

test("a public version stands for its local ones, and no other for any", () => {
  const standsFor = (named: string, text: string): boolean | undefined => {
    const [left, right] = [pep440.parse(named), pep440.parse(text)];
    return left && right && pep440.standsFor?.(left, right);
  };
  expect(standsFor("2.6.0", "2.6.0+cu124")).toBe(true);
  expect(standsFor("2.6", "v2.6.0+CU124.1")).toBe(true);
  expect(standsFor("2.6.0rc1", "2.6.0rc1+cpu")).toBe(true);
  expect(standsFor("2.6.0", "2.6.0")).toBe(false);
  expect(standsFor("2.6.0+cu124", "2.6.0+cu124.1")).toBe(false);
  expect(standsFor("2.6.0+cu124", "2.6.0")).toBe(false);
  expect(standsFor("2.6.0", "2.6.1+cu124")).toBe(false);
  expect(standsFor("2.6.0", "2.6.0.post1+cu124")).toBe(false);
  expect(standsFor("trunk", "2.6.0+cu124")).toBe(false);
});

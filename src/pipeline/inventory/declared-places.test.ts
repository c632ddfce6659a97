import { expect, test } from "vitest";
import type { FoundPackage, PackageDeclaration } from "../../model/packages/package.ts";
import { declaredPlaces } from "./declared-places.ts";

function viaOf(packages: Readonly<Record<string, PackageDeclaration>>): Readonly<Record<string, unknown>> {
  const found = Object.entries(packages).map(
    ([name, declaration]): FoundPackage => ({ type: "npm", name, version: "1", declaration }),
  );
  const facts = {
    path: "package-lock.json",
    extractions: found.map((one) => ({ kind: "package" as const, package: one })),
    problems: [],
  };
  const places = declaredPlaces(facts);
  return Object.fromEntries(found.map((one) => [one.name, places.get(one)?.via]));
}

test("a transitive package has the shortest chain from a direct one", () => {
  expect(
    viaOf({
      a: { relation: "direct", requires: ["b@1"] },
      b: { relation: "transitive", requires: ["c@1", "a@1"] },
      c: { relation: "transitive", requires: [] },
      d: { relation: "direct", requires: ["c@1", "missing@1"] },
      alone: { relation: "transitive" },
    }),
  ).toEqual({ a: undefined, b: ["a@1"], c: ["d@1"], d: undefined, alone: undefined });
});

test("where the file does not tell, what no package requires is direct", () => {
  expect(viaOf({ a: { requires: ["b@1"] }, b: { requires: ["c@1"] }, c: { line: 3 } })).toEqual({
    ...{ a: undefined, b: ["a@1"], c: ["a@1", "b@1"] },
  });
});

test("a long chain is cut in the middle, and a circle ends", () => {
  const names = Array.from({ length: 20 }, (_, index) => `p${index}`);
  const chain = names.map((name, index) => [name, { requires: [`p${(index + 1) % 20}@1`] }] as const);
  const { p19 } = viaOf({ start: { relation: "direct", requires: ["p0@1"] }, ...Object.fromEntries(chain) });
  expect(p19).toEqual(["start@1", "p0@1", "p1@1", "p2@1", "…", "p15@1", "p16@1", "p17@1", "p18@1"]);
});

test("an installed package has no declaration", () => {
  const found: FoundPackage = { type: "deb", name: "a", version: "1" };
  const facts = {
    path: "var/lib/dpkg/status",
    extractions: [{ kind: "package", package: found } as const],
    problems: [],
  };
  expect(declaredPlaces(facts).size).toBe(0);
});

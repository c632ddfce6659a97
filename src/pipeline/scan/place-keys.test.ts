import { expect, test } from "vitest";
import type { Package } from "../../model/packages/package.ts";
import { placeKeyOf, placeKeysOf } from "./place-keys.ts";

function packageAt(...paths: readonly string[]): Package {
  return { type: "golang", name: "a", version: "v1.0.0", purl: "pkg:golang/a@v1.0.0", paths, layer: 0 };
}

test("a finding about one of several programs is known by the path of any, and otherwise by the first path", () => {
  const found = packageAt("bin/a", "bin/b");
  const keys = [placeKeyOf(found), placeKeyOf(packageAt("bin/b"))];
  expect(placeKeysOf({ ...found, linkedPrograms: [{ paths: ["bin/a"] }, { paths: ["bin/b"] }] })).toEqual(keys);
  expect(placeKeysOf(found)).toEqual(keys.slice(0, 1));
});

test("a package without paths has a key, whatever is said of its programs", () => {
  const found = packageAt();
  expect(placeKeysOf({ ...found, linkedPrograms: [{ paths: ["bin/a"] }] })).toEqual([placeKeyOf(found)]);
});

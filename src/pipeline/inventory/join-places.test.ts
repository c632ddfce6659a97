import { expect, test } from "vitest";
import type { FoundPackage, Package } from "../../model/packages/package.ts";
import { joinPlaces } from "./join-places.ts";

const lodash: FoundPackage = { type: "npm", name: "lodash", version: "4.17.15" };
const first: Package = {
  type: "npm",
  name: "lodash",
  version: "4.17.15",
  purl: "pkg:npm/lodash@4.17.15",
  paths: ["app/.pnp.cjs"],
  layer: 0,
};
const copy = (path: string, licenses?: readonly string[]) => ({
  path,
  found: { ...lodash, ...(licenses && { licenses }) },
});

test("the licences of a package are those of the first place that tells any", () => {
  const copies = [copy("a/package.json"), copy("b/package.json", ["MIT"]), copy("c/package.json", ["ISC"])];
  expect(joinPlaces({ first, others: copies })).toEqual({
    ...first,
    paths: ["a/package.json", "app/.pnp.cjs", "b/package.json", "c/package.json"],
    licenses: ["MIT"],
  });
  expect(joinPlaces({ first: { ...first, licenses: ["BSD"] }, others: copies }).licenses).toEqual(["BSD"]);
  expect(joinPlaces({ first, others: [copy("a/package.json")] })).not.toHaveProperty("licenses");
});

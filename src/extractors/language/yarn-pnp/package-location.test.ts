import { expect, test } from "vitest";
import { packageLocation } from "./package-location.ts";

test.each([
  ["./.yarn/cache/x-npm-1-ab.zip/node_modules/x/", "app/.yarn/cache/x-npm-1-ab.zip"],
  ["./.yarn/unplugged/x-npm-1-ab/node_modules/x/", "app/.yarn/unplugged/x-npm-1-ab/node_modules/x"],
  ["./.yarn/__virtual__/x-virtual-1f/0/cache/x.zip/node_modules/x/", "app/.yarn/cache/x.zip"],
  ["./.yarn/__virtual__/x-virtual-1f/1/packages/x/", "app/packages/x"],
  ["./.yarn/$$virtual/x-virtual-1f/0/cache/x.zip/node_modules/x/", "app/.yarn/cache/x.zip"],
  ["../root/.yarn/berry/cache/x.zip/node_modules/x/", "root/.yarn/berry/cache/x.zip"],
  ["/root/.yarn/berry/cache/x.zip/node_modules/x/", "root/.yarn/berry/cache/x.zip"],
  ["../../root/x.zip/node_modules/x/", null],
  ["", undefined],
  [7, undefined],
])("%j lies at %s", (written, expected) => {
  expect(packageLocation(written, { path: "app/.pnp.cjs" })).toBe(expected);
});

test("an absolute location lies in a folder of a machine only below its root", () => {
  const file = { path: ".pnp.cjs", above: ["srv/app"] };
  expect(packageLocation("/srv/app/.yarn/cache/x.zip/node_modules/x/", file)).toBe(".yarn/cache/x.zip");
  expect(packageLocation("/root/.yarn/berry/cache/x.zip/node_modules/x/", file)).toBeNull();
});

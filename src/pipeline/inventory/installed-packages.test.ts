import { expect, test } from "vitest";
import type { TarMember } from "../../../tests/setup/tar.ts";
import { tarTree } from "../../../tests/setup/tar-tree.ts";
import { npm } from "../../extractors/language/npm/npm.ts";
import { yarnPnp } from "../../extractors/language/yarn-pnp/yarn-pnp.ts";
import { inventory } from "./inventory.ts";
import { InventoryCache } from "./inventory-cache.ts";

const pnp = {
  name: "app/.pnp.data.json",
  content: JSON.stringify({
    packageRegistryData: [
      ["zipped", [release("1.0.0", "./.yarn/cache/zipped.zip/node_modules/zipped/")]],
      [
        "react-dom",
        [release("17.0.2", "./.yarn/__virtual__/react-dom-virtual-1f/0/cache/react-dom.zip/node_modules/x/")],
      ],
      ["unplugged", [release("2.0.0", "./.yarn/unplugged/unplugged-npm-2.0.0/node_modules/unplugged/")]],
      ["@next/swc-darwin-arm64", [release("3.0.0", "./.yarn/unplugged/swc-npm-3.0.0/node_modules/swc/")]],
      ["shared", [release("4.0.0", "../root/.yarn/berry/cache/shared.zip/node_modules/shared/")]],
    ],
  }),
};
const installed: readonly TarMember[] = [
  { name: "app/.yarn/cache/zipped.zip", content: "" },
  { name: "app/.yarn/cache/react-dom.zip", content: "" },
  { name: "app/.yarn/unplugged/unplugged-npm-2.0.0/node_modules/unplugged/index.js", content: "" },
];

test("packages that Yarn's Plug'n'Play lists are those whose location is in the merged tree", async () => {
  expect(await take([[...installed, pnp]])).toEqual({
    names: ["react-dom", "unplugged", "zipped"],
    problems: [],
  });
  expect((await take([installed, [pnp, { name: "root/.yarn/berry/cache/shared.zip", content: "" }]])).names).toEqual([
    "react-dom",
    "shared",
    "unplugged",
    "zipped",
  ]);
});

test("a location that a layer above removes is not there", async () => {
  const removals = [
    { name: "app/.yarn/cache/.wh.zipped.zip", content: "" },
    { name: "app/.yarn/.wh.unplugged", content: "" },
  ];
  expect((await take([[...installed, pnp], removals])).names).toEqual(["react-dom"]);
});

test("a location behind a symbolic link counts as there", async () => {
  const link: TarMember = { name: "app/.yarn", type: "symlink", link: "/elsewhere" };
  expect((await take([[link, pnp]])).names).toHaveLength(4);
});

test("a file of which no package is there is a problem", async () => {
  const message = "app/.pnp.data.json lists packages, but none of them is at its location, so they were not examined";
  expect(await take([[pnp]])).toEqual({
    names: [],
    problems: [{ code: "not-examined", message, path: "app/.pnp.data.json" }],
  });
});

test("an application's own manifest is a package where its modules are installed, and no problem elsewhere", async () => {
  const content = JSON.stringify({ name: "ghost", version: "5.82.2", repository: "example/ghost" });
  const manifest = { name: "ghost/package.json", content };
  const modules: TarMember = { name: "ghost/node_modules/", type: "directory" };
  expect(await take([[modules], [manifest]])).toEqual({ names: ["ghost"], problems: [] });
  expect(await take([[manifest]])).toEqual({ names: [], problems: [] });
});

function release(version: string, packageLocation: string): unknown {
  return [`npm:${version}`, { packageLocation }];
}

async function take(layers: readonly (readonly TarMember[])[]) {
  const trees = layers.map((members) => ({ tree: tarTree([...members]), name: "", verifies: true }));
  const { signal } = new AbortController();
  const { packages, problems } = await inventory(trees, {
    extractors: [yarnPnp, npm],
    cache: new InventoryCache(undefined, []),
    signal,
  });
  return { names: packages.map(({ name }) => name), problems };
}

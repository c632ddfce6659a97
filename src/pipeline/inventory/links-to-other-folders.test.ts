import { rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { takeStock } from "../../../tests/setup/take-stock.ts";
import type { TarMember } from "../../../tests/setup/tar.ts";
import { tarTree } from "../../../tests/setup/tar-tree.ts";
import { temporaryFolder } from "../../../tests/setup/temporary-folder.ts";
import { writeFiles } from "../../../tests/setup/write-files.ts";
import { extractors } from "../../extractors/builtin.ts";
import { type Inventory, inventory } from "./inventory.ts";
import { InventoryCache } from "./inventory-cache.ts";

function take(...layers: readonly (readonly TarMember[])[]): Promise<Inventory> {
  return inventory(
    layers.map((members, index) => ({ tree: tarTree(members), name: `layer ${index + 1}`, verifies: true })),
    { extractors, cache: new InventoryCache(undefined, []), signal: new AbortController().signal },
  );
}

/** Name, version and paths of every package. */
async function found(...layers: readonly (readonly TarMember[])[]): Promise<string[]> {
  const { packages, problems } = await take(...layers);
  expect(problems).toEqual([]);
  return packages.map(({ name, version, paths }) => `${name} ${version} ${paths.join(" ")}`);
}

const file = (name: string, content: string): TarMember => ({ name, content });
const symlink = (name: string, link: string): TarMember => ({ name, type: "symlink", link });
const hardlink = (name: string, link: string): TarMember => ({ name, type: "hardlink", link });
const manifest = (name: string, version = "1.0.0"): string => JSON.stringify({ name, version });
const metadata = (name: string): string => `Metadata-Version: 2.1\nName: ${name}\nVersion: 1.0.0\n\n`;
const record = (name: string): string => `Package: ${name}\nVersion: 1.0.0\nArchitecture: amd64\n\n`;
const specification = (name: string): string =>
  `Gem::Specification.new do |s|\n  s.name = "${name}"\n  s.version = "1.0.0"\nend\n`;

describe("a link gives a folder the name that says what is in it:", () => {
  test.each<[string, TarMember[], string[]]>([
    [
      "node_modules",
      [
        file("cache/deps/lodash/package.json", manifest("lodash")),
        file("cache/deps/@babel/core/package.json", manifest("@babel/core")),
        file("cache/deps/lodash/node_modules/inner/package.json", manifest("inner")),
        file("cache/deps/lodash/test/package.json", manifest("test")),
        symlink("app/node_modules", "../cache/deps"),
      ],
      [
        "@babel/core 1.0.0 app/node_modules/@babel/core/package.json",
        "inner 1.0.0 cache/deps/lodash/node_modules/inner/package.json",
        "lodash 1.0.0 app/node_modules/lodash/package.json",
      ],
    ],
    [
      "node_modules at the root, through another link",
      [
        symlink("deps", "/data"),
        symlink("node_modules", "deps/of-app"),
        file("data/of-app/x/package.json", manifest("x")),
      ],
      ["x 1.0.0 node_modules/x/package.json"],
    ],
    [
      "specifications",
      [
        file("data/specs/rack-1.0.0.gemspec", specification("rack")),
        file("data/specs/default/json-1.0.0.gemspec", specification("json")),
        symlink("gems/3.0.0/specifications", "/data/specs"),
      ],
      [
        "json 1.0.0 gems/3.0.0/specifications/default/json-1.0.0.gemspec",
        "rack 1.0.0 gems/3.0.0/specifications/rack-1.0.0.gemspec",
      ],
    ],
    [
      "x.dist-info and x.egg-info",
      [
        file("cas/1/METADATA", metadata("one")),
        file("cas/2/PKG-INFO", metadata("two")),
        symlink("lib/one-1.0.0.dist-info", "/cas/1"),
        symlink("lib/two.egg-info", "../cas/2"),
      ],
      ["one 1.0.0 lib/one-1.0.0.dist-info/METADATA", "two 1.0.0 lib/two.egg-info/PKG-INFO"],
    ],
    [
      "status.d",
      [file("usr/share/records/base", record("base")), symlink("var/lib/dpkg/status.d", "/usr/share/records")],
      ["base 1.0.0 var/lib/dpkg/status.d/base"],
    ],
    [
      "a folder above status.d",
      [file("usr/share/dpkg/status.d/base", record("base")), symlink("var/lib/dpkg", "../../usr/share/dpkg")],
      ["base 1.0.0 var/lib/dpkg/status.d/base"],
    ],
    [
      "a folder of hard links",
      [
        file("store/aa", manifest("lodash")),
        hardlink("cache/deps/lodash/package.json", "store/aa"),
        symlink("app/node_modules", "/cache/deps"),
      ],
      ["lodash 1.0.0 app/node_modules/lodash/package.json"],
    ],
  ])("%s", async (_, members, expected) => {
    expect(await found(members)).toEqual(expected);
    expect(
      await found(
        members.filter(({ type }) => type !== "symlink"),
        members,
      ),
    ).toEqual(expected);
  });

  test("the layer above has the link or the files", async () => {
    const files = [file("cache/deps/lodash/package.json", manifest("lodash"))];
    const link = [symlink("app/node_modules", "/cache/deps")];
    const expected = ["lodash 1.0.0 app/node_modules/lodash/package.json"];
    expect(await found(files, link)).toEqual(expected);
    expect(await found(link, files)).toEqual(expected);
    expect(await found(files, link, [file("app/.wh.node_modules", "")])).toEqual([]);
    expect(await found(files, link, [file("cache/deps/.wh.lodash", "")])).toEqual([]);
    const newer = [file("cache/deps/lodash/package.json", manifest("lodash", "2.0.0"))];
    expect(await found(files, link, newer)).toEqual(["lodash 2.0.0 app/node_modules/lodash/package.json"]);
  });
});

describe("a link of a folder is not followed", () => {
  test.each<[string, TarMember[], string[]]>([
    [
      "where the folder's own name says what is in it",
      [
        file("shared/node_modules/a/package.json", manifest("a")),
        symlink("app/node_modules", "../shared/node_modules"),
      ],
      ["a 1.0.0 shared/node_modules/a/package.json"],
    ],
    ["to a folder above itself", [file("app/a/package.json", manifest("a")), symlink("app/node_modules", ".")], []],
    ["to nothing", [symlink("app/node_modules", "/cache/deps")], []],
    ["in a circle", [symlink("app/node_modules", "deps"), symlink("app/deps", "node_modules")], []],
    [
      "of a package in a workspace",
      [file("packages/a/package.json", manifest("a")), symlink("node_modules/a", "../packages/a")],
      [],
    ],
  ])("%s", async (_, members, expected) => {
    expect(await found(members)).toEqual(expected);
  });
});

test("links of folders are followed to so many files and no more, and the rest is a problem", async () => {
  const files = Array.from({ length: 20_100 }, (_, index) =>
    file(`deps/p${index}/package.json`, manifest(`p${index}`)),
  );
  const { packages, problems } = await take(files, [...files.slice(20_000), symlink("node_modules", "deps")]);
  expect(packages).toHaveLength(20_000);
  const message = "100 more links from other paths to package files were not followed";
  expect(problems).toEqual([{ code: "limit-exceeded", message }]);
});

describe("an image in which links lead to more than can be looked at is read in time, and incomplete:", () => {
  const links = Array.from({ length: 2_000 }, (_, index) => symlink(`l${index}/node_modules`, "/x"));
  const mostNotFollowed = "too many links from other paths point to package files; most of them were not followed";

  test("many links to many files", { timeout: 30_000 }, async () => {
    const files = Array.from({ length: 10_000 }, (_, index) => file(`x/${index}`, ""));
    const { problems } = await take([...links, ...files]);
    expect(problems).toEqual([{ code: "limit-exceeded", message: mostNotFollowed }]);
  });

  test("many links to files in many folders", { timeout: 30_000 }, async () => {
    const deep = Array.from({ length: 10 }, (_, index) => {
      return file(`x/${index}/${"a/".repeat(240)}node_modulesx/package.json`, "{}");
    });
    const { problems } = await take([...links, ...deep]);
    expect(problems).toContainEqual({ code: "limit-exceeded", message: "not all paths were followed through links" });
  });
});

test("a link that a layer above replaced by a folder leads nowhere", async () => {
  const lower = [file("x/deps/old/package.json", manifest("old")), symlink("cache", "x")];
  const upper = [file("cache/deps/new/package.json", manifest("new")), symlink("app/node_modules", "/cache/deps")];
  expect(await found(lower, upper)).toEqual(["new 1.0.0 app/node_modules/new/package.json"]);
});

test("a file that is read by the name of a link belongs to the distribution's package that lists it as it lies", async () => {
  const paths = ["/usr/lib/node_modules_20/minimist/package.json", "/usr/lib/store/one/5f3a"];
  const status =
    "Package: nodejs\nStatus: install ok installed\nMaintainer: Debian\nArchitecture: all\nVersion: 18-1\n\n";
  const { packages } = await take([
    file("etc/os-release", 'ID=debian\nVERSION_ID="12"\n'),
    file("var/lib/dpkg/status", status),
    file("var/lib/dpkg/info/nodejs.list", `${paths.join("\n")}\n`),
    file("usr/lib/node_modules_20/minimist/package.json", manifest("minimist")),
    symlink("usr/lib/node_modules", "node_modules_20"),
    file("usr/lib/store/one/5f3a", metadata("one")),
    symlink("usr/lib/one-1.0.0.dist-info/METADATA", "../store/one/5f3a"),
    file("opt/deps/lodash/package.json", manifest("lodash")),
    symlink("opt/node_modules", "deps"),
  ]);
  expect(packages.map(({ name, ownedBy }) => [name, ownedBy?.name])).toEqual([
    ["nodejs", undefined],
    ["lodash", undefined],
    ["minimist", "nodejs"],
    ["one", "nodejs"],
  ]);
});

test("a hard link keeps the file that it was made of when another takes its place", async () => {
  const metadataPath = "lib/a.dist-info/METADATA";
  const members = [file("s/aa", metadata("old")), hardlink(metadataPath, "s/aa"), file("s/aa", metadata("new"))];
  expect(await found(members)).toEqual([`old 1.0.0 ${metadataPath}`]);
  expect(await found([hardlink(metadataPath, "s/aa"), file("s/aa", metadata("new"))])).toEqual([
    `new 1.0.0 ${metadataPath}`,
  ]);
});

describe("a folder of this machine", () => {
  const folder = temporaryFolder();
  writeFiles(folder, {
    "deps/lodash/package.json": manifest("lodash"),
    "app/package.json": manifest("app"),
    "other/package.json": manifest("other"),
    "shared/node_modules/debug/package.json": manifest("debug"),
  });
  symlinkSync("../deps", join(folder, "app/node_modules"));
  symlinkSync("../shared/node_modules", join(folder, "other/node_modules"));
  const system = temporaryFolder();
  writeFiles(system, { "var/roothome/.profile": "", "var/empty/x": "" });

  test.each(["app", "other"])("is incomplete when a link leads out of it to packages: %s", async (name) => {
    const { packages, problems } = await takeStock(`dir:${join(folder, name)}`);
    expect(packages).toEqual([]);
    const message = "node_modules is a broken link or points outside the folder, so packages may be missing";
    expect(problems).toEqual([{ code: "not-examined", path: "node_modules", message }]);
  });

  test("has the packages that a link within it leads to", async () => {
    const { packages, problems } = await takeStock(`dir:${folder}`);
    expect(packages.map(({ name, paths }) => [name, paths])).toEqual([
      ["debug", ["shared/node_modules/debug/package.json"]],
      ["lodash", ["app/node_modules/lodash/package.json"]],
    ]);
    expect(problems).toEqual([]);
  });

  test("is not incomplete when a link in it leads to a folder in which packages would have had a name", async () => {
    symlinkSync("var/roothome", join(system, "root"));
    expect((await takeStock(`dir:${system}`)).problems).toEqual([]);
    rmSync(join(system, "var/roothome"), { recursive: true });
    expect((await takeStock(`dir:${system}`)).problems).toEqual([]);
  });

  test("is incomplete when such a link leads out of it, and that is the link which is named", async () => {
    rmSync(join(system, "root"), { force: true });
    symlinkSync("../elsewhere", join(system, "root"));
    const { problems } = await takeStock(`dir:${system}`);
    expect(problems).toMatchObject([{ code: "not-examined", path: "root" }]);
  });

  test("has the packages to which a link leads by the folder's own absolute path", async () => {
    const application = join(system, "application");
    writeFiles(application, { "deps/lodash/package.json": manifest("lodash") });
    symlinkSync(join(application, "deps"), join(application, "node_modules"));
    const { packages, problems } = await takeStock(`dir:${application}`);
    expect(packages.map(({ paths }) => paths)).toEqual([["node_modules/lodash/package.json"]]);
    expect(problems).toEqual([]);
  });
});

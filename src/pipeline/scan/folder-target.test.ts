// `examineTarget` for folders.

import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { takeStock } from "../../../tests/setup/take-stock.ts";
import { temporaryFolder } from "../../../tests/setup/temporary-folder.ts";
import { writeFiles } from "../../../tests/setup/write-files.ts";

const folder: string = temporaryFolder();

writeFiles(folder, {
  "app/package.json": manifest("app", "1.0.0"),
  "app/node_modules/lodash/package.json": manifest("lodash", "4.17.15"),
  "app/node_modules/@babel/core/package.json": manifest("@babel/core", "7.23.0"),
  "gems/specifications/rack-2.2.8.gemspec": specification("rack", "2.2.8"),
  "gems/specifications/default/json-2.6.3.gemspec": specification("json", "2.6.3"),
  "lib/requests-2.31.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: requests\nVersion: 2.31.0\n\n",
  "lib/six.egg/EGG-INFO/PKG-INFO": "Metadata-Version: 1.1\nName: six\nVersion: 1.16.0\n\n",
  "root/etc/os-release": "ID=debian\n",
});
symlinkSync(join(folder, "app/node_modules"), join(folder, "link"));
mkdirSync(join(folder, "cache/3f/lodash"), { recursive: true });
writeFiles(folder, { "cache/3f/lodash/package.json": manifest("lodash", "4.17.15") });
symlinkSync("3f", join(folder, "cache/node_modules"));

describe("a folder that is scanned by itself", () => {
  test.each([
    ["app", ["@babel/core 7.23.0", "lodash 4.17.15"]],
    ["app/node_modules", ["@babel/core 7.23.0", "lodash 4.17.15"]],
    ["app/node_modules/@babel", ["@babel/core 7.23.0"]],
    ["app/node_modules/lodash", ["lodash 4.17.15"]],
    ["link", ["@babel/core 7.23.0", "lodash 4.17.15"]],
    ["cache/node_modules", ["lodash 4.17.15"]],
    ["gems/specifications", ["json 2.6.3", "rack 2.2.8"]],
    ["gems/specifications/default", ["json 2.6.3"]],
    ["lib/requests-2.31.0.dist-info", ["requests 2.31.0"]],
    ["lib/six.egg/EGG-INFO", ["six 1.16.0"]],
  ])("is what its own name says: %s", async (name, expected) => {
    const { packages, problems } = await takeStock(`dir:${join(folder, name)}`);
    expect(packages.map((found) => `${found.name} ${found.version}`)).toEqual(expected);
    expect(problems).toEqual([]);
  });

  test("is not a system for having the name of a system's folder", async () => {
    const { distribution } = await takeStock(`dir:${join(folder, "root/etc")}`);
    expect(distribution).toBe(null);
  });
});

function manifest(name: string, version: string): string {
  return JSON.stringify({ name, version });
}

function specification(name: string, version: string): string {
  return `Gem::Specification.new do |s|\n  s.name = "${name}"\n  s.version = "${version}"\nend\n`;
}

import { describe, expect, test } from "vitest";
import { memoryFile } from "../../../io/bytes/memory-file.ts";
import type { OpenFile } from "../../../model/images/file.ts";
import type { Problem } from "../../../model/reports/problem.ts";
import { describeExtractor } from "../../conformance.ts";
import type { Extraction } from "../../extractor.ts";
import { npm } from "./npm.ts";

const lodash = { name: "lodash", version: "4.17.15", license: "MIT" };

describeExtractor(npm, [
  {
    path: "app/node_modules/lodash/package.json",
    bytes: json(lodash),
    expected: [{ kind: "package", package: { type: "npm", name: "lodash", version: "4.17.15", licenses: ["MIT"] } }],
  },
  {
    path: "app/node_modules/@babel/core/package.json",
    bytes: json({ name: "@babel/core", version: "7.23.0" }),
    expected: [{ kind: "package", package: { type: "npm", name: "@babel/core", version: "7.23.0" } }],
  },
  { path: "app/package.json", bytes: json({ name: "app", version: "1.0.0" }), expected: [] },
]);

describe("language/npm takes a manifest for an installed package", () => {
  test.each([
    "node_modules/lodash/package.json",
    "usr/local/lib/node_modules/npm/node_modules/lodash/package.json",
    "app/node_modules/.pnpm/lodash@4.17.15/node_modules/lodash/package.json",
    "app/node_modules/.store/lodash-npm-4.17.15-ab12/package/package.json",
    "app/.yarn/unplugged/lodash-npm-4.17.15-ab12/node_modules/lodash/package.json",
    "app/node_modules/alias/package.json",
    "app/node_modules/electron/dist/resources/app/node_modules/lodash/package.json",
    "app/node_modules/test/node_modules/lodash/package.json",
    "app/node_modules/@jest/fixtures/node_modules/lodash/package.json",
    "app/test/node_modules/lodash/package.json",
    "opt/lodash-v4.17.15/package.json",
    "opt/lodash-4.17.15/package.json",
    "root/.cache/node/corepack/v1/lodash/4.17.15/package.json",
  ])("at %s", (path) => {
    expect(names(read(path, lodash).extractions)).toEqual(["lodash 4.17.15"]);
  });

  test("in the folder of an unpacked release of a scoped package", () => {
    const manifest = { name: "@yarnpkg/cli", version: "4.0.1" };
    expect(names(read("opt/cli-4.0.1/package.json", manifest).extractions)).toEqual(["@yarnpkg/cli 4.0.1"]);
  });
});

describe("language/npm takes what a package carries in a folder of its name", () => {
  test.each([
    "app/node_modules/next/dist/compiled/lodash/package.json",
    "app/node_modules/@scope/x/vendor/lodash/package.json",
    "app/node_modules/.store/x-npm-1-ab12/package/vendor/lodash/package.json",
  ])("at %s", (path) => {
    expect(names(read(path, lodash).extractions)).toEqual(["lodash 4.17.15"]);
  });

  test("with a scope", () => {
    const manifest = { name: "@babel/runtime", version: "7.15.4" };
    const path = "app/node_modules/next/dist/compiled/@babel/runtime/package.json";
    expect(names(read(path, manifest).extractions)).toEqual(["@babel/runtime 7.15.4"]);
  });

  test.each([
    ["of another name than its folder", "node_modules/x/dist/other/package.json", lodash],
    ["of the enclosing package's name", "node_modules/lodash/es/lodash/package.json", lodash],
    ["that was never to be published", "node_modules/x/dist/lodash/package.json", { ...lodash, private: true }],
    ["without a version", "node_modules/x/dist/lodash/package.json", { name: "lodash" }],
    ["among tests", "node_modules/x/test/fixtures/lodash/package.json", lodash],
    ["among examples", "node_modules/x/examples/lodash/package.json", lodash],
    ["of a form of the package's code", "node_modules/x/esm/package.json", { name: "esm", version: "1.0.0" }],
    ["that is damaged", "node_modules/x/dist/lodash/package.json", []],
  ])("but none %s", (_, path, manifest) => {
    expect(read(path, manifest)).toEqual({ extractions: [], problems: [] });
  });
});

describe("language/npm takes the names of a root that", () => {
  test.each([
    ["is a node_modules", "srv/app/node_modules", "lodash/package.json"],
    ["is a scope in one", "srv/app/node_modules/@scope", "lodash/package.json"],
    ["is a package in one", "srv/app/node_modules/lodash", "package.json"],
    ["is a package in one, for what it carries", "srv/app/node_modules/next", "dist/compiled/lodash/package.json"],
  ])("%s", (_, root, path) => {
    expect(names(read(path, lodash, [root]).extractions)).toEqual(["lodash 4.17.15"]);
    expect(names(read(path, lodash, ["cache/3f", root]).extractions)).toEqual(["lodash 4.17.15"]);
    expect(read(path, lodash)).toEqual({ extractions: [], problems: [] });
  });

  test("but not of one that is an application in a folder with its version", () => {
    expect(read("package.json", lodash, ["opt/lodash-4.17.15"])).toEqual({ extractions: [], problems: [] });
  });

  test("only where the tree has no node_modules around the manifest", () => {
    const root = ["srv/node_modules/x/test/fixtures"];
    expect(names(read("node_modules/lodash/package.json", lodash, root).extractions)).toEqual(["lodash 4.17.15"]);
    expect(read("node_modules/package.json", lodash, ["srv/node_modules"]).extractions).toEqual([]);
  });
});

describe("language/npm passes over a manifest", () => {
  test.each([
    "package.json",
    "app/package.json",
    "app/packages/lodash/package.json",
    "app/node_modules/package.json",
    "app/node_modules/lodash/esm/package.json",
    "app/node_modules/@babel/package.json",
    "app/node_modules/@babel/core/lib/package.json",
    "app/node_modules/.package/package.json",
    "app/node_modules/resolve/test/resolver/node_modules/lodash/package.json",
    "app/node_modules/@scope/x/__fixtures__/node_modules/lodash/package.json",
    "opt/lodash-4.17.14/package.json",
    "opt/tool-2/package.json",
  ])("at %s", (path) => {
    expect(read(path, lodash)).toEqual({ extractions: [], problems: [] });
  });

  test.each([
    [
      "of a workspace without a version",
      "node_modules/@org/shared/package.json",
      { name: "@org/shared", private: true },
    ],
    ["of a workspace without a name", "node_modules/shared/package.json", { private: true, version: "1.0.0" }],
    ["of a form of the package's code", "node_modules/x/dist/cjs/package.json", { type: "commonjs" }],
    ["of an entry point", "node_modules/rxjs/ajax/package.json", { main: "./index.js", sideEffects: false }],
    ["of an entry point with a path as its name", "node_modules/rxjs/ajax/package.json", { name: "rxjs/ajax" }],
    ["of a generated client", "node_modules/.prisma/client/package.json", { name: ".prisma/client" }],
    ["of a cache", "node_modules/.cache/x/package.json", {}],
    ["of a case of a test", "node_modules/resolve/test/resolver/a/node_modules/b/package.json", { main: "b" }],
  ])("%s", (_, path, manifest) => {
    expect(read(path, manifest)).toEqual({ extractions: [], problems: [] });
  });
});

describe("language/npm takes the manifest of an application", () => {
  const ghost = { name: "ghost", version: "5.82.2", repository: { type: "git", url: "git@example.com:ghost.git" } };

  test.each([
    ["parse-server/package.json", "parse-server/node_modules"],
    ["var/lib/ghost/versions/5.82.2/package.json", "var/lib/ghost/versions/5.82.2/node_modules"],
    ["package.json", "node_modules"],
  ])("at %s for a package where it has its modules beside it", (path, location) => {
    const found = { type: "npm", name: "ghost", version: "5.82.2", ownProject: true };
    expect(read(path, ghost)).toEqual({ extractions: [{ kind: "package", package: found, location }], problems: [] });
  });

  test.each([
    ["that is private", "app/package.json", { ...ghost, private: true }],
    ["without a repository", "app/package.json", { name: "ghost", version: "1.0.0" }],
    ["without a version", "app/package.json", { ...ghost, version: undefined }],
    ["among tests", "app/test/fixtures/package.json", ghost],
    ["inside a package", "app/node_modules/x/fixtures/package.json", ghost],
  ])("but not one %s", (_, path, manifest) => {
    expect(read(path, manifest)).toEqual({ extractions: [], problems: [] });
  });

  test("but not one in a root that lies in a node_modules", () => {
    expect(read("lib/package.json", ghost, ["srv/node_modules/x"])).toEqual({ extractions: [], problems: [] });
  });
});

describe("language/npm keeps an installed package", () => {
  test.each([
    ["whose version is a number", 1, "1"],
    ["whose version is a number with a fraction", 1.2, "1.2"],
    ["whose version has space around it", " 1.0.0\n", "1.0.0"],
  ])("%s", (_, version, text) => {
    for (const path of ["node_modules/lodash/package.json", "node_modules/next/dist/compiled/lodash/package.json"]) {
      const { extractions, problems } = read(path, { name: "lodash", version });
      expect(names(extractions)).toEqual([`lodash ${text}`]);
      expect(problems).toEqual([]);
    }
  });
});

describe("language/npm reports an installed manifest", () => {
  test.each([
    ["name", { name: 3, version: "1.0.0" }],
    ["name", { version: "1.0.0" }],
    ["name", { type: "commonjs" }],
    ["name", { name: "", version: "1.0.0" }],
    ["name", { name: ".hidden", version: "1.0.0" }],
    ["name", { name: "two words", version: "1.0.0" }],
    ["name", { name: "a/b", version: "1.0.0" }],
    ["name", { name: "x".repeat(215), version: "1.0.0" }],
    ["version", { name: "lodash" }],
    ["version", { name: "lodash", version: "" }],
    ["version", { name: "lodash", version: null }],
    ["version", { name: "lodash", version: true }],
    ["version", { name: "lodash", version: { major: 1 } }],
    ["version", { name: "lodash", version: "1.0.0 or later" }],
    ["version", { name: "lodash", version: "1".repeat(257) }],
  ])("without a valid %s (%#)", (field, manifest) => {
    const path = "node_modules/lodash/package.json";
    const message = `${path} has no valid ${field}, so its package could not be identified`;
    expect(read(path, manifest)).toEqual({ extractions: [], problems: [{ code: "unreadable", message, path }] });
  });
});

describe("language/npm reads declared licences", () => {
  test.each([
    [{ license: "(MIT OR Apache-2.0)" }, ["(MIT OR Apache-2.0)"]],
    [{ license: { type: "BSD-2-Clause", url: "https://example.com" } }, ["BSD-2-Clause"]],
    [{ license: [{ type: "Public Domain" }, "MIT"] }, ["Public Domain", "MIT"]],
    [{ licenses: [{ type: "MIT" }, { type: "GPL-2.0" }] }, ["MIT", "GPL-2.0"]],
    [{ license: "MIT", licenses: [{ type: "MIT" }] }, ["MIT"]],
    [{ license: 42 }, undefined],
    [{ license: null, licenses: [] }, undefined],
    [{ license: { type: 1 } }, undefined],
    [{ license: " " }, undefined],
  ])("%o", (fields, licenses) => {
    const [extraction] = read("node_modules/x/package.json", { name: "x", version: "1.0.0", ...fields }).extractions;
    expect(extraction?.kind === "package" && extraction.package.licenses).toEqual(licenses);
  });
});

test("language/npm takes the manifest's own name where an alias names the folder", () => {
  expect(names(read("node_modules/old-lodash/package.json", lodash).extractions)).toEqual(["lodash 4.17.15"]);
});

test("language/npm reads a manifest that starts with a byte order mark", () => {
  const bytes = Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), json(lodash)]);
  expect(names(run(memoryFile("node_modules/lodash/package.json", bytes)).extractions)).toEqual(["lodash 4.17.15"]);
});

test.each(["", "{", "[]", "null", "{}{}"])("language/npm reports an installed manifest that is %o", (text) => {
  const path = "node_modules/lodash/package.json";
  const { extractions, problems } = run(memoryFile(path, Buffer.from(text)));
  expect(extractions).toEqual([]);
  const message = "node_modules/lodash/package.json is not a JSON object, so its package could not be identified";
  expect(problems).toEqual([{ code: "unreadable", message, path }]);
});

test("language/npm does not read a manifest of more than 4 MiB", () => {
  const path = "node_modules/lodash/package.json";
  const file = { path, mode: 0o644, size: 4 * 1024 * 1024 + 1, read: () => expect.fail("was read") };
  expect(run(file).problems).toMatchObject([{ code: "limit-exceeded", path }]);
});

function read(path: string, manifest: unknown, above?: readonly string[]): Outcome {
  return run({ ...memoryFile(path, json(manifest)), ...(above && { above }) });
}

interface Outcome {
  readonly extractions: readonly Extraction[];
  readonly problems: readonly Problem[];
}

function run(file: OpenFile): Outcome {
  const problems: Problem[] = [];
  const context = { signal: new AbortController().signal, problem: (problem: Problem) => problems.push(problem) };
  return { extractions: [...npm.extract(file, context)], problems };
}

function names(extractions: readonly Extraction[]): readonly string[] {
  return extractions.map((value) => (value.kind === "package" ? `${value.package.name} ${value.package.version}` : ""));
}

function json(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}

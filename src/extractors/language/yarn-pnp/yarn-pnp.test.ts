import { describe, expect, test } from "vitest";
import { memoryFile } from "../../../io/bytes/memory-file.ts";
import type { Problem } from "../../../model/reports/problem.ts";
import { describeExtractor } from "../../conformance.ts";
import type { Extraction } from "../../extractor.ts";
import { yarnPnp } from "./yarn-pnp.ts";

const hash = "0460f86c7587ee75";
const state = {
  __info: ["Don't edit.\nIt's made by a program."],
  ignorePatternData: "(^(?:\\.yarn\\/sdks))$",
  packageRegistryData: [
    [null, [[null, { packageLocation: "./", packageDependencies: [["lodash", "npm:4.17.15"]] }]]],
    ["@babel/code-frame", [release("npm:7.0.0"), release("npm:7.29.7")]],
    ["app", [release("workspace:.")]],
    ["lodash", [release("npm:4.17.15::__archiveUrl=https%3A%2F%2Fexample.com%2Fx.tgz")]],
    ["lp", [release("file:./lp#./lp::hash=fce495&locator=app%40workspace%3A.")]],
    ["react-dom", [release("npm:17.0.2"), release(`virtual:${hash}#npm:17.0.2`)]],
    [
      "typescript",
      [release("patch:typescript@npm%3A4.9.5#optional!builtin<compat/typescript>::version=4.9.5&hash=289587")],
    ],
  ],
};
const expected = expectedIn("app/");
const ofYarn4 = (value: unknown) =>
  `#!/usr/bin/env node\n"use strict";\n\nconst RAW_RUNTIME_STATE =\n'${quoted(value)}';\n\nfunction $$SETUP_STATE() {}\n`;
const ofYarn2 = (value: unknown) =>
  `function $$SETUP_STATE(hydrateRuntimeState) {\n  return hydrateRuntimeState(${JSON.stringify(value, null, 2)}, {\n    basePath: __dirname,\n  });\n}\n`;
const ofYarn3 = (value: unknown) =>
  `function $$SETUP_STATE(hydrateRuntimeState, basePath) {\n  return hydrateRuntimeState(JSON.parse('${quoted(value)}'), {basePath: basePath || __dirname});\n}\n`;

describeExtractor(yarnPnp, [
  { path: "app/.pnp.cjs", bytes: Buffer.from(ofYarn4(state)), expected },
  { path: ".pnp.cjs", bytes: Buffer.from(ofYarn3(state)), expected: expectedIn("") },
  { path: "app/.pnp.js", bytes: Buffer.from(ofYarn2({ ...state, odd: '}"\\' })), expected },
  { path: "app/.pnp.data.json", bytes: Buffer.from(JSON.stringify(state)), expected },
  {
    path: "app/.pnp.cjs",
    bytes: Buffer.from(
      'const pnpDataFilepath = path.resolve(__dirname, ".pnp.data.json");\ndata.packageRegistryData;\n',
    ),
    expected: [],
  },
]);

test("language/yarn-pnp reads a program whose lines end as those of Windows do", () => {
  expect(read(ofYarn4(state).replaceAll("\n", "\r\n"))).toEqual({ extractions: expected, problems: [] });
});

test.each([
  ["of Yarn 1", "let packageInformationStores = new Map([\n"],
  ["with data that is not JSON", "return hydrateRuntimeState({packageRegistryData: []}, {basePath: __dirname});"],
  ["that is empty", ""],
])("language/yarn-pnp tells of a program %s that it is not read", (_, text) => {
  const format = { packagesOf: "Yarn's Plug'n'Play", kind: "installed", type: "npm" };
  expect(read(text)).toEqual({ extractions: [{ kind: "unread", format }], problems: [] });
});

test("language/yarn-pnp passes over what came with a package", () => {
  expect(read(ofYarn4(state), "app/node_modules/tool/.pnp.cjs")).toEqual({ extractions: [], problems: [] });
  expect(read("", "node_modules/tool/fixture/.pnp.js")).toEqual({ extractions: [], problems: [] });
});

describe("language/yarn-pnp reports", () => {
  test.each([
    ["data that is not JSON", "const RAW_RUNTIME_STATE = '{';"],
    ["a text without an end", "const RAW_RUNTIME_STATE = '{}\\"],
    ["data without packages", ofYarn4({})],
    ["an object without packages", ofYarn2({})],
    ["an object without an end", ofYarn2(state).slice(0, -100)],
  ])("%s", (_, text) => {
    const message =
      "app/.pnp.cjs lists Yarn Plug'n'Play packages in an unsupported format, so its packages could not be identified";
    expect(read(text)).toEqual({
      extractions: [],
      problems: [{ code: "unreadable", message, path: "app/.pnp.cjs" }],
    });
  });

  test("packages without a version or a name, and lists the others", () => {
    const packageRegistryData = [
      ["a", [release("https://example.com/a.tgz"), release("npm:1.0.0"), null]],
      ["b", { "npm:1.0.0": {} }],
      [7, [release("npm:1.0.0")]],
      "c",
    ];
    const { extractions, problems } = read(ofYarn4({ packageRegistryData }));
    expect(extractions).toEqual([found("a", "1.0.0")]);
    expect(problems).toMatchObject([{ code: "unreadable", path: "app/.pnp.cjs" }]);
    expect(problems[0]?.message).toBe("4 packages of app/.pnp.cjs could not be read (first: a has no version)");
  });
});

function release(reference: string): unknown {
  return [reference, { packageLocation: "./.yarn/cache/x.zip/node_modules/x/", linkType: "HARD" }];
}

function expectedIn(folder: string): Extraction[] {
  return [
    found("@babel/code-frame", "7.0.0", folder),
    found("@babel/code-frame", "7.29.7", folder),
    found("lodash", "4.17.15", folder),
    found("react-dom", "17.0.2", folder),
    found("typescript", "4.9.5", folder),
  ];
}

function found(name: string, version: string, folder = "app/"): Extraction {
  return { kind: "package", package: { type: "npm", name, version }, location: `${folder}.yarn/cache/x.zip` };
}

/** As Yarn writes it. */
function quoted(value: unknown): string {
  return JSON.stringify(value, null, 2).replaceAll("\\", "\\\\").replaceAll("'", "\\'").replaceAll("\n", "\\\n");
}

function read(text: string, path = "app/.pnp.cjs"): { extractions: Extraction[]; problems: Problem[] } {
  const problems: Problem[] = [];
  const context = { signal: new AbortController().signal, problem: (problem: Problem) => void problems.push(problem) };
  return { extractions: [...yarnPnp.extract(memoryFile(path, Buffer.from(text)), context)], problems };
}

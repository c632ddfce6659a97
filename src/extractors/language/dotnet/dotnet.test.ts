import { describe, expect, test } from "vitest";
import { memoryFile } from "../../../io/bytes/memory-file.ts";
import type { Problem } from "../../../model/reports/problem.ts";
import { describeExtractor } from "../../conformance.ts";
import type { Extraction } from "../../extractor.ts";
import { dotnet } from "./dotnet.ts";

const path = "app/app.deps.json";
const files = { runtime: { "lib/net6.0/a.dll": {} } };
const example = {
  runtimeTarget: { name: ".NETCoreApp,Version=v8.0/linux-x64", signature: "" },
  targets: {
    ".NETCoreApp,Version=v8.0": {},
    ".NETCoreApp,Version=v8.0/linux-x64": {
      "app/1.0.0": { dependencies: { "Newtonsoft.Json": "12.0.1" }, runtime: { "app.dll": {} } },
      "Newtonsoft.Json/12.0.1": files,
      "runtimepack.Microsoft.NETCore.App.Runtime.linux-x64/8.0.1": files,
      "System.Text.Encodings.Web/4.5.0": {},
      "SQLitePCLRaw.lib.e_sqlite3/2.1.0": { runtimeTargets: { "runtimes/linux-x64/native/libe_sqlite3.so": {} } },
    },
  },
  libraries: {
    "app/1.0.0": { type: "project", serviceable: false, sha512: "" },
    "Newtonsoft.Json/12.0.1": { type: "package", serviceable: true, sha512: "sha512-x" },
    "runtimepack.Microsoft.NETCore.App.Runtime.linux-x64/8.0.1": { type: "runtimepack", serviceable: false },
    "System.Text.Encodings.Web/4.5.0": { type: "package" },
    "SQLitePCLRaw.lib.e_sqlite3/2.1.0": { type: "package" },
    "Contoso.Shared/2.0.0.0": { type: "reference" },
  },
};

describeExtractor(dotnet, [
  {
    path,
    bytes: bytesOf(example),
    expected: [
      nuget("Newtonsoft.Json", "12.0.1"),
      nuget("Microsoft.NETCore.App.Runtime.linux-x64", "8.0.1"),
      nuget("SQLitePCLRaw.lib.e_sqlite3", "2.1.0"),
    ],
  },
]);

describe("language/dotnet lists all packages", () => {
  test.each([
    ["no target is named", { ...example, runtimeTarget: undefined }],
    ["the target that is named is not there", { ...example, targets: {} }],
  ])("where %s", (_, list) => {
    expect(read(list).extractions).toHaveLength(4);
  });
});

test("language/dotnet takes the target's name also as a text, and a file that begins with a byte order mark", () => {
  const old = { ...example, runtimeTarget: ".NETCoreApp,Version=v8.0/linux-x64" };
  expect(read(old).extractions).toHaveLength(3);
  expect(read(`\uFEFF${JSON.stringify(example)}`).extractions).toHaveLength(3);
});

test("language/dotnet reports packages whose names can be none, and lists the others", () => {
  const names = ["a", "/1", "a/", "a b/1", "a/1 2", "__proto__/1"];
  const libraries = Object.fromEntries(names.map((name) => [name, { type: "package" }]));
  const message = `5 libraries of ${path} could not be read (first: a is not a name and version)`;
  expect(read({ libraries })).toEqual({
    extractions: [nuget("__proto__", "1")],
    problems: [{ code: "unreadable", message, path }],
  });
});

test("language/dotnet reports a library without a type, and keeps one whose files are of another form", () => {
  const libraries = { "a/1": { type: 7 }, "b/1": "package", "c/1": { type: "package" } };
  const runtimeTarget = "x";
  const { extractions, problems } = read({ runtimeTarget, targets: { x: { "c/1": { runtime: 5 } } }, libraries });
  expect(extractions).toEqual([nuget("c", "1")]);
  expect(problems).toMatchObject([{ code: "unreadable", path }]);
});

describe("language/dotnet reports", () => {
  test.each([
    ["what is not JSON", "{"],
    ["an empty file", ""],
    ["a list without libraries", "{}"],
    ["what is not an object", "[]"],
  ])("%s", (_, text) => {
    expect(read(text)).toMatchObject({ extractions: [], problems: [{ code: "unreadable", path }] });
  });

  test("a file of more than 32 MiB, which is not read", () => {
    const file = { path, mode: 0o644, size: 32 * 1024 * 1024 + 1, read: () => expect.fail("was read") };
    expect(run(file).problems).toMatchObject([{ code: "limit-exceeded", path }]);
  });
});

function nuget(name: string, version: string): Extraction {
  return { kind: "package", package: { type: "nuget", name, version } };
}

function read(list: object | string): ReturnType<typeof run> {
  return run(memoryFile(path, bytesOf(list)));
}

function run(file: Parameters<typeof dotnet.extract>[0]): { extractions: Extraction[]; problems: Problem[] } {
  const problems: Problem[] = [];
  const context = { signal: new AbortController().signal, problem: (problem: Problem) => void problems.push(problem) };
  return { extractions: [...dotnet.extract(file, context)], problems };
}

function bytesOf(value: object | string): Uint8Array {
  return new TextEncoder().encode(typeof value === "string" ? value : JSON.stringify(value));
}

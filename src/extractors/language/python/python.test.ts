import { describe, expect, test } from "vitest";
import { zip } from "../../../../tests/setup/zip.ts";
import { memoryFile } from "../../../io/bytes/memory-file.ts";
import type { Problem } from "../../../model/reports/problem.ts";
import { describeExtractor } from "../../conformance.ts";
import type { Extraction } from "../../extractor.ts";
import { python } from "./python.ts";

const metadata = new TextEncoder().encode(
  [
    "Metadata-Version: 2.1",
    "Name: Flask_SQLAlchemy",
    "Version: 3.0.5",
    "Summary: words",
    "License: BSD-3-Clause",
    "Requires-Dist: flask>=2.2.5",
    "",
    "Name: not-this-one",
    "Version: 9",
  ].join("\n"),
);
const expected: readonly Extraction[] = [
  {
    kind: "package",
    package: { type: "pypi", name: "Flask_SQLAlchemy", version: "3.0.5", licenses: ["BSD-3-Clause"] },
  },
];
const egg = new Uint8Array(
  zip([
    { name: "flask_sqlalchemy/__init__.py", content: "" },
    { name: "EGG-INFO/PKG-INFO", content: metadata },
  ]),
);

describeExtractor(python, [
  { path: "usr/lib/python3/site-packages/Flask_SQLAlchemy-3.0.5.dist-info/METADATA", bytes: metadata, expected },
  { path: "usr/lib/python3/site-packages/Flask_SQLAlchemy-3.0.5.dist-info/PKG-INFO", bytes: metadata, expected },
  { path: "usr/lib/python3/dist-packages/Flask_SQLAlchemy.egg-info/PKG-INFO", bytes: metadata, expected },
  { path: "usr/lib/python3/dist-packages/Flask_SQLAlchemy-3.0.5.egg-info", bytes: metadata, expected },
  { path: "opt/Flask_SQLAlchemy-3.0.5-py3.11.egg/EGG-INFO/PKG-INFO", bytes: metadata, expected },
  { path: "opt/Flask_SQLAlchemy-3.0.5-py3.11.egg", bytes: egg, expected },
]);

describe("language/python reads the headers", () => {
  test("up to the first empty line, with either line ending", () => {
    expect(read("Version: 1.0\r\nName: a\r\n\r\nName: b\r\n")).toMatchObject(found("a", "1.0"));
    expect(read("Name: a\n\nVersion: 2.0\n").problems).toMatchObject([{ code: "unreadable" }]);
  });

  test("without regard to the case of a field, and takes the first of two", () => {
    expect(read("NAME: backports.ssl_match_hostname\nversion: 3.5.0.1\nName: other")).toMatchObject(
      found("backports.ssl_match_hostname", "3.5.0.1"),
    );
  });

  test("with continuation lines, which are not fields", () => {
    expect(read("Description: a\n Name: no\n\tVersion: 0\nName: a\nVersion: 1\n")).toMatchObject(found("a", "1"));
  });

  test("past a piece of the file, also when the empty line lies across two", () => {
    for (let padding = 16_300; padding < 16_390; padding++) {
      const text = `Summary: ${"x".repeat(padding)}\nName: a\nVersion: 1\n\nVersion: 2\nLicense: no\n`;
      expect(read(text)).toEqual({
        extractions: [{ kind: "package", package: { type: "pypi", name: "a", version: "1" } }],
        problems: [],
      });
    }
  });

  test("after a byte order mark", () => {
    expect(read("\uFEFFName: a\nVersion: 1\n")).toMatchObject(found("a", "1"));
  });
});

describe("language/python reads declared licences", () => {
  test.each([
    ["License-Expression: MIT OR Apache-2.0\nLicense: other", ["MIT OR Apache-2.0"]],
    ["License: Python license", ["Python license"]],
    ["License: UNKNOWN\nClassifier: License :: OSI Approved :: MIT License", ["MIT License"]],
    ["License: MIT License\n\n", ["MIT License"]],
    ["License: Copyright 2020\n Permission is granted", undefined],
    [
      "Classifier: License :: OSI Approved :: A\nClassifier: License :: OSI Approved :: B\nClassifier: License :: OSI Approved",
      ["A", "B"],
    ],
    ["License:", undefined],
    ["Classifier: Programming Language :: Python", undefined],
  ])("%j", (text, licenses) => {
    const [extraction] = read(`Name: a\nVersion: 1\n${text}`).extractions;
    expect(extraction?.kind === "package" && extraction.package.licenses).toEqual(licenses);
  });
});

describe("language/python reports metadata that names no package", () => {
  test.each([
    ["", "site-packages/a-1.dist-info/METADATA has no name, so its package could not be identified"],
    ["Name: a\n", "site-packages/a-1.dist-info/METADATA has no version, so its package could not be identified"],
    [
      "Name: a b\nVersion: 1\n",
      "site-packages/a-1.dist-info/METADATA has an invalid name or version, so its package could not be identified",
    ],
  ])("%j", (text, message) => {
    expect(read(text)).toEqual({
      extractions: [],
      problems: [{ code: "unreadable", message, path: "site-packages/a-1.dist-info/METADATA" }],
    });
  });

  test("within the limit on headers", () => {
    const text = `Summary: ${"x".repeat(1024 * 1024)}\nName: a\nVersion: 1\n`;
    expect(read(text).problems).toMatchObject([{ code: "limit-exceeded" }]);
  });
});

describe("language/python reads zipped eggs", () => {
  const path = "opt/a-1-py3.11.egg";

  test("and gives nothing for one without metadata, or for a file that is not an archive", () => {
    const bare = zip([{ name: "a.py", content: "" }]);
    expect(read(bare, path)).toEqual({ extractions: [], problems: [] });
    expect(read("an egg", path)).toEqual({ extractions: [], problems: [] });
  });

  test("and reports one that is cut short, or whose metadata is too long", () => {
    expect(read(egg.subarray(0, egg.length - 30), path).problems).toMatchObject([{ code: "unreadable", path }]);
    const long = zip([{ name: "EGG-INFO/PKG-INFO", content: Buffer.alloc(4 * 1024 * 1024 + 1, " ") }]);
    expect(read(long, path).problems).toMatchObject([{ code: "limit-exceeded", path }]);
  });
});

describe("language/python reads programs in one archive", () => {
  const wheel = zip([
    { name: "flask_sqlalchemy/__init__.py", content: "" },
    { name: "Flask_SQLAlchemy-3.0.5.dist-info/METADATA", content: metadata },
  ]);
  const inside = ".deps/f.whl/Flask_SQLAlchemy-3.0.5.dist-info/METADATA";
  const pex = zip(
    [
      { name: "__main__.py", content: "" },
      { name: inside, content: metadata },
    ],
    {
      prefix: Buffer.from("#!/usr/bin/env python3\n"),
    },
  );
  const at = (place: string): Extraction[] =>
    expected.flatMap((one) => (one.kind === "package" ? [{ ...one, package: { ...one.package, inside: place } }] : []));

  describeExtractor(python, [
    { path: "app/tool.pex", bytes: new Uint8Array(pex), expected: at(inside) },
    {
      path: "app/tool.pyz",
      bytes: new Uint8Array(zip([{ name: "site-packages/f.dist-info/METADATA", content: metadata }])),
      expected: at("site-packages/f.dist-info/METADATA"),
    },
  ]);

  test.each([true, false])("with wheels in it (stored: %s)", (stored) => {
    const program = zip([{ name: ".deps/f.whl", content: wheel, stored }]);
    expect(read(program, "tool.pex")).toEqual({
      extractions: at(".deps/f.whl!/Flask_SQLAlchemy-3.0.5.dist-info/METADATA"),
      problems: [],
    });
  });

  test("and gives nothing for one without dependencies", () => {
    expect(read(zip([{ name: "__main__.py", content: "" }]), "tool.pyz")).toEqual({ extractions: [], problems: [] });
    expect(read("", "tool.pyz")).toEqual({ extractions: [], problems: [] });
  });

  test.each([
    ["PyInstaller", "tool-00.pyz", "PYZ\0\x61\r\r\n\0\0\0\0"],
    ["zipapp", "tool.pyz", "print(1)"],
    ["PEX", "tool.pex", "#!/bin/sh\nexec python tool.py\n"],
  ])("and tells of one in another form, such as that of %s, that it is not read", (packagesOf, path, text) => {
    const format = { packagesOf, kind: "installed", type: "pypi" };
    expect(read(text, path)).toEqual({ extractions: [{ kind: "unread", format }], problems: [] });
  });

  test("and reports one that is damaged, sealed, or says nothing", () => {
    const path = "tool.pyz";
    const problem = (code: string) => [expect.objectContaining({ code, path })];
    expect(read(pex.subarray(0, pex.length - 30), path).problems).toEqual(problem("unreadable"));
    const sealed = zip([{ name: inside, content: metadata, flags: 0x801 }]);
    expect(read(sealed, path).problems).toEqual(problem("unreadable"));
    const nameless = zip([{ name: "a.dist-info/METADATA", content: "Version: 1\n" }]);
    const message = "tool.pyz!/a.dist-info/METADATA has no name, so its package could not be identified";
    expect(read(nameless, path).problems).toEqual([
      { code: "unreadable", message, path: "tool.pyz!/a.dist-info/METADATA" },
    ]);
  });

  test("but not for ever", () => {
    const large = { content: Buffer.alloc(60 * 1024 * 1024, "x") };
    const members = Array.from({ length: 6 }, (_, index) => ({ name: `${index}.dist-info/METADATA`, ...large }));
    const { problems } = read(zip(members), "tool.pyz");
    expect(problems.at(-1)).toMatchObject({ code: "limit-exceeded", path: "tool.pyz" });
  });

  test("and never takes a wheel that lies around for an installation", () => {
    expect(python.files.some((pattern) => "suffix" in pattern && "a-1-py3-none-any.whl".endsWith(pattern.suffix))).toBe(
      false,
    );
  });
});

interface Outcome {
  readonly extractions: readonly Extraction[];
  readonly problems: readonly Problem[];
}

function read(content: string | Uint8Array, path = "site-packages/a-1.dist-info/METADATA"): Outcome {
  const problems: Problem[] = [];
  const context = { signal: new AbortController().signal, problem: (problem: Problem) => problems.push(problem) };
  const bytes = typeof content === "string" ? Buffer.from(content) : content;
  return { extractions: [...python.extract(memoryFile(path, bytes), context)], problems };
}

function found(name: string, version: string): object {
  return { extractions: [{ kind: "package", package: { name, version } }], problems: [] };
}

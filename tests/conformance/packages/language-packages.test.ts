import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { cargoAuditable } from "../../../src/extractors/binary/cargo-auditable/cargo-auditable.ts";
import { go } from "../../../src/extractors/binary/go/go.ts";
import type { Extractor } from "../../../src/extractors/extractor.ts";
import { bitnami } from "../../../src/extractors/language/bitnami/bitnami.ts";
import { composer } from "../../../src/extractors/language/composer/composer.ts";
import { dotnet } from "../../../src/extractors/language/dotnet/dotnet.ts";
import { npm } from "../../../src/extractors/language/npm/npm.ts";
import { python } from "../../../src/extractors/language/python/python.ts";
import { memoryFile } from "../../../src/io/bytes/memory-file.ts";
import { corpusBytes, corpusJson, corpusPath, describeWithCorpus } from "../../setup/corpus.ts";

interface CorpusPackage {
  readonly name: string;
  readonly version: string;
  readonly licenses?: readonly string[];
}

interface CorpusCase {
  readonly name: string;
  readonly input: string;
  readonly packages: readonly CorpusPackage[];
  readonly error?: boolean;
}

interface CorpusFormat {
  /** The folder below `language`. */
  readonly folder: string;
  readonly extractor: Extractor;
  /** Where the input lies in an image: the corpus names files as its sources do, and the extractors go by the path. */
  readonly path: (input: string) => string;
  /** How many cases there are at least, so that none is passed over silently. */
  readonly cases: number;
  /** How this source writes a package, when that is not how Plimsoll does. */
  readonly spelling?: (expected: CorpusPackage) => CorpusPackage;
  /** Inputs whose expectation is not met, each with the packages that are found instead and the reason. */
  readonly differences?: Readonly<Record<string, { readonly found: readonly string[]; readonly reason: string }>>;
  /** Packages of the source that Plimsoll lists nowhere, by name, and why. */
  readonly without?: { readonly names: readonly string[]; readonly reason: string };
  /** Whether the source also says which licences are declared. */
  readonly licences?: boolean;
}

const formats: readonly CorpusFormat[] = [
  {
    folder: "javascript/scalibr-packagejson",
    extractor: npm,
    path: () => "app/node_modules/installed/package.json",
    cases: 7,
    differences: {
      "package-with-deps.json": {
        found: ["package-with-deps 1.2.3"],
        reason: "The case asks for declared dependencies; a range in a manifest does not mention what is installed.",
      },
    },
  },
  {
    folder: "javascript/snyk-node-modules",
    extractor: npm,
    path: (input) => input,
    cases: 1,
  },
  {
    folder: "javascript/trivy-nodejs-packagejson",
    extractor: npm,
    path: () => "app/node_modules/installed/package.json",
    cases: 6,
    licences: true,
    differences: {
      "without_version_package.json": {
        found: [],
        reason: "The source lists a package with an empty version; nothing can be said about such a package.",
      },
    },
  },
  {
    folder: "python/scalibr-wheelegg",
    extractor: python,
    path: (input) => (input.endsWith(".egg") ? `site-packages/${input}` : "site-packages/installed.dist-info/METADATA"),
    cases: 7,
    differences: {
      "monotonic-1.6-py2.py3-none-any.whl": {
        found: [],
        reason: "A wheel is an archive to install from; what is installed has a dist-info folder.",
      },
    },
  },
  {
    folder: "python/trivy-python-packaging",
    extractor: python,
    path: () => "site-packages/installed.egg-info/PKG-INFO",
    cases: 6,
    licences: true,
  },
  {
    folder: "golang/scalibr-gobinary",
    extractor: go,
    path: (input) => `usr/local/bin/${input}`,
    cases: 3,
    spelling: ({ name, version }) =>
      name === "go" ? { name: "stdlib", version } : { name, version: version.replace(/^(?=\d)/, "v") },
  },
  {
    folder: "golang/trivy-golang-binary",
    extractor: go,
    path: (input) => `usr/local/bin/${input}`,
    cases: 2,
    spelling: ({ name, version }) =>
      name === "stdlib" ? { name, version: version.replace(/^v/, "") } : { name, version },
    differences: {
      "main-version-via-ldflags.elf.gz": {
        found: ["github.com/aquasecurity/test (devel)", "stdlib 1.22.1"],
        reason:
          "The source takes the main module's version from the linker flag -X main.version, which is a guess: the program may use that variable for anything.",
      },
    },
  },
  {
    folder: "dotnet/trivy-dotnet-core_deps",
    extractor: dotnet,
    path: (input) => `app/${input}`,
    cases: 5,
    differences: {
      "without-runtime.deps.json": {
        found: ["JsonDiffPatch 2.0.61", "Libuv 1.9.1", "System.Collections.Immutable 1.3.0"],
        reason:
          "hello2 is the project itself: nobody published it, so advisories for a package of that name are not about it.",
      },
      "missing-target.deps.json": { found: ["Newtonsoft.Json 13.0.1"], reason: "ExampleApp1 is the project itself." },
      "multi-project.deps.json": { found: ["Newtonsoft.Json 13.0.3"], reason: "Web, Api and Data are projects." },
      "ambiguous-root.deps.json": { found: ["Newtonsoft.Json 13.0.3"], reason: "Web and Worker are projects." },
    },
  },
  {
    folder: "dotnet/scalibr-depsjson",
    extractor: dotnet,
    path: () => "app/app.deps.json",
    cases: 3,
    differences: {
      valid: {
        found: ["AWSSDK.Core 3.7.10.6", "Microsoft.Extensions.DependencyInjection 6.0.0"],
        reason: "TestLibrary is the project itself.",
      },
    },
  },
  {
    folder: "dotnet/syft-dotnet",
    extractor: dotnet,
    path: (input) => input,
    cases: 1,
    without: {
      names: [
        "TestCommon",
        "TestLibrary",
        "System.Diagnostics.DiagnosticSource",
        "System.Runtime.CompilerServices.Unsafe",
      ],
      reason:
        "The first two are projects; of the others the program has no file, because .NET itself brings newer ones.",
    },
  },
  {
    folder: "rust/scalibr-cargoauditable",
    extractor: cargoAuditable,
    path: (input) => `usr/bin/${input}`,
    cases: 2,
  },
  {
    folder: "rust/trivy-rust-binary",
    extractor: cargoAuditable,
    path: (input) => `usr/bin/${input}`,
    cases: 3,
  },
  {
    folder: "bitnami/syft-bitnami",
    extractor: bitnami,
    path: (input) => input,
    cases: 3,
  },
];

/** Inputs that declare other licences than a source lists, each with its reason. */
const licenceDifferences: Readonly<Record<string, { readonly found: undefined; readonly reason: string }>> = {
  "setuptools-51.3.3-py3.8.egg-info.PKG-INFO": {
    found: undefined,
    reason: "`License: UNKNOWN` is what setuptools wrote for a field without a value, not the name of a licence.",
  },
};

// 51 cases, of which 11 differ in packages and 1 in a licence, and 1 row of the path table.
describeWithCorpus("installed packages of language ecosystems", () => {
  for (const format of formats) {
    describe(format.folder, () => {
      const { cases } = corpusJson<{ readonly cases: readonly CorpusCase[] }>("language", format.folder, "cases.json");

      test(`has ${format.cases} cases or more`, () => {
        expect(cases.length).toBeGreaterThanOrEqual(format.cases);
      });

      test.each(cases)("$name ($input)", (value) => {
        const found = extractAll(format, value.input);
        const difference = format.differences?.[value.input];
        const spelling = format.spelling ?? ((expected) => expected);
        const listed = value.packages.filter(({ name }) => !format.without?.names.includes(name));
        const wanted = difference?.found ?? listed.map(spelling).map(inWords);
        expect(found.map(inWords).sort()).toEqual([...wanted].sort());
        if (difference !== undefined || format.licences !== true) return;
        for (const [index, { licenses }] of value.packages.entries()) {
          const differs = Object.hasOwn(licenceDifferences, value.input);
          expect(found[index]?.licenses).toEqual(differs ? licenceDifferences[value.input]?.found : licenses);
        }
      });
    });
  }

  test.each([
    ["composer-vendor/input/installed.json", "composer-vendor/expected/composer.vendor.json", composer, []],
    // The project itself; the report lists it.
    [
      "dotnet/input/datacollector.deps.json",
      "dotnet/expected/dotnet.json",
      dotnet,
      ["Microsoft.VisualStudio.TestPlatform.Common"],
    ],
  ] as const)("%s has the packages that Trivy lists", (input, expected, extractor, without) => {
    const report = corpusJson<{ readonly Results: readonly { readonly Packages: readonly ListedPackage[] }[] }>(
      "trivy-goldens/lockfiles",
      expected,
    );
    const wanted = report.Results.flatMap(({ Packages: listed }) => listed)
      .filter(({ Name: name }) => !without.some((other) => other === name))
      .map(({ Name: name, Version: version }) => `${name} ${version}`);
    const path = `app/vendor/composer/${input.slice(input.lastIndexOf("/") + 1)}`;
    const file = memoryFile(path, corpusBytes("trivy-goldens/lockfiles", input));
    const context = { signal: new AbortController().signal, problem: () => {} };
    const found = [...extractor.extract(file, context)].flatMap((value) =>
      value.kind === "package" ? [inWords(value.package)] : [],
    );
    expect(wanted.length).toBeGreaterThan(0);
    expect(found.sort()).toEqual(wanted.sort());
  });

  test("the path table names no file that the patterns miss", () => {
    const { cases } = corpusJson<{ readonly cases: readonly PathRow[] }>("language", "paths.json");
    const rows = cases.filter(({ format }) => format === "language/python/wheelegg");
    expect(rows.length).toBeGreaterThanOrEqual(1);
    for (const { path, wanted } of rows) {
      expect(python.files.some((pattern) => "suffix" in pattern && path.endsWith(pattern.suffix))).toBe(wanted);
    }
  });
});

interface ListedPackage {
  readonly Name: string;
  readonly Version: string;
}

interface PathRow {
  readonly format: string;
  readonly path: string;
  readonly wanted: boolean;
}

/** Everything that is found in an input: a file, or each file below a folder. */
function extractAll({ folder, extractor, path }: CorpusFormat, input: string): readonly CorpusPackage[] {
  const root = ["language", folder, "files"];
  const found: CorpusPackage[] = [];
  for (const name of filesBelow(corpusPath(...root), input)) {
    const file = memoryFile(path(name), corpusBytes(...root, name));
    const context = { signal: new AbortController().signal, problem: () => {} };
    for (const extraction of extractor.extract(file, context)) {
      if (extraction.kind === "package") found.push(extraction.package);
    }
  }
  return found;
}

function filesBelow(root: string, input: string): readonly string[] {
  const path = join(root, input);
  expect(existsSync(path)).toBe(true);
  if (!statSync(path).isDirectory()) return [input];
  const names = readdirSync(path, { recursive: true, withFileTypes: true });
  return names
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1));
}

function inWords({ name, version }: CorpusPackage): string {
  return `${name} ${version}`;
}

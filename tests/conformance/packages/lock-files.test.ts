import { describe, expect, test } from "vitest";
import type { Extractor } from "../../../src/extractors/extractor.ts";
import { bundlerLock } from "../../../src/extractors/lock/bundler/bundler.ts";
import { cargoLock } from "../../../src/extractors/lock/cargo/cargo.ts";
import { composerLock } from "../../../src/extractors/lock/composer/composer.ts";
import { goMod } from "../../../src/extractors/lock/go-mod/go-mod.ts";
import { gradleLock } from "../../../src/extractors/lock/gradle/gradle.ts";
import { npmLock } from "../../../src/extractors/lock/npm/npm.ts";
import { nugetLock } from "../../../src/extractors/lock/nuget/nuget.ts";
import { pipfileLock } from "../../../src/extractors/lock/pipfile/pipfile.ts";
import { pnpmLock } from "../../../src/extractors/lock/pnpm/pnpm.ts";
import { pythonLock } from "../../../src/extractors/lock/python/python.ts";
import { requirements } from "../../../src/extractors/lock/requirements/requirements.ts";
import { yarnLock } from "../../../src/extractors/lock/yarn/yarn.ts";
import { memoryFile } from "../../../src/io/bytes/memory-file.ts";
import type { Problem } from "../../../src/model/reports/problem.ts";
import { corpusBytes, corpusJson, describeWithCorpus } from "../../setup/corpus.ts";

interface ListedPackage {
  readonly name: string;
  readonly version: string;
}

interface LockCase {
  readonly name: string;
  readonly input: string;
  readonly packages?: readonly ListedPackage[];
  readonly error?: boolean;
}

interface LockFormat {
  readonly folder: string;
  readonly extractor: Extractor;
  readonly file: string;
  readonly cases: number;
  /** How this source writes a package, when that is not how Plimsoll does. */
  readonly spelling?: (expected: ListedPackage) => ListedPackage;
  /** Inputs whose expectation is not met: what is not listed, what is listed besides, and why. */
  readonly differences?: Readonly<Record<string, Difference>>;
}

interface Difference {
  readonly reason: string;
  readonly without?: readonly string[];
  /** The packages besides, or how many they are. */
  readonly more?: readonly string[] | number;
}

const unpublished = "A package in a folder of the project was not published.";
const forDevelopment = "The source leaves out packages that are needed for development only.";
const goRelease = "The file states the oldest Go release that may build the module, not the one that does.";
const goProject = "The module itself has no version.";

const goVersion = ({ name, version }: ListedPackage): ListedPackage => ({
  name,
  version: version.replace(/^(?=\d)/, "v"),
});

const formats: readonly LockFormat[] = [
  {
    folder: "javascript/scalibr-packagelockjson",
    extractor: npmLock,
    file: "package-lock.json",
    cases: 8,
    differences: {
      "commits.v2.json": { without: ["raven-js "], reason: "A package from Git without a version is a problem." },
      "files.v2.json": { without: ["etag 1.8.0"], reason: unpublished },
    },
  },
  {
    folder: "javascript/trivy-nodejs-npm",
    extractor: npmLock,
    file: "package-lock.json",
    cases: 6,
    differences: {
      "package-lock_v3_with_workspace.json": { without: ["function1 ", "nested_func 1.0.0"], reason: unpublished },
      "package-lock_v3_with_workspace_as_object.json": { without: ["testapp 1.0.0"], reason: unpublished },
      "package-lock_v3_without_root_deps_field.json": { without: ["func1 1.0.0"], reason: unpublished },
    },
  },
  {
    folder: "javascript/scalibr-yarnlock",
    extractor: yarnLock,
    file: "yarn.lock",
    cases: 7,
    differences: {
      "files.v1.lock": { without: ["etag 1.8.0"], reason: unpublished },
    },
  },
  {
    folder: "javascript/trivy-nodejs-yarn",
    extractor: yarnLock,
    file: "yarn.lock",
    cases: 4,
    differences: {
      "yarn_with_local.lock": {
        more: ["local-package 0.0.1"],
        reason: "An archive in the project may be a published one.",
      },
      "yarn_with_bad_protocol.lock": { more: ["asap 2.0.6"], reason: "The entry has a name and a version." },
    },
  },
  {
    folder: "javascript/scalibr-pnpmlock",
    extractor: pnpmLock,
    file: "pnpm-lock.yaml",
    cases: 8,
    differences: {
      "files.yaml": {
        without: ["a-local-package 1.0.0", "a-nested-local-package 1.0.0", "one-up 1.0.0", "one-up-with-peer 1.0.0"],
        reason: unpublished,
      },
    },
  },
  {
    folder: "javascript/trivy-nodejs-pnpm",
    extractor: pnpmLock,
    file: "pnpm-lock.yaml",
    cases: 6,
    differences: {
      "pnpm-lock_many.yaml": { more: 78, reason: forDevelopment },
      "pnpm-lock_archives.yaml": { without: ["package1 1.0.0"], reason: unpublished },
      "pnpm-lock_v6_with_dev.yaml": { more: 79, reason: forDevelopment },
    },
  },
  { folder: "python/scalibr-poetrylock", extractor: pythonLock, file: "poetry.lock", cases: 7 },
  { folder: "python/trivy-python-poetry", extractor: pythonLock, file: "poetry.lock", cases: 1 },
  { folder: "python/scalibr-uvlock", extractor: pythonLock, file: "uv.lock", cases: 5 },
  {
    folder: "python/trivy-python-uv",
    extractor: pythonLock,
    file: "uv.lock",
    cases: 1,
    differences: {
      "uv_normal.lock": { without: ["normal 0.1.0"], reason: unpublished },
      "uv_multiple_roots.lock": { more: ["asyncio 3.4.3"], reason: "The source refuses two projects in one file." },
    },
  },
  { folder: "python/scalibr-pdmlock", extractor: pythonLock, file: "pdm.lock", cases: 6 },
  { folder: "python/scalibr-pylock", extractor: pythonLock, file: "pylock.toml", cases: 5 },
  { folder: "python/trivy-python-pylock", extractor: pythonLock, file: "pylock.toml", cases: 1 },
  { folder: "python/scalibr-pipfilelock", extractor: pipfileLock, file: "Pipfile.lock", cases: 6 },
  { folder: "python/trivy-python-pipenv", extractor: pipfileLock, file: "Pipfile.lock", cases: 1 },
  {
    folder: "python/scalibr-requirements",
    extractor: requirements,
    file: "requirements.txt",
    cases: 6,
    differences: {
      "example.txt": {
        without: [
          "pytest ",
          "pytest-cov ",
          "beautifulsoup4 ",
          "requests ",
          "keyring 4.1.1",
          "coverage ",
          "Mopidy-Dirble 1.1",
          "pandas 2.2.3",
        ],
        reason: "A requirement that does not pin a version is a problem, and so is another file.",
      },
      "per_req_options.txt": {
        without: ["foo7 1.0 unexpected_text_before_options_stays_around"],
        reason: "pip refuses the line.",
      },
    },
  },
  { folder: "python/trivy-python-pip", extractor: requirements, file: "requirements.txt", cases: 1 },
  { folder: "rust/scalibr-cargolock", extractor: cargoLock, file: "Cargo.lock", cases: 6 },
  { folder: "rust/trivy-rust-cargo", extractor: cargoLock, file: "Cargo.lock", cases: 1 },
  { folder: "ruby/scalibr-gemfilelock", extractor: bundlerLock, file: "Gemfile.lock", cases: 7 },
  { folder: "ruby/trivy-ruby-bundler", extractor: bundlerLock, file: "Gemfile.lock", cases: 1 },
  { folder: "php/scalibr-composerlock", extractor: composerLock, file: "composer.lock", cases: 6 },
  { folder: "php/trivy-php-composer", extractor: composerLock, file: "composer.lock", cases: 1 },
  {
    folder: "golang/scalibr-gomod",
    extractor: goMod,
    file: "go.mod",
    cases: 7,
    spelling: goVersion,
    differences: {
      "two-packages.mod": { without: ["stdlib v1.17"], reason: goRelease },
      "toolchain.mod": { without: ["stdlib v1.23.6"], reason: goRelease },
      "toolchain-with-suffix.mod": { without: ["stdlib v1.23.6"], reason: goRelease },
      "replace-local.mod": { without: ["./fork/net "], reason: unpublished },
      "indirect-1.23.mod": { without: ["stdlib v1.23"], reason: goRelease },
      "indirect-1.16.mod": {
        without: [
          "github.com/davecgh/go-spew v1.1.1",
          "github.com/pmezard/go-difflib v1.0.0",
          "github.com/stretchr/testify v1.7.0",
          "golang.org/x/sys v0.0.0-20220715151400-c0bba94af5f8",
          "gopkg.in/yaml.v3 v3.0.0-20200313102051-9f266ea9e77c",
          "stdlib v1.16",
        ],
        reason: "The source also reads go.sum; without it, such a file is a problem.",
      },
    },
  },
  {
    folder: "golang/trivy-golang-mod",
    extractor: goMod,
    file: "go.mod",
    cases: 6,
    spelling: goVersion,
    differences: {
      "normal/go.mod": { without: ["github.com/org/repo ", "stdlib v1.22.5"], reason: `${goProject} ${goRelease}` },
      "no-go-version/gomod": { without: ["github.com/org/repo "], reason: goProject },
      "replaced/go.mod": { without: ["github.com/org/repo "], reason: goProject },
      "replaced-with-version/go.mod": { without: ["github.com/org/repo "], reason: goProject },
      "replaced-with-local-path/go.mod": { without: ["github.com/org/repo "], reason: goProject },
      "replaced-with-local-path-and-version-mismatch/go.mod": { without: ["github.com/org/repo "], reason: goProject },
    },
  },
  { folder: "dotnet/scalibr-packageslockjson", extractor: nugetLock, file: "packages.lock.json", cases: 1 },
  { folder: "dotnet/trivy-nuget-lock", extractor: nugetLock, file: "packages.lock.json", cases: 1 },
  { folder: "java/scalibr-gradlelockfile", extractor: gradleLock, file: "gradle.lockfile", cases: 3 },
  { folder: "java/trivy-gradle-lockfile", extractor: gradleLock, file: "gradle.lockfile", cases: 1 },
];

describeWithCorpus("packages in lock files", () => {
  for (const format of formats) {
    describe(format.folder, () => {
      const { cases } = corpusJson<{ readonly cases: readonly LockCase[] }>("language", format.folder, "cases.json");

      test(`has ${format.cases} cases or more`, () => {
        expect(cases.length).toBeGreaterThanOrEqual(format.cases);
      });

      test.each(cases)("$name ($input)", (value) => {
        const { found, problems } = read(format, value.input);
        const { spelling = (expected) => expected, differences = {} } = format;
        const { without = [], more = 0 } = differences[value.input] ?? {};
        const listed = new Set((value.packages ?? []).map(spelling).map(inWords));
        for (const text of without) expect(listed.delete(text), text).toBe(true);
        const besides = found.filter((text) => !listed.has(text));
        expect(found.filter((text) => listed.has(text))).toEqual([...listed].sort());
        expect(typeof more === "number" ? besides.length : besides).toEqual(more);
        if (value.error && more === 0) expect(problems.length).toBeGreaterThan(0);
      });
    });
  }
});

function read(
  { folder, extractor, file }: LockFormat,
  input: string,
): { readonly found: readonly string[]; readonly problems: readonly Problem[] } {
  const problems: Problem[] = [];
  const bytes = corpusBytes("language", folder, "files", input);
  const context = { signal: new AbortController().signal, problem: (problem: Problem) => void problems.push(problem) };
  const extractions = [...extractor.extract(memoryFile(file, bytes), context)];
  const found = extractions.flatMap((one) => (one.kind === "package" ? [inWords(one.package)] : []));
  return { found: [...new Set(found)].sort(), problems };
}

function inWords({ name, version }: ListedPackage): string {
  return `${name} ${version}`;
}

import { describe, expect, test } from "vitest";
import type { Extractor } from "../../../src/extractors/extractor.ts";
import { bunLock } from "../../../src/extractors/lock/bun/bun.ts";
import { bundlerLock } from "../../../src/extractors/lock/bundler/bundler.ts";
import { cabalFreeze } from "../../../src/extractors/lock/cabal/cabal.ts";
import { cargoLock } from "../../../src/extractors/lock/cargo/cargo.ts";
import { cocoapodsLock } from "../../../src/extractors/lock/cocoapods/cocoapods.ts";
import { composerLock } from "../../../src/extractors/lock/composer/composer.ts";
import { conanLock } from "../../../src/extractors/lock/conan/conan.ts";
import { condaEnvironment } from "../../../src/extractors/lock/conda-environment/conda-environment.ts";
import { githubActions } from "../../../src/extractors/lock/github-actions/github-actions.ts";
import { goMod } from "../../../src/extractors/lock/go-mod/go-mod.ts";
import { gradleLock } from "../../../src/extractors/lock/gradle/gradle.ts";
import { gradleCatalog } from "../../../src/extractors/lock/gradle-catalog/gradle-catalog.ts";
import { juliaManifest } from "../../../src/extractors/lock/julia/julia.ts";
import { mavenPom } from "../../../src/extractors/lock/maven/maven.ts";
import { mixLock } from "../../../src/extractors/lock/mix/mix.ts";
import { npmLock } from "../../../src/extractors/lock/npm/npm.ts";
import { nugetLock } from "../../../src/extractors/lock/nuget/nuget.ts";
import { nugetAssets } from "../../../src/extractors/lock/nuget-assets/nuget-assets.ts";
import { nugetConfig } from "../../../src/extractors/lock/nuget-config/nuget-config.ts";
import { paketLock } from "../../../src/extractors/lock/paket/paket.ts";
import { pipfileLock } from "../../../src/extractors/lock/pipfile/pipfile.ts";
import { pnpmLock } from "../../../src/extractors/lock/pnpm/pnpm.ts";
import { pubLock } from "../../../src/extractors/lock/pub/pub.ts";
import { pythonLock } from "../../../src/extractors/lock/python/python.ts";
import { rebarLock } from "../../../src/extractors/lock/rebar/rebar.ts";
import { renvLock } from "../../../src/extractors/lock/renv/renv.ts";
import { requirements } from "../../../src/extractors/lock/requirements/requirements.ts";
import { sbtLock } from "../../../src/extractors/lock/sbt/sbt.ts";
import { stackLock } from "../../../src/extractors/lock/stack/stack.ts";
import { swiftResolved } from "../../../src/extractors/lock/swift/swift.ts";
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
  /** Which inputs are in this format, where the source has others beside them. */
  readonly inputs?: RegExp;
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
const fromGit = "A package from Git without a version is a problem.";
const forDevelopment = "The source leaves out packages that are needed for development only.";
const ofSdk = "A part of the SDK has no version of its own.";
const goRelease = "The file states the oldest Go release that may build the module, not the one that does.";
const goProject = "The module itself has no version.";

const goVersion = ({ name, version }: ListedPackage): ListedPackage => ({
  name,
  version: version.replace(/^(?=\d)/, "v"),
});

/** Advisories are about a pod with all of its subspecs. */
const wholePod = ({ name, version }: ListedPackage): ListedPackage => ({ name: name.replace(/\/.*/, ""), version });

/** The repository of an action, which may have several. */
const repository = ({ name, version }: ListedPackage): ListedPackage => ({
  name: name.startsWith("./") ? name : name.split("/").slice(0, 2).join("/"),
  version,
});
const ownAction = { without: ["./.github/actions/bootstrap undefined"], reason: unpublished };

const ofOtherFile = "The version stands in another file, and is not guessed.";
const notPinned = "The file does not pin a version.";

const formats: readonly LockFormat[] = [
  {
    folder: "java/scalibr-pomxml",
    extractor: mavenPom,
    file: "pom.xml",
    cases: 8,
    differences: {
      "with-parent.xml": { without: ["org.dave:dave 4.0.0", "org.frank:frank "], reason: ofOtherFile },
    },
  },
  {
    folder: "java/trivy-java-pom",
    extractor: mavenPom,
    file: "pom.xml",
    cases: 2,
    differences: {
      "project-version-from-parent/child/pom.xml": { without: ["com.example:child 2.0.0"], reason: unpublished },
      "parent-remote-repository/pom.xml": { without: ["org.example:child 1.0.0"], reason: unpublished },
    },
  },
  {
    folder: "java/scalibr-gradleversioncatalog",
    extractor: gradleCatalog,
    file: "libs.versions.toml",
    cases: 3,
    differences: { "libs.versions.toml": { without: ["org.example:noversion "], reason: notPinned } },
  },
  {
    folder: "python/trivy-conda-environment",
    extractor: condaEnvironment,
    file: "environment.yml",
    cases: 3,
    differences: {
      "happy.yaml": {
        without: [
          ...["_openmp_mutex ", "ld_impl_linux-aarch64 ", "libblas ", "libcblas ", "libgcc-ng ", "libgfortran-ng "],
          ...["libgfortran5 ", "liblapack "],
        ],
        reason: notPinned,
      },
    },
  },
  {
    folder: "misc/scalibr-githubactions",
    extractor: githubActions,
    file: ".github/workflows/ci.yml",
    cases: 3,
  },
  {
    folder: "misc/syft-githubactions",
    extractor: githubActions,
    file: ".github/workflows/ci.yml",
    cases: 3,
    spelling: repository,
    differences: {
      "workflow-multi-job.yaml": ownAction,
      "call-shared-workflow.yaml": {
        without: ["./.github/workflows/workflow-2.yml undefined"],
        more: ["actions/checkout v4"],
        reason: `${unpublished} The source reads called workflows and used actions apart.`,
      },
      "workflow-with-version-comments.yaml": {
        ...ownAction,
        more: ["octo-org/this-repo v1.0.0"],
      },
    },
  },
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
  {
    folder: "javascript/scalibr-bunlock",
    extractor: bunLock,
    file: "bun.lock",
    cases: 8,
    differences: {
      "commits.json5": {
        without: ["@prettier/sync ", "babel-preset-php ", "is-number ", "raven-js ", "slick-carousel "],
        reason: fromGit,
      },
    },
  },
  { folder: "javascript/trivy-nodejs-bun", extractor: bunLock, file: "bun.lock", cases: 1 },
  { folder: "elixir/scalibr-mixlock", extractor: mixLock, file: "mix.lock", cases: 2 },
  {
    folder: "elixir/syft-elixir",
    extractor: mixLock,
    file: "mix.lock",
    cases: 1,
    differences: {
      "mix.lock": {
        without: ["enacl 2f50ba6289f2f2d9fef05d22a396c0bab4f64149", "local_dep undefined"],
        reason: `${fromGit} ${unpublished}`,
      },
    },
  },
  { folder: "erlang/scalibr-mixlock", extractor: mixLock, file: "mix.lock", cases: 3 },
  { folder: "erlang/trivy-hex-mix", extractor: mixLock, file: "mix.lock", cases: 1 },
  {
    folder: "erlang/syft-erlang",
    extractor: rebarLock,
    file: "rebar.lock",
    cases: 1,
    inputs: /rebar/,
    differences: {
      "rebar-2.lock": {
        without: [
          "bson 14308ab927cfa69324742c3de720578094e0bb19",
          "swc 4835239dca5a5f4ac7202dd94d7effcaa617d575",
          "vernemq_dev 6d622aa8c901ae7777433aef2bd049e380c474a6",
        ],
        reason: fromGit,
      },
    },
  },
  {
    folder: "dart/scalibr-pubspec",
    extractor: pubLock,
    file: "pubspec.lock",
    cases: 7,
    differences: {
      "source-sdk.lock": { without: ["flutter_web_plugins 0.0.0"], reason: ofSdk },
      "source-path.lock": { without: ["maa_core 0.0.1"], reason: unpublished },
    },
  },
  {
    folder: "dart/trivy-dart-pub",
    extractor: pubLock,
    file: "pubspec.lock",
    cases: 2,
    differences: { "happy.lock": { without: ["flutter_test 0.0.0"], reason: ofSdk } },
  },
  { folder: "swift/scalibr-packageresolved", extractor: swiftResolved, file: "Package.resolved", cases: 2 },
  {
    folder: "swift/trivy-swift-swift",
    extractor: swiftResolved,
    file: "Package.resolved",
    cases: 1,
    differences: {
      "happy-v2-Package.resolved": {
        without: ["github.com/element-hq/swift-ogg 0.0.1"],
        reason: "0.0.1 is the name of a branch.",
      },
    },
  },
  {
    folder: "swift/syft-swift",
    extractor: swiftResolved,
    file: "Package.resolved",
    cases: 1,
    inputs: /resolved/,
    spelling: ({ name, version }) => ({ name: `github.com/apple/${name}`, version }),
    differences: { "PackageV3.resolved": { without: ["github.com/apple/swift-mmio undefined"], reason: fromGit } },
  },
  {
    folder: "swift/syft-swift",
    extractor: cocoapodsLock,
    file: "Podfile.lock",
    cases: 1,
    inputs: /Podfile/,
    spelling: wholePod,
  },
  { folder: "swift/scalibr-podfilelock", extractor: cocoapodsLock, file: "Podfile.lock", cases: 3 },
  {
    folder: "swift/trivy-swift-cocoapods",
    extractor: cocoapodsLock,
    file: "Podfile.lock",
    cases: 1,
    spelling: wholePod,
  },
  { folder: "r/scalibr-renvlock", extractor: renvLock, file: "renv.lock", cases: 5 },
  { folder: "cpp/scalibr-conanlock", extractor: conanLock, file: "conan.lock", cases: 8 },
  {
    folder: "cpp/trivy-c-conan",
    extractor: conanLock,
    file: "conan.lock",
    cases: 2,
    differences: { "happy_v2.lock": { more: ["autoconf 2.71", "automake 1.16.5"], reason: forDevelopment } },
  },
  { folder: "cpp/syft-cpp", extractor: conanLock, file: "conan.lock", cases: 1, inputs: /lock/ },
  {
    folder: "julia/trivy-julia-manifest",
    extractor: juliaManifest,
    file: "Manifest.toml",
    cases: 5,
    differences: {
      "julia_v1.0_format/Manifest.toml": {
        without: ["Foo unknown", "Bar unknown", "Baz unknown", "Qux unknown"],
        reason: `${unpublished} ${fromGit}`,
      },
    },
  },
  { folder: "julia/scalibr-manifesttoml", extractor: juliaManifest, file: "Manifest.toml", cases: 4 },
  { folder: "haskell/scalibr-stacklock", extractor: stackLock, file: "stack.yaml.lock", cases: 1 },
  { folder: "haskell/syft-haskell", extractor: cabalFreeze, file: "cabal.project.freeze", cases: 1, inputs: /cabal/ },
  {
    folder: "dotnet/scalibr-paketlock",
    extractor: paketLock,
    file: "paket.lock",
    cases: 2,
    differences: {
      "paket.lock": {
        without: ["fsprojects/Paket 5.0.0", "fsharp/FAKE 5.20.4"],
        reason: "What comes from GitHub is a problem.",
      },
    },
  },
  { folder: "dotnet/scalibr-packagesconfig", extractor: nugetConfig, file: "packages.config", cases: 3 },
  {
    folder: "dotnet/trivy-nuget-config",
    extractor: nugetConfig,
    file: "packages.config",
    cases: 2,
    differences: {
      "malformed_xml.config": {
        more: ["Microsoft.AspNet.WebApi 5.2.2", "Newtonsoft.Json 6.0.4"],
        reason: "What stands before the damage is listed, and the damage is a problem.",
      },
    },
  },
  { folder: "dotnet/scalibr-projectassetsjson", extractor: nugetAssets, file: "project.assets.json", cases: 1 },
  { folder: "java/scalibr-gradlelockfile", extractor: gradleLock, file: "gradle.lockfile", cases: 3 },
  {
    folder: "java/trivy-sbt-lockfile",
    extractor: sbtLock,
    file: "build.sbt.lock",
    cases: 1,
    differences: { "v1_happy.sbt.lock": { more: 1, reason: forDevelopment } },
  },
  { folder: "java/trivy-gradle-lockfile", extractor: gradleLock, file: "gradle.lockfile", cases: 1 },
];

describeWithCorpus("packages in lock files", () => {
  for (const format of formats) {
    describe(`${format.folder}, ${format.file}`, () => {
      const all = corpusJson<{ readonly cases: readonly LockCase[] }>("language", format.folder, "cases.json").cases;
      const cases = all.filter(({ input }) => format.inputs?.test(input) ?? true);

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

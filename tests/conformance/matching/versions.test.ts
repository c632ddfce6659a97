import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { dpkg } from "../../../src/versions/dpkg.ts";
import { compareVersions } from "../../../src/versions/ecosystems.ts";
import { semver } from "../../../src/versions/semver.ts";
import { corpusBytes, corpusJson, corpusPath, describeWithCorpus } from "../../setup/corpus.ts";

interface Assertion {
  readonly a: string;
  readonly expected: -1 | 0 | 1;
  readonly b: string;
}

/** The text of an assertion, and why Plimsoll does not hold it. These lists only shrink. */
type ExpectedFailures = Readonly<Record<string, string>>;

const signs: Readonly<Record<string, -1 | 0 | 1>> = { "<": -1, "=": 0, "==": 0, ">": 1 };

const notApk =
  "One of the two is a version neither to apk-tools 2 nor to apk-tools 3, so it does not parse: no Alpine package can carry it.";
const notApkFromTheStart =
  "Without a number at the start the text does not parse, as in apk-tools 3: read in the manner of apk-tools 2, `v1.2.3` would be lower than every version with a number above 0.";

const apkToolsTable: ExpectedFailures = { "23_foo > 4_beta": notApk, "1.0 < 1.0bc": notApk };

const apkOddities: ExpectedFailures = {
  ...apkToolsTable,
  "1-r-0 < 1-r0": notApk,
  "1-r-1 < 1-r0": notApk,
  "1-r2 > 1-r-1": notApk,
  "1-r0-1 = 1-r-2": notApk,
  "1-r0-1 = 1-r0-2": notApk,
  "1 > 1-ruff": notApk,
  "1-ruff2 = 1-ruff1": notApk,
  "1-ruff2 = 1--ruff1": notApk,
  "1-r0-ruff2 = 1-r0-ruff1": notApk,
  "1.2.0A < 1.2.0d": notApk,
  "1.2.0D < 1.2.0d": notApk,
  "1.2 > 1.2_blah": notApk,
  "1.2_svn1 > 1.2_csv2": notApk,
  "1.2_cvs1 > 1.2_blah": notApk,
  "a < b": notApkFromTheStart,
  "c > b": notApkFromTheStart,
  "c = c": notApkFromTheStart,
};

const wholeText =
  "The table compares the whole text by rpmvercmp alone. rpm splits a version at its last dash: 1-2-3-4 is release 4 of version 1-2-3.";

const severalDashes: ExpectedFailures = {
  "1-2-3-4 = 1.2.3.4": wholeText,
  "1-2-3-4 > 1.2.3a": wholeText,
  "1-2-3-4 > 1.2.3b": wholeText,
  "1.2.3a < 1-2-3-4": wholeText,
  "1.2.3b < 1-2-3-4": wholeText,
};

const namedPackages: ExpectedFailures = {
  "fonts-filesystem-0:2.0.5-12.fc39.noarch = fonts-filesystem-2.0.5-12.fc39.noarch":
    "The text starts with a package's name; a version scheme takes versions, so the epoch is not seen.",
  "a-1-1 > 1-1": "The text starts with a package's name; as a version, a is lower than 1.",
};

const upperCase =
  "The table is by PHP's version_compare alone, to which words in upper case are unknown and so equal. Composer puts them in lower case first.";

const wordsInUpperCase: ExpectedFailures = {
  "v1.9.0-ALPHA.1 = v1.9.0-BETA.1": upperCase,
  "v1.9.0-ALPHA.2 = v1.9.0-BETA.2": upperCase,
};

/** `A op B` a line, a comment may follow. In the table of go-rpm-version one side may be empty, between tabs. */
function readAssertions(...file: string[]): Assertion[] {
  const lines = corpusBytes("versions", ...file)
    .toString("utf8")
    .split("\n")
    .filter((line) => line !== "" && !/^(?:#|\/\/)(?: |$)/.test(line));
  return lines.map((line) => {
    const match = /^(\S*)\s+(<|==?|>)\s+(\S*)(?:\s+#.*)?$/.exec(line);
    const [, a = "", sign = "", b = ""] = match ?? [];
    const expected = signs[sign];
    if (expected === undefined) throw new Error(`${file.join("/")}: not an assertion: ${line}`);
    return { a, expected, b };
  });
}

interface VersTests {
  readonly tests: readonly {
    readonly input: { readonly versions: readonly [string, string] };
    /** Ascending, or whether the two are equal. */
    readonly expected_output: readonly [string, string] | boolean;
  }[];
}

/** Those that say which order; {@link readVersDifferences} has the others. */
function readVersAssertions(file: string): Assertion[] {
  return corpusJson<VersTests>("versions", "vers-spec", file).tests.flatMap(
    ({ input, expected_output: output }): Assertion[] => {
      if (output === false) return [];
      if (output === true) return [{ a: input.versions[0], expected: 0, b: input.versions[1] }];
      return [{ a: output[0], expected: -1, b: output[1] }];
    },
  );
}

/** The pairs of which no more is said than that they are not equal. */
function readVersDifferences(file: string): (readonly [string, string])[] {
  const { tests } = corpusJson<VersTests>("versions", "vers-spec", file);
  return tests.filter(({ expected_output: output }) => output === false).map(({ input }) => input.versions);
}

/** Every assertion holds in both directions but exactly those listed. */
function expectToHold(
  ecosystem: string,
  assertions: readonly Assertion[],
  expectedFailures: ExpectedFailures = {},
): void {
  const failures = new Set<string>();
  for (const { a, expected, b } of assertions) {
    if (compareVersions(ecosystem, a, b) === expected && compareVersions(ecosystem, b, a) === 0 - expected) continue;
    failures.add(`${a} ${expected < 0 ? "<" : expected > 0 ? ">" : "="} ${b}`);
  }
  expect([...failures].sort()).toEqual(Object.keys(expectedFailures).sort());
}

interface Table {
  readonly ecosystem: string;
  readonly file: readonly string[];
  /** How many assertions it holds at least. */
  readonly count: number;
  readonly expectedFailures?: ExpectedFailures;
}

const tables: readonly Table[] = [
  { ecosystem: "Alpine", file: ["osv-scalibr", "alpine-versions.txt"], count: 778, expectedFailures: apkOddities },
  { ecosystem: "Alpine", file: ["osv-scalibr", "alpine-versions-generated.txt.gz"], count: 11_183 },
  { ecosystem: "Alpine", file: ["go-apk-version", "cases.tsv"], count: 728, expectedFailures: apkToolsTable },
  { ecosystem: "Debian", file: ["osv-scalibr", "debian-versions.txt"], count: 30 },
  { ecosystem: "Debian", file: ["osv-scalibr", "debian-versions-generated.txt.gz"], count: 11_554 },
  { ecosystem: "Red Hat", file: ["osv-scalibr", "redhat-versions.txt"], count: 165 },
  {
    ecosystem: "Red Hat",
    file: ["go-rpm-version", "cases.tsv.gz"],
    count: 3_591,
    expectedFailures: severalDashes,
  },
  { ecosystem: "Red Hat", file: ["claircore", "rpmver", "rpmvercmp.txt"], count: 113 },
  {
    ecosystem: "Red Hat",
    file: ["claircore", "rpmver", "nevra-compare.txt"],
    count: 12,
    expectedFailures: namedPackages,
  },
  { ecosystem: "npm", file: ["osv-scalibr", "semver-versions.txt"], count: 86 },
  { ecosystem: "PyPI", file: ["osv-scalibr", "pypi-versions.txt"], count: 37 },
  { ecosystem: "PyPI", file: ["osv-scalibr", "pypi-versions-generated.txt.gz"], count: 9_900 },
  { ecosystem: "Maven", file: ["osv-scalibr", "maven-versions.txt"], count: 102 },
  { ecosystem: "Maven", file: ["osv-scalibr", "maven-versions-generated.txt.gz"], count: 11_802 },
  { ecosystem: "Maven", file: ["claircore", "maven", "compare.txt"], count: 84 },
  { ecosystem: "RubyGems", file: ["osv-scalibr", "rubygems-versions.txt"], count: 25 },
  { ecosystem: "RubyGems", file: ["osv-scalibr", "rubygems-versions-generated.txt.gz"], count: 3_278 },
  { ecosystem: "NuGet", file: ["osv-scalibr", "nuget-versions.txt"], count: 35 },
  { ecosystem: "Pub", file: ["osv-scalibr", "pub-versions.txt"], count: 100 },
  { ecosystem: "Hackage", file: ["osv-scalibr", "hackage-versions.txt"], count: 11 },
  { ecosystem: "CRAN", file: ["osv-scalibr", "cran-versions.txt"], count: 21 },
  { ecosystem: "CRAN", file: ["osv-scalibr", "cran-versions-generated.txt.gz"], count: 46 },
  { ecosystem: "Bioconductor", file: ["osv-scalibr", "cran-versions-generated.txt.gz"], count: 46 },
  { ecosystem: "Hex", file: ["osv-scalibr", "semver-versions.txt"], count: 86 },
  { ecosystem: "Packagist", file: ["osv-scalibr", "packagist-versions.txt"], count: 95 },
  {
    ecosystem: "Packagist",
    file: ["osv-scalibr", "packagist-versions-generated.txt.gz"],
    count: 8_504,
    expectedFailures: wordsInUpperCase,
  },
];

describeWithCorpus("the version tables of the corpus hold in both directions", () => {
  test.each(tables.map((table) => ({ ...table, name: table.file.join("/") })))(
    "$name: $count assertions for $ecosystem",
    ({ ecosystem, file, count, expectedFailures }) => {
      const assertions = readAssertions(...file);
      expect(assertions.length).toBeGreaterThanOrEqual(count);
      expectToHold(ecosystem, assertions, expectedFailures);
    },
  );

  test.each([
    ["Alpine", "alpine_version_cmp_test.json", 716, 0],
    ["Arch Linux", "alpm_version_cmp_test.json", 42, 0],
    ["ConanCenter", "conan_version_cmp_test.json", 47, 0],
    ["Gentoo", "gentoo_version_cmp_test.json", 35, 13],
    ["Maven", "maven_version_cmp_test.json", 977, 0],
    ["NuGet", "nuget_version_cmp_test.json", 23, 10],
  ])("for %s, vers-spec/%s: %i assertions and %i pairs that differ", (ecosystem, file, count, differing) => {
    const assertions = readVersAssertions(file);
    expect(assertions.length).toBeGreaterThanOrEqual(count);
    expectToHold(ecosystem, assertions);
    const differences = readVersDifferences(file);
    expect(differences.length).toBeGreaterThanOrEqual(differing);
    expect(differences.filter(([a, b]) => Math.abs(compareVersions(ecosystem, a, b) ?? 0) !== 1)).toEqual([]);
  });

  test("pypa-packaging: each of 92 ordered versions with each, 4,186 pairs, for PyPI", () => {
    const { versions_in_order: versions } = corpusJson<{ readonly versions_in_order: readonly string[] }>(
      "versions",
      "pypa-packaging",
      "pep440.json",
    );
    const assertions = versions.flatMap((a, index) =>
      versions.slice(index + 1).map((b): Assertion => ({ a, expected: -1, b })),
    );
    expect(assertions.length).toBeGreaterThanOrEqual(4_186);
    expectToHold("PyPI", assertions);
  });

  test("go-deb-version: 12 pairs and 11 texts that are versions or not, for Debian", () => {
    const cases = corpusJson<{
      readonly less_than: readonly (readonly [string, string, boolean])[];
      readonly valid: readonly (readonly [string, boolean])[];
    }>("versions", "go-deb-version", "cases.json");
    expect(cases.less_than.length).toBeGreaterThanOrEqual(12);
    expect(cases.valid.length).toBeGreaterThanOrEqual(11);
    expect(cases.less_than.filter(([a, b, lower]) => (compareVersions("Debian", a, b) === -1) !== lower)).toEqual([]);
    expect(cases.valid.filter(([text, valid]) => (dpkg.parse(text) !== undefined) !== valid)).toEqual([]);
  });
});

interface Rows<Row> {
  readonly rows: readonly Row[];
}

/** Texts that node-semver refuses, and why they parse here. */
const refusedByNodeOnly: ExpectedFailures = {
  [`${"1".repeat(255)}.0.0`]: "node-semver stops at 256 characters; SemVer sets no limit and the one here is higher.",
  "90071992547409910.0.0":
    "node-semver stops at the largest exact double; SemVer sets no limit and numbers are exact here.",
  "0.90071992547409910.0": "As above, for the minor number.",
  "0.0.90071992547409910": "As above, for the patch number.",
};

describeWithCorpus("the tables of node-semver hold for npm", () => {
  test("comparisons.json: 31 pairs, the first one higher", () => {
    const { rows } = corpusJson<Rows<readonly [string, string]>>("versions", "node-semver", "comparisons.json");
    expect(rows.length).toBeGreaterThanOrEqual(31);
    expectToHold(
      "npm",
      rows.map(([a, b]) => ({ a, expected: 1, b })),
    );
  });

  test("equality.json: 37 pairs", () => {
    const { rows } = corpusJson<Rows<readonly [string, string]>>("versions", "node-semver", "equality.json");
    expect(rows.length).toBeGreaterThanOrEqual(37);
    expectToHold(
      "npm",
      rows.map(([a, b]) => ({ a, expected: 0, b })),
    );
  });

  test("valid-versions.json: 22 versions in their parts, build metadata ignored", () => {
    type Row = readonly [string, number, number, number, readonly (number | string)[]];
    const { rows } = corpusJson<Rows<Row>>("versions", "node-semver", "valid-versions.json");
    expect(rows.length).toBeGreaterThanOrEqual(22);
    for (const [text, major, minor, patch, prerelease] of rows) {
      const parsed = semver.parse(text);
      expect([0, 1, 2].map((index) => parsed?.numbers[index] ?? 0)).toEqual([major, minor, patch]);
      expect(parsed?.prerelease).toEqual(prerelease);
    }
  });

  test("invalid-versions.json: 7 texts, of which those of any size parse here", () => {
    const { rows } = corpusJson<Rows<readonly [string, string]>>("versions", "node-semver", "invalid-versions.json");
    expect(rows.length).toBeGreaterThanOrEqual(7);
    const parsed = rows.map(([text]) => text).filter((text) => semver.parse(text) !== undefined);
    expect(parsed.sort()).toEqual(Object.keys(refusedByNodeOnly).sort());
  });
});

interface Containment {
  readonly tests: readonly {
    readonly input: { readonly vers: string; readonly version: string };
    readonly expected_output: boolean;
  }[];
}

/** Whether a version lies in a `vers` range, whose constraints are in ascending order. Source: vers specification. */
function containedIn(ecosystem: string, vers: string, version: string): boolean {
  const constraints = vers.slice(vers.indexOf("/") + 1).split("|");
  if (constraints[0] === "*") return true;
  const parsed = constraints.map((text) => {
    const [, sign = "", bound = ""] = /^(<=|>=|<|>|!=|=)?(.+)$/.exec(text) ?? [];
    const order = compareVersions(ecosystem, version, decodeURIComponent(bound));
    if (order === undefined) throw new Error(`${vers}: ${bound} is not a valid version`);
    return { sign, order };
  });
  for (const { sign, order } of parsed) if (order === 0 && sign !== "<" && sign !== ">") return sign !== "!=";
  const bounds = parsed.filter(({ sign }) => sign.startsWith("<") || sign.startsWith(">"));
  return bounds.some(({ sign, order }, index) => {
    const next = bounds[index + 1];
    if (sign.startsWith("<")) return index === 0 && order < 0;
    return order > 0 && (next === undefined || !next.sign.startsWith("<") || next.order < 0);
  });
}

describeWithCorpus("the containment tables of vers-spec hold", () => {
  for (const [ecosystem, file, count] of [
    ["PyPI", "pypi_range_containment_test.json", 10],
    ["npm", "npm_range_containment_test.json", 1],
  ] as const) {
    test(`${file}: ${count} rows`, () => {
      const { tests } = corpusJson<Containment>("versions", "vers-spec", file);
      expect(tests.length).toBeGreaterThanOrEqual(count);
      const wrong = tests.filter(({ input, expected_output: expected }) => {
        return containedIn(ecosystem, input.vers, input.version) !== expected;
      });
      expect(wrong).toEqual([]);
    });
  }
});

const noGrammar = "rows in the range grammar of a package manager; advisories state events, so no such grammar is read";
const noEcosystem =
  "a scheme of vers by which no ecosystem of packages orders its versions: no package and no advisory of Plimsoll carries one";

/**
 * What of the corpus is not run, and why. Of pypa-packaging/pep440.json the 393 specifier rows are not: {@link
 * noGrammar}.
 */
const notRun: Readonly<Record<string, string>> = {
  "claircore/rpmver/nevra-parse.txt": "taking a package's full name apart is not ordering versions",
  "node-semver/comparator-intersection.json": noGrammar,
  "node-semver/increments.json": "making the next version is not ordering versions",
  "node-semver/range-exclude.json": noGrammar,
  "node-semver/range-include.json": noGrammar,
  "node-semver/range-intersection.json": noGrammar,
  "node-semver/range-parse.json": noGrammar,
  "node-semver/truncations.json": "shortening a version is not ordering versions",
  "node-semver/version-gt-range.json": noGrammar,
  "node-semver/version-lt-range.json": noGrammar,
  "node-semver/version-not-gt-range.json": noGrammar,
  "node-semver/version-not-lt-range.json": noGrammar,
  "vers-spec/conan_range_from_native_basic_test.json": noGrammar,
  "vers-spec/conan_range_from_native_test.json": noGrammar,
  "vers-spec/datetime_version_cmp_test.json": noEcosystem,
  "vers-spec/gem_range_from_native_test.json": noGrammar,
  "vers-spec/lexicographic-test.json": noEcosystem,
  "vers-spec/nginx_range_from_native_test.json": noEcosystem,
  "vers-spec/npm_range_from_native_test.json": noGrammar,
  "vers-spec/nuget_range_from_native_test.json": noGrammar,
  "vers-spec/openssl_range_from_native_test.json": noEcosystem,
  "vers-spec/openssl_version_cmp_test.json": noEcosystem,
  "vers-spec/pypi_range_from_native_test.json": noGrammar,
  "vers-spec/pypi_range_validate_test.json": noGrammar,
  "vers-spec/vers_canonical_parse_test.json": noGrammar,
};

describeWithCorpus("nothing of the corpus is passed over in silence", () => {
  test("every file of versions, but for scores, is run here or listed with a reason", () => {
    const own = readFileSync(import.meta.filename, "utf8");
    const files = readdirSync(corpusPath("versions"), { recursive: true, encoding: "utf8" }).filter(
      (path) => /\.(?:json|tsv|txt|gz)$/.test(path) && !path.startsWith("cvss/"),
    );
    const named = (path: string): boolean => own.includes(path.slice(path.lastIndexOf("/") + 1));
    expect(files.length).toBeGreaterThan(50);
    expect(files.filter((path) => !named(path))).toEqual([]);
    expect(Object.keys(notRun).filter((path) => !files.includes(path))).toEqual([]);
  });
});

import { expect, test } from "vitest";
import {
  type Advisory,
  type AdvisoryIndex,
  type Affected,
  extensionKey,
  type PackageStatement,
} from "../../model/findings/advisory.ts";
import type { WhyNot } from "../../model/findings/why-not.ts";
import type { Distribution } from "../../model/packages/distribution.ts";
import type { Package, PackageType } from "../../model/packages/package.ts";
import type { Contents } from "../../model/reports/report.ts";
import { absenceSentences, whyNot } from "./why-not.ts";

const debian: Distribution = { id: "debian", idLike: [], version: "12", codename: "bookworm", name: "Debian 12" };
const now = new Date("2024-06-01T00:00:00Z");

function packageOf(type: PackageType, name: string, version: string, more: Partial<Package> = {}): Package {
  return { type, name, version, purl: `pkg:${type}/${name}@${version}`, paths: [name], layer: 0, ...more };
}

function record(id: string, affected: readonly Affected[], more: Partial<Advisory> = {}): Advisory {
  return { id, modified: "2024-01-01T00:00:00Z", aliases: ["CVE-2024-1000"], affected, ...more };
}

function entry(ecosystem: string, name: string, introduced: string, fixed?: string): Affected {
  const events = [{ introduced }, ...(fixed === undefined ? [] : [{ fixed }])];
  return { package: { ecosystem, name }, ranges: [{ type: "ECOSYSTEM", events }] };
}

interface Held {
  readonly records?: readonly Advisory[];
  readonly withdrawn?: readonly Advisory[];
  readonly statements?: readonly (PackageStatement & { readonly name: string })[];
  readonly known?: readonly string[];
  readonly covers?: (ecosystem: string) => boolean;
  /** Debian 12 unless given. */
  readonly distro?: Distribution;
}

function indexOf({
  records = [],
  withdrawn = [],
  statements = [],
  known = [],
  covers = () => true,
}: Held): AdvisoryIndex {
  const naming = (all: readonly Advisory[], base: string, name: string): Advisory[] =>
    all.filter(({ affected = [] }) =>
      affected.some(({ package: one }) => one?.name === name && one.ecosystem.split(":")[0] === base),
    );
  return {
    status: { kind: "file", builtAt: "", source: "", records: 0, ecosystems: [], parts: [] },
    covers,
    find: (base, name) => naming(records, base, name),
    withdrawn: (base, name) => naming(withdrawn, base, name),
    statements: (_, name) => statements.filter((one) => one.name === name),
    facts: (cve) => (known.includes(cve) ? {} : undefined),
    builtInRecords: () => [],
    releaseCycles: () => [],
    repositoryCpes: () => [],
    isNamed: () => true,
    close: () => {},
  };
}

function asked(packages: readonly Package[], held: Held, id = "cve-2024-1000"): WhyNot {
  const contents: Contents = {
    tool: { name: "plimsoll", version: "0.1.0" },
    createdAt: now.toISOString(),
    target: { kind: "dir", name: "." },
    ...{ distro: held.distro ?? debian, layers: [], packages, problems: [] },
  };
  return whyNot(contents, id, { database: indexOf(held), now });
}

/** `kind: name` of each reason. */
function kinds(packages: readonly Package[], held: Held): string[] {
  return asked(packages, held).reasons.map(({ kind, package: one }) => (one ? `${kind}: ${one.name}` : kind));
}

const npm = packageOf("npm", "thing", "1.5.0");
const deb = packageOf("deb", "libthing1", "1.5-1", {
  source: { name: "thing", version: "1.5-1" },
  architecture: "amd64",
});

test.each<[kind: string, found: Package, affected: Affected]>([
  ["fixed", npm, entry("npm", "thing", "0", "1.5.0")],
  ["outside-range", npm, entry("npm", "thing", "2.0.0", "2.1.0")],
  ["other-release", deb, entry("Debian:11", "thing", "0")],
  ["cannot-compare", packageOf("npm", "thing", "x"), entry("npm", "thing", "0", "1.5.0")],
  [
    "other-architecture",
    deb,
    { ...entry("Debian:12", "thing", "0"), database_specific: { [extensionKey]: { architectures: ["s390x"] } } },
  ],
  [
    "other-module",
    packageOf("deb", "thing", "1.5-1", { module: "thing:1" }),
    { ...entry("Debian:12", "thing", "0"), database_specific: { [extensionKey]: { module: "thing:2" } } },
  ],
  [
    "other-platform",
    packageOf("golang", "example.org/thing", "1.5.0", { builtFor: "linux/amd64" }),
    {
      ...entry("Go", "example.org/thing", "0"),
      ecosystem_specific: { imports: [{ path: "example.org/thing", goos: ["windows"] }] },
    },
  ],
  [
    "not-linked",
    packageOf("golang", "example.org/thing", "1.5.0", { linkedPackages: ["example.org/thing"] }),
    {
      ...entry("Go", "example.org/thing", "0"),
      ecosystem_specific: { imports: [{ path: "example.org/thing/bad" }] },
    },
  ],
  [
    "owned",
    packageOf("npm", "thing", "1.5.0", { ownedBy: { type: "deb", name: "node-thing" } }),
    entry("npm", "thing", "0"),
  ],
  [
    "third-party",
    packageOf("deb", "thing", "16.1-1.pgdg120+1", { vendor: "The maker <maker@example.org>" }),
    entry("Debian:12", "thing", "0"),
  ],
  [
    "kernel-headers",
    packageOf("deb", "linux-libc-dev", "6.1-1", { source: { name: "linux", version: "6.1-1" } }),
    entry("Debian:12", "linux", "0"),
  ],
])("a package is %s", (kind, found, affected) => {
  expect(kinds([found], { records: [record("X-1", [affected])] })).toEqual([`${kind}: ${found.name}`]);
});

test("what its owner's advisories speak of is owned, the rest is found, in a distribution that follows upstream", () => {
  const packages = [
    packageOf("npm", "thing", "1.5.0", { ownedBy: { type: "apk", name: "thing-lib" } }),
    packageOf("apk", "thing-lib", "1.5.0-r1", { source: { name: "thing", version: "1.5.0-r1" } }),
  ];
  const records = [
    record("GHSA-1", [entry("npm", "thing", "0")]),
    record("CVE-2024-1000", [entry("Alpine:v3.12", "thing", "0", "1.5.0-r1")]),
    record("GHSA-2", [entry("npm", "thing", "0")], { aliases: ["CVE-2024-2000"] }),
  ];
  const distro: Distribution = { id: "alpine", idLike: [], version: "3.12.0", name: "Alpine" };
  const answer = (id: string): WhyNot => asked(packages, { records, distro }, id);
  expect(answer("CVE-2024-1000").reasons.map(({ text }) => text)).toEqual([
    "thing 1.5.0 was not matched against GHSA-1: its files belong to the apk package thing-lib, and the advisories of Alpine cover the vulnerability there.",
    expect.stringContaining(
      "thing-lib 1.5.0-r1, looked up by its source thing 1.5.0-r1, is not affected by CVE-2024-1000",
    ),
  ]);
  expect(answer("CVE-2024-1000").findings).toEqual([]);
  expect(answer("CVE-2024-2000").findings).toHaveLength(1);
});

test("support that has ended leaves the answer open where no record speaks of the target", () => {
  const distro: Distribution = { id: "alpine", idLike: [], version: "3.12.0", name: "Alpine Linux v3.12" };
  const [open, ...rest] = asked([packageOf("apk", "thing", "1-r0")], { distro }).reasons;
  expect(open).toMatchObject({ kind: "not-examined", text: expect.stringContaining("ended on 2022-05-01") });
  expect(rest.map(({ kind }) => kind)).toEqual(["no-record"]);
});

test("a withdrawn record is named with its day", () => {
  const withdrawn = [record("GHSA-1", [entry("npm", "thing", "0")], { withdrawn: "2024-02-03T00:00:00Z" })];
  expect(asked([npm], { withdrawn }).reasons).toEqual([
    {
      package: { name: "thing", version: "1.5.0", type: "npm" },
      kind: "withdrawn",
      text: "GHSA-1 listed thing 1.5.0, but was withdrawn on 2024-02-03.",
    },
  ]);
});

const statement: PackageStatement & { readonly name: string } = {
  ...{ name: "thing", ecosystem: "Debian:12", vulnerability: { name: "CVE-2024-1000" }, products: [] },
  ...{ status: "not_affected", justification: "vulnerable_code_not_present", author: "Security Tracker" },
};

test("a publisher's statement is told, also where no record speaks of the package", () => {
  expect(asked([deb], { statements: [statement] }).reasons.map(({ kind, text }) => [kind, text])).toEqual([
    ["statement", "Security Tracker says of libthing1 1.5-1: not affected (vulnerable code not present)."],
  ]);
});

test("what a statement suppresses is shown with the record and the statement", () => {
  const answer = asked([deb], {
    records: [record("X-1", [entry("Debian:12", "thing", "0")])],
    statements: [statement],
  });
  expect(answer.findings).toEqual([]);
  expect(answer.suppressed).toMatchObject([{ by: "publisher", finding: { id: "CVE-2024-1000" } }]);
  expect(answer.reasons).toEqual([]);
});

test("what is reported is given as a finding, and the reasons are of the other packages", () => {
  const answer = asked([npm, packageOf("npm", "thing", "9.0.0")], {
    records: [record("GHSA-1", [entry("npm", "thing", "0", "2.0.0")])],
  });
  expect(answer.findings).toMatchObject([{ id: "CVE-2024-1000", package: { version: "1.5.0" }, fixedIn: "2.0.0" }]);
  expect(answer.reasons).toMatchObject([{ kind: "fixed", package: { version: "9.0.0" } }]);
});

test("a name of which nothing speaks is told apart from one that is known for other packages", () => {
  expect(kinds([npm], {})).toEqual(["no-record"]);
  expect(kinds([npm], { known: ["CVE-2024-1000"] })).toEqual(["package-absent"]);
});

test("ecosystems that the database does not have are told with the number of their packages", () => {
  const covers = (ecosystem: string): boolean => ecosystem !== "npm";
  expect(asked([npm, packageOf("npm", "other", "1.0.0"), deb], { covers }).reasons.map(({ text }) => text)).toEqual([
    "The database has no advisories for npm, so 2 packages were not compared.",
    "No record with this id covers a package in this target.",
  ]);
});

test("Java archives that do not tell their group are told, for the vulnerability may be in them", () => {
  const archives = [packageOf("maven", "shop", "1.0"), packageOf("maven", "org.example:thing", "1.0")];
  expect(asked(archives, {}).reasons[0]).toEqual({
    kind: "cannot-compare",
    text: "Java archives without a group id were not compared: shop 1.0.",
  });
  const guessed = { ...packageOf("maven", "log4j-core:log4j-core", "2.14.1"), groupIsGuess: true } as const;
  expect(asked([guessed], {}).reasons[0]?.text).toBe(
    "Java archives that may lack a group id were compared by name alone, which matches no advisory: log4j-core 2.14.1.",
  );
});

test("without a database the built-in advisories are asked", () => {
  const log4j = packageOf("maven", "org.apache.logging.log4j:log4j-core", "2.17.1");
  expect(absenceSentences({ packages: [log4j], distro: null }, "CVE-2021-44228", undefined)).toHaveLength(1);
});

test("a package that is found in one of several programs is not told to lack it for the sake of the others", () => {
  const linkedPrograms = [
    { paths: ["bin/a"], linkedPackages: ["example.org/thing"] },
    { paths: ["bin/b"], linkedPackages: ["example.org/thing/bad"] },
  ];
  const found = packageOf("golang", "example.org/thing", "1.5.0", { paths: ["bin/a", "bin/b"], linkedPrograms });
  const imports = [{ path: "example.org/thing/bad" }];
  const affected = { ...entry("Go", "example.org/thing", "0"), ecosystem_specific: { imports } };
  const { findings, reasons } = asked([found], { records: [record("X-1", [affected])] });
  expect(findings.map((one) => one.package.paths)).toEqual([["bin/b"]]);
  expect(reasons).toEqual([]);
});

test("a record on a malicious package is told to be about the namesake of the project, not about it", () => {
  const project = packageOf("npm", "thing", "1.5.0", { ownProject: true });
  const records = [record("MAL-2024-1", [entry("npm", "thing", "0")], { aliases: [] })];
  const { findings, reasons } = asked([project], { records }, "MAL-2024-1");
  expect(findings).toEqual([]);
  expect(reasons[0]).toMatchObject({
    kind: "other-package",
    text: "thing 1.5.0 is the project itself, and MAL-2024-1 is about the malicious package of that name in a registry.",
  });
  expect(asked([npm], { records }, "MAL-2024-1").findings).toHaveLength(1);
});

test("that nothing is known of the project itself is not a gap, and of what it uses it is one", () => {
  const none = { covers: () => false, known: ["CVE-2024-1000"] };
  const gap = "The database has no advisories for npm, so one package was not compared.";
  const texts = (...packages: Package[]) => asked(packages, none).reasons.map(({ text }) => text);
  expect(texts(packageOf("npm", "app", "1.0.0", { ownProject: true }))).not.toContain(gap);
  expect(texts(npm)).toContain(gap);
});

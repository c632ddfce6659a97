import { expect, test } from "vitest";
import { advisoryIndex } from "../../../../tests/setup/advisory-index.ts";
import type { FeedItem } from "../../../advisories/feed-item.ts";
import { type Affected, type AffectedExtension, extensionKey } from "../../../model/findings/advisory.ts";
import type { Distribution } from "../../../model/packages/distribution.ts";
import type { Package } from "../../../model/packages/package.ts";
import { type FoundVulnerabilities, findVulnerabilities } from "../find-vulnerabilities.ts";
import { AbsenceReasons } from "../matching/absence-reasons.ts";

const rhel: Distribution = { id: "rhel", idLike: ["fedora"], version: "9.4", name: "Red Hat Enterprise Linux 9.4" };
const cve = "CVE-2024-1111";
const id = `REDHAT-${cve}`;

function entry(
  product: string,
  fixed?: string,
  { name = "thing", ...extension }: AffectedExtension & { name?: string } = {},
): Affected {
  return {
    package: { ecosystem: `Red Hat:${product}`, name },
    ranges: [{ type: "ECOSYSTEM", events: [{ introduced: "0" }, ...(fixed ? [{ fixed }] : [])] }],
    database_specific: { [extensionKey]: { names: "binary", ...extension } },
  };
}

const openshift = entry("openshift:4.14::el9", "1-4.el9");
const unfixed = entry("openshift:4", undefined, { names: "source" });
/** As the feed writes it. */
function statementAbout(name: string, ecosystem = "Red Hat:enterprise_linux:9"): FeedItem {
  return {
    ...{ kind: "statement", ecosystem, name: "thing" },
    statement: { vulnerability: { name }, products: [], status: "not_affected", author: "Red Hat" },
  };
}

/** An advisory for the release, so that the database knows it, and for another package. */
const elsewhere = {
  id: "REDHAT-CVE-2024-2",
  modified: "2024-01-01T00:00:00Z",
  affected: [entry("enterprise_linux:9::baseos", "2", { name: "other" })],
};
const thingOfMain = { ...elsewhere, id: "REDHAT-CVE-2024-3", affected: [entry("enterprise_linux:9::baseos", "0.1")] };

interface World {
  readonly repositories?: readonly string[];
  /** The main channel has had an update of the package before. */
  readonly isInMain?: boolean;
  readonly more?: readonly FeedItem[];
  readonly distribution?: Distribution;
}

const thing: Package = {
  type: "rpm",
  name: "thing",
  version: "1-1.el9",
  purl: "pkg:rpm/redhat/thing@1-1.el9",
  paths: [],
  layer: 0,
};

function optionsOf(
  affected: readonly Affected[],
  { repositories, isInMain = false, more = [], distribution = rhel }: World,
) {
  const records = [{ ...elsewhere, id, upstream: [cve], affected }, elsewhere, ...(isInMain ? [thingOfMain] : [])];
  const tables: FeedItem[] = [
    { kind: "repository", repository: "openshift", cpes: ["cpe:/a:redhat:openshift:4.14::el9"] },
    { kind: "repository", repository: "rhel-9-baseos", cpes: ["cpe:/o:redhat:enterprise_linux:9::baseos"] },
  ];
  const index = advisoryIndex(records, [...tables, ...more]);
  return { distribution: repositories ? { ...distribution, repositories } : distribution, index };
}

function find(affected: readonly Affected[], world: World = {}): FoundVulnerabilities {
  return findVulnerabilities([thing], optionsOf(affected, world));
}

test("what another product alone has is a problem while nothing tells the repositories", () => {
  for (const record of [openshift, unfixed]) {
    const { findings, problems } = find([record]);
    expect(findings).toEqual([]);
    expect(problems).toEqual([
      {
        code: "unknown-distribution",
        message: `the target does not list the repositories of its packages, so one record about Red Hat products other than its distribution may or may not apply: ${id} in thing 1-1.el9`,
      },
    ]);
  }
});

test("it is a limit for a package that the main channel has, because it is likely to be from there", () => {
  const { problems, limits, open } = find([openshift], { isInMain: true });
  expect(problems).toEqual([]);
  expect(limits).toEqual([expect.stringContaining(`may or may not apply: ${id} in thing 1-1.el9`)]);
  expect(open).toEqual([]);
});

test("a repository that the database does not know is a problem for every package, beside others that it knows", () => {
  for (const repositories of [["rhocp-4.14"], ["rhel-9-baseos", "rhocp-4.14"]]) {
    const { problems } = find([openshift], { repositories, isInMain: true });
    expect(problems).toEqual([
      {
        code: "no-advisories",
        message: expect.stringContaining("has no products for the repository rhocp-4.14,"),
      },
    ]);
  }
});

test("known repositories leave nothing open, and neither do the names of the main ones", () => {
  expect(find([openshift], { repositories: ["openshift"] })).toMatchObject({
    findings: [{ fixedIn: "1-4.el9" }],
    problems: [],
  });
  const main = ["rhel-9-for-x86_64-baseos-rpms", "ubi-9-appstream-rpms"];
  for (const repositories of [["rhel-9-baseos"], main]) {
    expect(find([openshift], { repositories })).toMatchObject({ findings: [], problems: [], limits: [] });
  }
  expect(find([openshift], { repositories: ["rhel-9-for-x86_64-baseos-eus-rpms"] }).problems).toHaveLength(1);
});

test("what the main channel says of the same vulnerability decides, in a record or in a statement", () => {
  expect(find([openshift, entry("enterprise_linux:9::appstream", "1-1.el9")])).toMatchObject({
    problems: [],
    limits: [],
  });
  expect(find([unfixed], { more: [statementAbout(cve)] })).toMatchObject({ problems: [], limits: [] });
});

test("extended updates beside a fix of the main channel are told", () => {
  const eus = entry("rhel_eus:9.4::baseos", "1-2.el9_4", { channel: "eus" });
  expect(find([eus, entry("enterprise_linux:9::baseos", "1-1.el9")]).limits).toEqual([expect.stringContaining(id)]);
});

test("products of other releases, versions with the fix and rebuilds leave nothing open", () => {
  const others = [
    entry("openshift:4.14::el8", "1-4.el8"),
    entry("rhel_eus:8.6::baseos", "1-4.el8"),
    entry("enterprise_linux:8::baseos", "1-4.el8"),
    entry("openshift:4.14::el9", "1-1.el9"),
  ];
  expect(find(others)).toMatchObject({ findings: [], problems: [], limits: [] });
  const centos: Distribution = { ...rhel, id: "centos", version: "7", name: "CentOS Linux 7" };
  const record = entry("openshift:3", undefined, { names: "source" });
  expect(find([record], { distribution: centos }).problems.map(({ code }) => code)).not.toContain(
    "unknown-distribution",
  );
});

test("the explanation says that it is not known, and why", () => {
  const reasons = new AbsenceReasons(id, optionsOf([openshift], {}));
  expect(reasons.of(thing)).toMatchObject([
    {
      kind: "cannot-compare",
      text: `thing 1-1.el9 cannot be compared with ${id}: it is for packages of openshift:4.14::el9; it is unknown whether this is one: the target does not list the repositories of its packages.`,
    },
  ]);
});

test("a statement about another vulnerability, or about another release, decides nothing", () => {
  expect(find([unfixed], { more: [statementAbout("CVE-2024-9999")] })).toMatchObject({
    problems: [],
    limits: [expect.stringContaining(id)],
  });
  const ofOtherRelease = statementAbout(cve, "Red Hat:enterprise_linux:8");
  expect(find([unfixed], { more: [ofOtherRelease] }).problems).toHaveLength(1);
});

test("the statements about a package are read once, however many records are open", () => {
  const readings = (count: number): number => {
    const { distribution, index } = optionsOf([unfixed], { more: [statementAbout("CVE-2024-9999")] });
    let asked = 0;
    const [record] = index.find("Red Hat", "thing");
    const records = Array.from({ length: count }, (_, place) => ({ ...elsewhere, ...record, id: `${id}${place}` }));
    const find = (ecosystem: string, name: string) => (name === "thing" ? records : index.find(ecosystem, name));
    const statements: typeof index.statements = (ecosystem, name) => {
      asked++;
      return index.statements(ecosystem, name);
    };
    const { limits } = findVulnerabilities([thing], { distribution, index: { ...index, find, statements } });
    expect(limits).toEqual([expect.stringContaining(count === 1 ? "so one record" : `so ${count} records`)]);
    return asked;
  };
  expect(readings(1)).toBe(1);
  expect(readings(200)).toBe(1);
});

test("that there are others beside the examples is said of packages, not of records", () => {
  const { distribution, index } = optionsOf([openshift], {});
  const packages = (count: number) =>
    Array.from({ length: count }, (_, place) => ({ ...thing, version: `1-${place}` }));
  const told = (count: number) => findVulnerabilities(packages(count), { distribution, index }).problems[0]?.message;
  expect(told(3)).toMatch(/in thing 1-2$/);
  expect(told(4)).toMatch(/in thing 1-2 and others$/);
});

import { expect, test } from "vitest";
import type { AdvisoryIndex, PackageStatement } from "../../model/findings/advisory.ts";
import type { Finding, MatchEvidence } from "../../model/findings/finding.ts";
import type { Distribution } from "../../model/packages/distribution.ts";
import type { Package } from "../../model/packages/package.ts";
import { packageUrl } from "../../model/packages/package-url.ts";
import { withPublisherStatements } from "./with-publisher-statements.ts";

const debian: Distribution = { id: "debian", idLike: [], version: "12", codename: "bookworm", name: "Debian 12" };
const wolfi: Distribution = { id: "wolfi", idLike: [], name: "Wolfi" };

function packageOf(name: string, source: string, distribution: Distribution): Package {
  const found = {
    type: distribution === debian ? ("deb" as const) : ("apk" as const),
    name,
    version: "1:3.0-1",
    architecture: "amd64",
    source: { name: source, version: "3.0-1" },
  };
  return { ...found, purl: packageUrl(found, distribution), paths: ["db"], layer: 0 };
}

function findingIn(found: Package, foundBy: string): Finding {
  const { name, version, type, purl, source, paths, layer } = found;
  const evidence: MatchEvidence = {
    ...{ advisory: "X", ecosystem: type === "deb" ? "Debian:12" : "Wolfi", name: foundBy, version },
    ...{ matchedBy: foundBy === name ? "package" : "source-package", rule: "range", scheme: "dpkg", comparison: "" },
  };
  return {
    ...{
      kind: "vulnerability",
      id: "CVE-2024-1000",
      aliases: [],
      severity: "high",
      severities: [],
      status: "affected",
    },
    package: { name, version, type, purl, ...(source && { source }), paths, layer },
    evidence: [evidence],
  };
}

function statement(ecosystem: string, more: Partial<PackageStatement> = {}): PackageStatement {
  const vulnerability = { name: "CVE-2024-1000" };
  return { ecosystem, vulnerability, products: [], status: "not_affected", author: "Security Tracker", ...more };
}

/** An index that keeps the statements under these names. */
function indexOf(kept: Readonly<Record<string, readonly PackageStatement[]>>): AdvisoryIndex {
  const status = { kind: "file", builtAt: "", source: "", records: 0, ecosystems: [], parts: [] } as const;
  return {
    status,
    covers: () => true,
    find: () => [],
    withdrawn: () => [],
    statements: (_, name) => kept[name] ?? [],
    facts: () => undefined,
    builtInRecords: () => [],
    releaseCycles: () => [],
    repositoryCpes: () => [],
    isNamed: () => false,
    close: () => {},
  };
}

function suppressed(
  kept: Readonly<Record<string, readonly PackageStatement[]>>,
  { found = packageOf("libssl3", "openssl", debian), foundBy = "openssl", distribution = debian } = {},
): readonly string[] {
  const options = { packages: [found], distribution, index: indexOf(kept) };
  const result = withPublisherStatements([findingIn(found, foundBy)], options);
  return result.suppressed.map((one) => `${one.by}: ${one.statement.products[0]?.["@id"]}`);
}

test("a statement without products is about every version of the package for which it is kept", () => {
  expect(suppressed({ openssl: [statement("Debian:12")] })).toEqual([
    "publisher: pkg:deb/debian/libssl3?arch=amd64&distro=debian-12",
  ]);
});

test("a statement about another release or another vulnerability suppresses nothing", () => {
  expect(suppressed({ openssl: [statement("Debian:11")] })).toEqual([]);
  expect(suppressed({ openssl: [statement("Debian:12", { vulnerability: { name: "CVE-2024-1" } })] })).toEqual([]);
});

test("where advisories name source packages, so do statements", () => {
  expect(suppressed({ libssl3: [statement("Debian:12")] })).toEqual([]);
});

test("a statement with a product is held against it, code names included", () => {
  const products = (id: string): PackageStatement => statement("Debian:12", { products: [{ "@id": id }] });
  expect(suppressed({ openssl: [products("pkg:deb/debian/openssl?arch=source&distro=bookworm")] })).toHaveLength(1);
  expect(suppressed({ openssl: [products("pkg:deb/debian/openssl@2.0?arch=source")] })).toEqual([]);
});

test("what is said of the source does not outweigh a record about the very package, but the reverse does", () => {
  const found = packageOf("npm", "nodejs", wolfi);
  const options = { found, distribution: wolfi };
  expect(suppressed({ nodejs: [statement("Wolfi")] }, { ...options, foundBy: "npm" })).toEqual([]);
  expect(suppressed({ nodejs: [statement("Wolfi")] }, { ...options, foundBy: "nodejs" })).toHaveLength(1);
  expect(suppressed({ npm: [statement("Wolfi")] }, { ...options, foundBy: "nodejs" })).toHaveLength(1);
});

test("the latest statement holds", () => {
  const kept = [
    statement("Debian:12", { timestamp: "2024-02-01T00:00:00Z", status: "under_investigation" }),
    statement("Debian:12", { timestamp: "2024-01-01T00:00:00Z" }),
  ];
  const found = packageOf("libssl3", "openssl", debian);
  const options = { packages: [found], distribution: debian, index: indexOf({ openssl: kept }) };
  const { findings } = withPublisherStatements([findingIn(found, "openssl")], options);
  expect(findings).toMatchObject([{ status: "under-investigation", assessment: { by: "publisher" } }]);
});

const centos: Distribution = { id: "centos", idLike: ["rhel"], version: "8", name: "CentOS Linux 8" };

/** A modular rpm of a rebuild of Red Hat's, found by its own name. */
function suppressedRpm(product: string | undefined, module: string | undefined, listedAs?: string): number {
  const found = {
    ...{ type: "rpm" as const, name: "nodejs", version: "1:18.1-1.el8", architecture: "x86_64" },
    ...(module !== undefined && { module }),
  };
  const place: Package = { ...found, purl: listedAs ?? packageUrl(found, centos), paths: ["db"], layer: 0 };
  const ecosystem = "Red Hat:enterprise_linux:8";
  const kept = statement(ecosystem, product === undefined ? {} : { products: [{ "@id": product }] });
  const { name, version, type, purl, paths, layer } = place;
  const [evidence] = findingIn(packageOf("x", "x", debian), "x").evidence;
  const finding: Finding = {
    ...findingIn(packageOf("x", "x", debian), "x"),
    package: { name, version, type, purl, paths, layer },
    evidence: evidence ? [{ ...evidence, ecosystem, name, matchedBy: "package" }] : [],
  };
  const options = { packages: [place], distribution: centos, index: indexOf({ nodejs: [kept] }) };
  return withPublisherStatements([finding], options).suppressed.length;
}

test("a product of a module stream is meant in that stream alone, under whatever vendor's name", () => {
  expect(suppressedRpm("pkg:rpm/redhat/nodejs?rpmmod=nodejs:18", "nodejs:18")).toBe(1);
  expect(suppressedRpm("pkg:rpm/redhat/nodejs?rpmmod=nodejs:18", "nodejs:20")).toBe(0);
  expect(suppressedRpm("pkg:rpm/redhat/nodejs?rpmmod=nodejs:18", undefined)).toBe(0);
  expect(suppressedRpm("pkg:rpm/redhat/nodejs", undefined)).toBe(1);
  expect(suppressedRpm("pkg:rpm/redhat/nodejs", "nodejs:18")).toBe(0);
  expect(suppressedRpm(undefined, undefined)).toBe(1);
});

test("the streams of packages that other tools list are told by their own words", () => {
  const listed = "pkg:rpm/redhat/nodejs@18.1-1.el8?arch=x86_64&distro=rhel-8.8&epoch=1";
  const build = "nodejs:18:8050020211213115342:c5368500";
  const product = "pkg:rpm/redhat/nodejs?rpmmod=nodejs:18";
  for (const purl of [listed, `${listed}&rpmmod=${build}`, `${listed}&modularitylabel=${build}`]) {
    expect(suppressedRpm(product, "nodejs:18", purl)).toBe(1);
    expect(suppressedRpm("pkg:rpm/redhat/nodejs?rpmmod=nodejs:20", "nodejs:18", purl)).toBe(0);
  }
  expect(suppressedRpm(product, undefined, listed)).toBe(0);
});

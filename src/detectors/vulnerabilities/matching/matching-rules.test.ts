// `findVulnerabilities` and `AbsenceReasons`: which entries of a record mean a package.

import { expect, test } from "vitest";
import { advisoryIndex } from "../../../../tests/setup/advisory-index.ts";
import {
  type Advisory,
  type Affected,
  type AffectedExtension,
  type AffectedRange,
  extensionKey,
} from "../../../model/findings/advisory.ts";
import type { VulnerabilityFinding } from "../../../model/findings/finding.ts";
import type { Distribution } from "../../../model/packages/distribution.ts";
import type { Package, PackageType } from "../../../model/packages/package.ts";
import { findVulnerabilities } from "../find-vulnerabilities.ts";
import { AbsenceReasons } from "./absence-reasons.ts";

const rhel: Distribution = { id: "rhel", idLike: ["fedora"], version: "9.4", name: "Red Hat Enterprise Linux 9.4" };
const ubuntu: Distribution = { id: "ubuntu", idLike: ["debian"], version: "18.04", name: "Ubuntu 18.04.6 LTS" };
const debian: Distribution = { id: "debian", idLike: [], version: "12", name: "Debian GNU/Linux 12" };
const oracle: Distribution = { id: "ol", idLike: ["fedora"], version: "8.9", name: "Oracle Linux Server 8.9" };
const photon: Distribution = { id: "photon", idLike: [], version: "4.0", name: "VMware Photon OS 4.0" };
const sles: Distribution = {
  id: "sles",
  idLike: ["suse"],
  version: "15.4",
  name: "SUSE Linux Enterprise Server 15 SP4",
};

function entry(ecosystem: string, name: string, fixed?: string, extension: AffectedExtension = {}): Affected {
  const range: AffectedRange = { type: "ECOSYSTEM", events: [{ introduced: "0" }, ...(fixed ? [{ fixed }] : [])] };
  return { package: { ecosystem, name }, ranges: [range], database_specific: { [extensionKey]: extension } };
}

function advisory(id: string, affected: readonly Affected[], more: Partial<Advisory> = {}): Advisory {
  return { id, modified: "2024-01-01T00:00:00Z", affected, ...more };
}

function subject(type: PackageType, name: string, version: string, more: Partial<Package> = {}): Package {
  return { type, name, version, purl: `pkg:${type}/${name}@${version}`, paths: ["a/b"], layer: 1, ...more };
}

function find(of: Package, distribution: Distribution | null, ...records: Advisory[]): readonly VulnerabilityFinding[] {
  return findVulnerabilities([of], { distribution, index: advisoryIndex(records) }).findings;
}

function why(of: Package, distribution: Distribution | null, record: Advisory): string {
  const reasons = new AbsenceReasons(record.id, { distribution, index: advisoryIndex([record]) }).of(of);
  return reasons.map(({ text }) => text).join(" ");
}

const opensslLibs = subject("rpm", "openssl-libs", "1:3.0.7-1.el9", {
  architecture: "x86_64",
  source: { name: "openssl", version: "3.0.7-1.el9" },
});

test("an entry for a source package meets the source name only, one for a binary package the binary name only", () => {
  const release = "Red Hat:enterprise_linux:9";
  const onSource = advisory("REDHAT-CVE-2024-1111", [entry(release, "openssl", undefined, { names: "source" })]);
  expect(find(opensslLibs, rhel, onSource)[0]?.evidence[0]).toMatchObject({ matchedBy: "source-package" });
  const onSibling = advisory("RHSA-1", [entry(release, "openssl", "1:3.0.7-2.el9", { names: "binary" })]);
  expect(find(opensslLibs, rhel, onSibling)).toEqual([]);
  expect(why(opensslLibs, rhel, onSibling)).toContain("it names the binary package openssl, not the source package");
  const onItself = advisory("RHSA-2", [entry(release, "openssl-libs", "1:3.0.7-2.el9", { names: "binary" })]);
  expect(find(opensslLibs, rhel, onItself)[0]?.evidence[0]).toMatchObject({ matchedBy: "package" });
});

test("an entry that does not say what it names goes by its distribution's custom", () => {
  const record = advisory("RHSA-1", [entry("Red Hat:enterprise_linux:9::baseos", "openssl", "1:3.0.7-2.el9")]);
  expect(find(opensslLibs, rhel, record)).toEqual([]);
  const own = subject("rpm", "openssl", "1:3.0.7-1.el9", { source: { name: "openssl", version: "3.0.7-1.el9" } });
  expect(find(own, rhel, record)).toHaveLength(1);
});

test("a binary package is never judged by the version of its sibling or by its own in place of its source's", () => {
  const of = subject("deb", "libthing", "7:9.0-1", { source: { name: "thing", version: "1.0-1" } });
  const record = advisory("DEBIAN-CVE-2024-1111", [entry("Debian:12", "thing", "1.0-2", { names: "source" })]);
  expect(find(of, debian, record)[0]).toMatchObject({ fixedIn: "1.0-2", evidence: [{ version: "1.0-1" }] });
});

test("an entry for other architectures does not meet a package, one without an architecture meets all", () => {
  const record = advisory("ELSA-1", [entry("Oracle Linux:8", "curl", "2-1.el8", { architectures: ["aarch64"] })]);
  const on = (architecture?: string) =>
    find(subject("rpm", "curl", "1-1.el8", architecture === undefined ? {} : { architecture }), oracle, record).length;
  expect([on("x86_64"), on("aarch64"), on("noarch"), on()]).toEqual([0, 1, 1, 1]);
  expect(why(subject("rpm", "curl", "1-1.el8", { architecture: "x86_64" }), oracle, record)).toContain(
    "it is for aarch64, not x86_64",
  );
});

test("a stated module stream is met by that stream only, and an empty one by no module", () => {
  const release = "Red Hat:enterprise_linux:9";
  const on = (module: string, more: Partial<Package>) =>
    find(
      subject("rpm", "nodejs", "1:18.1-1.el9", more),
      rhel,
      advisory("X-1", [entry(release, "nodejs", undefined, { module })]),
    ).length;
  expect([on("nodejs:18", { module: "nodejs:18" }), on("nodejs:20", { module: "nodejs:18" })]).toEqual([1, 0]);
  expect([on("", {}), on("", { module: "nodejs:18" }), on("nodejs:18", {})]).toEqual([1, 0, 0]);
});

const esm = "Ubuntu:Pro:18.04:LTS";

test("a package without ESM is affected where only ESM has the fix, and the fix is told apart", () => {
  const record = advisory("UBUNTU-CVE-2024-1111", [entry(esm, "curl", "7.58-2ubuntu3.24+esm1")]);
  expect(find(subject("deb", "curl", "7.58-2ubuntu3.24"), ubuntu, record)).toMatchObject([
    { status: "affected", channelFix: { channel: "esm", version: "7.58-2ubuntu3.24+esm1" } },
  ]);
  expect(find(subject("deb", "curl", "7.58-2ubuntu3.24"), ubuntu, record)[0]).not.toHaveProperty("fixedIn");
});

test("a package without ESM is judged by the fix for everybody where there is one", () => {
  const record = advisory("UBUNTU-CVE-2024-1111", [
    entry("Ubuntu:18.04:LTS", "curl", "7.58-2ubuntu3.20"),
    entry(esm, "curl", "7.58-2ubuntu3.24+esm1"),
  ]);
  expect(find(subject("deb", "curl", "7.58-2ubuntu3.24"), ubuntu, record)).toEqual([]);
  expect(find(subject("deb", "curl", "7.58-2ubuntu3.1"), ubuntu, record)).toMatchObject([
    { status: "fixed", fixedIn: "7.58-2ubuntu3.20" },
  ]);
});

test("a package from ESM is judged by the fix of ESM, though everybody else has none", () => {
  const record = advisory("UBUNTU-CVE-2024-1111", [
    entry("Ubuntu:18.04:LTS", "curl"),
    entry(esm, "curl", "7.58-2ubuntu3.24+esm2"),
  ]);
  expect(find(subject("deb", "curl", "7.58-2ubuntu3.24+esm2"), ubuntu, record)).toEqual([]);
  expect(find(subject("deb", "curl", "7.58-2ubuntu3.24+esm1"), ubuntu, record)).toMatchObject([
    { status: "fixed", fixedIn: "7.58-2ubuntu3.24+esm2" },
  ]);
  expect(find(subject("deb", "curl", "7.58-2ubuntu3.24"), ubuntu, record)).toMatchObject([
    { status: "affected", channelFix: { channel: "esm" } },
  ]);
});

test("the long-term support of SUSE is treated as Ubuntu's", () => {
  const record = advisory("SUSE-CVE-2024-1111", [
    entry("SUSE:Linux Enterprise Server 15 SP4-LTSS", "curl", "8-2", { channel: "ltss", names: "binary" }),
  ]);
  expect(find(subject("rpm", "curl", "8-1"), sles, record)).toMatchObject([
    { status: "affected", channelFix: { channel: "ltss", version: "8-2" } },
  ]);
});

test.each([
  ["ksplice", "2:2.28-1.ksplice1.el8", "2.28-1.el8"],
  ["fips", "10:1.1.1k-9.el8_7_fips", "1:1.1.1k-9.el8_7"],
] as const)("the %s flavour meets its own entries, a normal package never does", (channel, flavour, normal) => {
  const next = flavour.replace("-", ".1-");
  const record = advisory("ELSA-1", [entry("Oracle Linux:8", "thing", next, { channel, names: "binary" })]);
  expect(find(subject("rpm", "thing", flavour), oracle, record)).toMatchObject([{ fixedIn: next }]);
  expect(find(subject("rpm", "thing", normal), oracle, record)).toEqual([]);
  expect(why(subject("rpm", "thing", normal), oracle, record)).toContain(`only for packages of the channel ${channel}`);
});

test("a flavour of Oracle is not held against the fixes of the normal package, one of Ubuntu is", () => {
  const ofOracle = advisory("ELSA-1", [entry("Oracle Linux:8", "thing", "2-1.el8", { names: "binary" })]);
  const flavour = subject("rpm", "thing", "10:1-1.el8_fips");
  expect(find(flavour, oracle, ofOracle)).toEqual([]);
  expect(why(flavour, oracle, ofOracle)).toContain("it is not for packages of the channel fips");
  const ofUbuntu = advisory("UBUNTU-CVE-2024-1111", [entry("Ubuntu:18.04:LTS", "thing", "1-1ubuntu2")]);
  expect(find(subject("deb", "thing", "1-1ubuntu1+Fips1"), ubuntu, ofUbuntu)).toHaveLength(1);
});

const eus = entry("Red Hat:rhel_eus:9.4::baseos", "thing", "1-2.el9_4", { channel: "eus", names: "binary" });
const main = entry("Red Hat:enterprise_linux:9::baseos", "thing", "1-3.el9", {
  names: "binary",
  cpes: ["cpe:/o:redhat:enterprise_linux:9::baseos"],
});

function inRepositories(repositories: readonly string[], ...affected: Affected[]): readonly VulnerabilityFinding[] {
  const index = advisoryIndex(
    [advisory("REDHAT-CVE-2024-1111", affected)],
    [
      { kind: "repository", repository: "baseos", cpes: ["cpe:/o:redhat:enterprise_linux:9::baseos"] },
      {
        kind: "repository",
        repository: "appstream",
        cpes: ["cpe:2.3:a:redhat:enterprise_linux:9:*:appstream:*:*:*:*:*"],
      },
      { kind: "repository", repository: "openshift", cpes: ["cpe:/a:redhat:openshift:4.14::el9"] },
      { kind: "repository", repository: "baseos-eus", cpes: ["cpe:/o:redhat:rhel_eus:9.4::baseos"] },
    ],
  );
  const options = { distribution: repositories.length > 0 ? { ...rhel, repositories } : rhel, index };
  return findVulnerabilities([subject("rpm", "thing", "1-1.el9")], options).findings;
}

test("without known repositories an image of Red Hat is judged by the main channel", () => {
  expect(inRepositories([], eus, main)).toMatchObject([{ fixedIn: "1-3.el9" }]);
  expect(inRepositories([], eus)).toEqual([]);
});

test("with known repositories an image of Red Hat is judged by their products", () => {
  expect(inRepositories(["baseos-eus"], eus, main)).toMatchObject([{ fixedIn: "1-2.el9_4" }]);
  expect(inRepositories(["baseos"], eus, main)).toMatchObject([{ fixedIn: "1-3.el9" }]);
});

test("what the products of an image do not fix is judged by the main channel", () => {
  expect(inRepositories(["baseos-eus"], main)).toMatchObject([{ fixedIn: "1-3.el9" }]);
  expect(inRepositories(["openshift"], main)).toMatchObject([{ fixedIn: "1-3.el9" }]);
});

test("the repositories of one release are not told apart", () => {
  expect(inRepositories(["appstream"], eus, main)).toMatchObject([{ fixedIn: "1-3.el9" }]);
});

test("a product beside the distribution is meant only where its repository is", () => {
  const openshift = entry("Red Hat:openshift:4.14::el9", "thing", "1-4.el9", {
    names: "binary",
    cpes: ["cpe:/a:redhat:openshift:4.14::el9"],
  });
  expect(inRepositories([], openshift)).toEqual([]);
  expect(inRepositories(["baseos"], openshift)).toEqual([]);
  expect(inRepositories(["baseos", "openshift"], openshift)).toMatchObject([{ fixedIn: "1-4.el9" }]);
});

test("what Red Hat does not fix in a release is meant in whatever channel of it", () => {
  const unfixed = entry("Red Hat:enterprise_linux:9", "thing", undefined, { status: "will-not-fix", names: "source" });
  expect(inRepositories(["baseos-eus"], unfixed)).toMatchObject([{ status: "will-not-fix" }]);
});

test("repositories that the database does not know count as not known", () => {
  expect(inRepositories(["a-repository-of-their-own"], main)).toHaveLength(1);
});

test("where a publisher leaves epochs out, version and release alone are compared", () => {
  const of = subject("rpm", "thing", "1:2.0-1.ph4");
  const record = (fixed: string) => advisory("PHOTON-CVE-2024-1111", [entry("Photon OS:4.0", "thing", fixed)]);
  expect(find(of, photon, record("2.0-2.ph4"))).toMatchObject([{ fixedIn: "2.0-2.ph4" }]);
  expect(find(of, photon, record("2.0-1.ph4"))).toEqual([]);
  expect(find(of, photon, record("2:1.0-1.ph4"))).toHaveLength(1);
});

test("elsewhere a missing epoch is 0, on either side", () => {
  const record = (fixed: string) => advisory("ELSA-1", [entry("Oracle Linux:8", "thing", fixed)]);
  expect(find(subject("rpm", "thing", "1:2.0-1.el8"), oracle, record("3.0-1.el8"))).toEqual([]);
  expect(find(subject("rpm", "thing", "3.0-1.el8"), oracle, record("1:2.0-1.el8"))).toHaveLength(1);
  expect(find(subject("rpm", "thing", "3.0-1.el8"), oracle, record("0:3.0-1.el8"))).toEqual([]);
});

test("an erratum for several CVEs is a finding for each, so that a waiver for one hides no other", () => {
  const erratum = advisory("ELSA-2024-1", [entry("Oracle Linux:8", "thing", "2-1.el8")], {
    upstream: ["CVE-2024-1111", "CVE-2024-2222"],
  });
  const found = find(subject("rpm", "thing", "1-1.el8"), oracle, erratum);
  expect(found.map(({ id, aliases, fixedIn }) => [id, aliases, fixedIn])).toEqual([
    ["CVE-2024-1111", ["ELSA-2024-1"], "2-1.el8"],
    ["CVE-2024-2222", ["ELSA-2024-1"], "2-1.el8"],
  ]);
});

test("an erratum does not make one vulnerability of the two that it fixes", () => {
  const records = [
    advisory("DEBIAN-CVE-2024-1111", [entry("Debian:12", "thing", "1-2")], { upstream: ["CVE-2024-1111"] }),
    advisory("DEBIAN-CVE-2024-2222", [entry("Debian:12", "thing")], { upstream: ["CVE-2024-2222"] }),
    advisory("DSA-1-1", [entry("Debian:12", "thing", "1-2")], { upstream: ["CVE-2024-1111", "CVE-2024-2222"] }),
  ];
  const found = find(subject("deb", "thing", "1-1"), debian, ...records);
  expect(found.map(({ id, status, evidence }) => [id, status, evidence.map((item) => item.advisory)])).toEqual([
    ["CVE-2024-1111", "fixed", ["DEBIAN-CVE-2024-1111", "DSA-1-1"]],
    ["CVE-2024-2222", "affected", ["DEBIAN-CVE-2024-2222", "DSA-1-1"]],
  ]);
});

test("an erratum that names no CVE is one finding", () => {
  const erratum = advisory("openSUSE-SU-2024:1-1", [entry("SUSE:Linux Enterprise Server 15 SP4", "thing", "2-1")]);
  expect(find(subject("rpm", "thing", "1-1"), sles, erratum).map(({ id }) => id)).toEqual(["openSUSE-SU-2024:1-1"]);
});

test.each(["will-not-fix", "fix-deferred", "end-of-life", "under-investigation"] as const)(
  "a record that says only %s is a finding of that status",
  (status) => {
    const record = advisory("DEBIAN-CVE-2024-1111", [entry("Debian:12", "thing", undefined, { status })]);
    expect(find(subject("deb", "thing", "1-1"), debian, record)).toMatchObject([{ status }]);
  },
);

test("a vulnerability in Go packages that the program does not contain is not a finding, and the reason is told", () => {
  const record = advisory("GO-2024-1", [
    {
      package: { ecosystem: "Go", name: "example.org/m" },
      ranges: [{ type: "SEMVER", events: [{ introduced: "0" }, { fixed: "1.2.0" }] }],
      ecosystem_specific: { imports: [{ path: "example.org/m/server", symbols: ["Serve"] }] },
    },
  ]);
  const of = (linkedPackages?: readonly string[]) =>
    subject("golang", "example.org/m", "v1.0.0", linkedPackages ? { linkedPackages } : {});
  expect(find(of(["example.org/m/server", "example.org/m"]), null, record)).toHaveLength(1);
  expect(find(of(["example.org/m"]), null, record)).toEqual([]);
  expect(find(of(), null, record)).toHaveLength(1);
  expect(why(of(["example.org/m"]), null, record)).toContain(
    "it is in example.org/m/server, which the program does not contain",
  );
});

test("a module and its packages are recognised in the lower case of their package URL", () => {
  const record = advisory("GO-2024-1", [
    {
      ...entry("Go", "example.org/Team/m", "1.2.0"),
      ecosystem_specific: { imports: [{ path: "example.org/Team/m" }] },
    },
  ]);
  const of = (more: Partial<Package>) => subject("golang", "example.org/team/m", "v1.0.0", more);
  expect(find(of({}), null, record)).toHaveLength(1);
  expect(find(of({ linkedPackages: ["example.org/team/m"] }), null, record)).toHaveLength(1);
  expect(
    find({ ...of({ linkedPackages: ["example.org/Team/m"] }), name: "example.org/Team/m" }, null, record),
  ).toHaveLength(1);
});

test("a main module whose working copy had no tags is compared with no tag, one that others require is", () => {
  const record = advisory("GO-2024-1", [entry("Go", "example.org/m", "1.2.0")]);
  const untagged = subject("golang", "example.org/m", "v0.0.0-20240102030405-abcdefabcdef");
  const options = { distribution: null, index: advisoryIndex([record]) };
  const { findings, problems } = findVulnerabilities([{ ...untagged, mainModule: true }], options);
  expect({ findings, codes: problems.map(({ code }) => code) }).toEqual({ findings: [], codes: ["unknown-version"] });
  expect(find(untagged, null, record)).toHaveLength(1);
  const tagged = subject("golang", "example.org/m", "v1.1.0", { mainModule: true });
  expect(find(tagged, null, record)).toHaveLength(1);
});

test("a module of which the program contains no code has no finding, also where the record names no packages of it", () => {
  const record = advisory("GO-2024-1", [entry("Go", "example.org/m", "1.2.0")]);
  const of = (linkedPackages: readonly string[]) => subject("golang", "example.org/m", "v1.0.0", { linkedPackages });
  expect(find(of([]), null, record)).toEqual([]);
  expect(why(of([]), null, record)).toContain("the program contains no code of example.org/m");
  expect(find(of(["example.org/m"]), null, record)).toHaveLength(1);
});

test("header files of the kernel are not compared, a kernel is", () => {
  const record = advisory("DEBIAN-CVE-2024-1111", [entry("Debian:12", "linux", "6.1.90-1", { names: "source" })]);
  const source = { name: "linux", version: "6.1.80-1" };
  const headers = subject("deb", "linux-libc-dev", "6.1.80-1", { source });
  expect(find(headers, debian, record)).toEqual([]);
  expect(why(headers, debian, record)).toContain("was not compared: it contains kernel headers");
  expect(find(subject("deb", "linux-image-amd64", "6.1.80-1", { source }), debian, record)).toHaveLength(1);
});

test("what a third party built is held against no feed of the distribution and told once, as a limit", () => {
  const record = advisory("DEBIAN-CVE-2024-1111", [entry("Debian:12", "nodejs", "18.19.0+dfsg-6~deb12u2")]);
  const packages = ["nodejs", "nodejs-doc"].map((name) => subject("deb", name, "18.19.0-1nodesource1"));
  const options = { distribution: debian, index: advisoryIndex([record]) };
  expect(findVulnerabilities(packages, options)).toEqual({
    findings: [],
    problems: [],
    limits: [
      "the packages built by NodeSource were not compared, because no advisories for them are known: nodejs, nodejs-doc",
    ],
    open: [],
  });
});

test("a language package whose owner no advisories at hand speak of is judged by its own ecosystem", () => {
  const owned = subject("pypi", "thing", "1.0", { ownedBy: { type: "rpm", name: "python3-thing" } });
  const record = advisory("PYSEC-1", [
    { package: { ecosystem: "PyPI", name: "thing" }, ranges: [{ type: "ECOSYSTEM", events: [{ introduced: "0" }] }] },
  ]);
  const arch: Distribution = { id: "fedora", idLike: [], version: "40", name: "Fedora Linux 40" };
  expect(find(owned, arch, record)).toHaveLength(1);
  const ofOracle = advisory("ELSA-1", [entry("Oracle Linux:8", "other", "1-1")]);
  expect(find(owned, oracle, record, ofOracle)).toEqual([]);
});

test("a record that names commits alone says so", () => {
  const commits: Affected = {
    package: { ecosystem: "npm", name: "thing" },
    ranges: [{ type: "GIT", repo: "https://example.org/thing", events: [{ introduced: "0" }] }],
  };
  expect(why(subject("npm", "thing", "1.0.0"), null, advisory("GHSA-1", [commits]))).toContain("lists only commits");
});

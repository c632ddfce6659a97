import { expect, test } from "vitest";
import { tar } from "../../../tests/setup/tar.ts";
import { zip } from "../../../tests/setup/zip.ts";
import { extrasCatalogue } from "./amazon/amazon-repositories.ts";
import { feeds } from "./builtin.ts";
import { describeFeed, type FeedCase } from "./conformance.ts";
import { type ExampleDocument, exampleDocument } from "./csaf/example-document.ts";

const cve = "CVE-2024-1000";

/** A plain tar under the name of a packed one: the reader may recognise it by its first bytes. */
function documents(...examples: readonly ExampleDocument[]): Uint8Array {
  return tar(
    examples.map((example) => ({
      name: `2024/${example.cve?.toLowerCase()}.json`,
      content: JSON.stringify(exampleDocument(example)),
    })),
  );
}

function osv(): FeedCase {
  const record = {
    id: "GHSA-aaaa-bbbb-cccc",
    modified: "2024-01-02T03:04:05Z",
    aliases: [cve],
    summary: "A hole",
    severity: [{ type: "CVSS_V3", score: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N" }],
    affected: [
      {
        package: { ecosystem: "npm", name: "a" },
        ranges: [{ type: "SEMVER", events: [{ introduced: "1.0.0" }, { fixed: "1.2.3" }] }],
        versions: ["1.2.2"],
      },
    ],
    references: [{ type: "WEB", url: "https://example.org/" }],
  };
  return {
    files: {
      "ecosystems.txt": "npm\n",
      "npm/all.zip": zip([{ name: `${record.id}.json`, content: JSON.stringify(record) }]),
      "npm/modified_id.csv": `${record.modified},${record.id}\n`,
    },
    items: { advisory: 1 },
  };
}

function alpine(): FeedCase {
  const packages = [{ pkg: { name: "a", secfixes: { "1.2-r3": [`${cve} XSA-1`], "0": ["CVE-2024-1001"] } } }];
  return {
    files: { "v3.19/main.json": JSON.stringify({ distroversion: "v3.19", reponame: "main", packages }) },
    items: { advisory: 1, statement: 1 },
  };
}

function rollingSecdb(): FeedCase {
  const packages = [{ pkg: { name: "a", secfixes: { "1.2-r3": [cve], "0": ["CVE-2024-1001"] } } }];
  return { files: { "security.json": JSON.stringify({ packages }) }, items: { advisory: 1, statement: 1 } };
}

function amazon(): FeedCase {
  const update = (release: string): string =>
    `<updates><update type="security"><id>ALAS${release}-2024-1</id><severity>medium</severity><title>A fix</title>
     <issued date="2024-01-02 03:04"/><references><reference type="cve" id="${cve}"/></references><pkglist><collection>
     <package name="a" epoch="0" version="1" release="2.amzn${release}" arch="x86_64"/></collection></pkglist></update></updates>`;
  const data = `<data type="updateinfo"><checksum type="sha">${"a".repeat(40)}</checksum><location href="repodata/u.xml"/></data>`;
  const cdn = "https://cdn.amazonlinux.com/";
  const repository = (list: string, release: string): Record<string, string> => ({
    [`${cdn}${list}/mirror.list`]: `${cdn}${list}/root\n`,
    [`${cdn}${list}/root/repodata/repomd.xml`]: `<repomd>${data}</repomd>`,
    [`${cdn}${list}/root/repodata/u.xml`]: update(release),
  });
  return {
    files: {
      ...repository("2/core/latest/x86_64", "2"),
      ...repository("2/core/latest/aarch64", "2"),
      ...repository("al2023/core/mirrors/latest/x86_64", "2023"),
      [extrasCatalogue]: `{"topics": [{"n": "kernel-5.10"}]}`,
    },
    items: { advisory: 2 },
  };
}

function azureLinux(): FeedCase {
  const oval = (patchable: string): string =>
    `<oval_definitions><definitions><definition id="oval:x:1"><metadata><reference source="CVE" ref_id="${cve}"/>
     <patchable>${patchable}</patchable><severity>High</severity><advisory_date>2024-05-01T00:00:00Z</advisory_date>
     <description>A hole. Not for us.</description></metadata><criteria operator="AND"><criterion test_ref="t" comment=""/></criteria>
     </definition></definitions><rpminfo_test id="t"><object object_ref="o"/><state state_ref="s"/></rpminfo_test>
     <rpminfo_object id="o"><name>a</name></rpminfo_object>
     <rpminfo_state id="s"><evr operation="less than">0:1-2.azl3</evr></rpminfo_state></oval_definitions>`;
  return {
    files: { "cbl-mariner-2.0-oval.xml": oval("Not Applicable"), "azurelinux-3.0-oval.xml": oval("true") },
    items: { advisory: 1, statement: 1 },
  };
}

function cocoapods(): FeedCase {
  const events = [{ introduced: "1.0.0" }, { fixed: "1.2.3" }];
  const affected = [
    { package: { ecosystem: "SwiftURL", name: "github.com/a/b" }, ranges: [{ type: "SEMVER", events }] },
  ];
  const record = { id: "GHSA-aaaa-bbbb-cccc", modified: "2024-01-02T03:04:05Z", aliases: [cve], affected };
  const spec = { name: "B", version: "1.0.0", source: { git: "https://github.com/a/b.git", tag: "1.0.0" } };
  const bucket = "https://storage.googleapis.com/osv-vulnerabilities/";
  return {
    files: {
      [`${bucket}SwiftURL/all.zip`]: zip([{ name: `${record.id}.json`, content: JSON.stringify(record) }]),
      "archive/refs/heads/master.tar.gz": tar([
        { name: "Specs-master/Specs/0/1/2/B/1.0.0/B.podspec.json", content: JSON.stringify(spec) },
      ]),
    },
    items: { advisory: 1 },
  };
}

function debian(): FeedCase {
  const tracker = {
    a: {
      [cve]: {
        description: "A hole.",
        releases: {
          trixie: { status: "resolved", fixed_version: "8.1-2", urgency: "low" },
          bookworm: { status: "open", urgency: "low", nodsa: "Minor issue", nodsa_reason: "postponed" },
          bullseye: { status: "resolved", fixed_version: "0", urgency: "unimportant" },
        },
      },
    },
  };
  const lists = "https://salsa.debian.org/security-tracker-team/security-tracker/-/raw/master/data/";
  return {
    files: {
      "data/json": JSON.stringify(tracker),
      [`${lists}DSA/list`]: `[02 Feb 2024] DSA-1-1 a - security update\n\t{${cve}}\n\t[buster] - a 7.5-1+deb10u2\n`,
    },
    items: { advisory: 1, statement: 1 },
  };
}

function kubernetes(): FeedCase {
  const events = [{ introduced: "1.24.0" }, { fixed: "1.24.14" }];
  const affected = [{ package: { ecosystem: "kubernetes", name: "k8s.io/a" }, ranges: [{ type: "SEMVER", events }] }];
  const record = { id: cve, modified: "2024-01-02T03:04:05Z", summary: "A hole", affected };
  return {
    files: {
      "archive/refs/heads/main.tar.gz": tar([{ name: `main/vulns/${cve}.json`, content: JSON.stringify(record) }]),
    },
    items: { advisory: 1 },
  };
}

function oracle(): FeedCase {
  const oval = `<oval_definitions><definitions><definition id="oval:x:1"><metadata><title>ELSA-2024-1: a fix (LOW)</title>
    <reference source="elsa" ref_id="ELSA-2024-1" ref_url="https://linux.oracle.com/errata/ELSA-2024-1.html"/>
    <advisory><severity>LOW</severity><issued date="2024-01-02"/><cve>${cve}</cve></advisory></metadata>
    <criteria operator="AND"><criterion test_ref="t" comment="Oracle Linux 8 is installed"/>
    <criterion test_ref="t" comment="a is earlier than 0:1-1.el8"/></criteria></definition></definitions></oval_definitions>`;
  return { files: { "com.oracle.elsa-all.xml.bz2": oval }, items: { advisory: 1 } };
}

function photon(): FeedCase {
  const row = { cve_id: cve, pkg: "a", cve_score: 7.5, aff_ver: "", res_ver: "1-2.ph5", status: "Fixed" };
  const rows = [row, { ...row, pkg: "b", res_ver: "NA", status: "Not Affected" }];
  return {
    files: { "photon_versions.json": `{"branches": ["5.0"]}`, "cve_data_photon5.0.json": JSON.stringify(rows) },
    items: { advisory: 1, statement: 1 },
  };
}

function redHat(): FeedCase {
  const platforms = { "BaseOS-9": "cpe:/o:redhat:enterprise_linux:9::baseos" };
  const build = "a-1:2.4-5.el9.x86_64";
  const components = { [build]: "pkg:rpm/redhat/a@2.4-5.el9?arch=x86_64&epoch=1", b: "pkg:rpm/redhat/b?arch=src" };
  const status = { fixed: [`BaseOS-9 > ${build}`], known_affected: ["BaseOS-9 > b"] };
  const threats = [{ category: "impact", details: "Important" }];
  return {
    files: {
      "archive_latest.txt": "csaf_vex_2026-01-01.tar.zst",
      "csaf_vex_2026-01-01.tar.zst": documents(
        { cve, platforms, components, status, threats },
        { cve: "CVE-2024-1001", platforms, components, status: { known_not_affected: ["BaseOS-9 > b"] } },
      ),
      "changes.csv": `"2024/cve-2024-1000.json","2025-01-01T00:00:00+00:00"\n`,
      "deletions.csv": `"2024/cve-2024-1002.json","2025-01-01T00:00:00+00:00"\n`,
    },
    items: { advisory: 1, statement: 1 },
  };
}

function suse(): FeedCase {
  const platform = "SUSE Linux Enterprise Server 15 SP5";
  const shared = { platforms: { [platform]: null }, components: { "a-1.2-3.1": null, b: null } };
  return {
    files: {
      "csaf-vex.tar.bz2": documents(
        { ...shared, cve, status: { recommended: [`${platform} > a-1.2-3.1`], known_affected: [`${platform} > b`] } },
        { ...shared, cve: "CVE-2024-1001", status: { known_not_affected: [`${platform} > b`] } },
      ),
      "csaf-vex/changes.csv": `"cve-2024-1000.json","2025-01-01T00:00:00+00:00"\n`,
    },
    items: { advisory: 1, statement: 1 },
  };
}

function ubuntu(): FeedCase {
  const affected = [
    {
      package: { ecosystem: "Ubuntu:24.04:LTS", name: "a", purl: "pkg:deb/ubuntu/a@1?arch=source&distro=noble" },
      ranges: [{ type: "ECOSYSTEM", events: [{ introduced: "0" }, { fixed: "8.5-2" }] }],
    },
  ];
  const record = { id: `UBUNTU-${cve}`, modified: "2026-01-01T00:00:00Z", upstream: [cve], affected };
  const statement = (status: string, distro: string): unknown => ({
    vulnerability: { name: cve, description: "A hole." },
    status,
    products: [{ "@id": `pkg:deb/ubuntu/a@1?arch=source&distro=${distro}` }],
  });
  const statements = [statement("not_affected", "jammy"), statement("affected", "focal")];
  const vex = { timestamp: "2026-02-02T00:00:00Z", statements };
  return {
    files: {
      "osv/osv-all.tar.xz": tar([{ name: `osv/cve/2024/UBUNTU-${cve}.json`, content: JSON.stringify(record) }]),
      "vex/vex-all.tar.xz": tar([{ name: `vex/cve/2024/${cve}.json`, content: JSON.stringify(vex) }]),
    },
    items: { advisory: 1, statement: 1 },
  };
}

function kev(): FeedCase {
  const entry = { cveID: cve, dateAdded: "2024-01-02", dueDate: "2024-02-02", knownRansomwareCampaignUse: "Known" };
  return {
    files: { "known_exploited_vulnerabilities.json": JSON.stringify({ vulnerabilities: [entry] }) },
    items: { facts: 1 },
  };
}

function epss(): FeedCase {
  const head = "#model_version:v2025.03.14,score_date:2025-06-01T12:55:00Z\ncve,epss,percentile\n";
  return { files: { "epss_scores-current.csv.gz": `${head}${cve},0.01141,0.77465\n` }, items: { facts: 1 } };
}

function nvd(): FeedCase {
  const vectorString = "CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:U/C:N/I:H/A:N";
  const metrics = { cvssMetricV31: [{ source: "nvd@nist.gov", type: "Primary", cvssData: { vectorString } }] };
  const content = JSON.stringify({ format: "NVD_CVE", vulnerabilities: [{ cve: { id: cve, metrics } }] });
  const years = Array.from({ length: new Date().getUTCFullYear() - 2001 }, (_, index) => 2002 + index);
  return {
    files: Object.fromEntries(years.map((year) => [`nvdcve-2.0-${year}.json.gz`, content])),
    items: { facts: years.length },
  };
}

function endOfLife(): FeedCase {
  const releases = [{ name: "12", codename: "Bookworm", isEol: false, eolFrom: "2026-06-10" }];
  return {
    files: { "products/full": JSON.stringify({ result: [{ name: "debian", releases }] }) },
    items: { "release-cycle": 1 },
  };
}

function exploitDb(): FeedCase {
  return { files: { "files_exploits.csv": `id,file,codes\n7,"a,b",OSVDB-1;${cve}\n` }, items: { facts: 1 } };
}

function redHatRepositories(): FeedCase {
  const data = { "rhel-9-for-x86_64-baseos-rpms": { cpes: ["cpe:/o:redhat:enterprise_linux:9::baseos"] } };
  return { files: { "repository-to-cpe.json": JSON.stringify({ data }) }, items: { repository: 1 } };
}

const cases: ReadonlyMap<string, FeedCase> = new Map([
  ["alpine", alpine()],
  ["amazon", amazon()],
  ["azure-linux", azureLinux()],
  ["chainguard", rollingSecdb()],
  ["cocoapods", cocoapods()],
  ["debian", debian()],
  ["end-of-life", endOfLife()],
  ["epss", epss()],
  ["exploit-db", exploitDb()],
  ["kev", kev()],
  ["kubernetes", kubernetes()],
  ["nvd", nvd()],
  ["oracle", oracle()],
  ["osv", osv()],
  ["photon", photon()],
  ["red-hat", redHat()],
  ["red-hat-repositories", redHatRepositories()],
  ["suse", suse()],
  ["ubuntu", ubuntu()],
  ["wolfi", rollingSecdb()],
]);

test("every feed has a case here", () => {
  expect([...cases.keys()]).toEqual(feeds.map(({ id }) => id).sort());
});

for (const feed of feeds) {
  const value = cases.get(feed.id);
  if (value) describeFeed(feed, value);
}

import { expect, test } from "vitest";
import type { Advisory } from "../../../model/findings/advisory.ts";
import { affectedExtension } from "../../../model/findings/advisory.ts";
import type { FeedItem } from "../../feed-item.ts";
import { type ExampleDocument, exampleDocument } from "../csaf/example-document.ts";
import { readCsaf } from "../csaf/read-csaf.ts";
import { redHatItems } from "./red-hat-document.ts";

const platforms = {
  "BaseOS-9.2.0.Z.MAIN.EUS": "cpe:/o:redhat:enterprise_linux:9::baseos",
  "BaseOS-9.3.0.Z.MAIN": "cpe:/o:redhat:enterprise_linux:9::baseos",
  "BaseOS-9.2.0.Z.EUS": "cpe:/o:redhat:rhel_eus:9.2::baseos",
  "AppStream-8.10.0.Z.MAIN.EUS": "cpe:/a:redhat:enterprise_linux:8::appstream",
  red_hat_enterprise_linux_8: "cpe:/o:redhat:enterprise_linux:8",
  red_hat_openshift: "cpe:/a:redhat:openshift:4",
};

function convert(example: ExampleDocument): { items: readonly FeedItem[]; advisory: Advisory | undefined } {
  const reading = readCsaf(exampleDocument({ platforms, ...example }));
  if ("refused" in reading) throw new Error(reading.refused);
  const items = [...redHatItems(reading.document)];
  return { items, advisory: items.flatMap((item) => (item.kind === "advisory" ? item.advisory : []))[0] };
}

function build(name: string, version: string, more = ""): [string, string] {
  const encoded = encodeURIComponent(version.replace(/^\d+:/, ""));
  const epoch = /^[1-9]\d*(?=:)/.exec(version)?.[0];
  return [
    `${name}-${version}`,
    `pkg:rpm/redhat/${name}@${encoded}?arch=x86_64${epoch ? `&epoch=${epoch}` : ""}${more}`,
  ];
}

function statements(items: readonly FeedItem[]) {
  return items.flatMap((item) => (item.kind === "statement" ? item : []));
}

test("a fixed build is an entry of its product, with epoch, CPE name and channel", () => {
  const { advisory } = convert({
    components: Object.fromEntries([build("openssl", "1:3.0.7-16.el9_2")]),
    status: { fixed: ["BaseOS-9.2.0.Z.EUS > openssl-1:3.0.7-16.el9_2"] },
  });
  expect(advisory?.affected).toEqual([
    {
      package: { ecosystem: "Red Hat:rhel_eus:9.2::baseos", name: "openssl" },
      ranges: [{ type: "ECOSYSTEM", events: [{ introduced: "0" }, { fixed: "1:3.0.7-16.el9_2" }] }],
      database_specific: {
        plimsoll: { module: "", cpes: ["cpe:/o:redhat:rhel_eus:9.2::baseos"], channel: "eus", names: "binary" },
      },
    },
  ]);
});

test("minor releases that were fixed one after the other are lines of one range", () => {
  const [first, second] = [build("curl", "0:7.76.1-23.el9_2.4"), build("curl", "0:7.76.1-26.el9_3.2")];
  const { advisory } = convert({
    components: Object.fromEntries([first, second]),
    status: { fixed: [`BaseOS-9.3.0.Z.MAIN > ${second[0]}`, `BaseOS-9.2.0.Z.MAIN.EUS > ${first[0]}`] },
  });
  // 26.el9, with which 9.3 began, is affected although it is newer than the fix of 9.2.
  expect(advisory?.affected?.map(({ ranges }) => ranges?.[0]?.events)).toEqual([
    [
      { introduced: "0" },
      { fixed: "0:7.76.1-23.el9_2.4" },
      { introduced: "0:7.76.1-24" },
      { fixed: "0:7.76.1-26.el9_3.2" },
    ],
  ]);
});

test.each([
  ["later errata of one minor release", ["0:1-5.el9_2.1", "0:1-5.el9_2.3"], []],
  ["an erratum after the fix of the first build of a release", ["0:1-5.el9", "0:1-5.el9_2.3"], []],
  ["minor releases with one first number", ["0:1-5.el9_2.1", "0:1-5.el9_3.1"], ["0:1-5.el9_3"]],
  ["another upstream version", ["0:1-5.el9_2.1", "0:2-1.el9"], ["0:2-0"]],
  [
    "builds of a module for other minor releases",
    ["0:1-5.module+el8.8.0+1+a", "0:1-5.module+el8.9.0+2+b"],
    ["0:1-5.module+el8.9.0"],
  ],
])("the line of %s", (_name, versions, starts) => {
  const builds = versions.map((version) => build("tool", version));
  const { advisory } = convert({
    components: Object.fromEntries(builds),
    status: { fixed: builds.map(([id]) => `BaseOS-9.3.0.Z.MAIN > ${id}`) },
  });
  const introduced = advisory?.affected?.flatMap(
    ({ ranges }) => ranges?.[0]?.events.flatMap((event) => event.introduced ?? []) ?? [],
  );
  expect(introduced).toEqual(["0", ...starts]);
});

test.each([
  ["none_available", "Affected", {}],
  ["none_available", "Fix deferred", { status: "fix-deferred", reason: "Fix deferred" }],
  ["none_available", "Under investigation", { status: "under-investigation", reason: "Under investigation" }],
  ["no_fix_planned", "Will not fix", { status: "will-not-fix", reason: "Will not fix" }],
  ["no_fix_planned", "Out of support scope", { status: "end-of-life", reason: "Out of support scope" }],
  ["no_fix_planned", "Other words", { status: "will-not-fix", reason: "Other words" }],
  ["none_available", "Other words", { reason: "Other words" }],
  ["workaround", "Do not use it", {}],
])("a package without a fix and the remediation %s: %s", (category, details, expected) => {
  const product = "red_hat_enterprise_linux_8 > openssl";
  const { advisory } = convert({
    components: { openssl: "pkg:rpm/redhat/openssl?arch=src" },
    status: { known_affected: [product] },
    remediations: [{ category, details, products: [product] }],
  });
  const [entry] = advisory?.affected ?? [];
  expect(entry?.ranges?.[0]?.events).toEqual([{ introduced: "0" }]);
  expect(entry && affectedExtension(entry)).toEqual({
    ...expected,
    module: "",
    cpes: ["cpe:/o:redhat:enterprise_linux:8"],
    names: "source",
  });
});

test("a package that is looked at is under investigation", () => {
  const { advisory } = convert({
    components: { openssl: "pkg:rpm/redhat/openssl" },
    status: { under_investigation: ["red_hat_enterprise_linux_8 > openssl"] },
  });
  const [entry] = advisory?.affected ?? [];
  expect(entry && affectedExtension(entry)).toMatchObject({ status: "under-investigation", names: "binary" });
});

test("the module comes from the package URL, the name, or what the package is combined with", () => {
  const [id, purl] = build("httpd", "0:2.4.37-65.module+el8.10.0+21982+14717793");
  const { advisory } = convert({
    components: {
      "golang::go-toolset:rhel8": "pkg:rpm/redhat/golang?rpmmod=go-toolset:rhel8",
      "python38:3.8/python-lxml": null,
      "httpd:2.4:8100020240612075645:489197e6": "pkg:rpmmod/redhat/httpd@2.4:8100020240612075645:489197e6",
      "perl:5.32:8100020240314121426:9fe1d287": null,
      [id]: purl,
    },
    status: {
      fixed: [
        `AppStream-8.10.0.Z.MAIN.EUS > httpd:2.4:8100020240612075645:489197e6 > ${id}`,
        `AppStream-8.10.0.Z.MAIN.EUS > perl:5.32:8100020240314121426:9fe1d287 > ${id}`,
        `AppStream-8.10.0.Z.MAIN.EUS > ${id}`,
      ],
      known_affected: [
        "red_hat_enterprise_linux_8 > golang::go-toolset:rhel8",
        "red_hat_enterprise_linux_8 > python38:3.8/python-lxml",
      ],
    },
  });
  const modules = advisory?.affected?.map((entry) => [entry.package?.name, affectedExtension(entry).module]);
  expect(modules).toEqual([
    ["httpd", "httpd:2.4"],
    ["httpd", "perl:5.32"],
    ["httpd", undefined],
    ["golang", "go-toolset:rhel8"],
    ["python-lxml", "python38:3.8"],
  ]);
});

test("what is not an rpm, debug symbols, and products that are not Red Hat's or not defined are left out", () => {
  const { items } = convert({
    platforms: { ...platforms, other: "cpe:/o:suse:sles:15" },
    components: {
      image: "pkg:oci/image?repository_url=registry.redhat.io/a/image",
      rhcos: "pkg:generic/redhat/rhcos@412.86?arch=x86_64",
      flatpak: "pkg:rpm/redhat/flatpak?rpmmod=rhel10",
      "tool-debuginfo": "pkg:rpm/redhat/tool-debuginfo",
      tool: "pkg:rpm/redhat/tool",
    },
    status: {
      known_affected: ["red_hat_openshift > image", "red_hat_openshift > rhcos", "red_hat_openshift > flatpak"],
      fixed: ["red_hat_openshift > tool-debuginfo", "other > tool", "Red Hat Data Grid 8.4.0"],
    },
  });
  expect(items).toEqual([]);
});

test("not affected is one statement for each package of a product, with the reason that all flags give", () => {
  const versions = ["0:1-1.el9", "0:1-2.el9"].flatMap((version) => [
    build("tool", version),
    build("tool-libs", version),
  ]);
  const products = versions.map(([id]) => `BaseOS-9.3.0.Z.MAIN > ${id}`);
  const { items } = convert({
    components: Object.fromEntries(versions),
    status: { known_not_affected: products },
    flags: [{ label: "vulnerable_code_not_present", products }],
  });
  expect(statements(items).map(({ ecosystem, name, statement }) => [ecosystem, name, statement])).toEqual(
    ["tool", "tool-libs"].map((name) => [
      "Red Hat:enterprise_linux:9::baseos",
      name,
      {
        vulnerability: { name: "CVE-2024-1000" },
        author: "Red Hat",
        timestamp: "2024-05-06T07:08:09Z",
        products: [],
        status: "not_affected",
        justification: "vulnerable_code_not_present",
      },
    ]),
  );
});

test("a statement about one stream of a module names it", () => {
  const { items } = convert({
    components: { "python38:3.8/python-lxml": "pkg:rpm/redhat/python-lxml?arch=src&rpmmod=python38:3.8" },
    status: { known_not_affected: ["red_hat_enterprise_linux_8 > python38:3.8/python-lxml"] },
  });
  expect(statements(items)[0]?.statement.products).toEqual([
    { "@id": "pkg:rpm/redhat/python-lxml?arch=source&rpmmod=python38:3.8" },
  ]);
});

test("the record names the CVE, errata, texts and Red Hat's own ratings", () => {
  const [id, purl] = build("tool", "0:1-2.el9");
  const product = `BaseOS-9.3.0.Z.MAIN > ${id}`;
  const low = "red_hat_enterprise_linux_8 > tool";
  const { advisory } = convert({
    components: { [id]: purl, tool: "pkg:rpm/redhat/tool" },
    status: { fixed: [product], known_affected: [low] },
    remediations: [
      {
        category: "vendor_fix",
        details: "Update",
        products: [product],
        url: "https://access.redhat.com/errata/RHSA-2024:2",
      },
      { category: "workaround", details: "-", url: "https://example.com/errata/RHSA-2024:3" },
    ],
    threats: [
      { category: "exploit_status", details: "CISA: …" },
      { category: "impact", details: "Important", products: [product] },
    ],
    scores: [
      { vector: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H", products: [product] },
      { vector: "CVSS:3.1/AV:L/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H", products: [low] },
    ],
    vulnerability: {
      title: "tool: a\nflaw",
      references: [
        { url: "https://bugzilla.redhat.com/1" },
        { category: "self", url: "https://access.redhat.com/security/cve/CVE-2024-1000" },
        { url: "javascript:alert(1)" },
      ],
    },
  });
  expect(advisory).toMatchObject({
    id: "REDHAT-CVE-2024-1000",
    modified: "2024-05-06T07:08:09Z",
    published: "2024-01-02T03:04:05Z",
    upstream: ["CVE-2024-1000"],
    related: ["RHSA-2024:2"],
    summary: "tool: a flaw",
    references: [
      { type: "ADVISORY", url: "https://access.redhat.com/security/cve/CVE-2024-1000" },
      { type: "ADVISORY", url: "https://access.redhat.com/errata/RHSA-2024:2" },
      { type: "WEB", url: "https://bugzilla.redhat.com/1" },
    ],
    database_specific: {
      plimsoll: {
        severities: [
          { source: "Red Hat", type: "CVSS_V3", score: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H" },
          { source: "Red Hat", type: "CVSS_V3", score: "CVSS:3.1/AV:L/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H" },
          { source: "Red Hat", type: "word", score: "Important" },
        ],
      },
    },
  });
  expect(advisory?.affected?.map(({ severity }) => severity?.[0]?.score)).toEqual([
    undefined,
    "CVSS:3.1/AV:L/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H",
  ]);
});

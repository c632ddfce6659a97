import { expect, test } from "vitest";
import type { Advisory } from "../../../model/findings/advisory.ts";
import { affectedExtension } from "../../../model/findings/advisory.ts";
import type { FeedItem } from "../../feed-item.ts";
import { type ExampleDocument, exampleDocument } from "../csaf/example-document.ts";
import { readCsaf } from "../csaf/read-csaf.ts";
import { suseItems } from "./suse-document.ts";

const plain = "SUSE Linux Enterprise Server 12 SP4";
const longTerm = "SUSE Linux Enterprise Server 12 SP4-LTSS";
const platforms = {
  [plain]: "cpe:/o:suse:sles:12:sp4",
  [longTerm]: "cpe:/o:suse:sles-ltss:12:sp4",
  "openSUSE Tumbleweed": "cpe:/o:opensuse:tumbleweed",
  "SUSE Manager Server 4.3": "cpe:/o:suse:suse-manager-server:4.3",
};

function convert(example: ExampleDocument): { items: FeedItem[]; advisory: Advisory | undefined } {
  const reading = readCsaf(exampleDocument({ platforms, ...example }));
  if ("refused" in reading) throw new Error(reading.refused);
  const items = [...suseItems(reading.document)];
  return { items, advisory: items.flatMap((item) => (item.kind === "advisory" ? item.advisory : []))[0] };
}

/** `ECOSYSTEM NAME < FIXED` or `ECOSYSTEM NAME: STATUS`, with the channel in brackets. */
function told(example: ExampleDocument): string[] {
  return (convert(example).advisory?.affected ?? []).map((entry) => {
    const { status = "affected", channel } = affectedExtension(entry);
    const events = entry.ranges?.[0]?.events ?? [];
    const fixes = events.flatMap(({ introduced, fixed }) => (introduced === "0" ? [] : (introduced ?? `< ${fixed}`)));
    const what = fixes.length > 0 ? ` ${fixes.join(" ")}` : `: ${status}`;
    return `${entry.package?.ecosystem} ${entry.package?.name}${what}${channel ? ` (${channel})` : ""}`;
  });
}

function built(name: string, version: string, source: string): [string, string] {
  return [`${name}-${version}`, `pkg:rpm/suse/${name}@${version}?upstream=${source}-${version}.src.rpm`];
}

const libpcre = built("libpcre1", "8.39-8.3.1", "pcre");

test("recommended, first fixed and fixed builds are entries; products that are not a distribution are left out", () => {
  const components = Object.fromEntries([libpcre, built("tool", "1-1.1", "tool"), built("other", "2-1.1", "other")]);
  expect(
    told({
      components,
      status: {
        recommended: [`${plain} > libpcre1-8.39-8.3.1`, "SUSE Manager Server 4.3 > libpcre1-8.39-8.3.1"],
        first_fixed: ["openSUSE Tumbleweed > tool-1-1.1"],
        fixed: [`${longTerm} > other-2-1.1`],
      },
    }),
  ).toEqual([
    "SUSE:Linux Enterprise Server 12 SP4 libpcre1 < 8.39-8.3.1",
    "openSUSE:Tumbleweed tool < 1-1.1",
    "SUSE:Linux Enterprise Server 12 SP4-LTSS other < 2-1.1 (ltss)",
  ]);
});

test("a name without a version is the whole id, whatever its package URL makes of it", () => {
  expect(
    told({
      components: { "libwebkit2gtk-4_0-37": "pkg:rpm/suse/libwebkit2gtk@4_0-37" },
      status: { known_affected: [`${plain} > libwebkit2gtk-4_0-37`] },
    }),
  ).toEqual(["SUSE:Linux Enterprise Server 12 SP4 libwebkit2gtk-4_0-37: affected"]);
});

test("a fix counts before the same package's being affected", () => {
  expect(
    told({
      components: { ...Object.fromEntries([libpcre]), libpcre1: "pkg:rpm/suse/libpcre1@?upstream=pcre.src.rpm" },
      status: { recommended: [`${plain} > libpcre1-8.39-8.3.1`], known_affected: [`${plain} > libpcre1`] },
    }),
  ).toEqual(["SUSE:Linux Enterprise Server 12 SP4 libpcre1 < 8.39-8.3.1"]);
});

test("a source package whose packages are fixed in the same product is no longer affected there", () => {
  expect(
    told({
      components: { ...Object.fromEntries([libpcre]), pcre: "pkg:rpm/suse/pcre@", pcre2: null },
      status: {
        recommended: [`${plain} > libpcre1-8.39-8.3.1`],
        known_affected: [`${plain} > pcre`, `${plain} > pcre2`, `${longTerm} > pcre`],
      },
    }),
  ).toEqual([
    "SUSE:Linux Enterprise Server 12 SP4 libpcre1 < 8.39-8.3.1",
    "SUSE:Linux Enterprise Server 12 SP4 pcre2: affected",
    "SUSE:Linux Enterprise Server 12 SP4-LTSS pcre: affected (ltss)",
  ]);
});

test("a package whose own build is not listed has the fix of its source package", () => {
  expect(
    told({
      components: {
        ...Object.fromEntries([libpcre]),
        libpcreposix0: "pkg:rpm/suse/libpcreposix0@?upstream=pcre.src.rpm",
      },
      status: { recommended: [`${plain} > libpcre1-8.39-8.3.1`], known_affected: [`${plain} > libpcreposix0`] },
    }),
  ).toEqual([
    "SUSE:Linux Enterprise Server 12 SP4 libpcre1 < 8.39-8.3.1",
    "SUSE:Linux Enterprise Server 12 SP4 libpcreposix0 < 8.39-8.3.1",
  ]);
});

test("a package that stays affected after general support has the fix that long-term support brings", () => {
  expect(
    told({
      components: { ...Object.fromEntries([libpcre]), libpcre1: null },
      status: { recommended: [`${longTerm} > libpcre1-8.39-8.3.1`], known_affected: [`${plain} > libpcre1`] },
    }),
  ).toEqual([
    "SUSE:Linux Enterprise Server 12 SP4-LTSS libpcre1 < 8.39-8.3.1 (ltss)",
    "SUSE:Linux Enterprise Server 12 SP4 libpcre1 < 8.39-8.3.1 (ltss)",
  ]);
});

test("what SUSE declares not to fix stays so, whatever is fixed beside it", () => {
  const python = built("python311-aiohttp", "3.9.3-150400.10.14.1", "python-aiohttp");
  const example: ExampleDocument = {
    components: {
      ...Object.fromEntries([python]),
      "python-aiohttp": "pkg:rpm/suse/python-aiohttp@",
      "python3-aiohttp": null,
    },
    status: { recommended: [`${plain} > ${python[0]}`], known_affected: [`${plain} > python-aiohttp`] },
    remediations: [
      {
        category: "no_fix_planned",
        details: "SUSE will not fix this issue",
        products: [`${plain} > python-aiohttp`, `${plain} > python3-aiohttp`],
      },
    ],
  };
  // python3-aiohttp is named by the remediation alone: that does not make it affected.
  expect(told(example)).toEqual([
    "SUSE:Linux Enterprise Server 12 SP4 python311-aiohttp < 3.9.3-150400.10.14.1",
    "SUSE:Linux Enterprise Server 12 SP4 python-aiohttp: will-not-fix",
  ]);
});

test("versions that stand beside each other are lines, and rebuilds of one are not", () => {
  const builds = ["2.11.1-6.40.1", "2.24.0-8.20.1", "2.24.0-8.30.1"].map((version) =>
    built("python-requests", version, "python-requests"),
  );
  expect(
    told({ components: Object.fromEntries(builds), status: { recommended: builds.map(([id]) => `${plain} > ${id}`) } }),
  ).toEqual(["SUSE:Linux Enterprise Server 12 SP4 python-requests < 2.11.1-6.40.1 2.24.0-0 < 2.24.0-8.20.1"]);
});

test("not affected is a statement, under investigation an entry", () => {
  const { items, advisory } = convert({
    components: { tool: null, other: null },
    status: { known_not_affected: [`${plain} > tool`], under_investigation: [`${plain} > other`] },
  });
  expect(advisory?.affected?.map(affectedExtension)).toEqual([
    { status: "under-investigation", cpes: ["cpe:/o:suse:sles:12:sp4"] },
  ]);
  expect(items.at(-1)).toEqual({
    kind: "statement",
    ecosystem: "SUSE:Linux Enterprise Server 12 SP4",
    name: "tool",
    statement: {
      vulnerability: { name: "CVE-2024-1000" },
      author: "SUSE",
      timestamp: "2024-05-06T07:08:09Z",
      products: [{ "@id": "pkg:rpm/suse/tool" }],
      status: "not_affected",
    },
  });
});

test.each([
  "** REJECT ** DO NOT USE THIS CANDIDATE NUMBER.",
  "This CVE ID has been rejected or withdrawn by its CVE Numbering Authority.",
])("nothing is said of a CVE that was rejected: %s", (text) => {
  const notes = [{ category: "description", text }];
  const status = { recommended: [`${plain} > libpcre1-8.39-8.3.1`] };
  expect(convert({ components: Object.fromEntries([libpcre]), status, document: { notes } }).items).toEqual([]);
});

test("the record has the description, SUSE's rating, and the advisories that the document links to", () => {
  const link = "https://lists.suse.com/pipermail/sle-security-updates/2024-February/017982.html";
  const product = `${plain} > libpcre1-8.39-8.3.1`;
  const { advisory } = convert({
    components: Object.fromEntries([libpcre]),
    status: { recommended: [product] },
    scores: [{ vector: "CVSS:3.0/AV:N/AC:H/PR:N/UI:N/S:U/C:N/I:L/A:N", products: [product] }],
    document: {
      aggregate_severity: { text: "moderate" },
      notes: [{ category: "description", text: "A flaw.\n" }],
      references: [{ summary: "Advisory link for SUSE-SU-2024:0577-1", url: link }],
    },
  });
  expect(advisory).toMatchObject({
    id: "SUSE-CVE-2024-1000",
    upstream: ["CVE-2024-1000"],
    related: ["SUSE-SU-2024:0577-1"],
    details: "A flaw.",
    references: [
      { type: "ADVISORY", url: "https://www.suse.com/security/cve/CVE-2024-1000" },
      { type: "ADVISORY", url: link },
    ],
    database_specific: {
      plimsoll: {
        severities: [
          { source: "SUSE", type: "CVSS_V3", score: "CVSS:3.0/AV:N/AC:H/PR:N/UI:N/S:U/C:N/I:L/A:N" },
          { source: "SUSE", type: "word", score: "moderate" },
        ],
      },
    },
  });
});

test("a build without a version, and a product that is not defined, are lost, and never unaffected", () => {
  const status = {
    recommended: [
      `${plain} > word-none-none`,
      `${plain} > name`,
      `${plain} > good-1-1.1`,
      `SUSE Manager Server 4.3 > x`,
    ],
    known_not_affected: [`${plain} > word`, `${plain} > name`],
  };
  const value = exampleDocument({ platforms, components: { "good-1-1.1": null, name: null }, status });
  const reading = readCsaf({
    ...value,
    vulnerabilities: [...lostIn(value), { cve: null, product_status: { fixed: ["x"] } }],
  });
  if ("refused" in reading) throw new Error(reading.refused);
  const lost: string[] = [];
  const items = [...suseItems(reading.document, (what) => lost.push(what))];
  expect(lost).toEqual([
    `"${plain}:word-none-none" has no valid version`,
    `"${plain}:name" has no valid version`,
    '"nowhere" is not defined',
    "a vulnerability has no CVE id",
  ]);
  expect(items.map(({ kind }) => kind)).toEqual(["advisory"]);
  const entries = items.flatMap((item) => (item.kind === "advisory" ? (item.advisory.affected ?? []) : []));
  expect(entries.map((entry) => [entry.package?.name, affectedExtension(entry).reason])).toEqual([
    ["good", undefined],
    ["word", "Fixed in a version that cannot be read"],
    ["name", "Fixed in a version that cannot be read"],
  ]);
});

/** The vulnerabilities of a document, of which the first is also said to be fixed in what is nowhere defined. */
function lostIn(value: Record<string, unknown>): unknown[] {
  const [first] = value["vulnerabilities"] as { product_status: { recommended: string[] } }[];
  first?.product_status.recommended.push("nowhere", "SUSE Manager Server 4.3:y-1-1.1");
  return [first];
}

test("a package that is lost where it is fixed is not stated to be unaffected elsewhere", () => {
  const status = { known_not_affected: [`${plain} > tool`, `${plain} > other`] };
  const value = exampleDocument({ platforms, components: { tool: null, other: null }, status });
  const [first] = value["vulnerabilities"] as { product_status: Record<string, string[]> }[];
  if (first) first.product_status["recommended"] = ["openSUSE Tumbleweed:tool-1-1.1"];
  const reading = readCsaf(value);
  if ("refused" in reading) throw new Error(reading.refused);
  const stated = [...suseItems(reading.document)].flatMap((item) =>
    item.kind === "statement" ? item.name : item.kind,
  );
  expect(stated).toEqual(["other"]);
});

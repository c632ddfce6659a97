import { readdirSync } from "node:fs";
import { expect, test } from "vitest";
import type { FeedItem } from "../../../src/advisories/feed-item.ts";
import type { CsafDocument } from "../../../src/advisories/feeds/csaf/csaf-document.ts";
import { type ExampleDocument, exampleDocument } from "../../../src/advisories/feeds/csaf/example-document.ts";
import { readCsaf } from "../../../src/advisories/feeds/csaf/read-csaf.ts";
import { suseItems } from "../../../src/advisories/feeds/suse/suse-document.ts";
import { advisoryExtension, affectedExtension } from "../../../src/model/findings/advisory.ts";
import { corpusBytes, corpusJson, corpusPath, describeWithCorpus } from "../../setup/corpus.ts";

// The corpus holds no CSAF document of SUSE. It holds two other forms of the same data (SUSE, "Security Data
// considerations"): CVRF 1.1, from which CSAF comes and whose names of products, packages and statuses are those of
// CSAF; and OVAL, whose criteria name the same products and packages. Neither can be read by the reader, so what they
// say is set into the form of a VEX document here.

const cvrf = "feeds/vuln-list-update/suse-cvrf";

interface CvrfAdvisory {
  readonly Tracking: { readonly ID: string };
  readonly Vulnerabilities: readonly {
    readonly CVE: string;
    readonly Threats?: readonly { readonly Type: string; readonly Severity: string }[] | null;
    readonly ProductStatuses?:
      | readonly { readonly Type: string; readonly ProductID: readonly string[] | null }[]
      | null;
  }[];
}

describeWithCorpus("SUSE's advisories in CVRF", () => {
  const advisories = readdirSync(corpusPath(cvrf, "golden"))
    .sort()
    .map((file) => corpusJson<CvrfAdvisory>(cvrf, "golden", file));

  test("name packages, versions and products as the reader divides them, and the severity", () => {
    const leftOut = new Set<string>();
    const differences: string[] = [];
    let products = 0;
    let vulnerabilities = 0;
    for (const { Tracking, Vulnerabilities } of advisories) {
      for (const { CVE, Threats, ProductStatuses } of Vulnerabilities) {
        vulnerabilities++;
        const ids = (ProductStatuses ?? []).flatMap(({ ProductID }) => ProductID ?? []);
        const word = Threats?.[0]?.Severity ?? "";
        const items = itemsOf({
          cve: CVE,
          status: { recommended: ids.map(dividedId) },
          threats: [{ category: "impact", details: word }],
        });
        const named = new Set(buildsOf(items));
        for (const id of ids) {
          const [product = "", build = ""] = dividedId(id).split(" > ");
          if (isLeftOut(product)) leftOut.add(product);
          else {
            products++;
            if (!named.has(`${ecosystemOf(product)} ${build}`)) differences.push(`${Tracking.ID} ${id}`);
          }
        }
        const words = severitiesOf(items);
        if (named.size > 0 && word !== "" && !words.includes(word))
          differences.push(`${Tracking.ID} ${CVE}: ${word}, not ${words}`);
      }
    }
    expect(differences).toEqual([]);
    expect([...leftOut].sort()).toEqual([
      "SUSE Linux Enterprise Point of Sale 11 SP3",
      "SUSE Linux Enterprise Server for SAP Applications 11 SP4",
      "SUSE Linux Enterprise Server for SAP Applications 11 SP4-LTSS",
      ...["1", "2", "3", "4"].map((pack) => `SUSE Linux Enterprise Server for SAP Applications 12 SP${pack}`),
    ]);
    expect([advisories.length, vulnerabilities, products]).toEqual([11, 75, 1236]);
  });

  test("of which one is damaged, and one for each golden file is there", () => {
    expect(readdirSync(corpusPath(cvrf, "cvrf")).length).toBe(advisories.length);
    const broken = corpusBytes(cvrf, "broken-cvrf", "cvrf-suse-su-2018-1784-1.xml").toString("utf8");
    expect(readCsaf(broken)).toEqual({ refused: "the document is not an object" });
  });
});

/**
 * Products that are left out, see `suse-product.ts`: flavours of the server, and what is no distribution of its own.
 */
function isLeftOut(product: string): boolean {
  return /^SUSE Linux Enterprise (?:Server for SAP Applications|Point of Sale) /.test(product);
}

function ecosystemOf(product: string): string {
  return product.replace(/^(SUSE|openSUSE) /, "$1:");
}

/** `PRODUCT > BUILD` for `PRODUCT:BUILD`. */
function dividedId(id: string): string {
  const colon = id.indexOf(":");
  return `${id.slice(0, colon)} > ${id.slice(colon + 1)}`;
}

describeWithCorpus("vunnel's snapshots of SUSE's OVAL", () => {
  const definitions = ovalDefinitions(corpusBytes("feeds/vunnel/sles/suse_truncated.xml").toString("utf8"));

  test("agree in package, version, not being affected, and severity", () => {
    const differences: string[] = [];
    let compared = 0;
    for (const namespace of readdirSync(corpusPath("feeds/vunnel/sles/snapshots")).sort()) {
      for (const file of readdirSync(corpusPath("feeds/vunnel/sles/snapshots", namespace)).sort()) {
        const { item } = corpusJson<{ item: { Vulnerability: Snapshot } }>(
          "feeds/vunnel/sles/snapshots",
          namespace,
          file,
        );
        const { Name: cve, Severity, FixedIn } = item.Vulnerability;
        const items = itemsOf({ cve, ...definitions.get(cve) });
        const words = severitiesOf(items);
        if (words.length > 0 && !words.some((word) => ratings[word] === Severity))
          differences.push(`${namespace} ${cve}: ${Severity}, not ${words}`);
        for (const { Name, Version } of FixedIn) {
          compared++;
          const found = statesOf(items, { release: releases[namespace] ?? "", name: Name });
          if (!found.includes(Version.replace(/^0:/, "")))
            differences.push(`${namespace} ${cve} ${Name}: ${Version}, not ${found}`);
        }
      }
    }
    expect(differences).toEqual([]);
    expect([definitions.size, compared]).toEqual([4, 11]);
  });
});

interface Snapshot {
  readonly Name: string;
  readonly Severity: string;
  readonly FixedIn: readonly { readonly Name: string; readonly Version: string }[];
}

const releases: Readonly<Record<string, string>> = { "sles:15": "15", "sles:15.1": "15 SP1" };

/** vunnel's words for SUSE's. */
const ratings: Readonly<Record<string, string>> = {
  Critical: "Critical",
  Important: "High",
  Moderate: "Medium",
  Low: "Low",
};

/**
 * What definitions of an OVAL file say, by CVE. A definition joins pairs: one list of products of which one is
 * installed, and one list of packages, "is installed" for a build with the fix or "is not affected".
 */
function ovalDefinitions(xml: string): Map<string, ExampleDocument> {
  const found = new Map<string, ExampleDocument>();
  for (const [definition] of xml.matchAll(/<definition .*?<\/definition>/gs)) {
    const cve = /<title>(CVE-[\d-]+)<\/title>/.exec(definition)?.[1] ?? "";
    const status: { recommended: string[]; known_not_affected: string[] } = { recommended: [], known_not_affected: [] };
    let products: string[] = [];
    let packages = false;
    for (const [, text = "", installed] of definition.matchAll(/comment="(.*?) is (installed|not affected)"/g)) {
      if (/^(?:SUSE|openSUSE) /.test(text)) {
        if (packages) products = [];
        packages = false;
        products.push(text);
      } else {
        packages = true;
        const list = installed === "installed" ? status.recommended : status.known_not_affected;
        list.push(...products.map((product) => `${product} > ${text}`));
      }
    }
    const word = /<severity>(\w+)<\/severity>/.exec(definition)?.[1] ?? "";
    found.set(cve, { status, threats: [{ category: "impact", details: word }] });
  }
  return found;
}

function itemsOf(example: ExampleDocument): FeedItem[] {
  return [...suseItems(documentOf(example))];
}

function documentOf(example: ExampleDocument): CsafDocument {
  const names = Object.values(example.status ?? {})
    .flat()
    .map((text) => text.split(" > "));
  const platforms = Object.fromEntries(names.map(([platform = ""]) => [platform, null]));
  const components = Object.fromEntries(names.map(([, component = ""]) => [component, null]));
  const reading = readCsaf(exampleDocument({ platforms, components, ...example }));
  if ("refused" in reading) throw new Error(reading.refused);
  return reading.document;
}

/** `ECOSYSTEM NAME-VERSION` of every fix. */
function buildsOf(items: readonly FeedItem[]): string[] {
  return entriesOf(items).flatMap(({ package: named, ranges }) =>
    (ranges ?? []).flatMap(({ events }) =>
      events.flatMap(({ fixed }) => (fixed === undefined ? [] : `${named?.ecosystem} ${named?.name}-${fixed}`)),
    ),
  );
}

/** What is said of a package of a release, in the server and its modules: versions, and `0` for not affected. */
function statesOf(
  items: readonly FeedItem[],
  { release, name }: { readonly release: string; readonly name: string },
): string[] {
  const matchesRelease = (ecosystem: string): boolean =>
    new RegExp(`^SUSE:Linux Enterprise (?:Server|Module for .*) ${release}(?:-LTSS)?$`).test(ecosystem);
  const fixes = entriesOf(items)
    .filter(
      (entry) =>
        entry.package?.name === name &&
        matchesRelease(entry.package.ecosystem) &&
        affectedExtension(entry).status === undefined,
    )
    .flatMap(({ ranges }) => (ranges ?? []).flatMap(({ events }) => events.flatMap(({ fixed }) => fixed ?? [])));
  const stated = items.some(
    (item) => item.kind === "statement" && item.name === name && matchesRelease(item.ecosystem),
  );
  return stated ? [...fixes, "0"] : fixes;
}

function entriesOf(items: readonly FeedItem[]) {
  return items.flatMap((item) => (item.kind === "advisory" ? (item.advisory.affected ?? []) : []));
}

function severitiesOf(items: readonly FeedItem[]): string[] {
  return items.flatMap((item) =>
    item.kind === "advisory"
      ? (advisoryExtension(item.advisory).severities ?? []).flatMap(({ type, score }) => (type === "word" ? score : []))
      : [],
  );
}

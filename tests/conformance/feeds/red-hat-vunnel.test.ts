import { readdirSync } from "node:fs";
import { expect, test } from "vitest";
import type { FeedItem } from "../../../src/advisories/feed-item.ts";
import type { CsafDocument } from "../../../src/advisories/feeds/csaf/csaf-document.ts";
import { type ExampleDocument, exampleDocument } from "../../../src/advisories/feeds/csaf/example-document.ts";
import { readCsaf } from "../../../src/advisories/feeds/csaf/read-csaf.ts";
import { redHatItems } from "../../../src/advisories/feeds/red-hat/red-hat-document.ts";
import { type Affected, advisoryExtension, affectedExtension } from "../../../src/model/findings/advisory.ts";
import { corpusJson, corpusPath, describeWithCorpus } from "../../setup/corpus.ts";

// Where the snapshots come from: all 74 from 20 records of Red Hat's Security Data API (`oval/input/cve/full`), which is served
// to this day and which Red Hat's VEX documents are made from as well, and none from a CSAF document. So the records are set into the form
// of a VEX document here, as Red Hat does it, and what the reader makes of that is compared. What vunnel read beside them, the OVAL
// files of the advisories (it took each fixed version from there), is no longer published, and is not in the corpus.

describeWithCorpus("vunnel's snapshots of Red Hat's vulnerabilities", () => {
  const snapshots = snapshotsByCve();

  test("are of 20 CVE ids and 74 pairs of these with a release", () => {
    expect([snapshots.size, [...snapshots.values()].flat().length]).toEqual([20, 74]);
  });

  test("agree in package, module, version, status, severity and advisory", () => {
    let compared = 0;
    const differences: string[] = [];
    for (const [cve, vulnerabilities] of snapshots) {
      const items = [...redHatItems(vexOf(corpusJson<SecurityData>(folder, "oval/input/cve/full", cve)))];
      for (const { NamespaceName: namespace, Severity, FixedIn } of vulnerabilities) {
        if (severityOf(items) !== Severity)
          differences.push(`${namespace} ${cve}: ${Severity}, not ${severityOf(items)}`);
        for (const { Name, Version, Module, VendorAdvisory } of FixedIn) {
          compared++;
          const errata = (VendorAdvisory.AdvisorySummary ?? []).map(({ ID }) => ID);
          const state = Version === "None" && VendorAdvisory.NoAdvisory ? "no advisory" : Version;
          const ours = stateOf(items, { namespace, name: Name, module: Module ?? "" });
          const related = items.flatMap((item) => (item.kind === "advisory" ? (item.advisory.related ?? []) : []));
          if (ours !== state) differences.push(`${namespace} ${cve} ${Name}: ${state}, not ${ours}`);
          for (const id of errata)
            if (!related.includes(id)) differences.push(`${namespace} ${cve} ${Name}: ${id} is missing`);
        }
      }
    }
    expect(differences).toEqual([]);
    expect(compared).toBe(134);
  });

  test("name every package that the reader names, but for those with a reason", () => {
    const more: string[] = [];
    for (const [cve, vulnerabilities] of snapshots) {
      const items = [...redHatItems(vexOf(corpusJson<SecurityData>(folder, "oval/input/cve/full", cve)))];
      const named = new Set(
        vulnerabilities.flatMap(({ NamespaceName, FixedIn }) => FixedIn.map(({ Name }) => `${NamespaceName} ${Name}`)),
      );
      for (const { ecosystem, name } of packagesOf(items)) {
        const namespace = namespaceOf(ecosystem);
        if (namespace !== undefined && !named.has(`${namespace} ${name}`)) more.push(`${namespace} ${cve} ${name}`);
      }
    }
    expect(more.sort()).toEqual([]);
  });
});

describeWithCorpus("Red Hat's advisories in CSAF", () => {
  // What vunnel's own tests say of products in each of the forms that Red Hat has used.
  test.each([
    [
      "rhsa-2023_3821.json",
      {
        name: "ruby",
        version: "0:2.7.8-139.module+el8.8.0+18745+f1bef313",
        module: "ruby:2.7",
        ecosystem: "enterprise_linux:8::appstream",
      },
    ],
    [
      "rhsa-2023_7025.json",
      {
        name: "ruby",
        version: "0:2.5.9-111.module+el8.9.0+19193+435404ae",
        module: "ruby:2.5",
        ecosystem: "enterprise_linux:8::appstream",
      },
    ],
    [
      "rhsa-2024_0811.json",
      { name: "sudo", version: "0:1.9.5p2-9.el9_2.2", module: "", ecosystem: "rhel_eus:9.2::appstream" },
    ],
    [
      "rhsa-2024_0811.json",
      { name: "sudo", version: "0:1.9.5p2-10.el9_3", module: "", ecosystem: "enterprise_linux:9::appstream" },
    ],
    [
      "rhsa-2024_1431.json",
      {
        name: "ruby",
        version: "0:3.1.4-142.module+el8.9.0+21471+7d1e4a35",
        module: "ruby:3.1",
        ecosystem: "enterprise_linux:8::appstream",
      },
    ],
  ])("%s fixes %o", (file, { name, version, module, ecosystem }) => {
    const entries = entriesOf([...redHatItems(advisoryDocument(file))]).filter(
      (entry) => entry.package?.name === name && entry.package.ecosystem === `Red Hat:${ecosystem}`,
    );
    expect(entries.length).toBeGreaterThan(0);
    for (const entry of entries) {
      expect(entry.ranges?.[0]?.events).toEqual([{ introduced: "0" }, { fixed: version }]);
      expect(affectedExtension(entry).module).toBe(module);
    }
  });

  test("fix what the Security Data API says they fix", () => {
    const advisories = new Map<string, string>();
    for (const file of ["2024/rhsa-2024_6163.json", "2024/rhsa-2024_9371.json", "2025/rhsa-2025_23414.json"]) {
      advisories.set(advisoryDocument(file).id, file);
    }
    const compared: string[] = [];
    for (const record of ["cve-2021-25220.json", "cve-2024-8088.json"]) {
      const { name: cve, affected_release: releases = [] } = corpusJson<SecurityData>(folder, "csaf/hydra", record);
      for (const { advisory, cpe, package: build = "" } of releases) {
        const file = advisories.get(advisory);
        if (file === undefined) continue;
        const [, name = "", version = ""] = /^(.+)-(\d+:[^-]+-[^-]+)$/.exec(build) ?? [];
        const suffix = cpe.replace(/^cpe:\/[ao]:redhat:/, "");
        const items = [...redHatItems(advisoryDocument(file))];
        const fixed = items.some(
          (item) =>
            item.kind === "advisory" &&
            (cve === undefined || item.advisory.upstream?.includes(cve)) &&
            item.advisory.affected?.some(
              (entry) =>
                entry.package?.name === name &&
                entry.package.ecosystem.startsWith(`Red Hat:${suffix}`) &&
                entry.ranges?.[0]?.events.some((event) => event.fixed === version),
            ),
        );
        compared.push(`${advisory} ${build} ${fixed ? "fixed" : "missing"}`);
      }
    }
    expect([...new Set(compared)]).toEqual([
      "RHSA-2025:23414 bind-32:9.8.2-0.68.rc1.el6_10.17 fixed",
      "RHSA-2024:6163 python3.9-0:3.9.18-3.el9_4.5 fixed",
      "RHSA-2024:9371 python3.9-0:3.9.19-8.el9 fixed",
    ]);
  });
});

const folder = "feeds/vunnel/rhel";

function advisoryDocument(file: string): CsafDocument {
  const reading = readCsaf(corpusJson(folder, "csaf/advisories", file));
  if ("refused" in reading) throw new Error(reading.refused);
  return reading.document;
}

interface SecurityData {
  readonly name?: string;
  readonly threat_severity?: string;
  readonly cvss3?: { readonly cvss3_scoring_vector?: string };
  readonly affected_release?: readonly { readonly cpe: string; readonly advisory: string; readonly package?: string }[];
  readonly package_state?: readonly {
    readonly cpe: string;
    readonly fix_state: string;
    readonly package_name: string;
  }[];
}

interface Snapshot {
  readonly NamespaceName: string;
  readonly Severity: string;
  readonly FixedIn: readonly {
    readonly Name: string;
    readonly Version: string;
    readonly Module: string | null;
    readonly VendorAdvisory: {
      readonly NoAdvisory: boolean;
      readonly AdvisorySummary?: readonly { readonly ID: string }[];
    };
  }[];
}

function snapshotsByCve(): Map<string, Snapshot[]> {
  const found = new Map<string, Snapshot[]>();
  for (const namespace of readdirSync(corpusPath(folder, "snapshots")).sort()) {
    for (const file of readdirSync(corpusPath(folder, "snapshots", namespace)).sort()) {
      const { item } = corpusJson<{ item: { Vulnerability: Snapshot } }>(folder, "snapshots", namespace, file);
      const cve = file.replace(".json", "").toUpperCase();
      found.set(cve, [...(found.get(cve) ?? []), item.Vulnerability]);
    }
  }
  return found;
}

/** How Red Hat's VEX documents put a state; "Not affected" has no remediation. */
const remediationOf: Readonly<Record<string, string>> = {
  Affected: "none_available",
  "Fix deferred": "none_available",
  "Will not fix": "no_fix_planned",
  "Out of support scope": "no_fix_planned",
};

function vexOf({
  name,
  threat_severity: word,
  cvss3,
  affected_release: releases = [],
  package_state: states = [],
}: SecurityData): CsafDocument {
  const fixed = releases.flatMap(({ cpe, package: build, advisory }) =>
    build === undefined ? [] : [{ product: `${cpe} > ${build}.src`, build, advisory }],
  );
  const stated = states.map(({ cpe, fix_state: state, package_name: component }) => ({
    product: `${cpe} > ${component}`,
    state,
  }));
  const products = [...fixed, ...stated].map(({ product }) => product);
  const example: ExampleDocument = {
    ...(name !== undefined && { cve: name }),
    platforms: Object.fromEntries([...releases, ...states].map(({ cpe }) => [cpe, cpe])),
    components: Object.fromEntries(products.map((product) => [product.split(" > ")[1] ?? "", null])),
    status: {
      fixed: fixed.map(({ product }) => product),
      known_affected: stated.filter(({ state }) => remediationOf[state]).map(({ product }) => product),
      known_not_affected: stated.filter(({ state }) => state === "Not affected").map(({ product }) => product),
    },
    remediations: [
      ...fixed.map(({ product, advisory }) => ({
        category: "vendor_fix",
        details: "",
        url: `https://access.redhat.com/errata/${advisory}`,
        products: [product],
      })),
      ...stated.flatMap(({ product, state }) => {
        const category = remediationOf[state];
        return category === undefined ? [] : [{ category, details: state, products: [product] }];
      }),
    ],
    threats: word === undefined ? [] : [{ category: "impact", details: word, products }],
    scores: cvss3?.cvss3_scoring_vector === undefined ? [] : [{ vector: cvss3.cvss3_scoring_vector, products }],
  };
  const reading = readCsaf(exampleDocument(example));
  if ("refused" in reading) throw new Error(reading.refused);
  return reading.document;
}

const severities: Readonly<Record<string, string>> = {
  Critical: "Critical",
  Important: "High",
  Moderate: "Medium",
  Low: "Low",
};

function severityOf(items: readonly FeedItem[]): string {
  const advisory = items.flatMap((item) => (item.kind === "advisory" ? item.advisory : []))[0];
  const word =
    advisory &&
    advisoryExtension(advisory).severities?.find(({ type, source }) => type === "word" && source === "Red Hat");
  return severities[word?.score ?? ""] ?? "Unknown";
}

/** `rhel:9` for the repositories of RHEL 9, `rhel:8.6+eus` for EUS; undefined for other products. */
function namespaceOf(ecosystem: string): string | undefined {
  const [, major] = /^Red Hat:enterprise_linux:(\d+)(?:::|$)/.exec(ecosystem) ?? [];
  const [, minor] = /^Red Hat:rhel_eus:(\d+\.\d+)(?:::|$)/.exec(ecosystem) ?? [];
  return major === undefined ? minor && `rhel:${minor}+eus` : `rhel:${major}`;
}

function entriesOf(items: readonly FeedItem[]): readonly Affected[] {
  return items.flatMap((item) => (item.kind === "advisory" ? (item.advisory.affected ?? []) : []));
}

function packagesOf(items: readonly FeedItem[]): { ecosystem: string; name: string }[] {
  return [
    ...entriesOf(items).map((entry) => ({
      ecosystem: entry.package?.ecosystem ?? "",
      name: entry.package?.name ?? "",
    })),
    ...items.flatMap((item) => (item.kind === "statement" ? { ecosystem: item.ecosystem, name: item.name } : [])),
  ];
}

/** What the items say of a package, in vunnel's words: a version, `0` for not affected, `None`, `no advisory`. */
function stateOf(
  items: readonly FeedItem[],
  { namespace, name, module }: { namespace: string; name: string; module: string },
): string | undefined {
  const entries = entriesOf(items).filter(
    (entry) =>
      entry.package?.name === name &&
      namespaceOf(entry.package.ecosystem) === namespace &&
      affectedExtension(entry).module === module,
  );
  const fixes = entries.flatMap(({ ranges }) => ranges?.[0]?.events.flatMap(({ fixed }) => fixed ?? []) ?? []);
  if (fixes.length > 0) return [...new Set(fixes)].join(" ");
  // vunnel says "no advisory" of what Red Hat will not fix or defers, and of what it calls affected without more.
  if (entries.length > 0) return "no advisory";
  const stated = items.some((item) => {
    if (item.kind !== "statement" || item.name !== name || namespaceOf(item.ecosystem) !== namespace) return false;
    const { products } = item.statement;
    return module === ""
      ? products.every(({ "@id": id }) => !id.includes("rpmmod") || products.length > 1)
      : products.some(({ "@id": id }) => id.endsWith(`rpmmod=${module}`));
  });
  return stated ? "0" : undefined;
}

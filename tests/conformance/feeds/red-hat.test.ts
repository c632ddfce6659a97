import { expect, test } from "vitest";
import type { FeedItem } from "../../../src/advisories/feed-item.ts";
import type { CsafDocument, CsafVulnerability } from "../../../src/advisories/feeds/csaf/csaf-document.ts";
import { productOf, resolveProduct } from "../../../src/advisories/feeds/csaf/csaf-products.ts";
import { redHatItems } from "../../../src/advisories/feeds/red-hat/red-hat-document.ts";
import { type RedHatPackage, redHatPackage } from "../../../src/advisories/feeds/red-hat/red-hat-product.ts";
import {
  type Advisory,
  type Affected,
  affectedExtension,
  type RangeEvent,
} from "../../../src/model/findings/advisory.ts";
import { rpm } from "../../../src/versions/rpm.ts";
import { corpusBytes, corpusJson, describeWithCorpus } from "../../setup/corpus.ts";
import { documentOf, existing, filesOf } from "../../setup/csaf-documents.ts";

describeWithCorpus("Red Hat's VEX documents", () => {
  const expected = corpusJson<ClaircoreExpected>("feeds/claircore/rhel-vex/expected.json");

  test.each(expected.record_counts)("$name holds as many records as claircore counts", ({ files, records }) => {
    let count = 0;
    for (const file of files) count += claircoreRecords(documentOf(existing(`feeds/claircore/rhel-vex/${file}`)));
    expect(count).toBe(records);
  });

  test.each(expected.product_relationships)("the combinations of $name are followed", (row) => {
    const relationships = new Map(
      (row.c.ProductTree.Relationships ?? []).map(({ Category, FullProductName, ProductRef, RelatesToProductRef }) => [
        FullProductName.ID,
        {
          category: Category,
          product: { id: FullProductName.ID, name: FullProductName.Name },
          component: ProductRef,
          platform: RelatesToProductRef,
        },
      ]),
    );
    expect(resolveProduct({ relationships }, row.in)).toEqual({
      component: row.expectedPkgName,
      through: row.expectedModName === "" ? [] : [row.expectedModName],
      platform: row.expectedRepoName === "" ? undefined : row.expectedRepoName,
    });
  });

  test.each(expected.module_stream.filter(({ in: { Type } }) => Type === "rpm"))(
    "the module of a $name purl",
    ({ in: purl, want, err }) => {
      const found = redHatPackage(purlOf(purl));
      expect(found && ("refused" in found ? "refused" : found.module)).toBe(err ? "refused" : want);
    },
  );

  // What has the type `rpmmod` is a module, not a package.
  test("a module's own package URL is no package", () => {
    const modules = expected.module_stream.filter(({ in: { Type } }) => Type === "rpmmod");
    expect(modules.map(({ in: purl }) => redHatPackage(purlOf(purl)))).toEqual([undefined]);
  });

  test.each(expected.version.filter(({ purl }) => purl.Type === "rpm"))("the version of $name", ({ purl, want }) => {
    expect(redHatPackage(purlOf(purl))).toMatchObject({ version: want });
  });

  test.each(expected.package_name.filter(({ purl }) => purl.Type === "rpm"))("the name of $name", ({ purl, want }) => {
    expect(redHatPackage(purlOf(purl))).toMatchObject({ name: want });
  });

  // Container images and packages of other distributions: claircore matches the first by their tags, and Plimsoll neither.
  test("other package URLs are left out", () => {
    const others = [...expected.version, ...expected.package_name].filter(({ purl }) => purl.Type !== "rpm");
    expect(others.map(({ purl }) => redHatPackage(purlOf(purl)))).toEqual(Array.from({ length: 8 }, () => undefined));
  });

  test.each(expected.arch)("the architecture of a purl with $name", ({ purl, want }) => {
    const found = redHatPackage(purlOf(purl));
    // claircore writes a pattern that holds the names of other distributions too.
    expect((found && "architecture" in found && found.architecture) || "").toBe(want.split("|").at(-1));
  });

  test.each(expected.source_arch)("whether the architecture $name is a source package's", ({ arch, want }) => {
    const found = redHatPackage(`pkg:rpm/redhat/tool${arch === "" ? "" : `?arch=${arch}`}`);
    expect(found).toMatchObject({ names: want ? "source" : "binary" });
  });

  const none = { notAnRpm: 0, debugSymbols: 0, unknown: 0 };
  test.each([
    ["rhel-vex/cve-2022-38752.json", { entries: 46, statements: 1227, notAnRpm: 10, debugSymbols: 250, unknown: 7 }],
    ["rhel-vex/cve-2023-38545.json", { entries: 44, statements: 149, ...none, debugSymbols: 194, unknown: 1 }],
    ["rhel-vex/cve-2024-24786-bad-rpmmod.json", { entries: 2, statements: 0, ...none, notAnRpm: 1 }],
    ["rhel-vex/cve-2024-24786-illegal-module.json", { entries: 1, statements: 0, ...none }],
    ["acceptance/cve-2024-0727-openssl.json", { entries: 44, statements: 6, ...none, debugSymbols: 48 }],
    ["acceptance/cve-2025-6176.json", { entries: 129, statements: 5, notAnRpm: 142, debugSymbols: 408, unknown: 0 }],
    ["csaf/cve-2021-0084.json", { entries: 0, statements: 8, ...none }],
  ])("%s holds so many packages, and nothing of so many other products", (file, counts) => {
    const path = existing(`feeds/claircore/${file}`);
    const items = converted(path);
    const entries = advisoriesOf(items).flatMap(({ affected }) => affected ?? []);
    const statements = items.flatMap((item) => (item.kind === "statement" ? item : []));
    const { kept, ...leftOut } = productsOf(documentOf(path));
    expect({ entries: entries.length, statements: statements.length, ...leftOut }).toEqual(counts);
    const named = new Set([
      ...entries.map(({ package: { name } = {} }) => name),
      ...statements.map(({ name }) => name),
    ]);
    expect([...named].filter((name) => !kept.has(name ?? ""))).toEqual([]);
  });

  test("every build with a fix is fixed, every affected package is affected at any version, every other is stated not to be", () => {
    const counts = { fixed: 0, affected: 0, notAffected: 0, sourcesOfBuilds: 0 };
    const wrong: string[] = [];
    for (const path of redHatDocuments()) {
      const document = documentOf(path);
      for (const vulnerability of document.vulnerabilities) {
        const items = [...redHatItems({ ...document, vulnerabilities: [vulnerability] })];
        const entries = Map.groupBy(
          advisoriesOf(items).flatMap(({ affected }) => affected ?? []),
          (entry) => keyOf(entry.package?.ecosystem ?? "", entry.package?.name ?? "", affectedExtension(entry).names),
        );
        const stated = new Set(
          items.flatMap((item) => (item.kind === "statement" ? `${item.ecosystem} ${item.name}` : [])),
        );
        for (const { id, status, place, found } of rpmsOf(document, vulnerability)) {
          const known = (entries.get(keyOf(place, found.name, found.names)) ?? []).filter((entry) => {
            const { module, architectures } = affectedExtension(entry);
            if (architectures && !architectures.includes(found.architecture ?? "")) return false;
            return found.module === undefined || module === found.module;
          });
          const ranges = known.map((entry) => entry.ranges?.[0]?.events ?? []);
          if (status === "fixed") {
            counts.fixed++;
            if (ranges.length === 0 || ranges.some((events) => covers(events, found.version ?? "")))
              wrong.push(`${path} ${id}`);
          } else if (status === "known_affected") {
            counts.affected++;
            if (!ranges.some((events) => events.length === 1)) wrong.push(`${path} ${id}`);
          } else if (found.names === "source" && found.version !== undefined) {
            // What is told of the binary packages of the same build counts.
            counts.sourcesOfBuilds++;
          } else if (!stated.has(`${place} ${found.name}`) && known.length === 0) wrong.push(`${path} ${id}`);
          else counts.notAffected++;
        }
      }
    }
    // Said of the file of sources alone, in a document that states each binary package: see `ClaimOptions.sources`.
    expect(wrong.map((text) => text.split(" ").at(-1))).toEqual([
      "red_hat_enterprise_linux_8:shim.src",
      "red_hat_enterprise_linux_9:shim.src",
    ]);
    expect(counts).toEqual({ fixed: 1951, affected: 304, notAffected: 1761, sourcesOfBuilds: 929 });
  });

  test.each(["cve-2025-40907.csv", "cve-2026-123.csv"])("the verdicts of %s rest on an entry", (file) => {
    const rows = corpusBytes("feeds/claircore/acceptance", file)
      .toString("utf8")
      .split("\n")
      .filter((line) => line !== "" && !line.startsWith("#"));
    for (const row of rows) {
      const [cve = "", product = "", verdict] = row.split(",");
      expect(verdict).toBe("affected");
      const entry = entryOfProduct(existing(`feeds/claircore/acceptance/${acceptanceFiles[cve]}`), product);
      if (notRpms.has(product)) expect(entry).toBeUndefined();
      else expect(entry).toBeDefined();
    }
  });
});

function redHatDocuments(): string[] {
  return [
    ...filesOf("feeds/claircore/rhel-vex").filter((path) => /\/cve[^/]*\.json/.test(path)),
    ...filesOf("feeds/claircore/acceptance").filter((path) => path.includes(".json")),
    ...filesOf("feeds/claircore/csaf").filter((path) => !path.includes("deleted")),
    ...["", "/2024", "/2025"].flatMap((folder) => filesOf(`feeds/vunnel/rhel/csaf/advisories${folder}`)),
    ...filesOf("feeds/vunnel/rhel/csaf/server/2024"),
    "sbom-vex/csaf/go-vex/rhsa-2020_1358.json.gz",
  ];
}

interface StatedRpm {
  readonly id: string;
  readonly status: "fixed" | "known_affected" | "known_not_affected";
  readonly place: string;
  readonly found: RedHatPackage;
}

/** What a vulnerability says of rpms that have a package URL, without debug symbols. */
function* rpmsOf(document: CsafDocument, vulnerability: CsafVulnerability): Generator<StatedRpm> {
  for (const status of ["fixed", "known_affected", "known_not_affected"] as const) {
    for (const id of vulnerability.status[status]) {
      const resolved = resolveProduct(document, id);
      const cpe = resolved?.platform === undefined ? undefined : productOf(document, resolved.platform)?.cpe;
      const purl = resolved && productOf(document, resolved.component)?.purl;
      const found = purl === undefined ? undefined : redHatPackage(purl);
      if (!found || "refused" in found || cpe === undefined || /-debug(?:info|source)/.test(found.name)) continue;
      yield { id, status, place: `Red Hat:${cpe.replace(/^cpe:\/[ao]:redhat:/, "")}`, found };
    }
  }
}

interface Products {
  /** The names of the rpms of Red Hat's products. */
  readonly kept: ReadonlySet<string>;
  /** How many others there are: images and files, packages of debug symbols, and what is no product of Red Hat. */
  readonly notAnRpm: number;
  readonly debugSymbols: number;
  readonly unknown: number;
}

/** What the products are that the vulnerabilities of a document speak of, told by package URL, name and platform. */
function productsOf(document: CsafDocument): Products {
  const kept = new Set<string>();
  const leftOut = { notAnRpm: 0, debugSymbols: 0, unknown: 0 };
  for (const { status } of document.vulnerabilities) {
    for (const id of Object.values(status).flatMap((ids) => [...new Set(ids)])) {
      const resolved = resolveProduct(document, id);
      const component = resolved && productOf(document, resolved.component);
      const cpe = resolved?.platform === undefined ? undefined : productOf(document, resolved.platform)?.cpe;
      const { purl = "", name = resolved?.component ?? "" } = component ?? {};
      const [, rpmName] = /^pkg:rpm\/redhat\/([^@?]+)/.exec(purl) ?? /^([^:/]+)$/.exec(purl === "" ? name : "") ?? [];
      if (!/^cpe:\/[ao]:redhat:/.test(cpe ?? "")) leftOut.unknown++;
      else if (rpmName === undefined || /rpmmod=[^:&]*(?:&|$)/.test(purl)) leftOut.notAnRpm++;
      else if (/-debug(?:info|source)/.test(rpmName)) leftOut.debugSymbols++;
      else kept.add(decodeURIComponent(rpmName));
    }
  }
  return { kept, ...leftOut };
}

function keyOf(ecosystem: string, name: string, names: string | undefined): string {
  return `${ecosystem} ${name} ${names}`;
}

/** Whether a version lies between two events of a range. */
function covers(events: readonly RangeEvent[], version: string): boolean {
  const parsed = rpm.parse(version);
  let covered = false;
  for (const { introduced, fixed } of events) {
    const bound = rpm.parse(introduced ?? fixed ?? "");
    if (parsed && bound && (introduced === "0" || rpm.compare(bound, parsed) <= 0)) covered = introduced !== undefined;
  }
  return covered;
}

const acceptanceFiles: Readonly<Record<string, string>> = {
  "CVE-2025-40907": "cve-2025-40907-perl.json",
  "CVE-2026-123": "cve-2026-123.json",
  "CVE-2020-123": "cve-2026-123.json",
};

/** Products of the acceptance tests that are Go modules: advisories about modules come from OSV. */
const notRpms: ReadonlySet<string> = new Set(["stdlib-1.20.14", "claircore-1.5.49"]);

/** The entry into which a product of a document was gathered. */
function entryOfProduct(path: string, id: string): Affected | undefined {
  const document = documentOf(path);
  const resolved = resolveProduct(document, id);
  const purl = resolved && productOf(document, resolved.component)?.purl;
  const found = purl === undefined ? undefined : redHatPackage(purl);
  const cpe = resolved?.platform === undefined ? undefined : productOf(document, resolved.platform)?.cpe;
  if (!found || "refused" in found || cpe === undefined) return undefined;
  return advisoriesOf(converted(path))
    .flatMap(({ affected }) => affected ?? [])
    .find((entry) => {
      const extension = affectedExtension(entry);
      return (
        entry.package?.name === found.name &&
        extension.cpes?.includes(cpe) &&
        extension.names === found.names &&
        extension.module === (found.module ?? "")
      );
    });
}

/** What the one vulnerability of a document gives. */
function converted(path: string): readonly FeedItem[] {
  const document = documentOf(path);
  expect(document.vulnerabilities).toHaveLength(1);
  return [...redHatItems(document)];
}

function advisoriesOf(items: readonly FeedItem[]): Advisory[] {
  return items.flatMap((item) => (item.kind === "advisory" ? item.advisory : []));
}

interface ClaircorePurl {
  readonly Type: string;
  readonly Namespace?: string;
  readonly Name: string;
  readonly Version?: string;
  readonly Qualifiers?: Readonly<Record<string, string>>;
}

function purlOf({ Type, Namespace, Name, Version, Qualifiers }: ClaircorePurl): string {
  const query = Object.entries(Qualifiers ?? {}).map(([key, value]) => `${key}=${value}`);
  const version = Version === undefined ? "" : `@${encodeURIComponent(Version)}`;
  return `pkg:${Type}/${Namespace ? `${Namespace}/` : ""}${encodeURIComponent(Name)}${version}${query.length > 0 ? `?${query.join("&")}` : ""}`;
}

interface ClaircoreExpected {
  readonly record_counts: readonly {
    readonly name: string;
    readonly files: readonly string[];
    readonly records: number;
  }[];
  readonly product_relationships: readonly {
    readonly name: string;
    readonly in: string;
    readonly c: { readonly ProductTree: { readonly Relationships?: readonly ClaircoreRelationship[] } };
    readonly expectedPkgName: string;
    readonly expectedModName: string;
    readonly expectedRepoName: string;
  }[];
  readonly module_stream: readonly {
    readonly name: string;
    readonly in: ClaircorePurl;
    readonly want?: string;
    readonly err?: boolean;
  }[];
  readonly version: readonly PurlCase[];
  readonly package_name: readonly PurlCase[];
  readonly arch: readonly (PurlCase & { readonly want: string })[];
  readonly source_arch: readonly { readonly name: string; readonly arch: string; readonly want: boolean }[];
}

interface PurlCase {
  readonly name: string;
  readonly purl: ClaircorePurl;
  readonly want?: string;
}

interface ClaircoreRelationship {
  readonly Category: string;
  readonly FullProductName: { readonly ID: string; readonly Name: string };
  readonly ProductRef: string;
  readonly RelatesToProductRef: string;
}

/** The number of records by claircore's rule: builds by package URL without architecture and by CPE name; source packages only where affected. */
function claircoreRecords(document: CsafDocument): number {
  let count = 0;
  for (const { status } of document.vulnerabilities) {
    for (const key of ["fixed", "known_affected", "known_not_affected"] as const) {
      const keys = status[key].flatMap((id) =>
        claircoreKey(document, { id, affected: key === "known_affected", versions: key === "fixed" }),
      );
      count += key === "known_affected" ? keys.length : new Set(keys).size;
    }
  }
  return count;
}

function claircoreKey(
  document: CsafDocument,
  { id, affected, versions }: { id: string; affected: boolean; versions: boolean },
): string[] {
  const resolved = resolveProduct(document, id);
  const cpe = resolved?.platform === undefined ? undefined : productOf(document, resolved.platform)?.cpe;
  const purl = resolved && productOf(document, resolved.component)?.purl;
  const [, type, name, version = "", query = ""] =
    /^pkg:(rpm\/redhat|oci)\/([^@?]+)(?:@([^?]*))?(?:\?(.*))?$/.exec(purl ?? "") ?? [];
  if (type === undefined || cpe === undefined) return [];
  const qualifiers = query.split("&");
  if (qualifiers.some((pair) => /^rpmmod=[^:]*$/.test(pair))) return [];
  if (!affected && qualifiers.some((pair) => /^arch=(?:no)?src$/.test(pair))) return [];
  const kept = qualifiers.filter((pair) => !/^arch=/.test(pair) && (versions || !/^(?:epoch|tag)=/.test(pair)));
  return [JSON.stringify([type, name, versions && type !== "oci" ? version : "", kept, cpe])];
}

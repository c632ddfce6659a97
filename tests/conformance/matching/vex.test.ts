import { globSync } from "node:fs";
import { expect, test } from "vitest";
import type { Finding, FindingPackage } from "../../../src/model/findings/finding.ts";
import type { VexProduct, VexStatement } from "../../../src/model/findings/vex.ts";
import type { PackageType } from "../../../src/model/packages/package.ts";
import { parsePackageUrl } from "../../../src/model/packages/package-url.ts";
import { applyStatements } from "../../../src/policy/statements.ts";
import { corpusJson, corpusPath, describeWithCorpus } from "../../setup/corpus.ts";

interface Component {
  readonly ID?: string;
  readonly Identifiers?: { readonly purl?: string };
}

interface Matching {
  readonly purl: readonly {
    readonly name: string;
    readonly p1: string;
    readonly p2: string;
    readonly mustMatch: boolean;
  }[];
  readonly component: readonly {
    readonly name: string;
    readonly component: Component;
    readonly identifier: string;
    readonly mustMatch: boolean;
  }[];
  readonly product: readonly {
    readonly name: string;
    readonly product: string;
    readonly subcomponent: string;
    readonly mustMach: boolean;
    readonly sut: {
      readonly Component: Component;
      readonly Subcomponents?: readonly { readonly Component: Component }[];
    };
  }[];
  readonly effective: readonly {
    readonly name: string;
    readonly product: string;
    readonly vulnID: string;
    readonly expectedStatus: VexStatement["status"];
    readonly vexDoc: {
      readonly Statements: readonly {
        readonly Products: readonly { readonly Component: Component }[];
        readonly Status: VexStatement["status"];
        readonly Timestamp: string;
        readonly Vulnerability: { readonly Name?: string; readonly Aliases?: readonly string[] };
      }[];
    };
  }[];
}

/** Plimsoll finds packages and images; it has no hashes or names of other kinds to compare with. */
const notPackages: Readonly<Record<string, string>> = {
  hash: "a product is identified by a hash",
  "wrong hash": "a product is identified by a hash",
  "misc identifier": "an identifier of a kind of one's own",
  "wrong misc identifier": "an identifier of a kind of one's own",
};

/** Cases that ask about a product without naming a package in it: a finding always has a package. */
const withoutPackage: Readonly<Record<string, string>> = {
  "identifier and no components in query":
    "asks about the image and no package; with subcomponents nothing is said of all",
};

function finding(purl: string, id: string): Finding {
  const found = parsePackageUrl(purl);
  const about: FindingPackage = {
    name: found?.name ?? purl,
    version: found?.version ?? "1",
    type: (found?.type ?? "generic") as PackageType,
    purl,
    paths: [],
    layer: null,
  };
  return {
    ...{ kind: "vulnerability", id, aliases: [], severity: "high", severities: [], status: "affected", evidence: [] },
    package: about,
  } as Finding;
}

function idOf({ ID, Identifiers }: Component): string {
  return ID ?? Identifiers?.purl ?? "";
}

/** Whether a statement of this product suppresses a finding in `purl`, in an image when there is one. */
function suppresses(product: VexProduct, purl: string, target?: string): boolean {
  const vulnerability = { name: "CVE-2024-1" };
  const statement: VexStatement = { vulnerability, products: [product], status: "not_affected", author: "a" };
  const context = target === undefined ? {} : { targets: [target] };
  return (
    applyStatements([finding(purl, vulnerability.name)], [{ by: "user", statement }], context).suppressed.length === 1
  );
}

describeWithCorpus("OpenVEX statements by the tables of its own library", () => {
  const { purl, component, product, effective } = corpusJson<Matching>("sbom-vex/openvex/go-vex/matching.json");

  test("the tables have the cases that were counted", () => {
    expect([purl.length, component.length, product.length, effective.length]).toEqual([10, 8, 7, 4]);
  });

  test.each(purl)("package URL: $name", ({ p1, p2, mustMatch }) => {
    expect(suppresses({ "@id": p1 }, p2)).toBe(mustMatch);
  });

  test.each(component.filter(({ name }) => !(name in notPackages)))("component: $name", (row) => {
    expect(suppresses({ "@id": idOf(row.component) }, row.identifier)).toBe(row.mustMatch);
  });

  test.each(product.filter(({ name }) => !(name in withoutPackage)))("product: $name", (row) => {
    const subcomponents = (row.sut.Subcomponents ?? []).map((part) => ({ "@id": idOf(part.Component) }));
    const stated: VexProduct = { "@id": idOf(row.sut.Component), subcomponents };
    const inside = row.subcomponent !== "";
    expect(suppresses(stated, inside ? row.subcomponent : row.product, inside ? row.product : undefined)).toBe(
      row.mustMach,
    );
  });

  test.each(effective)("the statement that holds: $name", ({ product: id, vulnID, expectedStatus, vexDoc }) => {
    const assessments = vexDoc.Statements.map(({ Products, Status, Timestamp, Vulnerability }) => ({
      by: "user" as const,
      statement: {
        vulnerability: { name: Vulnerability.Name ?? "", aliases: Vulnerability.Aliases ?? [] },
        products: Products.map((one) => ({ "@id": idOf(one.Component) })),
        status: Status,
        timestamp: Timestamp,
        author: "a",
      },
    }));
    const { findings, suppressed } = applyStatements([finding(id, vulnID)], assessments);
    expect((suppressed[0] ?? findings[0]?.assessment)?.statement.status).toBe(expectedStatus);
  });
});

describeWithCorpus("OpenVEX documents of two public VEX repositories", () => {
  const files = globSync("sbom-vex/vexhub/**/*.json", { cwd: corpusPath() }).sort();
  const statements = files.flatMap((file) => {
    const document = corpusJson<{ readonly statements?: readonly Omit<VexStatement, "author">[] }>(file);
    return document.statements ?? [];
  });
  const composed = statements
    .flatMap(({ products }) => products)
    .filter(({ "@id": id, subcomponents = [] }) => id.startsWith("pkg:oci/") || subcomponents.length > 0);

  test("hold the statements that were counted", () => {
    expect({ statements: statements.length, composed: composed.length }).toEqual({ statements: 302, composed: 340 });
  });

  test("a statement without subcomponents suppresses what it names, and no neighbour", () => {
    let seen = 0;
    for (const { vulnerability, products, ...statement } of statements) {
      if (statement.status !== "not_affected" && statement.status !== "fixed") continue;
      for (const product of products) {
        if (product["@id"].startsWith("pkg:oci/") || product.subcomponents?.length) continue;
        seen++;
        const assessment = { by: "user", statement: { ...statement, vulnerability, products, author: "a" } } as const;
        const neighbour = finding("pkg:golang/example.org/neighbour@v1.0.0", vulnerability.name);
        const { findings } = applyStatements([finding(product["@id"], vulnerability.name), neighbour], [assessment]);
        expect(findings).toEqual([neighbour]);
      }
    }
    expect(seen).toBe(8);
  });

  test("a statement about parts of a product suppresses in that product alone", () => {
    let seen = 0;
    for (const product of composed) {
      const [first] = product.subcomponents ?? [];
      const purl = first?.["@id"] ?? "pkg:golang/stdlib@1.20.0";
      if (parsePackageUrl(purl) === undefined) continue;
      seen++;
      expect([suppresses(product, purl), suppresses(product, purl, product["@id"])]).toEqual([false, true]);
      expect(suppresses(product, purl, "pkg:oci/another")).toBe(false);
    }
    expect(seen).toBe(340);
  });
});

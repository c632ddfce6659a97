import type { MatchOptions } from "../detectors/vulnerabilities/match-package.ts";
import { PublisherStatements, type StatementAbout } from "../detectors/vulnerabilities/publisher-statements.ts";
import type { PackageStatement } from "../model/advisory.ts";
import type { Finding } from "../model/finding.ts";
import type { Package } from "../model/package.ts";
import { isDistributionType } from "../model/package-type.ts";
import { formatPackageUrl, parsePackageUrl } from "../model/package-url.ts";
import type { Assessment, VexProduct, VexStatement } from "../model/vex.ts";
import { type AppliedStatements, applyStatements } from "../policy/statements.ts";

/** What the findings were found in and with. */
export interface PublisherStatementOptions extends MatchOptions {
  /** Those of the target: a finding whose package is not among them keeps its state. */
  readonly packages: readonly Package[];
}

/**
 * Applies what the publishers say of the packages beside their advisories. A statement without products is about the package
 * for which it is kept.
 *
 * Errors: those of `index.statements`.
 */
export function withPublisherStatements(
  findings: readonly Finding[],
  { packages, ...options }: PublisherStatementOptions,
): AppliedStatements {
  const statements = new PublisherStatements(options);
  const byIdentity = new Map(packages.map((found) => [identityOf(found), found]));
  const assessmentsOf = (finding: Finding): Assessment[] => {
    const found = byIdentity.get(identityOf(finding.package));
    const about = found ? statements.about(found, [finding.id, ...finding.aliases]) : [];
    return about
      .filter((one) => weighsAgainst(finding, one))
      .map(({ statement }) => ({ by: "publisher", statement: withProduct(statement, finding) }));
  };
  // One by one: what is kept for one package says nothing of its siblings.
  const applied = findings.map((finding) =>
    applyStatements([finding], assessmentsOf(finding), { distribution: options.distribution }),
  );
  return {
    findings: applied.flatMap((one) => one.findings),
    suppressed: applied.flatMap((one) => one.suppressed),
  };
}

function identityOf({ purl, layer, paths }: Pick<Package, "purl" | "layer" | "paths">): string {
  return JSON.stringify([purl, layer, paths[0]]);
}

/** What is said of a source package does not outweigh a record about the very binary package. */
function weighsAgainst({ evidence }: Finding, { lookUp }: StatementAbout): boolean {
  return lookUp.matchedBy === "package" || evidence.some(({ name }) => name === lookUp.name);
}

function withProduct({ ecosystem: _place, ...statement }: PackageStatement, finding: Finding): VexStatement {
  const { products } = statement;
  if (products.length === 0) return { ...statement, products: [{ "@id": everyVersion(finding) }] };
  return { ...statement, products: products.map((product) => ofVendor(product, finding)) };
}

/**
 * The product under the vendor's name that the package's URL has. The place in which a statement is kept has told already
 * that it is for this distribution, also where that takes its advisories from another vendor.
 */
function ofVendor(product: VexProduct, { package: { purl, type } }: Finding): VexProduct {
  const [stated, found] = [parsePackageUrl(product["@id"]), parsePackageUrl(purl)];
  if (!stated || !found || !isDistributionType(type) || stated.namespace === found.namespace) return product;
  return { ...product, "@id": formatPackageUrl({ ...stated, namespace: found.namespace }) ?? product["@id"] };
}

/** The package without its version. In the canonical form the first `@` stands before it: others are encoded. */
function everyVersion({ package: { purl } }: Finding): string {
  return parsePackageUrl(purl)?.canonical.replace(/@[^?#]*/, "") ?? purl;
}

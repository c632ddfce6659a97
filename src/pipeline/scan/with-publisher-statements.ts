import {
  PublisherStatements,
  type StatementAbout,
} from "../../detectors/vulnerabilities/joining/publisher-statements.ts";
import type { MatchOptions } from "../../detectors/vulnerabilities/matching/match-package.ts";
import type { PackageStatement } from "../../model/findings/advisory.ts";
import type { Finding } from "../../model/findings/finding.ts";
import type { Assessment, VexProduct, VexStatement } from "../../model/findings/vex.ts";
import type { Package } from "../../model/packages/package.ts";
import { isDistributionType } from "../../model/packages/package-type.ts";
import { formatPackageUrl, parsePackageUrl } from "../../model/packages/package-url.ts";
import { type AppliedStatements, applyStatements } from "../../policy/statements.ts";
import { placeKeyOf, placeKeysOf } from "./place-keys.ts";
import type { UserStatements } from "./user-statements.ts";

/** What the findings were found in and with. */
export interface PublisherStatementOptions extends MatchOptions {
  /** Those of the target: a finding whose package is not among them keeps its state. */
  readonly packages: readonly Package[];
  /** Statements of the user, which count before the publishers'. */
  readonly user?: UserStatements | undefined;
  /** Package URLs of the scanned image, for the products of the user's statements. */
  readonly targets?: readonly string[];
}

/**
 * Applies what the user and the publishers say of the packages beside their advisories. A statement without products is
 * about the package for which it is kept.
 *
 * Errors: those of `index.statements`.
 */
export function withPublisherStatements(
  findings: readonly Finding[],
  { packages, user, targets = [], ...options }: PublisherStatementOptions,
): AppliedStatements {
  const statements = new PublisherStatements(options);
  const purls = new Set(findings.map((finding) => finding.package.purl));
  const named = packages.filter(({ purl }) => purls.has(purl));
  const byIdentity = new Map(named.flatMap((found) => placeKeysOf(found).map((key) => [key, found])));
  const assessmentsOf = (finding: Finding): Assessment[] => {
    const found = byIdentity.get(placeKeyOf(finding.package));
    if (!found) return [];
    return statements
      .about(found, [finding.id, ...finding.aliases])
      .filter((one) => weighsAgainst(finding, one))
      .map(({ statement }) => ({ by: "publisher", statement: withProduct(statement, found) }));
  };
  // One by one: what is kept for one package does not mention its siblings.
  const applied = findings.map((finding) =>
    applyStatements([finding], [...assessmentsOf(finding), ...(user?.about([finding.id, ...finding.aliases]) ?? [])], {
      distribution: options.distribution,
      targets,
    }),
  );
  return {
    findings: applied.flatMap((one) => one.findings),
    suppressed: applied.flatMap((one) => one.suppressed),
  };
}

/** A statement about a source package does not outweigh a record about the very binary package. */
function weighsAgainst({ evidence }: Finding, { lookUp }: StatementAbout): boolean {
  return lookUp.matchedBy === "package" || evidence.some(({ name }) => name === lookUp.name);
}

function withProduct({ ecosystem: _place, ...statement }: PackageStatement, found: Package): VexStatement {
  const { products } = statement;
  if (products.length === 0) return { ...statement, products: [{ "@id": everyVersion(found) }] };
  return { ...statement, products: products.map((product) => inWordsOf(found, product)) };
}

/**
 * The product under the vendor's name that the package's URL has, and without the module stream where that is the
 * package's: its URL may not have it. The place in which a statement is kept has told already that it is for this
 * distribution, also where that takes its advisories from another vendor.
 */
function inWordsOf({ purl, type, module }: Package, product: VexProduct): VexProduct {
  const [stated, found] = [parsePackageUrl(product["@id"]), parsePackageUrl(purl)];
  if (!stated || !found || !isDistributionType(type)) return product;
  const { rpmmod, ...others } = stated.qualifiers;
  const isInModuleStream = module !== undefined && rpmmod === module && found.qualifiers["rpmmod"] === undefined;
  if (stated.namespace === found.namespace && !isInModuleStream) return product;
  const qualifiers = isInModuleStream ? others : stated.qualifiers;
  return {
    ...product,
    "@id": formatPackageUrl({ ...stated, namespace: found.namespace, qualifiers }) ?? product["@id"],
  };
}

/** The package without its version. In the canonical form the first `@` stands before it: others are encoded. */
function everyVersion({ purl }: Package): string {
  return parsePackageUrl(purl)?.canonical.replace(/@[^?#]*/, "") ?? purl;
}

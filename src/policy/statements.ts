import type { Finding } from "../model/findings/finding.ts";
import { isCve, isErratum } from "../model/findings/is-erratum.ts";
import type { Assessment, VexProduct, VexStatement } from "../model/findings/vex.ts";
import type { SuppressedFinding } from "../model/reports/report.ts";
import {
  coversPackage,
  type ProductContext,
  type ProductSubject,
  productSubject,
  type ReadProduct,
  readProduct,
} from "./product-match.ts";

/** Findings after statements were applied. */
export interface AppliedStatements {
  /** Findings that count, in their order. */
  readonly findings: readonly Finding[];
  /** Findings that do not count, in their order. */
  readonly suppressed: readonly SuppressedFinding[];
}

/**
 * Applies statements to findings. A statement holds for a finding when it names the vulnerability by any of its names,
 * in any case, and one of its products means the package. Among several, the user's count before the publishers', and
 * among these the latest; without a time a statement is older than any, and at the same time the last in the list
 * counts.
 *
 * `not_affected` and `fixed` suppress the finding. `under_investigation` becomes its status, and `affected` ends that
 * status; both stay with the finding as its `assessment`. An erratum that covers several CVE ids is suppressed when
 * each of them is.
 *
 * Source: OpenVEX 0.2.0, "Status Labels", "Statement Fields" and "Processing" (later statements override earlier ones).
 */
export function applyStatements(
  findings: readonly Finding[],
  assessments: readonly Assessment[],
  context: ProductContext = {},
): AppliedStatements {
  const byName = new Map<string, Numbered[]>();
  for (const [index, assessment] of assessments.entries()) {
    const { name, aliases = [] } = assessment.statement.vulnerability;
    const numbered: Numbered = { assessment, index, products: undefined };
    for (const text of new Set([name, ...aliases].map((word) => word.toLowerCase()))) {
      const known = byName.get(text);
      if (known) known.push(numbered);
      else byName.set(text, [numbered]);
    }
  }
  const subjects = new Map<string, ProductSubject>();
  const kept: Finding[] = [];
  const suppressed: SuppressedFinding[] = [];
  for (const finding of findings) {
    const candidates = candidatesOf(finding, byName);
    if (candidates.every(({ length }) => length === 0)) {
      kept.push(finding);
      continue;
    }
    const key = JSON.stringify([finding.package.purl, finding.package.source]);
    const subject = subjects.get(key) ?? productSubject(finding.package);
    subjects.set(key, subject);
    const holding = candidates.map((some) => holdingStatement(some, subject, context));
    const [first] = holding;
    if (first && holding.every((one) => one && suppresses(one.statement))) suppressed.push({ finding, ...first });
    else
      kept.push(
        withAssessment(
          finding,
          holding.find((one) => one && !suppresses(one.statement)),
        ),
      );
  }
  return { findings: kept, suppressed };
}

interface Numbered {
  readonly assessment: Assessment;
  /** Its place in the list. */
  readonly index: number;
  /** Read when first needed: a document may hold thousands that no finding asks for. */
  products: readonly ReadProduct[] | undefined;
}

/** The statements that name the finding's vulnerability; for an erratum of several CVE ids, those that name each. */
function candidatesOf({ id, aliases }: Finding, byName: ReadonlyMap<string, readonly Numbered[]>): Numbered[][] {
  const names = [id, ...aliases].map((name) => name.toLowerCase());
  const ofNames = (some: readonly string[]): Numbered[] => some.flatMap((name) => byName.get(name) ?? []);
  if (!isErratum({ id, aliases })) return [ofNames(names)];
  const common = ofNames(names.filter((name) => !isCve(name)));
  return names.filter(isCve).map((name) => [...common, ...ofNames([name])]);
}

/** With the one product that means the package in place of all. */
function holdingStatement(
  candidates: readonly Numbered[],
  subject: ProductSubject,
  context: ProductContext,
): Assessment | undefined {
  let best: (Numbered & { readonly product: VexProduct }) | undefined;
  for (const candidate of candidates) {
    if (best && !outweighs(candidate, best)) continue;
    candidate.products ??= candidate.assessment.statement.products.map(readProduct);
    const found = candidate.products.find((one) => coversPackage(one, subject, context));
    if (found) best = { ...candidate, product: found.product };
  }
  if (!best) return undefined;
  const { statement, ...origin } = best.assessment;
  return { ...origin, statement: { ...statement, products: [best.product] } };
}

function outweighs(a: Numbered, b: Numbered): boolean {
  const byUser = Number(a.assessment.by === "user") - Number(b.assessment.by === "user");
  return (byUser || timeOf(a) - timeOf(b) || a.index - b.index) > 0;
}

/** Milliseconds; lower than any time when it does not have a readable one. */
function timeOf({ assessment }: Numbered): number {
  const time = Date.parse(assessment.statement.timestamp ?? "");
  return Number.isNaN(time) ? Number.MIN_SAFE_INTEGER : time;
}

function suppresses({ status }: VexStatement): boolean {
  return status === "not_affected" || status === "fixed";
}

function withAssessment(finding: Finding, assessment: Assessment | undefined): Finding {
  if (!assessment) return finding;
  const { status } = assessment.statement;
  if (status === "under_investigation") return { ...finding, status: "under-investigation", assessment };
  if (finding.status !== "under-investigation") return { ...finding, assessment };
  return { ...finding, status: finding.fixedIn === undefined ? "affected" : "fixed", assessment };
}

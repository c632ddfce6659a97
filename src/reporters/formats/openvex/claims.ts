import type { Finding } from "../../../model/findings/finding.ts";
import { isCve, isErratum } from "../../../model/findings/is-erratum.ts";
import type { Assessment, VexStatement, VexStatus } from "../../../model/findings/vex.ts";
import { type Waiver, waiverText } from "../../../model/findings/waiver.ts";
import { parsePackageUrl } from "../../../model/packages/package-url.ts";
import type { Report } from "../../../model/reports/report.ts";
import { actionText } from "../../documents/action-text.ts";
import { vulnerabilityPage } from "../../documents/vulnerability-page.ts";

/** A statement without its products. */
export interface ClaimText
  extends Pick<VexStatement, "status" | "justification" | "impact_statement" | "status_notes" | "action_statement"> {
  readonly vulnerability: {
    readonly "@id"?: string;
    readonly name: string;
    readonly description?: string;
    readonly aliases?: readonly string[];
  };
}

/** A statement about packages, by their package URLs. */
export interface Claim {
  readonly text: ClaimText;
  readonly packages: ReadonlySet<string>;
}

/**
 * The claims of a report. Those that suppress come last: of statements about the same vulnerability and package, a
 * reader uses the last. No claim that suppresses has a name of a finding in the same package that counts.
 */
export function claimsOf(report: Report): readonly Claim[] {
  const { findings, suppressed, waived = [] } = report;
  const claims = new Map<string, { readonly text: ClaimText; readonly packages: Set<string> }>();
  const add = (finding: Finding, text: ClaimText): void => {
    const key = JSON.stringify(text);
    const claim = claims.get(key) ?? { text, packages: new Set() };
    claim.packages.add(packageIri(finding));
    claims.set(key, claim);
  };
  for (const finding of findings) add(finding, claimText(finding, { names: namesOf(finding) }));
  for (const { finding, waiver } of waived) add(finding, claimText(finding, { names: namesOf(finding), waiver }));
  const taken = countingNames([...findings, ...waived.map(({ finding }) => finding)]);
  for (const { finding, ...assessment } of suppressed) {
    const others = taken.get(packageIri(finding));
    const names = namesOf(finding).filter((name) => !others?.has(name.toLowerCase()));
    if (names.length > 0) add(finding, claimText({ ...finding, assessment }, { names }));
  }
  return [...claims.values()];
}

function namesOf({ id, aliases }: Finding): readonly string[] {
  return [...new Set([id, ...aliases])];
}

/** The names in lower case by which each package has a finding that counts. An erratum counts by its own names. */
function countingNames(findings: readonly Finding[]): ReadonlyMap<string, ReadonlySet<string>> {
  const names = new Map<string, Set<string>>();
  for (const finding of findings) {
    const iri = packageIri(finding);
    const known = names.get(iri) ?? new Set();
    const own = isErratum(finding) ? namesOf(finding).filter((name) => !isCve(name)) : namesOf(finding);
    for (const name of own) known.add(name.toLowerCase());
    names.set(iri, known);
  }
  return names;
}

/** The package URL in its canonical form; with every character encoded that an IRI cannot have. */
function packageIri({ package: { purl } }: Finding): string {
  return parsePackageUrl(purl)?.canonical ?? encodeURI(purl.toWellFormed());
}

interface ClaimParts {
  readonly names: readonly string[];
  readonly waiver?: Waiver;
}

function claimText(finding: Finding, { names, waiver }: ClaimParts): ClaimText {
  const { assessment, summary, statusReason } = finding;
  const [name = finding.id, ...aliases] = names;
  const page = vulnerabilityPage(name);
  const status = assessment?.statement.status ?? statusOf(finding);
  const stated = assessment?.statement;
  const notes = joined([assessment && originText(assessment), stated?.status_notes, statusReason]);
  const action = joined([waiver && waiverText(waiver), stated?.action_statement || actionText(finding)]);
  const impact = stated?.impact_statement || undefined;
  return {
    vulnerability: {
      ...(page !== undefined && { "@id": page }),
      name,
      ...(summary !== undefined && { description: summary }),
      ...(aliases.length > 0 && { aliases }),
    },
    status,
    ...(notes !== "" && { status_notes: notes }),
    ...(status === "not_affected" && whyNotAffected(stated?.justification, impact)),
    ...(status === "affected" && { action_statement: action }),
  };
}

function statusOf({ status }: Finding): VexStatus {
  return status === "under-investigation" ? "under_investigation" : "affected";
}

/** The format requires a justification or an impact statement. */
function whyNotAffected(
  justification: VexStatement["justification"],
  impact: string | undefined,
): Pick<ClaimText, "justification" | "impact_statement"> {
  if (justification === undefined && impact === undefined) {
    return { impact_statement: "The author of the statement did not give a reason." };
  }
  return { ...(justification && { justification }), ...(impact !== undefined && { impact_statement: impact }) };
}

function originText({ statement: { author, timestamp } }: Assessment): string {
  return timestamp === undefined ? `Stated by ${author}.` : `Stated by ${author} on ${timestamp.slice(0, 10)}.`;
}

function joined(texts: readonly (string | undefined)[]): string {
  return texts.filter((text) => text !== undefined && text !== "").join("\n");
}

import type { Finding } from "../../../model/findings/finding.ts";
import type { Assessment } from "../../../model/findings/vex.ts";
import { type Waiver, waiverText } from "../../../model/findings/waiver.ts";
import type { Report } from "../../../model/reports/report.ts";
import { actionText } from "../../documents/action-text.ts";
import { dateTime } from "../../documents/date-time.ts";
import type { PackageReferences } from "../../documents/package-references.ts";
import { type Property, properties } from "../../documents/plimsoll-properties.ts";
import { vulnerabilityPage } from "../../documents/vulnerability-page.ts";
import { webAddress } from "../../documents/web-address.ts";
import { analysisOf, statementProperties } from "./analysis.ts";
import { targetReference } from "./components.ts";
import { ratingsOf } from "./ratings.ts";

/** Findings that differ only in their packages. */
export interface FindingGroup {
  /** Everything but the packages, as JSON, and then the packages: the identity of the group. */
  readonly text: string;
  readonly entry: object;
  /** The `bom-ref` of each package. */
  readonly packages: ReadonlySet<string>;
}

/** A statement or a waiver that applies to a finding. */
interface Judgement {
  readonly assessment?: Assessment | undefined;
  readonly waiver?: Waiver;
}

/** The findings that count, then the suppressed and the waived ones, in groups. */
export function groupFindings(
  { findings, suppressed, waived = [] }: Pick<Report, "findings" | "suppressed" | "waived">,
  references: PackageReferences,
): readonly FindingGroup[] {
  const groups = new Map<string, { readonly entry: object; readonly packages: Set<string> }>();
  const add = (finding: Finding, judgement: Judgement): void => {
    const entry = entryOf(finding, judgement);
    const key = JSON.stringify(entry);
    const group = groups.get(key) ?? { entry, packages: new Set() };
    group.packages.add(references.of(finding.package) ?? targetReference);
    groups.set(key, group);
  };
  for (const finding of findings) add(finding, finding);
  for (const { finding, ...assessment } of suppressed) add(finding, { assessment });
  for (const { finding, waiver } of waived) add(finding, { ...finding, waiver });
  return [...groups].map(([key, group]) => ({ ...group, text: JSON.stringify([key, ...group.packages]) }));
}

/** The entries of `vulnerabilities`. */
export function* vulnerabilities(groups: readonly FindingGroup[]): Generator<object> {
  for (const [index, { entry, packages }] of groups.entries()) {
    yield { "bom-ref": referenceOf(index), ...entry, affects: [...packages].map((ref) => ({ ref })) };
  }
}

/** The `bom-ref` of each entry of `vulnerabilities`. */
export function vulnerabilityReferences(groups: readonly FindingGroup[]): readonly string[] {
  return groups.map((_, index) => referenceOf(index));
}

function referenceOf(index: number): string {
  return `vulnerability-${index + 1}`;
}

function entryOf(finding: Finding, { assessment, waiver }: Judgement): object {
  const { id, aliases, summary, references = [] } = finding;
  const isSuppressed = assessment?.statement.status === "not_affected" || assessment?.statement.status === "fixed";
  const [published, updated] = [dateTime(finding.published), dateTime(finding.modified)];
  const advisories = [...new Set(references.flatMap((address) => webAddress(address) ?? []))];
  return {
    id,
    source: sourceOf(id),
    ...(aliases.length > 0 && { references: aliases.map((alias) => ({ id: alias, source: sourceOf(alias) })) }),
    ratings: ratingsOf(finding),
    ...(summary !== undefined && { description: summary }),
    ...(!isSuppressed && { recommendation: actionText(finding) }),
    ...(advisories.length > 0 && { advisories: advisories.map((url) => ({ url })) }),
    ...(published !== undefined && { published }),
    ...(updated !== undefined && { updated }),
    ...((assessment || waiver) && { analysis: analysisOf(assessment, waiver) }),
    properties: [
      ...findingProperties(finding),
      ...(assessment ? statementProperties(assessment) : []),
      ...properties([["plimsoll:waiver", waiver && waiverText(waiver)]]),
    ],
  };
}

/** The database that has a page about the id; without a page, the part of the id before its first hyphen. */
function sourceOf(id: string): object {
  const url = vulnerabilityPage(id);
  if (url === undefined) return { name: id.split("-", 1)[0] || "unknown" };
  const name = id.startsWith("CVE-") ? "NVD" : id.startsWith("GHSA-") ? "GitHub" : "OSV";
  return { name, url };
}

function findingProperties({ fixedIn, channelFix, status, statusReason, facts = {} }: Finding): readonly Property[] {
  const { knownExploited, exploitPrediction, exploits = [] } = facts;
  return properties([
    ["plimsoll:status", status],
    ["plimsoll:statusReason", statusReason],
    ["plimsoll:fixedIn", fixedIn],
    ["plimsoll:channelFix", channelFix && `${channelFix.channel}: ${channelFix.version}`],
    ["plimsoll:knownExploited", knownExploited?.addedAt],
    ["plimsoll:exploitPrediction:probability", exploitPrediction && String(exploitPrediction.probability)],
    ["plimsoll:exploitPrediction:percentile", exploitPrediction && String(exploitPrediction.percentile)],
    ...exploits.map((exploit) => ["plimsoll:exploit", exploit] as const),
  ]);
}

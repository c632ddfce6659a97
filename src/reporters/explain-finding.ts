import type { DatabasePart, DatabaseStatus, EcosystemCount } from "../model/findings/advisory.ts";
import type { Finding, FindingPackage, MatchEvidence, SourcedSeverity } from "../model/findings/finding.ts";
import type { Assessment, VexStatement } from "../model/findings/vex.ts";
import { type WaivedFinding, waiverText } from "../model/findings/waiver.ts";
import type { Contents, SuppressedFinding } from "../model/reports/report.ts";
import { channelNames, withoutFix } from "./fix-advice.ts";
import { declaredPath, dependencyText, instruction, layerName, pathText } from "./place-text.ts";
import { printable } from "./terminal-text.ts";

/** What of a report the explanation of a finding needs. */
export interface ExplainedIn extends Pick<Contents, "layers" | "target"> {
  /** Empty when not known. */
  readonly parts: readonly DatabasePart[];
  /**
   * What a database file covers, so that records of another ecosystem are known to be built in; absent when not known.
   */
  readonly ecosystems?: readonly Pick<EcosystemCount, "ecosystem">[] | undefined;
}

/** The parts of a database's status that explain the origin of records. */
export function originsIn({
  kind,
  parts,
  ecosystems,
}: Pick<DatabaseStatus, "kind" | "parts" | "ecosystems">): Pick<ExplainedIn, "parts" | "ecosystems"> {
  return { parts, ecosystems: kind === "file" ? ecosystems : undefined };
}

const mostExploits = 10;
const mostReferences = 10;

/** A line with a name in its first columns; without a name, it goes on with the one before. */
export function field(name: string, value: string): string {
  return `  ${name.padEnd(13)}${value}\n`;
}

/** Names, summary and what is known of its exploitation: what is the same for every package that has it. */
export function* headingLines(findings: readonly Finding[]): Iterable<string> {
  const [first] = findings;
  const aliases = [...new Set(findings.flatMap((finding) => finding.aliases))].map(printable);
  yield `${printable(first?.id ?? "")}${aliases.length > 0 ? ` (also ${aliases.join(", ")})` : ""}\n`;
  const summary = findings.find((finding) => finding.summary !== undefined)?.summary;
  if (summary !== undefined) yield `${printable(summary)}\n`;
  yield* dateLines(findings);
  const { knownExploited, exploitPrediction, exploits = [] } = first?.facts ?? {};
  if (knownExploited) {
    const { addedAt, dueAt, ransomware } = knownExploited;
    const due = dueAt === undefined ? "" : `, to be fixed by ${printable(dueAt)}`;
    const used = ransomware ? ", used for ransomware" : "";
    yield `Known to be exploited: in CISA's catalogue since ${printable(addedAt)}${due}${used}.\n`;
  }
  if (exploitPrediction) {
    const { probability, percentile, date } = exploitPrediction;
    const rank = `higher than ${percent(percentile)} of all vulnerabilities`;
    yield `Probability of exploitation within 30 days: ${percent(probability)}, ${rank} (EPSS of ${printable(date)}).\n`;
  }
  if (exploits.length > 0) {
    const more = exploits.length > mostExploits ? `, and ${exploits.length - mostExploits} more` : "";
    yield `Published exploits: ${exploits.slice(0, mostExploits).map(printable).join(", ")}${more}.\n`;
  }
  yield* referenceLines(findings);
}

/** `Published 2021-12-10, last modified 2024-05-14.` */
function* dateLines(findings: readonly Finding[]): Iterable<string> {
  const published = findings.flatMap((finding) => finding.published ?? []).toSorted()[0];
  const modified = findings
    .flatMap((finding) => finding.modified ?? [])
    .toSorted()
    .at(-1);
  const dates = [
    ...(published === undefined ? [] : [`published ${printable(published.slice(0, 10))}`]),
    ...(modified === undefined ? [] : [`last modified ${printable(modified.slice(0, 10))}`]),
  ].join(", ");
  if (dates !== "") yield `${dates.charAt(0).toUpperCase()}${dates.slice(1)}.\n`;
}

function* referenceLines(findings: readonly Finding[]): Iterable<string> {
  const all = [...new Set(findings.flatMap(({ references = [] }) => references))];
  if (all.length === 0) return;
  yield "References:\n";
  for (const reference of all.slice(0, mostReferences)) yield `  ${printable(reference)}\n`;
  if (all.length > mostReferences) yield `  and ${all.length - mostReferences} more\n`;
}

/**
 * The package of a finding, its place, every opinion, and each record that matched with the comparison that decided.
 */
export function* findingLines(finding: Finding, where: ExplainedIn): Iterable<string> {
  const [first] = finding.severities;
  const score = first?.score === undefined ? "" : ` ${first.score.toFixed(1)}`;
  yield `${title(finding.package)}  ${finding.severity.toUpperCase()}${score}\n`;
  yield field("what to do", advice(finding));
  if (finding.statusReason !== undefined)
    yield field("", `in the publisher's words: ${printable(finding.statusReason)}`);
  yield* severityLines(finding.severities);
  if (finding.assessment) yield* assessmentLines(finding.assessment);
  yield* restLines(finding, where);
}

/** A finding that does not count, and why. */
export function* suppressedLines(suppressed: SuppressedFinding, where: ExplainedIn): Iterable<string> {
  const { finding } = suppressed;
  yield `${title(finding.package)}  SUPPRESSED, would be ${finding.severity}\n`;
  yield* assessmentLines(suppressed);
  yield* severityLines(finding.severities);
  yield* restLines(finding, where);
}

/** A finding that a waiver accepts. */
export function* waivedLines({ finding, waiver }: WaivedFinding, where: ExplainedIn): Iterable<string> {
  yield `${title(finding.package)}  WAIVED, would be ${finding.severity}\n`;
  yield field("waiver", `${printable(waiver.id)}: ${printable(waiverText(waiver))}`);
  yield* severityLines(finding.severities);
  yield* restLines(finding, where);
}

function title({ name, version }: FindingPackage): string {
  return `${printable(name)} ${printable(version)}`;
}

function* severityLines(severities: readonly SourcedSeverity[]): Iterable<string> {
  let name = "severity";
  for (const { source, severity, score, statement } of severities) {
    const number = score === undefined ? "" : ` ${score.toFixed(1)}`;
    yield field(name, `${severity}${number} by ${printable(source)}: ${printable(statement)}`);
    name = "";
  }
}

function* assessmentLines({ by, document, statement }: Assessment): Iterable<string> {
  const { author, status, timestamp, products } = statement;
  const where = document === undefined ? "your documents" : printable(document);
  const whose = by === "user" ? `, in ${where}` : "";
  const when = timestamp === undefined ? "" : ` on ${printable(timestamp.slice(0, 10))}`;
  yield field("statement", `${words(status)}, says ${printable(author)}${when}${whose}`);
  for (const reason of reasonsOf(statement)) yield field("", printable(reason));
  for (const { "@id": id, subcomponents = [] } of products) {
    const parts = subcomponents.map((part) => printable(part["@id"]));
    yield field("", `about ${parts.length > 0 ? `${parts.join(", ")} in ` : ""}${printable(id)}`);
  }
}

function reasonsOf(statement: VexStatement): readonly string[] {
  const { justification = "", impact_statement: impact, status_notes: notes, action_statement: action } = statement;
  return [words(justification), impact, notes, action].flatMap((text) => (text ? [text] : []));
}

function words(text: string): string {
  return text.replaceAll("_", " ");
}

function* restLines(finding: Finding, where: ExplainedIn): Iterable<string> {
  const { package: found } = finding;
  yield field("package URL", printable(found.purl));
  if (found.source && found.source.name !== found.name) {
    yield field("built from", `${printable(found.source.name)} ${printable(found.source.version)}`.trimEnd());
  }
  for (const path of found.paths) yield field("path", pathText(declaredPath(path, found.declaration), where));
  const why = found.declaration && dependencyText(found.declaration);
  if (why !== undefined) yield field("why", why);
  const layer = where.layers.find(({ index }) => index === found.layer);
  if (layer) {
    const made = instruction(layer);
    yield field("layer", made === undefined ? layerName(layer, where) : `${layerName(layer, where)}: ${made}`);
    const digest = layer.digest ?? layer.diffId;
    if (digest !== undefined) yield field("", printable(digest));
  }
  for (const evidence of finding.evidence) yield* evidenceLines(evidence, where);
}

function advice({ package: found, fixedIn, channelFix, status }: Finding): string {
  if (fixedIn !== undefined) return `upgrade ${title(found)} → ${printable(fixedIn)}`;
  const { verb, reason } = withoutFix[status];
  const advised = `${verb} it: ${reason}`;
  if (!channelFix) return advised;
  return `${advised}; ${channelNames[channelFix.channel]} has the fix, ${printable(channelFix.version)}`;
}

function* evidenceLines(evidence: MatchEvidence, where: ExplainedIn): Iterable<string> {
  const subject = evidence.matchedBy === "source-package" ? "source package" : "package";
  const rule = evidence.rule === "versions" ? "its list of versions" : "a range of versions";
  yield field(
    "because",
    `${printable(evidence.advisory)} names ${subject} ${printable(evidence.name)} in ${printable(evidence.ecosystem)}`,
  );
  yield field("", `${printable(evidence.comparison)}   (${rule}, compared as ${printable(evidence.scheme)})`);
  const origin = originOf(evidence, where);
  if (origin !== undefined) yield field("", origin);
}

/**
 * From which feed a record of this ecosystem comes, as far as the names of the database's parts tell: a part has the
 * name of the ecosystem, or a feed has it as its id and its parts begin with the release. What the database does not
 * cover is built in.
 */
function originOf({ ecosystem }: MatchEvidence, { parts, ecosystems }: ExplainedIn): string | undefined {
  const colon = ecosystem.indexOf(":");
  const base = colon < 0 ? ecosystem : ecosystem.slice(0, colon);
  const release = colon < 0 ? "" : ecosystem.slice(colon + 1);
  if (ecosystems && !ecosystems.some((held) => held.ecosystem === base)) return "from the records built into Plimsoll";
  const id = base.toLowerCase().replaceAll(" ", "-");
  const ofFeed = parts.filter(({ feed }) => feed === id);
  const ofRelease = ofFeed.filter(({ name }) => release !== "" && (name === release || name.startsWith(`${release}/`)));
  const named = parts.filter(({ name }) => name === base || name === ecosystem);
  const found = ofRelease.length > 0 ? ofRelease : ofFeed.length > 0 ? ofFeed : named;
  const [first] = found;
  if (!first) return undefined;
  const latest =
    found
      .map(({ updatedAt }) => updatedAt)
      .toSorted()
      .at(-1) ?? "";
  const part = found.length === 1 && first.name !== first.feed ? `, part ${printable(first.name)}` : "";
  return `from the feed ${printable(first.feed)}${part}, as of ${printable(latest.slice(0, 10))}`;
}

/** `0.04%`, `3.2%`, `94%`: two digits that count, and neither 100 for less than all nor 0 for more than nothing. */
export function percent(share: number): string {
  const value = share * 100;
  if (value > 0 && value < 0.005) return "<0.01%";
  if (value >= 99 && value < 100) return `${Math.min(value, 99.99).toFixed(value > 99.94 ? 2 : 1)}%`;
  return `${value >= 9.95 ? value.toFixed(0) : value >= 0.95 ? value.toFixed(1) : value.toFixed(2)}%`;
}

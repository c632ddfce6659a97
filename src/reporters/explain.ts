import type { Finding, MatchEvidence } from "../model/finding.ts";
import type { Report } from "../model/report.ts";
import { instruction, layerName, pathText } from "./place-text.ts";
import { printable } from "./terminal-text.ts";

const mostIds = 10;
const mostReasons = 20;

/** What {@link explain} may ask. */
export interface ExplainOptions {
  /** A sentence for each package that a record of this name speaks of; asked only when no finding has the name. */
  readonly absence?: () => readonly string[];
}

/**
 * Why a report has a vulnerability, or has it not: every finding with this id or alias (in any case), with its package,
 * place, layer, and each record that matched with the comparison that decided. Lines of plain text; nothing in them can
 * steer a terminal.
 */
export function* explain(report: Report, id: string, { absence }: ExplainOptions = {}): Iterable<string> {
  const wanted = id.trim().toLowerCase();
  const matches = report.findings.filter((finding) => {
    return finding.id.toLowerCase() === wanted || finding.aliases.some((alias) => alias.toLowerCase() === wanted);
  });
  if (matches.length === 0) {
    yield* nothing(report, { id: printable(id.trim()), reasons: absence?.() ?? [] });
    return;
  }
  let separator = "";
  for (const findings of Map.groupBy(matches, (finding) => finding.id).values()) {
    yield separator;
    separator = "\n";
    yield* heading(findings);
    for (const finding of findings) {
      yield "\n";
      yield* findingLines(finding, report);
    }
  }
}

function* heading(findings: readonly Finding[]): Iterable<string> {
  const id = printable(findings[0]?.id ?? "");
  const aliases = [...new Set(findings.flatMap((finding) => finding.aliases))].map(printable);
  yield `${id}${aliases.length > 0 ? ` (also ${aliases.join(", ")})` : ""}\n`;
  const summary = findings.find((finding) => finding.summary !== undefined)?.summary;
  if (summary !== undefined) yield `${printable(summary)}\n`;
  yield `Found ${findings.length === 1 ? "once" : `${findings.length} times`} in this target.\n`;
}

function* findingLines(finding: Finding, report: Report): Iterable<string> {
  const { package: found } = finding;
  const score = finding.score === undefined ? "" : ` ${finding.score.toFixed(1)}`;
  yield `${printable(found.name)} ${printable(found.version)}  ${finding.severity.toUpperCase()}${score}\n`;
  yield field("what to do", advice(finding));
  yield field("package URL", printable(found.purl));
  for (const path of found.paths) yield field("path", pathText(path, report));
  const layer = report.layers.find(({ index }) => index === found.layer);
  if (layer) {
    const made = instruction(layer);
    yield field("layer", made === undefined ? layerName(layer, report) : `${layerName(layer, report)}: ${made}`);
    const digest = layer.digest ?? layer.diffId;
    if (digest !== undefined) yield field("", printable(digest));
  }
  for (const evidence of finding.evidence) yield* evidenceLines(evidence);
}

function advice({ package: found, fixedIn, status }: Finding): string {
  if (fixedIn !== undefined)
    return `upgrade ${printable(found.name)} ${printable(found.version)} → ${printable(fixedIn)}`;
  if (status === "will-not-fix") return "replace it: the publisher will not fix it";
  if (status === "end-of-life") return "replace it: it is no longer maintained";
  if (status === "fix-deferred") return "watch it: the publisher put the fix off";
  if (status === "under-investigation") return "watch it: the publisher still looks into it";
  return "watch it: no fix yet";
}

function* evidenceLines(evidence: MatchEvidence): Iterable<string> {
  const subject = evidence.matchedBy === "source-package" ? "source package" : "package";
  const rule = evidence.rule === "versions" ? "its list of versions" : "a range of versions";
  yield field(
    "because",
    `${printable(evidence.advisory)} names ${subject} ${printable(evidence.name)} in ${printable(evidence.ecosystem)}`,
  );
  yield field("", `${printable(evidence.comparison)}   (${rule}, compared as ${printable(evidence.scheme)})`);
  if (evidence.severity !== undefined) yield field("", `severity: ${printable(evidence.severity)}`);
}

function* nothing(
  report: Report,
  { id, reasons }: { readonly id: string; readonly reasons: readonly string[] },
): Iterable<string> {
  yield `${id} is not among the ${report.findings.length} findings of this report.\n\n`;
  for (const reason of reasons.slice(0, mostReasons)) yield `${printable(reason)}\n`;
  if (reasons.length > mostReasons) yield `and ${reasons.length - mostReasons} more like these\n`;
  yield reasons.length === 0 ? "No record of this name speaks of a package in this target.\n\n" : "\n";
  const { database, packages, problems } = report;
  yield `${packages.length} packages were compared with ${database.records} records`;
  yield ` (${database.kind === "built-in" ? "built into Plimsoll" : printable(database.path ?? "a file")}):\n`;
  yield* packagesByType(report);
  if (database.ecosystems.length > 0) {
    const names = database.ecosystems.map(({ ecosystem, records }) => `${printable(ecosystem)} ${records}`);
    yield field("records of", names.join(", "));
  }
  for (const limit of database.limits) yield field("limit", printable(limit));
  if (problems.length > 0) {
    yield field("not examined", `${problems.length}, so it may hide there:`);
    for (const { message, path } of problems.slice(0, mostIds)) {
      yield field(
        "",
        path === undefined || message.includes(path)
          ? printable(message)
          : `${pathText(path, report)}: ${printable(message)}`,
      );
    }
    if (problems.length > mostIds) yield field("", `and ${problems.length - mostIds} more`);
  }
  const ids = [...new Set(report.findings.map((finding) => finding.id))];
  if (ids.length > 0) {
    const more = ids.length > mostIds ? `, and ${ids.length - mostIds} more` : "";
    yield field("found were", `${ids.slice(0, mostIds).map(printable).join(", ")}${more}`);
  }
}

function* packagesByType({ packages }: Report): Iterable<string> {
  for (const [type, all] of Map.groupBy(packages, (found) => found.type)) {
    const names = all.slice(0, mostIds).map(({ name, version }) => `${printable(name)} ${printable(version)}`);
    const more = all.length > mostIds ? `, and ${all.length - mostIds} more` : "";
    yield field(type, `${names.join(", ")}${more}`);
  }
}

function field(name: string, value: string): string {
  return `  ${name.padEnd(13)}${value}\n`;
}

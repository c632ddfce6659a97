import type { Finding } from "../model/findings/finding.ts";
import type { Report } from "../model/reports/report.ts";
import { field, findingLines, headingLines, originsIn, suppressedLines, waivedLines } from "./explain-finding.ts";
import { pathText } from "./place-text.ts";
import { printable } from "./terminal-text.ts";

const mostIds = 10;
const mostReasons = 20;

/** What {@link explain} may ask. */
export interface ExplainOptions {
  /** A sentence for each package that a record of this name covers; called only when no finding has the name. */
  readonly absence?: () => readonly string[];
}

/**
 * Why a report has a vulnerability, or has it not: every finding with this id or alias (in any case), counted,
 * suppressed or waived, with its package, place and layer, what every source says of its severity, the statements about
 * it, and each record that matched with the comparison that decided; then why the report as a whole may lack something,
 * if it may. Lines of plain text; nothing in them can steer a terminal.
 */
export function* explain(report: Report, id: string, { absence }: ExplainOptions = {}): Iterable<string> {
  const wanted = id.trim().toLowerCase();
  const isNamed = ({ id: own, aliases }: Finding): boolean =>
    [own, ...aliases].some((name) => name.toLowerCase() === wanted);
  const counted = report.findings.filter(isNamed);
  const suppressed = report.suppressed.filter(({ finding }) => isNamed(finding));
  const waived = (report.waived ?? []).filter(({ finding }) => isNamed(finding));
  if (counted.length + suppressed.length + waived.length === 0) {
    yield* nothing(report, { id: printable(id.trim()), reasons: absence?.() ?? [] });
    return;
  }
  const where = { layers: report.layers, target: report.target, ...originsIn(report.database) };
  const all = [...counted, ...[...suppressed, ...waived].map(({ finding }) => finding)];
  let separator = "";
  for (const [name, findings] of Map.groupBy(all, (finding) => finding.id)) {
    yield separator;
    separator = "\n";
    yield* headingLines(findings);
    const here = counted.filter((finding) => finding.id === name);
    const held = suppressed.filter(({ finding }) => finding.id === name);
    const accepted = waived.filter(({ finding }) => finding.id === name);
    yield `${found(here.length, held.length, accepted.length)}\n`;
    for (const finding of here) {
      yield "\n";
      yield* findingLines(finding, where);
    }
    for (const one of held) {
      yield "\n";
      yield* suppressedLines(one, where);
    }
    for (const one of accepted) {
      yield "\n";
      yield* waivedLines(one, where);
    }
  }
  yield* doubtLines(report);
}

/** Why the report as a whole may lack something: one that was found may be there more often. */
function* doubtLines(report: Report): Iterable<string> {
  const { verdict, problems } = report;
  if (verdict.decision !== "cannot-tell" && problems.length === 0) return;
  yield "\n";
  yield "For the whole target:\n";
  if (verdict.decision === "cannot-tell") yield field("cannot tell", verdict.reasons.map(printable).join("; "));
  yield* unexaminedLines(report);
}

function* unexaminedLines(report: Report): Iterable<string> {
  const { problems } = report;
  if (problems.length === 0) return;
  yield field("not examined", `${problems.length}; the vulnerability may be there:`);
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

/** How often it is there, how often a statement suppresses it, and how often a waiver accepts it. */
export function found(counted: number, suppressed: number, waived = 0): string {
  const first = foundWithStatements(counted, suppressed);
  if (waived === 0) return first;
  const times = waived === 1 ? "once" : `${waived} times`;
  return counted + suppressed === 0 ? `Found ${times} in this target, and waived.` : `${first} Waived ${times}.`;
}

function foundWithStatements(counted: number, suppressed: number): string {
  const times = (number: number): string => (number === 1 ? "once" : `${number} times`);
  if (suppressed === 0) return `Found ${times(counted)} in this target.`;
  if (counted === 0) return `Found ${times(suppressed)} in this target, and not counted because of statements.`;
  return `Found ${times(counted)} in this target, and ${times(suppressed)} more, not counted because of statements.`;
}

function* nothing(
  report: Report,
  { id, reasons }: { readonly id: string; readonly reasons: readonly string[] },
): Iterable<string> {
  yield `${id} is not among the ${report.findings.length} findings of this report.\n\n`;
  for (const reason of reasons.slice(0, mostReasons)) yield `${printable(reason)}\n`;
  if (reasons.length > mostReasons) yield `and ${reasons.length - mostReasons} more like these\n`;
  yield reasons.length === 0 ? "No record with this id covers a package in this target.\n\n" : "\n";
  const { database, packages } = report;
  const compared = packages.length === 1 ? "One package was" : `${packages.length} packages were`;
  yield `${compared} compared with ${database.records} records`;
  yield ` (${database.kind === "built-in" ? "built into Plimsoll" : printable(database.path ?? "a file")}):\n`;
  yield* packagesByType(report);
  if (database.ecosystems.length > 0) {
    const names = database.ecosystems.map(({ ecosystem, records }) => `${printable(ecosystem)} ${records}`);
    yield field("records of", names.join(", "));
  }
  for (const limit of database.limits) yield field("limit", printable(limit));
  yield* unexaminedLines(report);
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

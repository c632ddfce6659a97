import type { Severity } from "../../../model/findings/finding.ts";
import { counted } from "../../../model/text/counted.ts";
import { severities } from "../../package-groups.ts";
import { printable } from "../../terminal-text.ts";
import type { ResultRow } from "./result-row.ts";

/** What a short message says of a report. */
export interface Digest {
  /** The verdict of the whole, with its subject and reasons; undefined for running containers, which have one each. */
  readonly verdict: ResultRow | undefined;
  /** How many subjects have each decision. */
  readonly decisions: ReadonlyMap<string, number>;
  readonly counts: ReadonlyMap<Severity, number>;
  /** The worst findings and failed checks, worst first. */
  readonly worst: readonly ResultRow[];
  readonly findings: number;
  /** How many parts were not examined, or could not be. */
  readonly incomplete: number;
}

/** Reads rows once, in bounded memory. */
export function digestOf(rows: Iterable<ResultRow>, { most }: { readonly most: number }): Digest {
  const worst = new Map<Severity, ResultRow[]>(severities.map((severity) => [severity, []]));
  const counts = new Map<Severity, number>();
  const decisions = new Map<string, number>();
  let findings = 0;
  let incomplete = 0;
  let last: ResultRow | undefined;
  for (const row of rows) {
    last = row;
    if (row.type === "verdict") decisions.set(row.state, (decisions.get(row.state) ?? 0) + 1);
    else if (row.outcome === "incomplete") incomplete++;
    else if (row.outcome === "failed") {
      const severity = severities.find((each) => each === row.severity) ?? "unknown";
      const some = worst.get(severity);
      if (some && some.length < most) some.push(row);
      counts.set(severity, (counts.get(severity) ?? 0) + 1);
      findings++;
    }
  }
  return {
    verdict: last?.type === "verdict" ? last : undefined,
    decisions,
    counts,
    worst: [...worst.values()].flat().slice(0, most),
    findings,
    incomplete,
  };
}

const longestLine = 300;

/** A line of text from a report: printable, and at most 300 characters. */
export function shortLine(text: string): string {
  const line = printable(text.toWellFormed());
  return line.length > longestLine ? `${line.slice(0, longestLine - 1).toWellFormed()}…` : line;
}

/** `high CVE-2021-1 lodash 4.17.20: fixed in 4.17.21`. */
export function findingLine({
  type,
  severity,
  id,
  package: found,
  version,
  fixedIn,
  subject,
  message,
}: ResultRow): string {
  const title = `${severity} ${id}`;
  if (type === "vulnerability") {
    return shortLine(`${title} ${found} ${version}: ${fixedIn === "" ? "no fixed version" : `fixed in ${fixedIn}`}`);
  }
  return shortLine(`${title} ${subject}: ${message}`);
}

/** The sentences of a digest below its title: reasons, counts, what was not examined. */
export function digestLines({ verdict, decisions, counts, findings, incomplete }: Digest): readonly string[] {
  const bySeverity = severities.flatMap((severity) =>
    counts.has(severity) ? [`${counts.get(severity)} ${severity}`] : [],
  );
  return [
    ...(verdict ? [shortLine(verdict.message)] : []),
    ...(findings > 0 ? [`${counted(findings, "finding")}: ${bySeverity.join(", ")}`] : []),
    ...(incomplete > 0 ? [`${counted(incomplete, "part")} could not be examined`] : []),
    ...(verdict ? [] : [...decisions].map(([decision, number]) => `${number} ${decision}`)),
  ];
}

/** The title of a digest: the decision and its subject. */
export function digestTitle({ verdict }: Digest): string {
  return verdict ? `Plimsoll: ${verdict.state}: ${verdict.subject}` : "Plimsoll: running containers";
}

import { createHash } from "node:crypto";
import type { Severity } from "../../../model/findings/finding.ts";
import type { Problem } from "../../../model/reports/problem.ts";
import type { Verdict } from "../../../model/reports/verdict.ts";
import { counted } from "../../../model/text/counted.ts";
import { severities } from "../../package-groups.ts";
import { printable } from "../../terminal-text.ts";
import { longestText, mostNotifications, mostResults } from "./limits.ts";
import type { SarifLocation, SarifNotification, SarifResult, SarifRule, SarifRun } from "./sarif-log.ts";
import { levelOf, securitySeverity } from "./sarif-severity.ts";

/** What decides whether a result is among those that are written, and its parts, which are built only then. */
export interface Candidate {
  readonly severity: Severity;
  readonly score?: number | undefined;
  readonly build: () => RunResult;
}

/** A result before it is numbered, with the rule that it belongs to. */
export interface RunResult {
  readonly rule: Omit<SarifRule, "properties">;
  /** The tags of the rule. */
  readonly tags: readonly string[];
  readonly message: string;
  readonly location: SarifLocation;
  /** What stays the same from one scan to the next, whatever the version of the package. */
  readonly identity: readonly string[];
  readonly properties?: SarifResult["properties"];
}

/** A run before its limits. */
export interface RunParts {
  readonly version: string;
  /** Names the target: the results of a later run with the same id replace those of this one. */
  readonly id: readonly string[];
  /** In any order. */
  readonly results: readonly Candidate[];
  readonly problems: readonly Problem[];
  /** What a reader must know beside the problems, one sentence each. */
  readonly remarks: readonly string[];
  /** Absent for a report without a verdict of its own. */
  readonly verdict?: Verdict;
  /** Results that do not count, by reason; they are not in the run, because GitHub would open alerts for them. */
  readonly notCounted: Readonly<Record<string, number>>;
}

/** One run: the worst results first, at most as many as GitHub shows; the others are counted. */
export function buildRun(parts: RunParts): SarifRun {
  const sorted = parts.results.toSorted(byWeight);
  const kept = sorted.slice(0, mostResults).map((one) => ({ ...one, ...one.build() }));
  const rules = rulesOf(kept);
  const index = new Map(rules.map(({ id }, at) => [id, at]));
  const occurrences = new Map<string, number>();
  const results = kept.map((one) => {
    const hash = createHash("sha256").update(JSON.stringify(one.identity)).digest("hex").slice(0, 16);
    const occurrence = (occurrences.get(hash) ?? 0) + 1;
    occurrences.set(hash, occurrence);
    return {
      ruleId: one.rule.id,
      ruleIndex: index.get(one.rule.id) ?? 0,
      level: levelOf(one.severity),
      message: { text: shortened(one.message) },
      locations: [one.location],
      partialFingerprints: { primaryLocationLineHash: `${hash}:${occurrence}` },
      ...(one.properties && { properties: one.properties }),
    };
  });
  const leftOut = sorted.length - kept.length;
  return {
    tool: { driver: { name: "Plimsoll", semanticVersion: parts.version, rules } },
    automationDetails: { id: `${["plimsoll", ...parts.id].map(categoryPart).join("/")}/` },
    invocations: [{ executionSuccessful: true, toolExecutionNotifications: notifications(parts, leftOut) }],
    columnKind: "utf16CodeUnits",
    results,
    properties: {
      ...(parts.verdict && { verdict: parts.verdict }),
      results: sorted.length,
      leftOut,
      notCounted: parts.notCounted,
    },
  };
}

function byWeight(a: Candidate, b: Candidate): number {
  return severities.indexOf(a.severity) - severities.indexOf(b.severity) || (b.score ?? 0) - (a.score ?? 0);
}

/** Each rule once, with the number of its worst result. */
function rulesOf(results: readonly (Candidate & RunResult)[]): SarifRule[] {
  return [...Map.groupBy(results, ({ rule }) => rule.id).values()].flatMap((some) => {
    const [first] = some;
    if (!first) return [];
    const worst = Math.max(...some.map(({ severity, score }) => securitySeverity(severity, score)));
    const tags = ["security", ...first.tags];
    return [{ ...first.rule, properties: { "security-severity": worst.toFixed(1), tags } }];
  });
}

function notifications({ problems, remarks, verdict }: RunParts, leftOut: number): SarifNotification[] {
  const cut = `${counted(leftOut, "result")} of lower severity left out: GitHub shows ${mostResults} of a run`;
  const all: SarifNotification[] = [
    ...(verdict ? [note(`Verdict: ${verdict.decision}. ${verdict.reasons.join("; ")}.`)] : []),
    ...(leftOut > 0 ? [warning(`${cut}. Use --format json for all.`)] : []),
    ...remarks.map(warning),
    ...problems.map(({ path, message }) => warning(path === undefined ? message : `${path}: ${message}`)),
  ];
  if (all.length <= mostNotifications) return all;
  const more = all.length - mostNotifications + 1;
  return [...all.slice(0, mostNotifications - 1), warning(`${more} more; use --format json for all.`)];
}

function note(text: string): SarifNotification {
  return { level: "note", message: { text: shortened(text) } };
}

function warning(text: string): SarifNotification {
  return { level: "warning", message: { text: shortened(text) } };
}

/** At most about {@link longestText} characters, without control and other invisible characters; never empty. */
export function shortened(text: string): string {
  const short = text.length <= longestText ? text : `${text.slice(0, longestText - 1)}…`;
  return printable(short.toWellFormed()) || "-";
}

/** The part of a category up to the next `/`, which ends it. */
function categoryPart(text: string): string {
  return shortened(text).replaceAll("/", "∕").slice(0, 200).toWellFormed();
}

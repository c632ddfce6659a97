import type { CheckMapping, CheckReport, CheckResult, CheckState, ExaminedKind } from "../model/checks/check.ts";
import { counted } from "../model/text/counted.ts";
import { readableNumber } from "../model/text/readable-number.ts";
import { evidenceText } from "./evidence-text.ts";
import { baselineText } from "./filter-text.ts";
import { shortFrameworkTexts } from "./framework-text.ts";
import {
  decisionLabels,
  gutter,
  paragraph,
  row,
  type TableOptions,
  type TableRoom,
  tableWriter,
} from "./table-layout.ts";
import { severityStyles } from "./table-package.ts";
import { displayWidth, type Line, printable, type Span, type Style, wrap } from "./terminal-text.ts";

/** Most resources of one check; the number of the others is stated. */
const mostResources = 20;
const mostEvidence = 20;
const mostProblems = 10;
/** Most names of checks that could not be evaluated for one reason. */
const mostNames = 3;

/** What a table of checks shows beside what failed. */
export interface CheckTableOptions extends TableOptions {
  /** Also what passed, what only a person can tell, and what there is nothing of. */
  readonly all: boolean;
}

/**
 * Checks for a person at a terminal: what failed, worst first, each with its resources, what was seen, and what to do;
 * then what could not be looked at, and the counts. Lines of at most `width` columns; nothing in them can steer a
 * terminal.
 */
export function* checkTable(report: CheckReport, options: CheckTableOptions): Iterable<string> {
  const { all } = options;
  const { columns, full, write } = tableWriter(options);
  yield* write(paragraph({ text: "Checked", style: "bold" }, [printable(report.target.name)], { columns }));
  yield* write(paragraph(undefined, subjectLines(report), { columns, style: "dim" }));
  const { baseline } = report;
  if (baseline) yield* write(paragraph(undefined, [baselineText(baseline)], { columns, style: "yellow" }));
  const shown = report.results.filter(({ state }) => all || state === "fail" || state === "waived");
  for (const group of grouped(shown)) {
    yield "\n";
    yield* write(checkLines(group, { columns, full }));
  }
  yield* write(blindLines(report, { columns, all }));
  yield* write(problemLines(report, { columns, full }));
  yield* write(idleWaiverLines(report, columns));
  yield "\n";
  yield* write(countLines(report, columns));
  yield* write(verdictLines(report, columns));
}

/** The results of one check in one state. */
type Group = readonly [CheckResult, ...CheckResult[]];

const stateOrder: readonly CheckState[] = ["fail", "warn", "waived", "manual", "not-applicable", "pass"];
const severityOrder: readonly CheckResult["severity"][] = ["critical", "high", "medium", "low", "negligible"];

function grouped(results: readonly CheckResult[]): readonly Group[] {
  const groups = [...Map.groupBy(results, ({ id, state }) => `${state} ${id}`).values()] as unknown as Group[];
  return groups.toSorted(([a], [b]) => {
    const byState = stateOrder.indexOf(a.state) - stateOrder.indexOf(b.state);
    if (byState !== 0) return byState;
    const bySeverity = severityOrder.indexOf(a.severity) - severityOrder.indexOf(b.severity);
    return bySeverity !== 0 ? bySeverity : a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
  });
}

function* checkLines(results: Group, { columns, full }: TableRoom): Iterable<Line> {
  const [{ state, severity, title, id, remediation, mappings }] = results;
  const label = labelOf(state, severity);
  const name = printable(title);
  const fits = displayWidth(name) + displayWidth(id) + 2 <= columns - gutter;
  const idWidth = displayWidth(printable(id)) + (fits ? displayWidth(name) + 2 : 0);
  const behind = `${printable(id)}${frameworksWithin(columns - gutter - idWidth, mappings)}`;
  yield row(label, [{ text: name, style: "bold" }, ...(fits ? [{ text: `  ${behind}`, style: "dim" } as const] : [])]);
  if (!fits) yield row(undefined, [{ text: behind, style: "dim" }]);
  const shown = full ? results.length : mostResources;
  for (const result of results.slice(0, shown)) yield* resultLines(result, { columns, full });
  if (results.length > shown) {
    yield* paragraph(undefined, [`… and ${readableNumber(results.length - shown)} more`], {
      columns,
      style: "dim",
    });
  }
  if (state === "fail") yield* paragraph(undefined, [printable(remediation)], { columns, style: "cyan" });
}

/** Ids of frameworks behind the id of a check: as many as there is room for. */
function frameworksWithin(room: number, mappings: readonly CheckMapping[]): string {
  let text = "";
  for (const framework of shortFrameworkTexts(mappings).map(printable)) {
    const longer = text === "" ? `  ${framework}` : `${text}; ${framework}`;
    if (displayWidth(longer) <= room) text = longer;
  }
  return text;
}

function* resultLines(result: CheckResult, { columns, full }: TableRoom): Iterable<Line> {
  const { resource, location, evidence, reason } = result;
  const place =
    location === undefined
      ? ""
      : `${printable(location.path)}${location.line === undefined ? "" : `:${location.line}`}`;
  const name = resource === undefined ? "" : printable(resource);
  const fits = displayWidth(name) + displayWidth(place) + 2 <= columns - gutter;
  if (name !== "" && place !== "" && fits) {
    yield row(undefined, [
      { text: name, style: "plain" },
      { text: `  ${place}`, style: "dim" },
    ]);
  } else {
    yield* paragraph(undefined, [name], { columns });
    yield* paragraph(undefined, [place], { columns, style: "dim" });
  }
  if (reason !== undefined) yield* indented(printable(reason), columns);
  const shown = full ? evidence.length : mostEvidence;
  for (const one of evidence.slice(0, shown)) yield* indented(printable(evidenceText(one)), columns);
  if (evidence.length > shown) {
    yield* indented(`… and ${readableNumber(evidence.length - shown)} more`, columns);
  }
}

/** Dim text behind the gutter, further in where it goes on: what was seen is never cut. */
function* indented(text: string, columns: number): Iterable<Line> {
  for (const [index, line] of wrap(text, columns - gutter - 4).entries()) {
    yield row(undefined, [{ text: `${index === 0 ? "  " : "    "}${line}`, style: "dim" }]);
  }
}

/** How much was looked at, and when, for what can change by itself. */
function subjectLines({ target: { kind, examined = {} }, createdAt }: CheckReport): readonly string[] {
  const parts = Object.entries(examined).flatMap(([name, number]) => {
    const [one, several] = examinedWords[name as ExaminedKind] ?? [name, name];
    return number === undefined || number === 0 ? [] : [counted(number, one, several)];
  });
  const time =
    kind === "docker" || kind === "host" || kind === "kubernetes" ? [`facts of ${printable(createdAt)}`] : [];
  return parts.length + time.length === 0 ? [] : [[...parts, ...time].join(" · ")];
}

/** The words for one and for several of each kind. */
export const examinedWords: Readonly<Record<ExaminedKind, readonly [one: string, several: string]>> = {
  files: ["file", "files"],
  resources: ["resource", "resources"],
  composeFiles: ["Compose file", "Compose files"],
  layers: ["layer", "layers"],
  images: ["image", "images"],
  containers: ["container", "containers"],
};

function labelOf(state: CheckState, severity: CheckResult["severity"]): Span {
  if (state === "fail") return { text: severity.toUpperCase(), style: severityStyles[severity] };
  return { text: shortStateWords[state] ?? stateWords[state], style: stateStyles[state] };
}

/** The words for each state. */
export const stateWords: Readonly<Record<CheckState, string>> = {
  fail: "failed",
  warn: "could not be checked",
  waived: "waived",
  manual: "manual",
  "not-applicable": "not applicable",
  pass: "passed",
};

/** For the first column, which is narrower than these words. */
const shortStateWords: Readonly<Partial<Record<CheckState, string>>> = { warn: "not checked", "not-applicable": "n/a" };

const stateStyles: Readonly<Record<CheckState, Style>> = {
  fail: "red",
  warn: "bold-yellow",
  waived: "yellow",
  manual: "plain",
  "not-applicable": "dim",
  pass: "bold-green",
};

/** Checks that could not be evaluated, grouped by reason, since one missing permission often affects many. */
function* blindLines({ results }: CheckReport, { columns, all }: { columns: number; all: boolean }): Iterable<Line> {
  if (all) return;
  const blind = results.filter(({ state }) => state === "warn");
  let label: Span | undefined = { text: "Not checked", style: "bold-yellow" };
  for (const [reason, those] of Map.groupBy(blind, ({ reason }) => reason ?? "")) {
    if (label !== undefined) yield [];
    const ids = [...new Set(those.map(({ id }) => printable(id)))];
    const who = ids.length <= mostNames ? ids.join(", ") : counted(ids.length, "check");
    yield* paragraph(label, [`${who}: ${printable(reason)}`], { columns, style: "yellow" });
    label = undefined;
  }
}

function* idleWaiverLines({ idleWaivers = [] }: CheckReport, columns: number): Iterable<Line> {
  if (idleWaivers.length === 0) return;
  yield [];
  yield* paragraph({ text: "Waivers", style: "yellow" }, idleWaivers.map(printable), { columns, style: "yellow" });
}

function* problemLines({ problems }: CheckReport, { columns, full }: TableRoom): Iterable<Line> {
  let label: Span | undefined = { text: "Problems", style: "bold-yellow" };
  const shown = full ? problems.length : mostProblems;
  for (const { message, path } of problems.slice(0, shown)) {
    if (label !== undefined) yield [];
    const where = path === undefined ? "" : `${printable(path)}: `;
    yield* paragraph(label, [`${where}${printable(message)}`], { columns, style: "yellow" });
    label = undefined;
  }
  if (problems.length > shown) {
    yield* paragraph(undefined, [`… and ${problems.length - shown} more`], { columns, style: "dim" });
  }
}

function countLines({ results, counts }: CheckReport, columns: number): Iterable<Line> {
  const failed = results.filter(({ state }) => state === "fail");
  const bySeverity = severityOrder.flatMap((severity) => {
    const number = failed.filter((result) => result.severity === severity).length;
    return number === 0 ? [] : [`${number} ${severity}`];
  });
  const parts = stateOrder.flatMap((state) => {
    if (counts[state] === 0) return [];
    const kinds = state === "fail" ? ` (${bySeverity.join(", ")})` : "";
    return [`${counts[state]} ${stateWords[state]}${kinds}`];
  });
  const text = parts.length === 0 ? "nothing to check" : parts.join(" · ");
  return wrap(text, columns - gutter).map((line, index) =>
    row(index === 0 ? { text: "Results", style: "bold" } : undefined, [{ text: line, style: "plain" }]),
  );
}

function verdictLines({ verdict }: CheckReport, columns: number): Iterable<Line> {
  return paragraph(decisionLabels[verdict.decision], verdict.reasons.map(printable), { columns });
}

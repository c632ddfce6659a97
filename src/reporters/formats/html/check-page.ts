import type { CheckReport, CheckResult, CheckState, ExaminedKind } from "../../../model/checks/check.ts";
import { compareText } from "../../../model/text/compare-text.ts";
import { counted } from "../../../model/text/counted.ts";
import { readableNumber } from "../../../model/text/readable-number.ts";
import { examinedWords, stateWords } from "../../check-table.ts";
import { evidenceText } from "../../evidence-text.ts";
import { baselineText } from "../../filter-text.ts";
import { frameworkTexts } from "../../framework-text.ts";
import { severities } from "../../package-groups.ts";
import { dataTable, definitions, folded, gridRow, type TableColumn, tiles } from "./data-table.ts";
import { filterForm } from "./filter-form.ts";
import { htmlPage, type PageSection } from "./html-page.ts";
import { html, type Markup, nothing } from "./markup.ts";
import { countSeverities, severityBar, severityLabel, severityList } from "./severity-parts.ts";
import { capitalized, timeText } from "./texts.ts";
import { sentences, unexaminedCount, unexaminedParts } from "./unexamined.ts";
import { decisionWords, verdictBanner } from "./verdict-parts.ts";

const mostEvidence = 20;

/** The page of checks: verdict, failures with what to do, what could not be evaluated, and all other states. */
export function checkHtml(report: CheckReport): Iterable<string> {
  const { target, verdict, tool, createdAt } = report;
  const facts = (Object.keys(examinedWords) as ExaminedKind[]).flatMap((kind) => {
    const number = target.examined?.[kind] ?? 0;
    return number === 0 ? [] : [counted(number, ...examinedWords[kind])];
  });
  return htmlPage({
    ...{ kind: "Checks", name: target.name, facts, state: decisionWords[verdict.decision] },
    ...{ opening: verdictBanner(verdict), sections: checkSections(report), tool, createdAt },
  });
}

function checkSections(report: CheckReport): readonly PageSection[] {
  const { results, problems, idleWaivers = [], target, createdAt, tool } = report;
  const unexamined = { problems, limits: [], layersInPart: 0, notes: [] };
  const inState = (state: CheckState): readonly CheckResult[] => results.filter((result) => result.state === state);
  const failed = bySeverity(inState("fail"));
  const blind = bySeverity(inState("warn"));
  const waived = bySeverity(inState("waived"));
  const sections: PageSection[] = [
    { id: "summary", heading: "Results at a glance", body: summaryParts(report, failed) },
    { id: "failed", heading: "Failed checks", count: readableNumber(failed.length), body: failedParts(failed) },
    {
      ...{ id: "blind", heading: "Could not be checked", count: readableNumber(blind.length) },
      body: reasonParts(blind, {
        ...{ id: "blind-table", caption: `${counted(blind.length, "result")} without an answer` },
        none: "Every check could be evaluated.",
      }),
    },
    {
      ...{ id: "unexamined", heading: "What could not be examined" },
      ...{ count: readableNumber(unexaminedCount(unexamined)), body: unexaminedParts(unexamined) },
    },
    {
      ...{ id: "waived", heading: "Waived failures", count: readableNumber(waived.length) },
      body: waivedParts(waived, idleWaivers),
    },
    { id: "others", heading: "Other results", body: otherParts(results) },
    {
      ...{ id: "target", heading: "About the target" },
      body: [
        definitions([
          ["Name", target.name],
          ["Type", target.kind],
          ["Checked", `${timeText(createdAt)} by Plimsoll ${tool.version}`],
        ]),
      ],
    },
  ];
  return sections.filter(({ id }) => id !== "waived" || waived.length + idleWaivers.length > 0);
}

function* summaryParts({ counts, baseline }: CheckReport, failed: readonly CheckResult[]): Iterable<Markup> {
  const states = Object.keys(stateWords) as CheckState[];
  yield tiles(states.map((state) => [stateWords[state], readableNumber(counts[state])] as const));
  if (baseline) yield html`<p class="notice">${capitalized(baselineText(baseline))}.</p>`;
  const found = countSeverities(failed);
  yield html`<div class="origins"><div><p class="head">Failures by severity<span>${counted(failed.length, "failure")}</span></p>
${severityBar(found)}${severityList(found)}</div></div>
`;
}

function* failedParts(failed: readonly CheckResult[]): Iterable<Markup> {
  if (failed.length === 0) {
    yield html`<p class="good-notice">No check failed.</p>`;
    return;
  }
  const counts = countSeverities(failed);
  yield filterForm({
    ...{ table: "failed-table", unit: "failures", count: failed.length, lists: [] },
    boxes: [
      {
        ...{ name: "severity", label: "Severity" },
        options: severities.map((severity) => ({ value: severity, label: severity, count: counts[severity] ?? 0 })),
      },
    ],
  });
  yield* dataTable({
    id: "failed-table",
    grid: "failures",
    caption: `${counted(failed.length, "failure")}, worst first`,
    columns: [
      { title: "Severity", width: "small" },
      { title: "Check", width: "wide" },
      { title: "Where", width: "wide" },
      { title: "Evidence", width: "wide" },
      { title: "What to do", width: "wide" },
    ],
    rows: failed.values().map(failedRow),
  });
}

function failedRow(result: CheckResult): Markup {
  const { severity, evidence, reason, remediation, commands = [] } = result;
  const seen = evidence.slice(0, mostEvidence).map((one) => html`<li>${evidenceText(one)}</li>`);
  const more = evidence.length - mostEvidence;
  const rest = more > 0 ? html`<li>and ${readableNumber(more)} more</li>` : nothing;
  const why = reason === undefined ? nothing : html`<small>${reason}</small>`;
  const steps = commands.length === 0 ? nothing : html`<pre>${lines(commands)}</pre>`;
  return gridRow({ severity }, [
    severityLabel(severity),
    checkText(result),
    placeOf(result),
    html`<ul class="plain-list">${seen}${rest}</ul>${why}`,
    html`${remediation}${steps}`,
  ]);
}

function lines(texts: readonly string[]): readonly Markup[] {
  return texts.map(
    (text) => html`${text}
`,
  );
}

/** The title of a check, its id, and its places in frameworks. */
function checkText({ title, id, mappings }: CheckResult): Markup {
  const frameworks = mappings.length === 0 ? nothing : html`<small>${frameworkTexts(mappings).join("; ")}</small>`;
  return html`<b>${title}</b><small class="code">${id}</small>${frameworks}`;
}

function placeOf({ resource, location }: CheckResult): Markup {
  const line = location?.line === undefined ? "" : `:${location.line}`;
  const place = location === undefined ? nothing : html`<small class="code">${location.path}${line}</small>`;
  return html`${resource ?? ""}${place}`;
}

const reasonColumns: readonly TableColumn[] = [
  { title: "Severity", width: "small" },
  { title: "Check", width: "wide" },
  { title: "Where", width: "wide" },
  { title: "Reason", width: "wide" },
];

function* reasonParts(
  results: readonly CheckResult[],
  { id, caption, none }: { readonly id: string; readonly caption: string; readonly none: string },
): Iterable<Markup> {
  if (results.length === 0) yield html`<p class="good-notice">${none}</p>`;
  else {
    const rows = results.values().map((result) => {
      const inline = result.isWaivedInline ? html`<small>waived by a comment in the file</small>` : nothing;
      return html`<tr><td>${severityLabel(result.severity)}</td><th scope="row">${checkText(result)}</th><td>${placeOf(result)}</td>\
<td>${result.reason ?? ""}${inline}</td></tr>
`;
    });
    yield* dataTable({ id, caption, columns: reasonColumns, rows });
  }
}

function* waivedParts(waived: readonly CheckResult[], idleWaivers: readonly string[]): Iterable<Markup> {
  const caption = counted(waived.length, "waived failure");
  yield* reasonParts(waived, { id: "waived-table", caption, none: "No failure is waived." });
  yield sentences("Waivers without effect", idleWaivers);
}

/** Manual, not applicable and passed checks, with one row for all results of a check. */
function* otherParts(results: readonly CheckResult[]): Iterable<Markup> {
  let some = false;
  for (const state of ["manual", "not-applicable", "pass"] as const) {
    const those = results.filter((result) => result.state === state);
    if (those.length === 0) continue;
    some = true;
    const word = stateWords[state];
    const table = dataTable({
      ...{ id: `state-${state}`, caption: `${counted(those.length, "result")}: ${word}` },
      columns: [
        { title: "Check", width: "wide" },
        { title: "Results", width: "number" },
        { title: "Reason", width: "wide" },
      ],
      rows: Map.groupBy(those, ({ id }) => id)
        .values()
        .map(groupRow),
    });
    yield* folded(`${readableNumber(those.length)} ${word}`, table);
  }
  if (!some) yield html`<p class="muted">No check has another state.</p>`;
}

function groupRow(results: readonly CheckResult[]): Markup {
  const [first] = results;
  if (first === undefined) return nothing;
  const reasons = [...new Set(results.flatMap(({ reason }) => reason ?? []))];
  return html`<tr><th scope="row">${checkText(first)}</th><td class="number">${readableNumber(results.length)}</td>\
<td>${reasons.slice(0, 3).map((reason) => html`${reason}<br>`)}</td></tr>
`;
}

function bySeverity(results: readonly CheckResult[]): readonly CheckResult[] {
  return results.toSorted(
    (a, b) => severities.indexOf(a.severity) - severities.indexOf(b.severity) || compareText(a.id, b.id),
  );
}

import type { Finding } from "../../../model/findings/finding.ts";
import type { Layer, Report } from "../../../model/reports/report.ts";
import { compareText } from "../../../model/text/compare-text.ts";
import { counted } from "../../../model/text/counted.ts";
import { baselineText, leftOutText } from "../../filter-text.ts";
import { isExploited, type Origin, originOf, severities } from "../../package-groups.ts";
import { pathText } from "../../place-text.ts";
import { nothingFound } from "../../table-summary.ts";
import { dataTable, gridRow, type TableColumn } from "./data-table.ts";
import { type FilterForm, filterForm } from "./filter-form.ts";
import { exploitedMark, fixText, vulnerabilityLink } from "./finding-parts.ts";
import { clipped, html, type Markup, nothing } from "./markup.ts";
import { countSeverities, severityLabel } from "./severity-parts.ts";
import { capitalized } from "./texts.ts";

const longestSummary = 300;

/** The origin of a package, as a row says it. */
const originWords: Readonly<Record<Origin, string>> = { base: "base image", own: "your layers", unknown: "" };

/** All findings, worst first, with search and filters. */
export function* findingParts(report: Report): Iterable<Markup> {
  const { findings } = report;
  yield leftOutNotices(report);
  if (findings.length === 0) {
    yield html`<p class="good-notice">${capitalized(nothingFound(report).trim())}.</p>`;
    return;
  }
  const layers = new Map(report.layers.map((layer) => [layer.index, layer]));
  const hasOrigins = report.layers.some(({ base }) => base);
  const origin = ({ package: found }: Finding): Origin => originOf(layerOf(found.layer, layers), report);
  yield filterForm(formOf(findings, origin));
  yield* dataTable({
    id: "findings-table",
    grid: hasOrigins ? "findings" : "findings-without-origin",
    caption: `${counted(findings.length, "finding")}, worst first; a finding is one vulnerability in one package`,
    columns: columnsOf(hasOrigins),
    rows: findings
      .toSorted(byUrgency)
      .values()
      .map((finding) => findingRow(finding, { report, origin: origin(finding), hasOrigins })),
  });
}

/** The findings that the report leaves out on request, as notices; nothing without such a request. */
export function leftOutNotices({ filter, baseline }: Pick<Report, "filter" | "baseline">): Markup {
  const notices = [
    ...(filter ? [`${capitalized(leftOutText(filter))}. The verdict counts them.`] : []),
    ...(baseline ? [`${capitalized(baselineText(baseline))}.`] : []),
  ];
  return html`${notices.map((notice) => html`<p class="notice">${notice}</p>`)}`;
}

function layerOf(index: number | null, layers: ReadonlyMap<number, Layer>): Layer | undefined {
  return index === null ? undefined : layers.get(index);
}

function columnsOf(hasOrigins: boolean): readonly TableColumn[] {
  return [
    { title: "Severity", width: "small" },
    { title: "Vulnerability", width: "wide" },
    { title: "Package and path", width: "wide" },
    { title: "Installed", width: "medium" },
    { title: "Fixed in", width: "medium" },
    ...(hasOrigins ? [{ title: "Origin", width: "small" } as const] : []),
  ];
}

interface RowContext {
  readonly report: Report;
  readonly origin: Origin;
  readonly hasOrigins: boolean;
}

function findingRow(finding: Finding, { report, origin, hasOrigins }: RowContext): Markup {
  const { severity, score, package: found, fixedIn, summary = "" } = finding;
  const [path] = found.paths;
  const more = found.paths.length > 1 ? ` and ${found.paths.length - 1} more` : "";
  const place = path === undefined ? nothing : html`<small>${pathText(path, report)}${more}</small>`;
  const about = summary === "" ? nothing : html`<p>${clipped(summary, longestSummary)}</p>`;
  const layer = found.layer === null ? nothing : html`<small>layer ${found.layer + 1}</small>`;
  const properties = {
    ...{ severity, origin, fix: fixedIn === undefined ? "no" : "yes" },
    exploited: isExploited(finding) ? "yes" : "no",
  };
  return gridRow(properties, [
    severityLabel(severity, score),
    html`<b>${vulnerabilityLink(finding)}</b>${exploitedMark(isExploited(finding))}${about}`,
    html`${found.name} <span class="tag">${found.type}</span>${place}`,
    html`${found.version}`,
    fixText(finding),
    ...(hasOrigins ? [html`${originWords[origin]}${layer}`] : []),
  ]);
}

function formOf(findings: readonly Finding[], origin: (finding: Finding) => Origin): FilterForm {
  const counts = countSeverities(findings);
  const number = (matches: (finding: Finding) => boolean): number => findings.filter(matches).length;
  const withFix = number(({ fixedIn }) => fixedIn !== undefined);
  const exploited = number(isExploited);
  const base = number((finding) => origin(finding) === "base");
  const own = number((finding) => origin(finding) === "own");
  return {
    ...{ table: "findings-table", unit: "findings", count: findings.length },
    boxes: [
      {
        name: "severity",
        label: "Severity",
        options: severities.map((severity) => ({ value: severity, label: severity, count: counts[severity] ?? 0 })),
      },
    ],
    lists: [
      {
        name: "fix",
        label: "Fix",
        options: [
          { value: "yes", label: "available", count: withFix },
          { value: "no", label: "not available", count: findings.length - withFix },
        ],
      },
      {
        name: "origin",
        label: "Origin",
        options: [
          { value: "own", label: originWords.own, count: own },
          { value: "base", label: originWords.base, count: base },
        ],
      },
      {
        name: "exploited",
        label: "Exploitation",
        options: [
          { value: "yes", label: "known exploited", count: exploited },
          { value: "no", label: "not known", count: findings.length - exploited },
        ],
      },
    ],
  };
}

function byUrgency(a: Finding, b: Finding): number {
  return (
    severities.indexOf(a.severity) - severities.indexOf(b.severity) ||
    Number(isExploited(b)) - Number(isExploited(a)) ||
    Number(a.fixedIn === undefined) - Number(b.fixedIn === undefined) ||
    (b.score ?? 0) - (a.score ?? 0) ||
    compareText(a.package.name, b.package.name) ||
    compareText(a.id, b.id)
  );
}

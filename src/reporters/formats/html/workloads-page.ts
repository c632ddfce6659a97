import type {
  JudgedWorkload,
  ReferenceFinding,
  Unlisted,
  WorkloadReport,
  WorkloadScan,
} from "../../../model/images/workload.ts";
import { counted } from "../../../model/text/counted.ts";
import { readableNumber } from "../../../model/text/readable-number.ts";
import { inPartText } from "../../in-part-text.ts";
import { groupByImage, type ImageGroup, standings } from "../../workloads-by-image.ts";
import { ageText, staleText } from "../../workloads-image.ts";
import { dataTable, definitions, tiles } from "./data-table.ts";
import { filterForm } from "./filter-form.ts";
import { htmlPage } from "./html-page.ts";
import { html, type Markup, nothing } from "./markup.ts";
import { severityList } from "./severity-parts.ts";
import { timeText } from "./texts.ts";
import { decisionMark, decisionWords } from "./verdict-parts.ts";

/** The page of what runs: images with their verdicts and workloads, what could not be listed, unpinned images. */
export function workloadsHtml(report: WorkloadReport): Iterable<string> {
  const { workloads, findings, unlisted, engines, tool, createdAt } = report;
  const groups = groupByImage(workloads);
  const worst = groups[0]?.standing;
  return htmlPage({
    ...{ kind: "Running workloads", name: engines.length > 0 ? engines.join(", ") : "no engine", facts: [] },
    ...{ state: worst === undefined ? "no workloads" : decisionWords[worst], tool, createdAt },
    opening: nothing,
    sections: [
      { id: "summary", heading: "Workloads at a glance", body: summaryParts(report, groups) },
      {
        ...{ id: "unlisted", heading: "What could not be listed", count: readableNumber(unlisted.length) },
        body: unlistedParts(unlisted),
      },
      {
        ...{ id: "workloads", heading: "Images and workloads", count: readableNumber(groups.length) },
        body: imageParts(report, groups),
      },
      {
        ...{ id: "references", heading: "Images without a digest", count: readableNumber(findings.length) },
        body: referenceParts(findings),
      },
      { id: "about", heading: "About the report", body: [aboutReport(report)] },
    ],
  });
}

function* summaryParts({ workloads, unlisted }: WorkloadReport, groups: readonly ImageGroup[]): Iterable<Markup> {
  const counts = standings.flatMap((standing) => {
    const number = groups.filter((group) => group.standing === standing).length;
    const word = `images: ${decisionWords[standing].toLowerCase()}`;
    return number === 0 ? [] : [[word, readableNumber(number)] as const];
  });
  yield tiles([["workloads", readableNumber(workloads.length)], ["images", readableNumber(groups.length)], ...counts]);
  if (unlisted.length > 0) {
    yield html`<p class="notice">The list is incomplete: ${counted(unlisted.length, "part")} could not be listed or
scanned.</p>`;
  }
}

function* unlistedParts(unlisted: readonly Unlisted[]): Iterable<Markup> {
  if (unlisted.length === 0) {
    yield html`<p class="good-notice">All workloads of these engines were listed.</p>`;
    return;
  }
  yield* dataTable({
    ...{ id: "unlisted-table", caption: counted(unlisted.length, "failure") },
    columns: [
      { title: "Engine", width: "medium" },
      { title: "Reason", width: "wide" },
    ],
    rows: unlisted.map(({ engine, message, hint = "" }) => {
      return html`<tr><th scope="row">${engine}</th><td>${message}<small>${hint}</small></td></tr>
`;
    }),
  });
}

function* imageParts(report: WorkloadReport, groups: readonly ImageGroup[]): Iterable<Markup> {
  if (groups.length === 0) {
    yield html`<p class="good-notice">No running workloads were found.</p>`;
    return;
  }
  yield filterForm({
    ...{ table: "image-table", unit: "images", count: groups.length, lists: [] },
    boxes: [
      {
        ...{ name: "standing", label: "Verdict" },
        options: standings.map((standing) => {
          const count = groups.filter((group) => group.standing === standing).length;
          return { value: standing, label: decisionWords[standing].toLowerCase(), count };
        }),
      },
    ],
  });
  yield* dataTable({
    ...{ id: "image-table", caption: `${counted(groups.length, "image")}, worst first` },
    columns: [
      { title: "Verdict", width: "medium" },
      { title: "Image", width: "wide" },
      { title: "Findings", width: "wide" },
      { title: "Workloads", width: "wide" },
    ],
    rows: groups.values().map((group) => imageRow(group, report)),
  });
}

function imageRow({ image, standing, scan, workloads }: ImageGroup, report: WorkloadReport): Markup {
  const digest = workloads[0]?.digest ?? workloads[0]?.imageId ?? "";
  return html`<tr data-standing="${standing}"><td>${decisionMark(standing)}</td>\
<th scope="row">${image}<small class="code">${digest}</small></th><td>${scanCell(scan, report)}</td>\
<td><ul class="plain-list">${workloads.map((workload) => workloadItem(workload, report))}</ul></td></tr>
`;
}

function scanCell(scan: WorkloadScan | null, report: WorkloadReport): Markup {
  if (scan === null) return html`<span class="muted">The image was not scanned.</span>`;
  const { findings, problems, layersInPart, verdict } = scan;
  const stale = staleText(scan, report);
  const notes = [
    ...verdict.reasons,
    ...(problems > 0 ? [`${counted(problems, "part")} could not be examined`] : []),
    ...(layersInPart === undefined ? [] : [inPartText(layersInPart, "plimsoll scan")]),
    ...(stale === undefined ? [] : [stale]),
  ];
  return html`${severityList(findings)}${notes.map((note) => html`<small>${note}</small>`)}`;
}

function workloadItem(workload: JudgedWorkload, { createdAt }: WorkloadReport): Markup {
  const { engine, place, name, container, instances, state, startedAt, moved } = workload;
  const many = instances > 1 ? ` ×${instances}` : "";
  const inside = engine === "kubernetes" ? `, container ${container}` : "";
  const since = startedAt === undefined ? "" : `, started ${ageText(startedAt, createdAt)} ago`;
  const tag = moved ? "; its tag has moved" : "";
  return html`<li>${name}${many}<small>${engine}${place === undefined ? "" : ` (${place})`}${inside}: ${state}${since}${tag}</small></li>`;
}

function* referenceParts(findings: readonly ReferenceFinding[]): Iterable<Markup> {
  if (findings.length === 0) {
    yield html`<p class="good-notice">Every image is named with its digest.</p>`;
    return;
  }
  yield* dataTable({
    ...{ id: "reference-table", caption: counted(findings.length, "image reference") },
    columns: [
      { title: "Image", width: "wide" },
      { title: "Problem", width: "medium" },
      { title: "Used by", width: "wide" },
      { title: "Use instead", width: "wide" },
    ],
    rows: findings.map(({ id, image, pin, pins = [], runs = [], workloads }) => {
      const fault = id === "latest" ? "tag latest" : "tag without a digest";
      const different =
        runs.length > 1 ? html`<small>${runs.length} different images run under this name</small>` : nothing;
      const instead = pin === undefined ? pins : [pin];
      return html`<tr><th scope="row">${image}</th><td>${fault}${different}</td><td>${workloads.join(", ")}</td>\
<td class="code">${instead.join(", ")}</td></tr>
`;
    }),
  });
}

function aboutReport({ engines, database, createdAt, tool }: WorkloadReport): Markup {
  const which = database.kind === "built-in" ? "built into Plimsoll" : "database";
  return definitions([
    ["Engines", engines.join(", ")],
    ["Advisories", `${which}, built ${timeText(database.builtAt)}`],
    ["Listed", `${timeText(createdAt)} by Plimsoll ${tool.version}`],
  ]);
}

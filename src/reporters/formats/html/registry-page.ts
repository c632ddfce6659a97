import type { RegistryFailure, RegistryImage, RegistryReport } from "../../../model/reports/registry-report.ts";
import type { Decision } from "../../../model/reports/verdict.ts";
import { counted } from "../../../model/text/counted.ts";
import { readableNumber } from "../../../model/text/readable-number.ts";
import { leftOutText } from "../../filter-text.ts";
import { ageText } from "../../workloads-image.ts";
import { dataTable, definitions, gridRow, tiles } from "./data-table.ts";
import { filterForm } from "./filter-form.ts";
import { firstOf } from "./finding-parts.ts";
import { htmlPage, type PageSection } from "./html-page.ts";
import { html, type Markup, nothing } from "./markup.ts";
import { type ImageSummary, imageName, type Survey, surveyImages } from "./registry-survey.ts";
import { severityBar, severityList } from "./severity-parts.ts";
import { capitalized, sizeText, timeText } from "./texts.ts";
import { sentences } from "./unexamined.ts";
import { decisionMark, decisionWords, verdictBanner } from "./verdict-parts.ts";

const mostProblems = 20;

/** The page of a registry: verdict, the worst images, what could not be scanned, and all images with their counts. */
export function registryHtml(report: RegistryReport): Iterable<string> {
  const { scope, verdict, tool, createdAt, totals } = report;
  const name = scope.prefix === undefined ? scope.registry : `${scope.registry}/${scope.prefix}`;
  const facts = [
    counted(totals.images, "different image"),
    counted(totals.repositories, "repository", "repositories"),
    counted(totals.tags, "tag"),
  ];
  return htmlPage({
    ...{ kind: "Registry scan", name, facts, state: decisionWords[verdict.decision] },
    ...{ opening: verdictBanner(verdict), sections: registrySections(report), tool, createdAt },
  });
}

function registrySections(report: RegistryReport): readonly PageSection[] {
  const { failures, totals } = report;
  const survey = surveyImages(report.images);
  return [
    { id: "summary", heading: "Images at a glance", body: summaryParts(report, survey) },
    ...(survey.worst.length > 0
      ? [{ id: "worst", heading: "What to look at first", body: worstParts(survey.worst) }]
      : []),
    {
      ...{ id: "failures", heading: "What could not be scanned", count: readableNumber(failures.length) },
      body: failureParts(report, survey),
    },
    { id: "images", heading: "All images", count: readableNumber(survey.lines), body: imageParts(report, survey) },
    {
      ...{ id: "about", heading: "About the run" },
      body: [
        aboutRun(report),
        sentences("Repositories without tags", report.empty),
        sentences("Repositories that were listed and not found", report.unknown),
      ],
    },
  ].filter(({ id }) => id !== "images" || totals.images > 0 || survey.lines > 0);
}

function* summaryParts({ totals, filter }: RegistryReport, { decisions, findings, total }: Survey): Iterable<Markup> {
  const named = (Object.keys(decisions) as Decision[]).map(
    (decision) => [decisionWords[decision].toLowerCase(), readableNumber(decisions[decision] ?? 0)] as const,
  );
  yield tiles([...named, ["not scanned", readableNumber(totals.failures)]]);
  if (filter) yield html`<p class="notice">${capitalized(leftOutText(filter))}. The verdicts count them.</p>`;
  yield html`<div class="origins"><div><p class="head">Findings in all images<span>${counted(total, "finding")}</span></p>
${severityBar(findings)}${severityList(findings)}</div></div>
`;
}

function worstParts(worst: readonly ImageSummary[]): Iterable<Markup> {
  return dataTable({
    id: "worst-table",
    caption: "Worst verdict and findings first; for the findings of an image: plimsoll scan IMAGE --format html",
    columns: [
      { title: "Verdict", width: "medium" },
      { title: "Image", width: "wide" },
      { title: "Findings", width: "wide" },
    ],
    rows: worst.map(
      ({ name, platform, decision, severities }) => html`<tr><td>${decisionMark(decision)}</td>\
<th scope="row">${name}<small>${platform}</small></th><td>${severityList(severities)}</td></tr>
`,
    ),
  });
}

function* failureParts({ failures, database, scope }: RegistryReport, { withProblems }: Survey): Iterable<Markup> {
  if (failures.length === 0) yield html`<p class="good-notice">Every listed image was scanned.</p>`;
  else {
    yield* dataTable({
      id: "failure-table",
      caption: counted(failures.length, "failure"),
      columns: [
        { title: "Image", width: "wide" },
        { title: "Reason", width: "wide" },
      ],
      rows: failures.values().map((failure) => failureRow(failure, scope.registry)),
    });
  }
  if (withProblems > 0) {
    yield html`<p class="notice">In ${counted(withProblems, "image")} below, parts could not be examined.</p>`;
  }
  yield sentences("What the advisories cannot tell", database.limits);
}

function failureRow(
  { repository, tags, digest = "", platform, code, message, hint }: RegistryFailure,
  registry: string,
): Markup {
  const name = repository === undefined ? registry : imageName({ repository, tags, digest });
  const help = hint === undefined ? nothing : html`<small>${hint}</small>`;
  return html`<tr><th scope="row">${name}<small>${platform ?? ""}</small></th><td>${message}${help}<small class="code">${code}</small></td></tr>
`;
}

function* imageParts({ images }: RegistryReport, { lines, decisions, withProblems }: Survey): Iterable<Markup> {
  const counts = Object.entries(decisions).map(([value, count]) => {
    return { value, label: decisionWords[value as Decision].toLowerCase(), count };
  });
  yield filterForm({
    ...{ table: "image-table", unit: "images", count: lines },
    boxes: [{ name: "decision", label: "Verdict", options: counts }],
    lists: [
      {
        ...{ name: "problems", label: "Examined" },
        options: [
          { value: "no", label: "completely", count: lines - withProblems },
          { value: "yes", label: "not completely", count: withProblems },
        ],
      },
    ],
  });
  yield* dataTable({
    id: "image-table",
    grid: "images",
    caption: `${counted(lines, "image")}, by repository and tag`,
    columns: [
      { title: "Verdict", width: "medium" },
      { title: "Image", width: "wide" },
      { title: "Findings", width: "wide" },
      { title: "Reasons", width: "wide" },
    ],
    rows: imageRows(images),
  });
}

function* imageRows(images: Iterable<RegistryImage>): Iterable<Markup> {
  for (const image of images) {
    const { platform = "", tags, severities, suppressed, waived = 0, verdict, problems, packages, distro } = image;
    const more = tags.length > 1 ? html`<small>also tagged ${firstOf(tags.slice(0, -1), 5)}</small>` : nothing;
    const notCounted = [
      ...(suppressed > 0 ? [`${readableNumber(suppressed)} suppressed`] : []),
      ...(waived > 0 ? [`${readableNumber(waived)} waived`] : []),
    ];
    const about = [platform, distro?.name ?? "", counted(packages, "package")]
      .filter((text) => text !== "")
      .join(" · ");
    yield gridRow({ decision: verdict.decision, problems: problems.length > 0 ? "yes" : "no" }, [
      decisionMark(verdict.decision),
      html`<b>${imageName(image)}</b>${more}<small>${about}</small>`,
      html`${severityList(severities)}<small>${notCounted.join(", ")}</small>`,
      html`${verdict.reasons.join("; ")}${problemList(image)}`,
    ]);
  }
}

function problemList({ problems }: RegistryImage): Markup {
  if (problems.length === 0) return nothing;
  const items = problems
    .slice(0, mostProblems)
    .map(({ message, path }) => html`<li>${path === undefined ? "" : `${path}: `}${message}</li>`);
  const more = problems.length - mostProblems;
  const rest = more > 0 ? html`<li>and ${readableNumber(more)} more</li>` : nothing;
  return html`<details><summary>${counted(problems.length, "part")} not examined</summary><ul class="plain-list">${items}${rest}</ul></details>`;
}

function aboutRun({ scope, totals, database, createdAt, tool }: RegistryReport): Markup {
  const which = database.kind === "built-in" ? "built into Plimsoll" : (database.path ?? "a file");
  const age = `built ${timeText(database.builtAt)}, ${ageText(database.builtAt, createdAt)} before the run`;
  const { layers, bytes, resumed, artifacts } = totals;
  return definitions([
    ["Registry", scope.registry],
    ["Repositories", scope.prefix],
    ["Tag or digest", scope.reference],
    ["Named images", scope.named?.join(", ")],
    ["Tags", scope.tags.join(", ")],
    ["Newest images of each repository", scope.newest === undefined ? undefined : String(scope.newest)],
    ["Platform", scope.platform],
    ["Known from an earlier run", resumed > 0 ? counted(resumed, "image") : undefined],
    ["Skipped, not images", artifacts > 0 ? counted(artifacts, "artifact") : undefined],
    ["Layers", `${readableNumber(layers.read)} of ${readableNumber(layers.distinct)} read, ${sizeText(bytes)}`],
    ["Advisories", `${which}: ${counted(database.records, "record")}, ${age}`],
    ["Scanned", `${timeText(createdAt)} by Plimsoll ${tool.version}`],
  ]);
}

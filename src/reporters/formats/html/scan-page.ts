import type { Finding } from "../../../model/findings/finding.ts";
import type { Report, TargetKind } from "../../../model/reports/report.ts";
import { counted } from "../../../model/text/counted.ts";
import { readableNumber } from "../../../model/text/readable-number.ts";
import { groupByPackage, isExploited, type Origin, originOf, type PackageGroup } from "../../package-groups.ts";
import { tiles } from "./data-table.ts";
import { type HtmlPage, htmlPage, type PageSection } from "./html-page.ts";
import { html, type Markup } from "./markup.ts";
import { actionParts } from "./scan-actions.ts";
import { fileFindingSections } from "./scan-file-findings.ts";
import { findingParts, leftOutNotices } from "./scan-findings.ts";
import { suppressedParts, waivedParts } from "./scan-suppressed.ts";
import { targetParts } from "./scan-target.ts";
import { countSeverities, severityBar, severityList } from "./severity-parts.ts";
import { unexaminedCount, unexaminedParts } from "./unexamined.ts";
import { decisionWords, verdictBanner } from "./verdict-parts.ts";

/** The page of a scan: verdict, what to do first, where the findings are from, what was not examined, all findings. */
export function scanHtml(report: Report): Iterable<string> {
  return htmlPage(scanPage(report));
}

function scanPage(report: Report): HtmlPage {
  const { target, distro, findings, suppressed, waived = [], idleWaivers = [], verdict, tool, createdAt } = report;
  const groups = groupByPackage(report);
  const unexamined = unexaminedOf(report);
  const sections: PageSection[] = [
    { id: "summary", heading: "Findings at a glance", body: summaryParts(report, groups) },
    ...(findings.length > 0 ? [{ id: "actions", heading: "What to do first", body: actionParts(groups, report) }] : []),
    ...fileFindingSections(report),
    {
      ...{ id: "unexamined", heading: "What could not be examined" },
      ...{ count: readableNumber(unexaminedCount(unexamined)), body: unexaminedParts(unexamined) },
    },
    {
      ...{ id: "findings", heading: "All findings", count: readableNumber(findings.length) },
      body: findingParts(report),
    },
    ...(suppressed.length > 0
      ? [
          {
            ...{ id: "suppressed", heading: "Suppressed findings", count: readableNumber(suppressed.length) },
            body: suppressedParts(suppressed),
          },
        ]
      : []),
    ...(waived.length + idleWaivers.length > 0
      ? [
          {
            ...{ id: "waived", heading: "Waived findings", count: readableNumber(waived.length) },
            body: waivedParts(waived, idleWaivers),
          },
        ]
      : []),
    { id: "target", heading: "About the target", body: targetParts(report) },
  ];
  const { platform, user, tags = [] } = target;
  const facts = [
    ...tags.filter((tag) => tag !== target.name).slice(0, 3),
    ...(distro ? [distro.name] : []),
    ...(platform === undefined ? [] : [platform]),
    ...(user === undefined ? [] : [`runs as ${user}`]),
    counted(report.packages.length, "package"),
  ];
  return {
    ...{ kind: pageKinds[target.kind] ?? "Image scan", name: target.name, facts },
    ...{ state: decisionWords[verdict.decision], opening: verdictBanner(verdict), sections, tool, createdAt },
  };
}

const pageKinds: Readonly<Partial<Record<TargetKind, string>>> = {
  dir: "Folder scan",
  repo: "Repository scan",
  file: "File scan",
  sbom: "SBOM scan",
};

function unexaminedOf({ problems, database, layers, target, vex = [] }: Report): Parameters<typeof unexaminedParts>[0] {
  return {
    problems,
    limits: database.limits,
    layersInPart: layers.filter(({ inPart }) => inPart).length,
    notes: [...(target.attachedSbomRefused ?? []), ...vex.flatMap(({ remarks }) => remarks)],
  };
}

function* summaryParts(report: Report, groups: readonly PackageGroup[]): Iterable<Markup> {
  const { findings, suppressed, waived = [] } = report;
  const vulnerabilities = new Set(findings.map(({ id }) => id)).size;
  const packages = new Set(groups.flatMap(({ packageKeys }) => packageKeys)).size;
  const exploited = new Set(findings.filter(isExploited).map(({ id }) => id)).size;
  yield tiles([
    ["findings", readableNumber(findings.length)],
    ["different vulnerabilities", readableNumber(vulnerabilities)],
    ["affected packages", readableNumber(packages)],
    ["findings with a fix", readableNumber(findings.filter(({ fixedIn }) => fixedIn !== undefined).length)],
    ["known exploited", readableNumber(exploited)],
    ...(suppressed.length > 0 ? [["suppressed", readableNumber(suppressed.length)] as const] : []),
    ...(waived.length > 0 ? [["waived", readableNumber(waived.length)] as const] : []),
  ]);
  yield leftOutNotices(report);
  yield html`<div class="origins">${[
    originBlock("All findings", findings, { of: findings.length, remedy: "" }),
    ...originBlocks(report),
  ]}</div>
`;
}

/** The findings of the base image and of the layers on top of it, as far as layers are known. */
function originBlocks(report: Report): readonly Markup[] {
  const { findings, layers } = report;
  if (findings.length === 0 || layers.length === 0) return [];
  if (!layers.some(({ base }) => base)) {
    return [html`<p class="muted">The history of the image does not show which layers come from a base image.</p>`];
  }
  const byIndex = new Map(layers.map((layer) => [layer.index, layer]));
  const origin = ({ package: { layer } }: Finding): Origin =>
    originOf(layer === null ? undefined : byIndex.get(layer), report);
  const byOrigin = Map.groupBy(findings, origin);
  return (["base", "own", "unknown"] as const).flatMap((name) => {
    const those = byOrigin.get(name) ?? [];
    if (name === "unknown" && those.length === 0) return [];
    return [originBlock(originNames[name], those, { of: findings.length, remedy: originRemedies[name] })];
  });
}

const originNames: Readonly<Record<Origin, string>> = {
  base: "From the base image",
  own: "From your layers",
  unknown: "From unknown layers",
};

const originRemedies: Readonly<Record<Origin, string>> = {
  base: "a newer base image can fix",
  own: "upgrades can fix",
  unknown: "upgrades can fix",
};

function originBlock(
  name: string,
  findings: readonly Finding[],
  { of, remedy }: { readonly of: number; readonly remedy: string },
): Markup {
  const counts = countSeverities(findings);
  const fixable = findings.filter(({ fixedIn }) => fixedIn !== undefined).length;
  const fixes = remedy === "" || findings.length === 0 ? "" : `; ${remedy} ${readableNumber(fixable)}`;
  return html`<div><p class="head">${name}<span>${counted(findings.length, "finding")}${fixes}</span></p>
${severityBar(counts, findings.length / Math.max(1, of))}${severityList(counts)}</div>
`;
}

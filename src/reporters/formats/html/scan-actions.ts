import type { Report } from "../../../model/reports/report.ts";
import { counted } from "../../../model/text/counted.ts";
import { channelNames, withoutFix } from "../../fix-advice.ts";
import { isExploited, type PackageGroup } from "../../package-groups.ts";
import { pathText } from "../../place-text.ts";
import { dataTable, folded, type TableColumn } from "./data-table.ts";
import { exploitedMark, firstOf, vulnerabilityLink } from "./finding-parts.ts";
import { html, type Markup, nothing } from "./markup.ts";
import { countSeverities, severityLabel, severityList } from "./severity-parts.ts";

const mostUpgrades = 10;
const mostNames = 6;
const mostIds = 4;

const columns: readonly TableColumn[] = [
  { title: "Worst", width: "small" },
  { title: "Package", width: "wide" },
  { title: "Action", width: "medium" },
  { title: "Vulnerabilities", width: "wide" },
  { title: "Where", width: "wide" },
];

/** The upgrades, worst first, and the packages for which there is none. */
export function* actionParts(groups: readonly PackageGroup[], report: Report): Iterable<Markup> {
  const upgrades = groups.filter(({ upgradeTo }) => upgradeTo !== undefined);
  const others = groups.filter(({ upgradeTo }) => upgradeTo === undefined);
  const first = upgrades.slice(0, mostUpgrades);
  const rest = upgrades.slice(mostUpgrades);
  const row = (group: PackageGroup): Markup => actionRow(group, report);
  if (first.length === 0) yield html`<p class="good-notice">No finding has a fixed version to upgrade to.</p>`;
  else {
    const caption = rest.length > 0 ? `First ${first.length} of ${counted(upgrades.length, "upgrade")}` : "Upgrades";
    yield* dataTable({ id: "upgrades", caption: `${caption}, most urgent first`, columns, rows: first.map(row) });
  }
  if (rest.length > 0) {
    const table = { id: "more-upgrades", caption: "Upgrades, continued", columns, rows: rest.values().map(row) };
    yield* folded(counted(rest.length, "more upgrade"), dataTable(table));
  }
  if (others.length > 0) {
    const table = { id: "without-fix", caption: "Packages without a fix", columns, rows: others.values().map(row) };
    yield* folded(`${counted(others.length, "package")} without a fix`, dataTable(table));
  }
}

function actionRow(group: PackageGroup, report: Report): Markup {
  const { names, type, version, findings, origin, paths } = group;
  const place =
    paths[0] === undefined ? nothing : html`<small>${pathText(paths[0], report)}${moreText(paths.length)}</small>`;
  const where = origin === "base" ? "base image" : origin === "own" ? "your layers" : "";
  return html`<tr><td>${severityLabel(findings[0]?.severity ?? "unknown")}</td>
<th scope="row">${firstOf(names, mostNames)} <span class="tag">${type}</span><small>installed: ${version}</small></th>
<td>${actionText(group)}</td>
<td>${severityList(countSeverities(findings))}${exploitedMark(findings.some(isExploited))}${idList(group)}</td>
<td>${where}${place}</td></tr>
`;
}

function moreText(paths: number): string {
  return paths > 1 ? ` and ${paths - 1} more` : "";
}

function actionText({ upgradeTo, openAfter, status, channelFix }: PackageGroup): Markup {
  if (upgradeTo !== undefined) return html`upgrade to <b>${upgradeTo}</b>`;
  const { verb, reason } = withoutFix[status];
  const after = openAfter === undefined ? nothing : html`<small>stays open after the upgrade to ${openAfter}</small>`;
  const channel = channelFix
    ? html`<small>${channelNames[channelFix.channel]} has the fix: ${channelFix.version}</small>`
    : nothing;
  return html`${verb} it: ${reason}${channel}${after}`;
}

function idList({ findings }: PackageGroup): Markup {
  const links = findings.map((finding) => html`<li>${vulnerabilityLink(finding)}</li>`);
  const first = html`<ul class="ids">${links.slice(0, mostIds)}</ul>`;
  const rest = links.slice(mostIds);
  if (rest.length === 0) return first;
  return html`${first}<details><summary>${rest.length} more</summary><ul class="ids">${rest}</ul></details>`;
}

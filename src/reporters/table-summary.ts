import type { Finding } from "../model/findings/finding.ts";
import type { Report, SbomSigner } from "../model/reports/report.ts";
import { counted } from "../model/text/counted.ts";
import { readableNumber } from "../model/text/readable-number.ts";
import { baselineText, filterOptions, leftOutText } from "./filter-text.ts";
import { inPartText } from "./in-part-text.ts";
import { type Origin, type PackageGroup, severities } from "./package-groups.ts";
import { pathText } from "./place-text.ts";
import { decisionLabels, gutter, lineWidth, pack, paragraph, row, type TableRoom } from "./table-layout.ts";
import { severityStyles } from "./table-package.ts";
import { clip, type Line, printable, type Span } from "./terminal-text.ts";

const mostProblems = 10;
const longestSigner = 200;
const mostWaived = 5;
const dayInMilliseconds = 24 * 60 * 60 * 1000;

/** What was scanned: its name, what it is, what is in it. */
export function* headerLines(report: Report, columns: number): Iterable<Line> {
  const { target, distro, layers, packages } = report;
  const tags = (target.tags ?? []).map(printable).filter((tag) => tag !== printable(target.name));
  yield row({ text: "Scanned", style: "bold" }, [
    { text: clip(printable(target.name), columns - gutter), style: "bold" },
    ...(tags.length > 0 ? [{ text: ` (${tags.join(", ")})`, style: "plain" } as const] : []),
  ]);
  const inside = target.namespace === undefined ? "" : `, namespace ${printable(target.namespace)}`;
  const facts: Line[] = [[{ text: `${target.kind}${inside}`, style: "plain" }]];
  if (distro) facts.push([{ text: printable(distro.name), style: "plain" }]);
  if (target.platform !== undefined) facts.push([{ text: printable(target.platform), style: "plain" }]);
  if (target.user !== undefined) {
    const root = /^(root|0)(:|$)/.test(target.user);
    facts.push([{ text: `runs as ${printable(target.user)}`, style: root ? "yellow" : "plain" }]);
  }
  yield* pack(facts, { columns });
  const types = Map.groupBy(packages, ({ type }) => type);
  const kinds = [...types]
    .toSorted(([a, as], [b, bs]) => bs.length - as.length || (a < b ? -1 : 1))
    .map(([type, all]) => `${all.length} ${type}`);
  const inLayers = layers.length > 0 ? ` in ${counted(layers.length, "layer")}` : "";
  const base = layers.filter((layer) => layer.base).length;
  const ofBase = base > 0 ? `, ${base} of them from the base image` : "";
  const list = kinds.length > 1 ? ` (${kinds.join(", ")})` : kinds.length === 1 ? ` (${packages[0]?.type})` : "";
  yield* paragraph(undefined, [`${counted(packages.length, "package")}${list}${inLayers}${ofBase}`], { columns });
  const { developmentLeftOut = 0 } = report;
  if (developmentLeftOut > 0) {
    const leftOut = `${counted(developmentLeftOut, "development dependency", "development dependencies")} left out`;
    yield* paragraph(undefined, [`${leftOut}; with them: --include-dev`], { columns, style: "dim" });
  }
  const inPart = layers.filter((layer) => layer.inPart).length;
  if (inPart > 0)
    yield* paragraph(undefined, [inPartText(inPart, "a scan without --lazy")], { columns, style: "yellow" });
  if (target.attachedSbom) {
    const { signer, format } = target.attachedSbom;
    const name = format === "spdx" ? "SPDX" : "CycloneDX";
    const text = `packages from the attached ${name} document, signed by ${signerText(signer)}; layers were not read`;
    yield* paragraph(undefined, [text], { columns });
  }
  if (target.attachedSbomRefused) {
    yield* paragraph(undefined, ["no attached SBOM could be used, so the layers were read"], { columns, style: "dim" });
  }
}

function signerText({ kind, name, issuer }: SbomSigner): string {
  const who = clip(printable(name), longestSigner);
  return kind === "key" ? `the key ${who}` : `${who} (issuer ${clip(printable(issuer ?? ""), longestSigner)})`;
}

/**
 * The number of findings by severity and by origin. A finding is one vulnerability in one package, so that a
 * vulnerability in several packages is several findings.
 */
export function* foundLines(
  report: Report,
  groups: readonly PackageGroup[],
  { columns, full }: TableRoom,
): Iterable<Line> {
  const label: Span = { text: "Found", style: "bold" };
  if (report.findings.length === 0) {
    yield* paragraph(label, [nothingFound(report)], { columns });
    yield* filterLines(report, columns);
    yield* suppressedLines(report, columns);
    yield* waivedLines(report, columns);
    return;
  }
  const packages = new Set(groups.flatMap(({ packageKeys }) => packageKeys)).size;
  const vulnerabilities = new Set(report.findings.map(({ id }) => id)).size;
  const distinct = counted(vulnerabilities, "vulnerability", "vulnerabilities");
  const all = `${counted(report.findings.length, "finding")} (${distinct}) in ${counted(packages, "package")}:`;
  const [first = [], ...others] = bySeverity(report.findings);
  const opening: Line = [{ text: `${all} `, style: "plain" }, ...first];
  if (gutter + lineWidth(opening) <= columns) yield* pack([opening, ...others], { columns, label, separator: ", " });
  else {
    yield* paragraph(label, [all], { columns });
    yield* pack([first, ...others], { columns, separator: ", " });
  }
  if (groups.some(({ origin }) => origin !== "unknown")) {
    yield* originLines("own", groups, { columns });
    yield* originLines("base", groups, { columns });
  }
  yield* filterLines(report, columns);
  yield* suppressedLines(report, columns);
  yield* waivedLines(report, columns);
  const worst = groups[0]?.findings[0];
  if (!worst) return;
  const why = `To see why: --explain ${printable(worst.id)}`;
  yield* paragraph(undefined, [full ? why : `${why} · all ids and paths: --no-trunc`], { columns, style: "dim" });
}

/** With the few built-in records alone, most of what is known was not asked for. */
export function nothingFound({ packages, problems, database, filter, baseline }: Report): string {
  if (filter && filter.leftOut > 0) return `no findings with ${filterOptions(filter)}`;
  if (baseline && baseline.known > 0) return "no new findings";
  const far = problems.length > 0 ? "in what could be examined" : "";
  if (packages.length === 0) return `no packages ${far}`;
  return database.kind === "built-in"
    ? `none of the few vulnerabilities built into Plimsoll${far && `, ${far}`}`
    : `no known vulnerabilities ${far}`;
}

function* filterLines({ filter, baseline }: Report, columns: number): Iterable<Line> {
  if (baseline) yield* paragraph(undefined, [baselineText(baseline)], { columns, style: "yellow" });
  if (filter) yield* paragraph(undefined, [leftOutText(filter)], { columns, style: "yellow" });
}

/** `3 more are not affected, by their publishers' word`. */
function* suppressedLines({ findings, suppressed }: Report, columns: number): Iterable<Line> {
  const more = findings.length > 0 ? " more" : "";
  for (const by of ["publisher", "user"] as const) {
    const { length } = suppressed.filter((one) => one.by === by);
    if (length === 0) continue;
    const are = length === 1 ? "is" : "are";
    const whose = by === "user" ? "your" : length === 1 ? "its publisher's" : "their publishers'";
    const text = `${readableNumber(length)}${more} ${are} not affected, according to ${whose} statements`;
    yield* paragraph(undefined, [text], { columns });
  }
}

/** `2 more are waived: CVE-2021-1, CVE-2021-2`, and the waivers without effect. */
function* waivedLines({ findings, waived = [], idleWaivers = [] }: Report, columns: number): Iterable<Line> {
  const ids = [...new Set(waived.map(({ finding }) => printable(finding.id)))];
  const more = findings.length > 0 ? " more" : "";
  const others = ids.length > mostWaived ? `, and ${ids.length - mostWaived} more` : "";
  const are = waived.length === 1 ? "is" : "are";
  const text = `${readableNumber(waived.length)}${more} ${are} waived: ${ids.slice(0, mostWaived).join(", ")}${others}`;
  if (waived.length > 0) yield* paragraph(undefined, [text], { columns });
  yield* paragraph(undefined, idleWaivers.map(printable), { columns, style: "yellow" });
}

function* originLines(
  origin: Origin,
  groups: readonly PackageGroup[],
  { columns }: { readonly columns: number },
): Iterable<Line> {
  const theirs = groups.filter((group) => group.origin === origin);
  const findings = theirs.flatMap((group) => group.names.flatMap(() => group.findings));
  if (findings.length === 0) return;
  const upgrades = theirs.filter(({ upgradeTo }) => upgradeTo !== undefined);
  const fixable = upgrades.reduce((sum, group) => sum + group.findings.length * group.names.length, 0);
  const part = fixable === findings.length ? `all ${fixable}` : `${fixable} of ${findings.length}`;
  const remedy =
    fixable === 0
      ? "no upgrade available yet"
      : `${origin === "base" ? "a newer base image" : "upgrades"} can fix ${part}`;
  const label: Span = { text: origin === "base" ? "Base image" : "Your layers", style: "plain" };
  yield* pack([...bySeverity(findings), [{ text: remedy, style: "plain" }]], { columns, label });
}

function bySeverity(findings: readonly Finding[]): Line[] {
  return severities.flatMap((severity): Line[] => {
    const number = findings.filter((finding) => finding.severity === severity).length;
    return number === 0 ? [] : [[{ text: `${number} ${severity}`, style: severityStyles[severity] }]];
  });
}

/** What could not be examined: the gap between "nothing found" and "cannot tell". */
export function* unexaminedLines(report: Report, { columns, full }: TableRoom): Iterable<Line> {
  const { problems } = report;
  if (problems.length === 0) return;
  const shown = full ? problems.length : mostProblems;
  const sentences = problems.slice(0, shown).map(({ message, path }) => {
    const text = printable(message);
    return path === undefined || message.includes(path) ? text : `${pathText(path, report)}: ${text}`;
  });
  const hidden = problems.length - shown;
  if (hidden > 0) sentences.push(`and ${counted(hidden, "more problem")}; --no-trunc shows all`);
  yield* paragraph({ text: "Unexamined", style: "bold-yellow" }, sentences, { columns, style: "yellow" });
}

/** Which advisories were used, how old they are, and what else they cannot tell than the verdict says below. */
export function* advisoryLines({ database, verdict, createdAt }: Report, columns: number): Iterable<Line> {
  const records = counted(database.records, "record");
  const which =
    database.kind === "built-in"
      ? `built into Plimsoll, ${records}`
      : `${records} in ${printable(database.path ?? "a file")}`;
  const day = printable(database.builtAt.slice(0, 10));
  yield* paragraph({ text: "Advisories", style: "bold" }, [`${which}, ${age(database.builtAt, createdAt)} (${day})`], {
    columns,
  });
  const limits = database.limits.filter((limit) => !verdict.reasons.includes(limit));
  yield* paragraph(undefined, limits.map(printable), { columns, style: "dim" });
}

function age(from: string, to: string): string {
  const days = Math.floor((Date.parse(to) - Date.parse(from)) / dayInMilliseconds);
  if (Number.isNaN(days)) return "of unknown age";
  if (days < -1) return "of unknown age";
  return days < 1 ? "less than a day old" : `${counted(days, "day")} old`;
}

/** May it ship, and why or why not. */
export function verdictLines({ verdict }: Report, columns: number): Iterable<Line> {
  return paragraph(decisionLabels[verdict.decision], verdict.reasons.map(printable), { columns, style: "bold" });
}

import type { ChannelFix, Finding, Severity } from "../model/findings/finding.ts";
import type { Report } from "../model/reports/report.ts";
import { counted } from "../model/text/counted.ts";
import { percent } from "./explain-finding.ts";
import { channelNames, withoutFix } from "./fix-advice.ts";
import { isExploited, type PackageGroup } from "./package-groups.ts";
import { declaredPath, dependencyText, instruction, layerName, pathText } from "./place-text.ts";
import { gutter, lineWidth, pack, paragraph, row, type TableRoom } from "./table-layout.ts";
import {
  clip,
  clipStart,
  displayWidth,
  type Line,
  printable,
  type Span,
  type Style,
  wrap,
  wrapWords,
} from "./terminal-text.ts";

/** How each severity looks. */
export const severityStyles: Readonly<Record<Severity, Style>> = {
  critical: "bold-red",
  high: "red",
  medium: "yellow",
  low: "cyan",
  negligible: "dim",
  unknown: "dim",
};

const narrowestName = 20;
/** Most lines of a name that is longer than a line. */
const mostNameLines = 6;
/** Most lines of a version to upgrade to that is longer than a line. */
const mostFixLines = 6;
/** Columns that the installed version gets at least beside the one to go to. */
const narrowestVersion = 12;
const widestVersion = 40;
const narrowestFix = 14;
/** Columns for a layer below which it gets a line of its own. */
const narrowestLayer = 40;

/**
 * What to do about a package and why: the action with the version to go to, the ids, what the worst of them is, where
 * the package is and which layer brought it.
 */
export function* packageLines(
  group: PackageGroup,
  { report, columns, full }: { readonly report: Report } & TableRoom,
): Iterable<Line> {
  const worst = group.findings[0];
  if (!worst) return;
  const room = columns - gutter;
  const label: Span = { text: worst.severity.toUpperCase(), style: severityStyles[worst.severity] };
  const [action = [], ...more] = full ? fullActionLines(group, room) : actionLines(group, room);
  yield row(label, action);
  for (const line of more) yield row(undefined, line);
  const isBrief = isQuiet(group);
  const names = isBrief ? [] : otherNames(group.findings, room);
  const risks = [...exploitedParts(group.findings, { room, full }), ...riskParts(group.findings)];
  const where = full ? [] : whereParts(group, report, { room });
  if (full && lineWidth(idsThatFit(group.findings, Number.POSITIVE_INFINITY)) > room) {
    yield* allIdLines(group.findings, columns);
    yield* pack(risks, { columns });
  } else {
    const ids = [...idsThatFit(group.findings, room), ...names];
    yield* pack([ids, ...risks, ...(isBrief ? where : [])], { columns });
  }
  const summary = isBrief || worst.summary === undefined ? "" : printable(worst.summary);
  if (full) yield* paragraph(undefined, [summary], { columns });
  else if (summary !== "") yield row(undefined, [{ text: clip(summary, room), style: "plain" }]);
  if (full) yield* fullWhereLines(group, { report, columns });
  else if (!isBrief) yield* pack(where, { columns });
}

/** True for a group that no user can act on today and that is not urgent: its lines are few. */
export function isQuiet({ upgradeTo, findings }: PackageGroup): boolean {
  const severity = findings[0]?.severity;
  return upgradeTo === undefined && severity !== "critical" && severity !== "high" && !findings.some(isExploited);
}

function actionLines(group: PackageGroup, room: number): Line[] {
  const { names } = group;
  if (group.upgradeTo === undefined) {
    const { verb, reason } = adviceWithoutUpgrade(group, room);
    const version = clip(printable(group.version), Math.min(widestVersion, room - displayWidth(reason) - 2));
    return besideName(`${verb} `, names, { rest: [[{ text: `${version}: ${reason}`, style: "plain" }]], room });
  }
  return besideName("upgrade ", names, { rest: versionLines(group.version, group.upgradeTo, room), room });
}

/** As {@link actionLines}, with all names and whole versions. */
function fullActionLines({ names, version, upgradeTo, ...group }: PackageGroup, room: number): Line[] {
  const installed = printable(version);
  const { verb, reason } =
    upgradeTo === undefined
      ? adviceWithoutUpgrade({ names, version, upgradeTo, ...group }, Number.POSITIVE_INFINITY)
      : { verb: "upgrade", reason: "" };
  const rest: Line =
    upgradeTo === undefined
      ? [{ text: `${installed}: ${reason}`, style: "plain" }]
      : [
          { text: `${installed} → `, style: "plain" },
          { text: printable(upgradeTo), style: "bold-green" },
        ];
  const before = `${verb} `;
  const lines = wrapWords(names.map(printable).join(", "), room - before.length);
  const named = lines.map(
    (text, index): Line => [
      { text: index === 0 ? before : " ".repeat(before.length), style: "plain" },
      { text, style: "bold" },
    ],
  );
  const only = named.length === 1 ? named[0] : undefined;
  if (only && lineWidth(only) + 1 + lineWidth(rest) <= room) return [[...only, { text: " ", style: "plain" }, ...rest]];
  return [...named, rest];
}

/** A verb, and why there is no upgrade; what stays open after an upgrade is marked. */
function adviceWithoutUpgrade(group: PackageGroup, room: number): { verb: string; reason: string } {
  if (group.channelFix) return onlyIn(group.channelFix, group, room);
  const { verb, reason } = withoutFix[group.status];
  return { verb, reason: group.openAfter === undefined ? reason : `${reason}, open after the upgrade` };
}

/**
 * `1.2 → 1.3`, in one line where it fits. The version to go to is what one has to act on: the installed one is cut
 * first, and where that is not enough the other one goes on below.
 */
function versionLines(installed: string, upgradeTo: string, room: number): readonly Line[] {
  const version = printable(installed);
  const fix = clip(printable(upgradeTo), mostFixLines * room);
  const left = room - displayWidth(fix) - 3;
  if (left >= Math.min(displayWidth(version), narrowestVersion)) {
    const shown = clip(version, Math.min(widestVersion, left));
    return [
      [
        { text: `${shown} → `, style: "plain" },
        { text: fix, style: "bold-green" },
      ],
    ];
  }
  return [
    [{ text: `${clip(version, Math.min(widestVersion, room - 2))} →`, style: "plain" }],
    ...wrap(fix, room).map((text): Line => [{ text, style: "bold-green" }]),
  ];
}

/** `fix only with ESM: 1.2-0ubuntu1+esm3`, with as much of that version as the installed one leaves room for. */
function onlyIn(
  { channel, version }: ChannelFix,
  installed: PackageGroup,
  room: number,
): { verb: string; reason: string } {
  const start = `fix only with ${channelNames[channel]}: `;
  const left = room - start.length - 2 - Math.min(displayWidth(printable(installed.version)), narrowestName);
  return { verb: "watch", reason: `${start}${clip(printable(version), Math.max(left, narrowestFix))}` };
}

/**
 * Verb, name and the rest on one line; where that would leave too little of the name, or the rest has several lines, it
 * goes below. The first name is what one has to act on: it is cut only when it is longer than any that a person would
 * type.
 */
function besideName(
  verb: string,
  names: readonly string[],
  { rest, room }: { rest: readonly Line[]; room: number },
): Line[] {
  const whole = printable(names.join(", "));
  const [first = [], ...more] = rest;
  const left = more.length > 0 ? 0 : room - verb.length - 1 - lineWidth(first);
  const beside = namesThatFit(names, left);
  if (left >= Math.min(displayWidth(whole), narrowestName) && beside.startsWith(printable(names[0] ?? ""))) {
    return [[{ text: verb, style: "plain" }, { text: beside, style: "bold" }, { text: " ", style: "plain" }, ...first]];
  }
  const below = room - verb.length;
  const fitting = namesThatFit(names, below);
  const isWhole = fitting.startsWith(printable(names[0] ?? ""));
  const lines = wrap(isWhole ? fitting : namesThatFit(names, mostNameLines * below), below);
  const start = lines.map(
    (text, index): Line => [
      { text: index === 0 ? verb : " ".repeat(verb.length), style: "plain" },
      { text, style: "bold" },
    ],
  );
  return [...start, ...rest];
}

function namesThatFit(names: readonly string[], room: number): string {
  const whole = printable(names.join(", "));
  if (displayWidth(whole) <= room) return whole;
  const more = (shown: number): string => (shown < names.length ? `, +${names.length - shown} more` : "");
  let text = clipStart(printable(names[0] ?? ""), room - more(1).length);
  let shown = 1;
  for (const name of names.slice(1)) {
    const longer = `${text}, ${printable(name)}`;
    if (displayWidth(longer) + more(shown + 1).length > room) break;
    text = longer;
    shown += 1;
  }
  return text + more(shown);
}

/** `critical CVE-1, CVE-2 · medium CVE-3 · +4 more`: as many as fit into one line. */
function idsThatFit(findings: readonly Finding[], room: number): Line {
  const spans: Span[] = [];
  let used = 0;
  for (const [index, { id, severity }] of findings.entries()) {
    const opens = severity !== findings[index - 1]?.severity;
    const before = index === 0 ? "" : opens ? " · " : ", ";
    const text = printable(id);
    const hidden = findings.length - index - 1;
    const reserved = hidden > 0 ? ` · +${hidden} more`.length : 0;
    const size = before.length + (opens ? severity.length + 1 : 0) + displayWidth(text);
    if (index > 0 && used + size + reserved > room) {
      spans.push({ text: ` · +${hidden + 1} more`, style: "dim" });
      break;
    }
    if (before !== "") spans.push({ text: before, style: "dim" });
    if (opens) spans.push({ text: `${severity} `, style: severityStyles[severity] });
    spans.push({ text: clip(text, room - used - (size - displayWidth(text)) - reserved), style: "plain" });
    used += size;
  }
  return spans;
}

/** All ids, the severity before the first of its ids; each severity begins a line. */
function* allIdLines(findings: readonly Finding[], columns: number): Iterable<Line> {
  for (const [severity, rated] of Map.groupBy(findings, (finding) => finding.severity)) {
    const ids = rated.map(({ id }, index): Line => {
      const text: Span = { text: printable(id), style: "plain" };
      return index === 0 ? [{ text: `${severity} `, style: severityStyles[severity] }, text] : [text];
    });
    yield* pack(ids, { columns, separator: ", " });
  }
}

/** ` (GHSA-…)`: further names of the only finding, where they fit. Names that only repeat its id are left out. */
function otherNames(findings: readonly Finding[], room: number): Line {
  const [only, ...others] = findings;
  if (!only || others.length > 0) return [];
  const names = only.aliases.filter((name) => !name.endsWith(only.id)).map(printable);
  const text = ` (${names.join(", ")})`;
  const used = lineWidth(idsThatFit(findings, room));
  return names.length === 0 || used + displayWidth(text) > room ? [] : [{ text, style: "dim" }];
}

/** `exploited: CVE-1, CVE-2`: those that are known to be; without ids when it is all. */
function exploitedParts(
  findings: readonly Finding[],
  { room, full }: { readonly room: number; readonly full: boolean },
): Line[] {
  const exploited = findings.filter(isExploited);
  if (exploited.length === 0) return [];
  const ransomware = exploited.some(({ facts }) => facts?.knownExploited?.ransomware) ? " (ransomware)" : "";
  if (exploited.length === findings.length) {
    const text = `${findings.length > 1 ? "all exploited" : "exploited"}${ransomware}`;
    return [[{ text, style: "bold-red" }]];
  }
  const label = `exploited${ransomware}: `;
  const ids = exploited.map(({ id }) => printable(id));
  return [
    [
      { text: label, style: "bold-red" },
      { text: namesThatFit(ids, full ? Number.POSITIVE_INFINITY : room - label.length), style: "plain" },
    ],
  ];
}

/** `EPSS 94%`, `2 published exploits`: of all findings the highest, or the sum. */
function riskParts(findings: readonly Finding[]): Line[] {
  const predictions = findings.flatMap(({ facts }) => facts?.exploitPrediction?.probability ?? []);
  const exploits = new Set(findings.flatMap(({ facts }) => facts?.exploits ?? [])).size;
  const highest = Math.max(...predictions);
  const upTo = predictions.length > 1 ? "up to " : "";
  return [
    ...(predictions.length === 0 ? [] : [`EPSS ${upTo}${percent(highest)}`]),
    ...(exploits === 0 ? [] : [counted(exploits, "published exploit")]),
  ].map((text): Line => [{ text, style: highest >= likely ? "yellow" : "plain" }]);
}

/** From here a prediction stands out: about one vulnerability in fifty is above it. */
const likely = 0.1;

/**
 * The origin of the layer, and the path. They share a line where little is lost by it: of a base image one need not
 * know how it was made.
 */
function whereParts(
  { paths, layer, origin, findings }: PackageGroup,
  report: Report,
  { room }: { readonly room: number },
): Line[] {
  const [first, ...others] = paths;
  const more = others.length > 0 ? `, +${others.length} more` : "";
  const declaration = findings[0]?.package.declaration;
  const place = first === undefined ? "" : pathText(declaredPath(first, declaration), report);
  const path = first === undefined ? "" : `${clipStart(place, room - more.length)}${more}`;
  const why = declaration && dependencyText(declaration);
  const parts: Line[] = path === "" ? [] : [[{ text: path, style: "dim" }]];
  if (why !== undefined) parts.push([{ text: clip(why, room), style: "plain" }]);
  if (!layer) return parts;
  const beside = room - displayWidth(path) - 3;
  const name = layerName(layer, report);
  const made = instruction(layer);
  const whole = made === undefined ? "" : `: ${made}`;
  const shares = beside >= narrowestLayer && (origin === "base" || name.length + displayWidth(whole) > room);
  const text = clip(whole, (shares ? beside : room) - name.length);
  const whose: Line = [
    { text: name, style: "plain" },
    { text, style: "dim" },
  ];
  return [whose, ...parts];
}

/** The layer with the whole instruction that made it, and every path on a line of its own. */
function* fullWhereLines(
  { paths, layer, findings }: PackageGroup,
  { report, columns }: { readonly report: Report; readonly columns: number },
): Iterable<Line> {
  if (layer) {
    const made = instruction(layer);
    const name = layerName(layer, report);
    yield* paragraph(undefined, [made === undefined ? name : `${name}: ${made}`], { columns, style: "dim" });
  }
  const declaration = findings[0]?.package.declaration;
  for (const path of paths) {
    yield row(undefined, [{ text: pathText(declaredPath(path, declaration), report), style: "dim" }]);
  }
  const why = declaration && dependencyText(declaration);
  if (why !== undefined) yield* paragraph(undefined, [why], { columns });
}

import type { JudgedWorkload, WorkloadReport, WorkloadScan } from "../model/images/workload.ts";
import { counted } from "../model/text/counted.ts";
import { inPartText } from "./in-part-text.ts";
import { severities } from "./package-groups.ts";
import { decisionCounts, decisionLabels, gutter, lineWidth, pack, paragraph, row } from "./table-layout.ts";
import { severityStyles } from "./table-package.ts";
import { displayWidth, type Line, printable, type Span } from "./terminal-text.ts";
import type { ImageGroup, Standing } from "./workloads-by-image.ts";
import { type NameInColumns, shortDigest } from "./workloads-names.ts";

/** How the lines of `ps` are written. */
export interface WorkloadLines {
  readonly columns: number;
  /** True when names and digests are written whole, also beyond the columns. */
  readonly isWhole: boolean;
  /** How names of images and repositories are written. */
  readonly imageName: NameInColumns;
  /** How names of what runs them are written. */
  readonly workloadName: NameInColumns;
}

/** A line, and the columns at which it may be cut: those of the table, or none beside a name that is to be whole. */
export type RoomyLine = readonly [line: Line, room: number];

/** How each standing is written. */
const standingLabels: Readonly<Record<Standing, Span>> = {
  ...decisionLabels,
  "not-scanned": { text: "NOT SCANNED", style: "bold-yellow" },
};

/** The label of each standing beside a count. */
export const standingCounts: Readonly<Record<Standing, Span>> = {
  ...decisionCounts,
  "not-scanned": { text: "not scanned", style: "bold-yellow" },
};

/**
 * An image and its standing, with the digest of what runs unless it is in the name: beside it, or below a name that
 * leaves no room.
 */
export function* imageLine({ image, standing, workloads }: ImageGroup, lines: WorkloadLines): Iterable<RoomyLine> {
  const { columns, isWhole, imageName } = lines;
  const digest = workloads[0]?.digest ?? workloads[0]?.imageId;
  const isApart = digest !== undefined && !image.includes(digest);
  const shown = isApart ? printable(isWhole ? digest : shortDigest(digest)) : "";
  const room = columns - gutter - (isApart ? 2 + displayWidth(shown) : 0);
  const name = imageName(printable(image), room);
  const label = standingLabels[standing];
  const isLong = displayWidth(name) > room;
  if (isLong && isApart && !isWhole) {
    yield [row(label, [{ text: name, style: "bold" }]), Number.POSITIVE_INFINITY];
    yield [row(undefined, [{ text: shown, style: "dim" }]), columns];
    return;
  }
  const line = row(label, [
    { text: name, style: "bold" },
    { text: isApart ? `  ${shown}` : "", style: "dim" },
  ]);
  yield [line, isWhole || isLong ? Number.POSITIVE_INFINITY : columns];
}

/** What the scan of an image found, and whether one would say the same today; nothing without a scan. */
export function* scanLines(
  { scan }: ImageGroup,
  { createdAt, database }: WorkloadReport,
  columns: number,
): Iterable<Line> {
  if (scan === null) return;
  const found = severities.flatMap((severity): Line[] => {
    const number = scan.findings[severity] ?? 0;
    return number === 0 ? [] : [[{ text: `${number} ${severity}`, style: severityStyles[severity] }]];
  });
  if (found.length === 0) {
    const builtIn = scan.database.kind === "built-in";
    const text = builtIn ? "none of the few vulnerabilities built into Plimsoll" : "no known vulnerabilities";
    found.push([{ text, style: "plain" }]);
  }
  if (scan.problems > 0) found.push([{ text: counted(scan.problems, "problem"), style: "yellow" }]);
  yield* pack(found, { columns, separator: ", " });
  const { layersInPart } = scan;
  if (layersInPart !== undefined) {
    yield* paragraph(undefined, [inPartText(layersInPart, "plimsoll scan")], {
      columns,
      style: "yellow",
    });
  }
  const text = staleText(scan, { createdAt, database });
  if (text === undefined) return;
  yield* paragraph(undefined, [text], { columns, style: "yellow" });
}

/** Why a scan may say something else today; undefined when it is current. */
export function staleText(
  { stale, scannedAt, database }: WorkloadScan,
  current: Pick<WorkloadReport, "createdAt" | "database">,
): string | undefined {
  if (stale === undefined) return undefined;
  const why = {
    program: "by another version of Plimsoll",
    database: `with advisories of ${day(database.builtAt)}, the current ones are of ${day(current.database.builtAt)}`,
    day: "and since then support for its distribution ended, or a feed became too old",
  };
  return `stale: scanned ${ageText(scannedAt, current.createdAt)} ago ${why[stale]}`;
}

/** One workload: who runs it, its name, how many of it there are, since when, and what is unusual about it. */
export function workloadLine(
  workload: JudgedWorkload,
  { createdAt }: WorkloadReport,
  { columns, isWhole, workloadName }: WorkloadLines,
): RoomyLine {
  const { engine, place, name, container, instances, state, startedAt, moved } = workload;
  const inside = engine === "kubernetes" && !name.endsWith(`/${container}`) ? ` ${printable(container)}` : "";
  const many = instances > 1 ? ` ×${instances}` : "";
  const rest: Span[] = [];
  if (state !== "running") rest.push({ text: ` · ${printable(state)}`, style: "yellow" });
  else if (startedAt !== undefined) rest.push({ text: ` · ${ageText(startedAt, createdAt)}`, style: "dim" });
  if (moved) rest.push({ text: " · its tag has moved", style: "bold-yellow" });
  const start = place === undefined || engine === "kubernetes" ? engine : `${engine} ${printable(place)}`;
  const room = Math.max(16, columns - gutter - displayWidth(`${start} ${inside}${many}`) - lineWidth(rest));
  const shown = workloadName(printable(name), room);
  const line = row(undefined, [
    { text: `${start} `, style: "dim" },
    { text: shown, style: "plain" },
    { text: `${inside}${many}`, style: "plain" },
    ...rest,
  ]);
  return [line, isWhole || displayWidth(shown) > room ? Number.POSITIVE_INFINITY : columns];
}

const units = [
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
] as const;

/** The time between two moments as a person says it: `3 days`. */
export function ageText(from: string, to: string): string {
  const milliseconds = Date.parse(to) - Date.parse(from);
  if (Number.isNaN(milliseconds)) return "an unknown time";
  for (const [unit, size] of units) {
    if (milliseconds >= size) return counted(Math.floor(milliseconds / size), unit);
  }
  return "less than a minute";
}

function day(time: string): string {
  return printable(time.slice(0, 10));
}

import { counted } from "../model/counted.ts";
import { nameInRegistry } from "../model/name-in-registry.ts";
import type { JudgedWorkload, WorkloadReport } from "../model/workload.ts";
import { gutter, pack, paragraph, row, type TableOptions, tableWriter } from "./table-layout.ts";
import { clip, type Line, printable, type Span } from "./terminal-text.ts";
import { groupByImage, type ImageGroup, standings } from "./workloads-by-image.ts";
import { ageText, scanLines, standingLabels, workloadLine } from "./workloads-image.ts";

/** Room for `sha256:` and 64 digits in 80 columns. */
const pinIndentation = 8;

/**
 * What runs now for a person at a terminal: each image with its verdict and everything that runs it, worst first; then
 * which images are not pinned and by which digest they can be, what could not be listed, and the count. To scan is not
 * advised where that was done (`isScanned`): then what is missing could not be scanned, and the report says why. Lines
 * of at most `width` columns, but a digest to pin is never cut. Nothing that the report holds reaches the terminal as a
 * control character.
 */
export function* workloadTable(
  report: WorkloadReport,
  options: TableOptions & { readonly isScanned?: boolean },
): Iterable<string> {
  const { isScanned = false } = options;
  const { columns, write } = tableWriter(options);
  const groups = groupByImage(report.workloads);
  yield* write(headerLines(report, columns));
  for (const group of groups) {
    yield "\n";
    yield* write(imageLines(group, report, columns));
  }
  if (report.findings.length > 0) {
    yield "\n";
    yield* write(referenceLines(report, columns), Math.max(columns, pinIndentation + 71));
  }
  if (report.unlisted.length > 0) {
    yield "\n";
    yield* write(unlistedLines(report, columns));
  }
  yield "\n";
  yield* write(summaryLines(report, groups, { columns, isScanned }));
}

function headerLines({ workloads, engines }: WorkloadReport, columns: number): Iterable<Line> {
  const containers = workloads.reduce((sum, { instances }) => sum + instances, 0);
  const text = `${containers === 0 ? "no containers" : counted(containers, "container")} in ${engines.map(printable).join(", ")}`;
  return paragraph({ text: "Running", style: "bold" }, [text], { columns });
}

function* imageLines(group: ImageGroup, report: WorkloadReport, columns: number): Iterable<Line> {
  const { image, standing, workloads } = group;
  const label = standingLabels[standing];
  const digest = workloads[0]?.digest ?? workloads[0]?.imageId;
  const short: Span = { text: digest === undefined ? "" : `  ${digest.slice(0, 19)}`, style: "dim" };
  const room = columns - gutter - short.text.length;
  yield row(label, [{ text: clip(printable(image), room), style: "bold" }, short]);
  yield* scanLines(group, report, columns);
  for (const workload of workloads) yield workloadLine(workload, report, columns);
}

function* referenceLines({ findings, workloads }: WorkloadReport, columns: number): Iterable<Line> {
  let label: Span | undefined = { text: "Unpinned", style: "bold" };
  for (const { id, image, pin, runs } of findings) {
    const digests = runs ?? (pin === undefined ? [] : [pin.slice(pin.indexOf("@") + 1)]);
    if (digests.length === 0) continue;
    const how = id === "latest" ? "means whatever is latest" : "has a tag and no digest";
    const what = runs === undefined ? "pin it to what runs" : `it runs as ${counted(runs.length, "different image")}`;
    yield* paragraph(label, [`${printable(image)} ${how}; ${what}:`], { columns });
    label = undefined;
    for (const digest of digests) yield [{ text: `${" ".repeat(pinIndentation)}${printable(digest)}`, style: "cyan" }];
  }
  const unpinnable = findings.filter(({ pin, runs }) => pin === undefined && runs === undefined);
  const reasons = unpinnable.map(({ image, pins }) => {
    const users = workloads.filter((workload) => workload.image === image);
    return { name: printable(image), why: pins ? whyNoneForAll(pins, users) : whereClusterHasIt(users) };
  });
  for (const { name, why } of reasons) {
    if (why === undefined) continue;
    yield* paragraph(label, [`${name}: ${why}`], { columns });
    label = undefined;
  }
  const local = reasons.filter(({ why }) => why === undefined);
  if (local.length === 0) return;
  const names = local.map(({ name }) => name).join(", ");
  yield* paragraph(label, [`${names}: no registry is known to have what runs, so there is no digest to pin`], {
    columns,
  });
}

function whyNoneForAll(pins: readonly string[], users: readonly JudgedWorkload[]): string {
  const platforms = new Set(users.map(({ platform }) => platform));
  const which =
    platforms.size === pins.length ? "it has a digest for each platform" : "it has another digest from place to place";
  return `${which}, and none for all to pin`;
}

/** Undefined when it is from nowhere else. */
function whereClusterHasIt(users: readonly JudgedWorkload[]): string | undefined {
  const from = users.find(({ pulledFrom }) => pulledFrom !== undefined)?.pulledFrom;
  if (from === undefined) return undefined;
  const repository = printable(from.replace(/@.*/, ""));
  return `the cluster has what runs from ${repository}, so there is no digest to pin for this name`;
}

function* unlistedLines({ unlisted }: WorkloadReport, columns: number): Iterable<Line> {
  let label: Span | undefined = { text: "Unlisted", style: "bold-yellow" };
  for (const { message, hint } of unlisted) {
    yield* paragraph(label, [printable(message)], { columns, style: "yellow" });
    label = undefined;
    if (hint !== undefined) yield* paragraph(undefined, [printable(hint)], { columns, style: "dim" });
  }
}

function* summaryLines(
  report: WorkloadReport,
  groups: readonly ImageGroup[],
  { columns, isScanned }: { readonly columns: number; readonly isScanned: boolean },
): Iterable<Line> {
  const { database, createdAt } = report;
  const age = `${ageText(database.builtAt, createdAt)} old (${printable(database.builtAt.slice(0, 10))})`;
  const which = database.kind === "built-in" ? "built into Plimsoll" : "from the database";
  yield* paragraph({ text: "Advisories", style: "bold" }, [`${which}, ${age}`], { columns });
  if (groups.length === 0) return;
  const parts = standings.flatMap((standing): Line[] => {
    const number = groups.filter((group) => group.standing === standing).length;
    const { text, style } = standingLabels[standing];
    return number === 0 ? [] : [[{ text: `${number} ${text.toLowerCase()}`, style }]];
  });
  yield* pack(parts, { columns, label: { text: "Images", style: "bold" }, separator: ", " });
  if (!isScanned && needsScan(report.workloads)) {
    yield* paragraph(undefined, ["To scan what is missing: plimsoll ps --scan"], { columns, style: "dim" });
  }
  const untold = report.workloads.find(({ scan }) => scan && scan.problems > 0);
  if (!untold) return;
  const text = `To see what could not be examined, for example: plimsoll scan ${printable(targetOf(untold))}`;
  yield* paragraph(undefined, [text], { columns, style: "dim" });
}

/** What `plimsoll scan` takes for the image that a workload runs, whatever its name means by then. */
function targetOf(workload: JudgedWorkload): string {
  const { engine, image, imageId } = workload;
  if (engine === "kubernetes") return nameInRegistry(workload) ?? image;
  return `${engine}:${engine === "containerd" ? image : (imageId ?? image)}`;
}

function needsScan(workloads: readonly JudgedWorkload[]): boolean {
  return workloads.some(({ scan }) => scan === null || scan.stale !== undefined);
}

import type { JudgedWorkload, WorkloadReport } from "../model/images/workload.ts";
import { nameInRegistry } from "../model/packages/name-in-registry.ts";
import { counted } from "../model/text/counted.ts";
import { gutter, howToJudge, pack, paragraph, row, type TableOptions, tableWriter } from "./table-layout.ts";
import { type Line, printable, type Span } from "./terminal-text.ts";
import { groupByImage, type ImageGroup, standings } from "./workloads-by-image.ts";
import {
  ageText,
  imageLine,
  type RoomyLine,
  scanLines,
  standingCounts,
  type WorkloadLines,
  workloadLine,
} from "./workloads-image.ts";
import { distinctNames, wholeWords, withShortDigests } from "./workloads-names.ts";

/** Room for `sha256:` and 64 digits in 80 columns. */
const pinIndentation = 8;

/**
 * What runs now for a person at a terminal: each image with its verdict and everything that runs it, worst first; then
 * which images are not pinned and by which digest they can be, what could not be listed, and the count. To scan is not
 * advised where that was done (`isScanned`): then what is missing could not be scanned, and the report says why.
 *
 * Lines have at most `width` columns: digests are short there, and of a name that is too long the middle is left out,
 * unless it would look like another name of the report. Never cut or broken are such a name, and what is to be copied:
 * a digest to pin with the name that it is for, and an advice. With `isWhole` no name and no digest is,
 * and for a pin there is all that is to be written. Nothing that the report holds reaches the terminal as a control
 * character.
 */
export function* workloadTable(
  report: WorkloadReport,
  options: TableOptions & { readonly isScanned?: boolean; readonly isWhole?: boolean },
): Iterable<string> {
  const { isScanned = false, isWhole = false } = options;
  const { columns, write } = tableWriter(options);
  const lines = { columns, isWhole, ...namesOf(report, isWhole) };
  const groups = groupByImage(report.workloads);
  yield* write(headerLines(report, columns));
  for (const group of groups) {
    yield "\n";
    for (const [line, room] of imageLines(group, report, lines)) yield* write([line], room);
  }
  if (report.findings.length > 0) {
    yield "\n";
    yield* write(referenceLines(report, lines), Number.POSITIVE_INFINITY);
  }
  if (report.unlisted.length > 0) {
    yield "\n";
    yield* write(unlistedLines(report, lines), Number.POSITIVE_INFINITY);
  }
  yield "\n";
  yield* write(summaryLines(report, groups, { columns, isScanned }), Number.POSITIVE_INFINITY);
}

function namesOf(
  { workloads, unlisted }: WorkloadReport,
  isWhole: boolean,
): Pick<WorkloadLines, "imageName" | "workloadName"> {
  if (isWhole) return { imageName: (name) => name, workloadName: (name) => name };
  const words = unlisted.flatMap(({ message }) => printable(message).split(" ").filter(holdsDigest));
  const images = workloads.flatMap(({ image, pulledFrom }) =>
    pulledFrom === undefined ? [image] : [image, repositoryIn(pulledFrom)],
  );
  return {
    imageName: distinctNames([...images.map(printable), ...words]),
    workloadName: distinctNames(workloads.map(({ name }) => printable(name))),
  };
}

function holdsDigest(word: string): boolean {
  return withShortDigests(word) !== word;
}

function repositoryIn(pulledFrom: string): string {
  return pulledFrom.replace(/@.*/, "");
}

function headerLines({ workloads, engines }: WorkloadReport, columns: number): Iterable<Line> {
  const containers = workloads.reduce((sum, { instances }) => sum + instances, 0);
  const text = `${containers === 0 ? "no containers" : counted(containers, "container")} in ${engines.map(printable).join(", ")}`;
  return paragraph({ text: "Running", style: "bold" }, [text], { columns });
}

function* imageLines(group: ImageGroup, report: WorkloadReport, lines: WorkloadLines): Iterable<RoomyLine> {
  yield* imageLine(group, lines);
  for (const line of scanLines(group, report, lines.columns)) yield [line, lines.columns];
  for (const workload of group.workloads) yield workloadLine(workload, report, lines);
}

function* referenceLines({ findings, workloads }: WorkloadReport, lines: WorkloadLines): Iterable<Line> {
  const { columns, isWhole } = lines;
  let label: Span | undefined = { text: "Unpinned", style: "bold" };
  for (const { id, image, pin, runs } of findings) {
    const digests = runs ?? (pin === undefined ? [] : [isWhole ? pin : pin.slice(pin.indexOf("@") + 1)]);
    if (digests.length === 0) continue;
    const how = id === "latest" ? "refers to whichever image is latest" : "has a tag but no digest";
    const what =
      runs === undefined ? "pin it to the running image" : `it runs as ${counted(runs.length, "different image")}`;
    yield* wholeWords(label, `${printable(image)} ${how}; ${what}:`, { columns });
    label = undefined;
    for (const digest of digests) yield [{ text: `${" ".repeat(pinIndentation)}${printable(digest)}`, style: "cyan" }];
  }
  const unpinnable = findings.filter(({ pin, runs }) => pin === undefined && runs === undefined);
  const reasons = unpinnable.map(({ image, pins }) => {
    const users = workloads.filter((workload) => workload.image === image);
    return { name: nameIn(image, lines), why: pins ? whyNoneForAll(pins, users) : whereClusterHasIt(users, lines) };
  });
  for (const { name, why } of reasons) {
    if (why === undefined) continue;
    yield* wholeWords(label, `${name}: ${why}`, { columns });
    label = undefined;
  }
  const local = reasons.filter(({ why }) => why === undefined);
  if (local.length === 0) return;
  const names = local.map(({ name }) => name).join(", ");
  yield* wholeWords(
    label,
    `${names}: the source registry of the running image is unknown, so there is no digest to pin`,
    {
      columns,
    },
  );
}

/** A name among words, with room for what follows it without a space. */
function nameIn(name: string, { columns, imageName }: WorkloadLines): string {
  return imageName(printable(name), columns - gutter - 1);
}

function whyNoneForAll(pins: readonly string[], users: readonly JudgedWorkload[]): string {
  const platforms = new Set(users.map(({ platform }) => platform));
  const which =
    platforms.size === pins.length
      ? "it has a digest for each platform"
      : "it has different digests in different places";
  return `${which}, so no single digest can be pinned`;
}

/** Undefined when no other origin is known. */
function whereClusterHasIt(users: readonly JudgedWorkload[], lines: WorkloadLines): string | undefined {
  const from = users.find(({ pulledFrom }) => pulledFrom !== undefined)?.pulledFrom;
  if (from === undefined) return undefined;
  const repository = nameIn(repositoryIn(from), lines);
  return `the cluster pulled the running image from ${repository}, so there is no digest to pin for this name`;
}

function* unlistedLines({ unlisted, workloads }: WorkloadReport, lines: WorkloadLines): Iterable<Line> {
  const { columns } = lines;
  const images = new Set(workloads.map(({ image }) => printable(image)));
  const inMessage = (word: string): string => (images.has(word) || holdsDigest(word) ? nameIn(word, lines) : word);
  let label: Span | undefined = { text: "Unlisted", style: "bold-yellow" };
  for (const { message, hint } of unlisted) {
    const text = printable(message).split(" ").map(inMessage).join(" ");
    yield* wholeWords(label, text, { columns, style: "yellow" });
    label = undefined;
    if (hint !== undefined) yield* wholeWords(undefined, printable(hint), { columns, style: "dim" });
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
    const { text, style } = standingCounts[standing];
    return number === 0 ? [] : [[{ text: `${number} ${text}`, style }]];
  });
  yield* pack(parts, { columns, label: { text: "Images", style: "bold" }, separator: ", " });
  if (groups.some(({ standing }) => standing === "not-judged")) yield* paragraph(undefined, [howToJudge], { columns });
  if (!isScanned && needsScan(report.workloads)) {
    yield* paragraph(undefined, ["To scan the missing images: plimsoll ps --scan"], { columns, style: "dim" });
  }
  const untold = report.workloads.find(({ scan }) => scan && scan.problems > 0);
  if (!untold) return;
  yield* paragraph(undefined, ["To see details, for example:"], { columns, style: "dim" });
  yield row(undefined, [{ text: `plimsoll scan ${printable(targetOf(untold))}`, style: "dim" }]);
}

/** What `plimsoll scan` takes for the image that a workload runs, whatever its name means by then. */
function targetOf(workload: JudgedWorkload): string {
  const { engine, image, imageId, moved } = workload;
  if (engine === "kubernetes") return nameInRegistry(workload) ?? image;
  return `${engine}:${engine === "containerd" && !moved ? image : (imageId ?? image)}`;
}

function needsScan(workloads: readonly JudgedWorkload[]): boolean {
  return workloads.some(({ scan }) => scan === null || scan.stale !== undefined);
}

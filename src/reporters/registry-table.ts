import type { Severity } from "../model/findings/finding.ts";
import type { Problem } from "../model/reports/problem.ts";
import type { RegistryFailure, RegistryImage, RegistryReport } from "../model/reports/registry-report.ts";
import { type Decision, noPolicyGiven, type Verdict } from "../model/reports/verdict.ts";
import { compareText } from "../model/text/compare-text.ts";
import { counted } from "../model/text/counted.ts";
import { readableNumber } from "../model/text/readable-number.ts";
import { leftOutText } from "./filter-text.ts";
import { severities } from "./package-groups.ts";
import {
  decisionCounts,
  decisionLabels,
  gutter,
  howToJudge,
  pack,
  paragraph,
  row,
  type TableOptions,
  tableWriter,
} from "./table-layout.ts";
import { severityStyles } from "./table-package.ts";
import { clip, clipStart, displayWidth, type Line, printable, type Span } from "./terminal-text.ts";
import { ageText } from "./workloads-image.ts";

const numberWidth = 6;
const mostFailures = 50;
const mostReasons = 20;
const mostUnknown = 10;
/** Most lines of a name that does not fit beside its numbers: room for the longest that registries allow. */
const mostNameLines = 8;

/** What a row needs of an image: all of them are held at once, their findings are not. */
type Summary = Pick<
  RegistryImage,
  "repository" | "tags" | "digest" | "manifestDigest" | "platform" | "severities" | "verdict"
> & {
  readonly problems: number;
  /** True when a layer was read by its table of contents alone. */
  readonly inPart: boolean;
};

/** The room that a list has. */
interface ListRoom {
  readonly columns: number;
  /** The number of items that are shown; by default the list's own. */
  readonly most: number | undefined;
}

/** The columns of numbers. */
const columnsOfNumbers: readonly { readonly title: string; readonly of: readonly Severity[] }[] = [
  { title: "CRIT", of: ["critical"] },
  { title: "HIGH", of: ["high"] },
  { title: "MED", of: ["medium"] },
  { title: "LOW", of: ["low"] },
  { title: "OTHER", of: ["negligible", "unknown"] },
];

/**
 * A run over many images for a person at a terminal: each image as each repository and index has it, with its verdict
 * and the number of findings by severity, worst first; then what could not be examined in them, what could not be
 * listed or scanned, and the totals, which count an image once, as the report's own do. Lines of at most `width`
 * columns; a name that does not fit beside its numbers stands above them. Nothing that the report holds reaches the
 * terminal as a control character.
 */
export function* registryTable(report: RegistryReport, options: TableOptions): Iterable<string> {
  const { columns, full, write } = tableWriter(options);
  const summaries = Array.from(report.images, summaryOf).sort(byUrgency);
  yield* write(headerLines(report, columns));
  if (summaries.length > 0) {
    yield "\n";
    yield* write(imageLines(summaries, columns));
  }
  const most = full ? Number.POSITIVE_INFINITY : undefined;
  const reasons = reasonsOf(report.images, most);
  if (reasons.size > 0) {
    yield "\n";
    yield* write(reasonLines(reasons, { columns, most }));
  }
  if (report.failures.length > 0) {
    yield "\n";
    yield* write(failureLines(report.failures, { columns, most }));
  }
  yield "\n";
  yield* write(totalLines(report, summaries, { columns, most }));
}

function summaryOf(image: RegistryImage): Summary {
  const { repository, tags, digest, manifestDigest, platform, severities: found, verdict, problems, layers } = image;
  return {
    repository,
    tags,
    digest,
    manifestDigest,
    ...(platform !== undefined && { platform }),
    severities: found,
    verdict,
    problems: problems.length,
    inPart: layers.some((layer) => layer.inPart),
  };
}

const decisions = ["denied", "cannot-tell", "not-judged", "warned", "allowed"] as const;

function byUrgency(a: Summary, b: Summary): number {
  const bySeverity = severities.map((severity) => (b.severities[severity] ?? 0) - (a.severities[severity] ?? 0));
  return (
    decisions.indexOf(a.verdict.decision) - decisions.indexOf(b.verdict.decision) ||
    (bySeverity.find((difference) => difference !== 0) ?? 0) ||
    compareText(nameOf(a), nameOf(b)) ||
    compareText(a.platform ?? "", b.platform ?? "")
  );
}

function nameOf({ repository, tags, digest }: Pick<RegistryImage, "repository" | "tags" | "digest">): string {
  const tag = tags.at(-1);
  return tag === undefined ? `${repository}@${digest.slice(0, 19)}` : `${repository}:${tag}`;
}

function* headerLines({ scope, totals }: RegistryReport, columns: number): Iterable<Line> {
  const { registry, prefix, reference, named, tags, newest, platform } = scope;
  const where = `${registry}${prefix === undefined ? "" : `/${prefix}`}`;
  const mark = reference?.includes(":") ? "@" : ":";
  const name = printable(`${where}${reference === undefined ? "" : `${mark}${reference}`}`);
  yield row({ text: "Scanned", style: "bold" }, [{ text: clipStart(name, columns - gutter), style: "bold" }]);
  const parts = [counted(totals.repositories, "repository", "repositories"), counted(totals.tags, "tag")];
  if (named !== undefined) parts.push(`${counted(named.length, "image")} by name`);
  if (tags.length > 0) parts.push(`tags ${tags.map(printable).join(",")}`);
  if (newest !== undefined) parts.push(`the newest ${newest} of each`);
  if (platform !== undefined) parts.push(platform === "all" ? "all platforms" : printable(platform));
  yield* pack(
    parts.map((text): Line => [{ text, style: "plain" }]),
    { columns },
  );
}

function* imageLines(summaries: readonly Summary[], columns: number): Iterable<Line> {
  const room = columns - gutter - numberWidth * columnsOfNumbers.length;
  const titles = columnsOfNumbers.map(({ title }) => title.padStart(numberWidth)).join("");
  yield row({ text: "Verdict", style: "bold" }, [{ text: `${"Image".padEnd(room)}${titles}`, style: "bold" }]);
  const platforms = new Set(summaries.map(({ platform }) => platform));
  for (const summary of summaries) {
    const { tags, platform: own, severities: found, verdict } = summary;
    const more = tags.length > 1 ? ` +${tags.length - 1}` : "";
    const platform = platforms.size > 1 && own !== undefined ? printable(own) : "";
    const numbers = columnsOfNumbers.map(({ of }): Span => {
      const number = of.reduce((sum, severity) => sum + (found[severity] ?? 0), 0);
      return {
        text: String(number).padStart(numberWidth),
        style: number === 0 ? "dim" : severityStyles[of[0] ?? "low"],
      };
    });
    const label = decisionLabels[verdict.decision];
    const name = printable(nameOf(summary));
    const beside = `${more}${platform === "" ? "" : ` ${platform}`}`;
    if (displayWidth(name + beside) < room) {
      yield row(label, [{ text: name, style: "plain" }, padded(beside, room - displayWidth(name)), ...numbers]);
      continue;
    }
    const above = clipStart(`${name}${more}`, mostNameLines * (columns - gutter));
    yield* paragraph(label, [above], { columns });
    yield row(undefined, [padded(clip(platform, room - 1), room), ...numbers]);
  }
}

function padded(text: string, width: number): Span {
  return { text: `${text}${" ".repeat(Math.max(0, width - displayWidth(text)))}`, style: "dim" };
}

/**
 * The reason why facts about images are unknown: the reason with the images that it is true of, the first of each
 * alone.
 */
interface Reason {
  readonly example: string;
  /** By the digests of their own manifests. */
  readonly images: Set<string>;
}

/**
 * By the text of the reason; of more reasons than a person reads the rest are left to the number of images with
 * problems.
 */
function reasonsOf(images: Iterable<RegistryImage>, most: number = mostReasons): ReadonlyMap<string, Reason> {
  const reasons = new Map<string, Reason>();
  for (const image of images) {
    const { problems, verdict, manifestDigest } = image;
    const own =
      problems.length > 0 ? problems.map(problemText) : verdict.decision === "cannot-tell" ? gapsOf(verdict) : [];
    for (const text of new Set(own)) {
      const known = reasons.get(text);
      if (known) known.images.add(manifestDigest);
      else if (reasons.size <= most) {
        reasons.set(text, { example: nameOf(image), images: new Set([manifestDigest]) });
      }
    }
  }
  return reasons;
}

/** The reasons that name something unexamined, without the one that says that no policy was given. */
function gapsOf({ reasons }: Verdict): readonly string[] {
  return reasons.filter((reason) => !reason.endsWith(noPolicyGiven));
}

function problemText({ message, path }: Problem): string {
  return path === undefined || message.includes(path) ? message : `${path}: ${message}`;
}

function* reasonLines(reasons: ReadonlyMap<string, Reason>, { columns, most = mostReasons }: ListRoom): Iterable<Line> {
  const byImages = [...reasons].toSorted(([, a], [, b]) => b.images.size - a.images.size);
  const sentences = byImages.slice(0, most).map(([text, { example, images }]) => {
    const others = images.size > 1 ? ` and ${counted(images.size - 1, "other image")}` : "";
    return printable(`${example}${others}: ${text}`);
  });
  if (reasons.size > most) sentences.push("and more, all in --format json");
  yield* paragraph({ text: "Unexamined", style: "bold-yellow" }, sentences, { columns, style: "yellow" });
}

function* failureLines(
  failures: readonly RegistryFailure[],
  { columns, most = mostFailures }: ListRoom,
): Iterable<Line> {
  let label: Span | undefined = { text: "Failed", style: "bold-red" };
  for (const failure of failures.slice(0, most)) {
    const { repository, digest = "", tags, platform, message, hint } = failure;
    const place = repository === undefined ? "" : nameOfFailure({ repository, digest, tags });
    const subject = place === "" ? "" : `${place}${platform === undefined ? "" : ` (${platform})`}: `;
    yield* paragraph(label, [printable(`${subject}${message}`)], { columns, style: "yellow" });
    label = undefined;
    if (hint !== undefined) yield* paragraph(undefined, [printable(hint)], { columns, style: "dim" });
  }
  const more = failures.length - most;
  if (more > 0)
    yield* paragraph(undefined, [`and ${counted(more, "more", "more")}, all in --format json`], { columns });
}

function nameOfFailure(failure: Pick<RegistryImage, "repository" | "tags" | "digest">): string {
  return failure.tags.length === 0 && failure.digest === "" ? failure.repository : nameOf(failure);
}

function* totalLines(
  { totals, database, createdAt, empty, unknown, filter }: RegistryReport,
  summaries: readonly Summary[],
  { columns, most = mostUnknown }: ListRoom,
): Iterable<Line> {
  const age = `${ageText(database.builtAt, createdAt)} old (${printable(database.builtAt.slice(0, 10))})`;
  const which = database.kind === "built-in" ? "built into Plimsoll" : "from the database";
  yield* paragraph({ text: "Advisories", style: "bold" }, [`${which}, ${age}`, ...database.limits.map(printable)], {
    columns,
  });
  const worst = worstByImage(summaries);
  const verdicts = decisions.flatMap((decision): Line[] => {
    const number = [...worst.values()].filter((each) => each === decision).length;
    const { text, style } = decisionCounts[decision];
    return number === 0 ? [] : [[{ text: `${readableNumber(number)} ${text}`, style }]];
  });
  if (filter)
    yield* paragraph({ text: "Findings", style: "bold" }, [leftOutText(filter)], { columns, style: "yellow" });
  const { failures, resumed, artifacts, images, layers, bytes } = totals;
  if (failures > 0) verdicts.push([{ text: `${readableNumber(failures)} failed`, style: "bold-red" }]);
  if (verdicts.length === 0) verdicts.push([{ text: "none", style: "bold-yellow" }]);
  yield* pack(verdicts, { columns, label: { text: "Images", style: "bold" }, separator: ", " });
  if ([...worst.values()].includes("not-judged")) yield* paragraph(undefined, [howToJudge], { columns });
  const lines = summaries.length > images ? ` on ${counted(summaries.length, "line")}` : "";
  const notes = [`${counted(images, "different one", "different ones")}${lines}`];
  if (resumed > 0) notes.push(`${readableNumber(resumed)} known from an earlier run`);
  const problems = worstByImage(summaries.filter((summary) => summary.problems > 0)).size;
  if (problems > 0) notes.push(`${readableNumber(problems)} with parts that could not be examined`);
  const inPart = worstByImage(summaries.filter((summary) => summary.inPart)).size;
  if (inPart > 0) notes.push(`${readableNumber(inPart)} with layers that were read by their tables of contents alone`);
  if (artifacts > 0) notes.push(`${counted(artifacts, "artifact", "artifacts")} skipped (not images)`);
  if (empty.length > 0) notes.push(`${counted(empty.length, "repository", "repositories")} without tags`);
  yield* pack(
    notes.map((text): Line => [{ text, style: "plain" }]),
    { columns, separator: ", " },
  );
  if (unknown.length > 0) {
    const names = unknown.slice(0, most).map(printable).join(", ");
    const more = unknown.length > most ? ` and ${readableNumber(unknown.length - most)} more` : "";
    const reason = "listed, but not found: deleted, or not accessible with these credentials";
    yield* paragraph({ text: "Not known", style: "bold" }, [`${names}${more}`, reason], { columns });
  }
  const read = `${readableNumber(layers.read)} of ${counted(layers.distinct, "different layer")} read`;
  yield* paragraph({ text: "Layers", style: "bold" }, [`${read}, ${(bytes / 1e6).toFixed(1)} MB`], { columns });
  if (inPart > 0) yield* paragraph(undefined, ["without --lazy they are read completely"], { columns, style: "dim" });
}

/** By the digests of the images' own manifests. Takes them worst first. */
function worstByImage(summaries: readonly Summary[]): ReadonlyMap<string, Decision> {
  return new Map(summaries.toReversed().map(({ manifestDigest, verdict }) => [manifestDigest, verdict.decision]));
}

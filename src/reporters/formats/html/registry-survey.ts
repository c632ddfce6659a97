import type { Severity } from "../../../model/findings/finding.ts";
import type { RegistryImage } from "../../../model/reports/registry-report.ts";
import type { Decision } from "../../../model/reports/verdict.ts";
import { compareText } from "../../../model/text/compare-text.ts";
import { severities } from "../../package-groups.ts";
import type { SeverityCounts } from "./severity-parts.ts";

const mostWorst = 10;
const order: readonly Decision[] = ["denied", "cannot-tell", "not-judged", "warned", "allowed"];

/** An image in a list of the worst. */
export interface ImageSummary {
  readonly name: string;
  readonly platform: string;
  readonly decision: Decision;
  readonly severities: SeverityCounts;
}

/** Counts over all images, and the worst of them. Its size does not depend on the number of images. */
export interface Survey {
  /** The number of images as repositories have them. */
  readonly lines: number;
  /** How many of them have each decision that occurs, worst first. */
  readonly decisions: Readonly<Partial<Record<Decision, number>>>;
  readonly findings: SeverityCounts;
  readonly total: number;
  /** How many of them have parts that could not be examined. */
  readonly withProblems: number;
  /** Worst first: images that are denied or incomplete, or have findings. */
  readonly worst: readonly ImageSummary[];
}

/** Reads the images once, one by one. */
export function surveyImages(images: Iterable<RegistryImage>): Survey {
  const decisions = new Map<Decision, number>();
  const findings: Partial<Record<Severity, number>> = {};
  let worst: ImageSummary[] = [];
  let lines = 0;
  let withProblems = 0;
  for (const image of images) {
    lines++;
    const { decision } = image.verdict;
    decisions.set(decision, (decisions.get(decision) ?? 0) + 1);
    for (const severity of severities) {
      const count = image.severities[severity] ?? 0;
      if (count > 0) findings[severity] = (findings[severity] ?? 0) + count;
    }
    if (image.problems.length > 0) withProblems++;
    if (needsAttention(image)) worst = [...worst, summaryOf(image)].sort(byUrgency).slice(0, mostWorst);
  }
  const sorted = order.flatMap((decision) => {
    const count = decisions.get(decision);
    return count === undefined ? [] : [[decision, count] as const];
  });
  const total = Object.values(findings).reduce((sum, count) => sum + count, 0);
  return { lines, decisions: Object.fromEntries(sorted), findings, total, withProblems, worst };
}

/** `team/app:1.4`: the last tag, or without a tag the digest. */
export function imageName({ repository, tags, digest }: Pick<RegistryImage, "repository" | "tags" | "digest">): string {
  const tag = tags.at(-1);
  if (tag !== undefined) return `${repository}:${tag}`;
  return digest === "" ? repository : `${repository}@${digest}`;
}

function needsAttention({ verdict, severities: counts }: RegistryImage): boolean {
  return verdict.decision === "denied" || verdict.decision === "cannot-tell" || Object.keys(counts).length > 0;
}

function summaryOf(image: RegistryImage): ImageSummary {
  const { platform = "", verdict, severities: counts } = image;
  return { name: imageName(image), platform, decision: verdict.decision, severities: counts };
}

function byUrgency(a: ImageSummary, b: ImageSummary): number {
  const bySeverity = severities.map((severity) => (b.severities[severity] ?? 0) - (a.severities[severity] ?? 0));
  return (
    order.indexOf(a.decision) - order.indexOf(b.decision) ||
    (bySeverity.find((difference) => difference !== 0) ?? 0) ||
    compareText(a.name, b.name)
  );
}

import type { Problem } from "../../model/reports/problem.ts";
import { type StepSize, stepSizes } from "../tags/tag-version.ts";
import { countFindings, type ExaminedImage, type FindingCounts, isEndOfLife } from "./compare-images.ts";

/** A candidate that was scanned, or why it was not. */
export interface ScannedCandidate {
  readonly tag: string;
  readonly step: StepSize;
  readonly image?: ExaminedImage;
  /** Why it may not be chosen, as a clause. */
  readonly refused?: string;
}

/** The decision about the candidates: the chosen tag, and the reason for each of the others. */
export interface Choice {
  readonly chosen?: ScannedCandidate;
  /** By the candidates' order. */
  readonly reasons: readonly string[];
}

/**
 * The candidate with the fewest findings, where it is better than today's image: first images that still receive
 * security updates, then the fewest known exploited, critical, high findings and so on. The smallest step is chosen if
 * several are equal.
 */
export function chooseCandidate(today: ExaminedImage, candidates: readonly ScannedCandidate[]): Choice {
  const present = rankOf(today);
  const ranked = candidates.map((candidate) => ({
    candidate,
    refused: candidate.refused ?? gapOf(today, candidate),
    rank: candidate.image && rankOf(candidate.image),
  }));
  const [best] = ranked
    .filter(({ refused, rank }) => refused === undefined && rank && compareRanks(rank, present) < 0)
    .sort((a, b) => compareRanks(a.rank ?? [], b.rank ?? []) || sizeOf(a.candidate) - sizeOf(b.candidate));
  const reasons = ranked.map(({ candidate, refused, rank }) => {
    if (candidate === best?.candidate) return "proposed";
    if (refused !== undefined) return refused;
    if (rank && compareRanks(rank, present) >= 0) return "not better than today";
    if (rank && best?.rank && compareRanks(rank, best.rank) === 0) return `same findings as ${best.candidate.tag}`;
    return `more findings than ${best?.candidate.tag ?? "today"}`;
  });
  return { ...(best && { chosen: best.candidate }), reasons };
}

/** Why a candidate cannot be compared: its scan is less complete than that of today's image. */
function gapOf(today: ExaminedImage, { image }: ScannedCandidate): string | undefined {
  if (!image) return "not scanned";
  const [problem] = problemsOf(image);
  if (problem && problemsOf(today).length === 0) return `could not be examined completely: ${problem.message}`;
  const [gap] = image.report.database.gaps ?? [];
  return gap !== undefined && (today.report.database.gaps ?? []).length === 0
    ? `cannot be compared: ${gap}`
    : undefined;
}

function problemsOf({ report }: ExaminedImage): readonly Problem[] {
  return report.problems.filter(({ code }) => code !== "end-of-life");
}

/** The smaller the better, the first number first. */
function rankOf({ report }: ExaminedImage): readonly number[] {
  const counts: FindingCounts = countFindings(report.findings);
  const { knownExploited, critical, high, medium, low, unknown, negligible } = counts;
  return [isEndOfLife(report) ? 1 : 0, knownExploited, critical, high, medium, low, unknown, negligible];
}

function compareRanks(a: readonly number[], b: readonly number[]): number {
  const index = a.findIndex((number, place) => number !== b[place]);
  return index < 0 ? 0 : (a[index] ?? 0) - (b[index] ?? 0);
}

function sizeOf({ step }: ScannedCandidate): number {
  return stepSizes.indexOf(step);
}

import type { AppliedFilter } from "../model/findings/finding-filter.ts";
import type { AppliedBaseline } from "../model/reports/report.ts";
import { counted } from "../model/text/counted.ts";
import { printable } from "./terminal-text.ts";

const allSeverities = 6;

/** `3 findings left out by --severity critical,high --ignore-unfixed`. */
export function leftOutText(filter: AppliedFilter): string {
  const count = filter.leftOut === 0 ? "no findings" : counted(filter.leftOut, "finding");
  return `${count} left out by ${filterOptions(filter)}`;
}

/** The options that a filter was given as. */
export function filterOptions({ severities, ignoreUnfixed }: AppliedFilter): string {
  const words = severities.length < allSeverities || !ignoreUnfixed ? [`--severity ${severities.join(",")}`] : [];
  return [...words, ...(ignoreUnfixed ? ["--ignore-unfixed"] : [])].join(" ");
}

/** `3 known findings left out (in base.json)`. */
export function baselineText({ name, known }: AppliedBaseline): string {
  return `${counted(known, "known finding")} left out (in ${printable(name)})`;
}

import type { Contents, Report } from "../../model/reports/report.ts";
import { baselineText, leftOutText } from "../filter-text.ts";
import { type Property, properties } from "./plimsoll-properties.ts";

/*
 * The result of a scan as a whole, for documents that have a member only for single findings:
 *
 *   plimsoll:verdict:decision, plimsoll:verdict:reason
 *   plimsoll:problem    a part that could not be examined
 *   plimsoll:limit      a limit of the advisories
 *   plimsoll:filter     findings that a filter or a baseline left out
 *   plimsoll:idleWaiver   a waiver without effect
 *   plimsoll:database:builtAt
 */

/** The verdict, the parts that were not examined, the limits of the advisories and the filter. */
export function reportProperties(report: Report): readonly Property[] {
  const { verdict, database } = report;
  return properties([
    ["plimsoll:verdict:decision", verdict.decision],
    ...verdict.reasons.map((reason) => ["plimsoll:verdict:reason", reason] as const),
    ...problemTexts(report).map((text) => ["plimsoll:problem", text] as const),
    ...database.limits.map((limit) => ["plimsoll:limit", limit] as const),
    ...leftOutTexts(report).map((text) => ["plimsoll:filter", text] as const),
    ...(report.idleWaivers ?? []).map((text) => ["plimsoll:idleWaiver", text] as const),
    ["plimsoll:database:builtAt", database.builtAt],
  ]);
}

/** The parts that could not be examined, each with its path. */
export function problemTexts({ problems }: Pick<Contents, "problems">): readonly string[] {
  return problems.map(({ path, message }) => (path === undefined ? message : `${path}: ${message}`));
}

function leftOutTexts({ filter, baseline }: Report): readonly string[] {
  return [
    ...(filter && filter.leftOut > 0 ? [leftOutText(filter)] : []),
    ...(baseline && baseline.known > 0 ? [baselineText(baseline)] : []),
  ];
}

/** True when everything was examined and compared, and neither a filter nor a baseline left out a finding. */
export function isListComplete(report: Report): boolean {
  const { problems, unread = [], database } = report;
  const isExamined = problems.length === 0 && unread.length === 0 && (database.gaps ?? []).length === 0;
  return isExamined && leftOutTexts(report).length === 0;
}

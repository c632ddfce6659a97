import type { Contents } from "../../model/reports/report.ts";

/**
 * How complete the list of packages is: `incomplete` when a part of the target could not be read or its format is not
 * supported, `unknown` when a layer was read only by its table of contents.
 */
export function completeness({ problems, unread = [], layers }: Contents): "incomplete" | "unknown" | undefined {
  const isCut = problems.some(({ code }) => code === "unreadable" || code === "limit-exceeded");
  if (isCut || unread.length > 0) return "incomplete";
  return layers.some(({ inPart }) => inPart) ? "unknown" : undefined;
}

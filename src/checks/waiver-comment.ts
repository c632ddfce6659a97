/** The word that begins a comment that waives checks. */
export const waiverMarker = "plimsoll:ignore";

/** What one comment says, without its place. */
export interface WaiverComment {
  /** Ids of checks; no wildcards. */
  readonly ids: readonly string[];
  readonly until?: string;
  readonly reason?: string;
}

const day = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])$/;

/**
 * The rest of a comment behind {@link waiverMarker}: `ID[,ID] until=2027-01-01 reason=…`. A message where it is not a
 * valid waiver. Each check must be named: the author of the file must not be able to waive checks that its reviewer
 * cannot name.
 */
export function readWaiverComment(text: string): WaiverComment | { readonly message: string } {
  if (!/^(?:\s|$)/.test(text)) return { message: `the comment ${waiverMarker} needs a space before the check id` };
  const [first = "", ...others] = text.trim().split(/\s+/);
  const rest = others.join(" ");
  const reason = /(?:^| )reason=(.+)$/.exec(rest)?.[1]?.replace(/^(["'])(.*)\1$/, "$2");
  const until = /(?:^| )until=(\S+)/.exec(rest.replace(/(?:^| )reason=.*$/, ""))?.[1];
  const ids = first.includes("=") ? [] : first.split(",").filter((id) => id !== "");
  const wildcard = ids.find((id) => id.includes("*"));
  if (ids.length === 0) return { message: `the comment ${waiverMarker} has no check id` };
  if (wildcard !== undefined) {
    return {
      message: `the comment ${waiverMarker} must list check ids: the wildcard ${JSON.stringify(wildcard)} is not supported`,
    };
  }
  if (until !== undefined && !day.test(until)) {
    return { message: `the comment ${waiverMarker} has an invalid last day; expected a date such as 2027-01-31` };
  }
  return { ids, ...(until !== undefined && { until }), ...(reason !== undefined && { reason }) };
}

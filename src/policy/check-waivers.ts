import type { CheckResult } from "../model/check.ts";

/** Somebody accepts, for a while, that a check fails. */
export interface CheckWaiver {
  /** Which checks: an id, with `*` for any run of characters. */
  readonly id: string;
  /** Which resources, the same way; all when absent. */
  readonly resource?: string;
  readonly reason: string;
  /** The last day on which it holds, `2027-01-31`; absent: until somebody removes it. */
  readonly until?: string;
  readonly owner?: string;
}

/**
 * Turns failures that are waived into `waived`. An expired waiver changes nothing but the reason, which says so. `today` is a day as
 * `until` is.
 */
export function applyWaivers(
  results: readonly CheckResult[],
  { waivers, today }: { readonly waivers: readonly CheckWaiver[]; readonly today: string },
): CheckResult[] {
  return results.map((result) => {
    if (result.state !== "fail") return result;
    const those = waivers.filter((waiver) => isAbout(waiver, result));
    const holding = those.find(({ until }) => until === undefined || until >= today);
    if (holding) return { ...result, state: "waived", reason: reasonOf(holding) };
    const [expired] = those;
    return expired ? { ...result, reason: `a waiver for it expired on ${expired.until}` } : result;
  });
}

function isAbout({ id, resource }: CheckWaiver, result: CheckResult): boolean {
  return matches(id, result.id) && (resource === undefined || matches(resource, result.resource ?? ""));
}

function reasonOf({ reason, until, owner }: CheckWaiver): string {
  const by = owner === undefined ? "" : `, by ${owner}`;
  return `waived${by}${until === undefined ? "" : ` until ${until}`}: ${reason}`;
}

/** Whether a text fits a pattern in which `*` stands for any run of characters; takes time in proportion to both. */
function matches(pattern: string, text: string): boolean {
  const [first = "", ...others] = pattern.split("*");
  if (!text.startsWith(first)) return false;
  const last = others.pop();
  if (last === undefined) return text === first;
  let at = first.length;
  for (const part of others) {
    const found = text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return text.length - last.length >= at && text.endsWith(last);
}

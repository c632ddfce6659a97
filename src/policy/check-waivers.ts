import type { CheckResult } from "../model/checks/check.ts";
import type { InlineWaiver } from "../model/checks/inline-waiver.ts";
import { waiverText } from "../model/findings/waiver.ts";
import { fitsWildcard } from "../model/packages/wildcard.ts";

/** An acceptance, for a while, of a failed check. */
export interface CheckWaiver {
  /** Which checks: an id, with `*` for any run of characters. */
  readonly id: string;
  /** Which resources, the same way; all when absent. */
  readonly resource?: string;
  readonly reason: string;
  /** The last day on which it holds, `2027-01-31`; absent: until it is removed. */
  readonly until?: string;
  readonly owner?: string;
}

/**
 * Turns failures that are waived into `waived`. An expired waiver changes nothing but the reason, which says so.
 * `today` is a day as `until` is.
 */
export function applyWaivers(
  results: readonly CheckResult[],
  { waivers, today }: { readonly waivers: readonly CheckWaiver[]; readonly today: string },
): CheckResult[] {
  return results.map((result) => {
    if (result.state !== "fail") return result;
    return waived(
      result,
      waivers.filter((waiver) => isAbout(waiver, result)),
      today,
    );
  });
}

/** Comments in the files, and whether they count. */
export interface InlineWaiving {
  /** By the path of their file. */
  readonly waivers: ReadonlyMap<string, readonly InlineWaiver[]>;
  /** A day as `until` is. */
  readonly today: string;
  /** Comments waive nothing; a failure that one is about says so. */
  readonly isRefused?: boolean | undefined;
}

/** As {@link applyWaivers} for comments in the files themselves, which waive the checks whose ids they name. */
export function applyInlineWaivers(
  results: readonly CheckResult[],
  { waivers, today, isRefused = false }: InlineWaiving,
): CheckResult[] {
  return results.map((result) => {
    const { state, location } = result;
    const inFile = state === "fail" && location ? waivers.get(location.path) : undefined;
    if (!inFile) return result;
    const line = location?.line ?? 1;
    const those = inFile.filter(
      ({ id, firstLine, lastLine }) => id === result.id && firstLine <= line && line <= lastLine,
    );
    const [first] = those;
    if (isRefused && first) {
      return { ...result, reason: `the comment on line ${first.line} is ignored: inline waivers are disabled` };
    }
    const applied = waived(
      result,
      those.map(({ id, until, reason, line: at }) => ({
        id,
        reason: reason ?? `a comment on line ${at}`,
        ...(until !== undefined && { until }),
      })),
      today,
    );
    return applied.state === "waived" ? { ...applied, isWaivedInline: true } : applied;
  });
}

/** The failure, waived by the first of its waivers that holds. */
function waived(result: CheckResult, waivers: readonly CheckWaiver[], today: string): CheckResult {
  const holding = waivers.find(({ until }) => until === undefined || until >= today);
  if (holding) return { ...result, state: "waived", reason: waiverText(holding) };
  const [expired] = waivers;
  return expired ? { ...result, reason: `a waiver for it expired on ${expired.until}` } : result;
}

function isAbout({ id, resource }: CheckWaiver, result: CheckResult): boolean {
  return fitsWildcard(result.id, id) && (resource === undefined || fitsWildcard(result.resource ?? "", resource));
}

import type { AffectedRange, RangeEvent } from "../../model/advisory.ts";
import type { VersionScheme } from "../../versions/version-scheme.ts";

/** Where a version lies in the ranges of a record. */
export type RangeResult =
  /** Inside; `comparison` says between what, `fixed` is the version that ends the interval when one does. */
  | { readonly inside: true; readonly comparison: string; readonly fixed?: string }
  | { readonly inside: false }
  /** A bound is no version of the scheme, so nothing can be concluded. */
  | { readonly unreadable: string };

/** A bound, read; `least` is OSV's "0", below every version. */
type Bound = { readonly text: string; readonly least: true } | { readonly text: string; readonly version: unknown };

type Kind = "introduced" | "fixed" | "last_affected";

interface SortedEvent {
  readonly kind: Kind;
  readonly bound: Bound;
}

/**
 * Evaluates one range of type SEMVER or ECOSYSTEM for a version that its scheme could read.
 *
 * Source: OSV schema, "Evaluation": the events are sorted by version and walked; events of one version keep their order.
 */
export function evaluateRange(
  range: AffectedRange,
  subject: { readonly text: string; readonly version: unknown },
  scheme: VersionScheme<unknown>,
): RangeResult {
  const events: SortedEvent[] = [];
  const limits: Bound[] = [];
  for (const event of range.events) {
    const read = readEvent(event, scheme);
    if ("unreadable" in read) return read;
    if (read.kind !== "limit") events.push({ kind: read.kind, bound: read.bound });
    else limits.push(read.bound);
  }
  const order = (bound: Bound): number => ("least" in bound ? 1 : scheme.compare(subject.version, bound.version));
  const limited = limits.length > 0 && !limits.some(({ text }) => text === "*");
  if (limited && !limits.some((limit) => order(limit) < 0)) return { inside: false };
  events.sort((a, b) => compareBounds(a.bound, b.bound, scheme));
  let lower: string | undefined;
  let upper: SortedEvent | undefined;
  for (const event of events) {
    const position = order(event.bound);
    if (event.kind === "introduced" && position >= 0) lower = event.bound.text;
    else if (event.kind === "fixed" && position >= 0) lower = undefined;
    else if (event.kind === "last_affected" && position > 0) lower = undefined;
    else if (event.kind !== "introduced" && lower !== undefined) upper ??= event;
  }
  if (lower === undefined) return { inside: false };
  const comparison = `${lower} <= ${subject.text}`;
  if (!upper) return { inside: true, comparison };
  if (upper.kind === "last_affected") return { inside: true, comparison: `${comparison} <= ${upper.bound.text}` };
  return { inside: true, comparison: `${comparison} < ${upper.bound.text}`, fixed: upper.bound.text };
}

function readEvent(
  event: RangeEvent,
  scheme: VersionScheme<unknown>,
): { readonly kind: Kind | "limit"; readonly bound: Bound } | { readonly unreadable: string } {
  for (const kind of ["introduced", "fixed", "last_affected", "limit"] as const) {
    const text = event[kind];
    if (text === undefined) continue;
    if (text === "0" && kind === "introduced") return { kind, bound: { text, least: true } };
    if (text === "*" && kind === "limit") return { kind, bound: { text, least: true } };
    const version = scheme.parse(text);
    return version === undefined ? { unreadable: text } : { kind, bound: { text, version } };
  }
  return { unreadable: "an event without a version" };
}

function compareBounds(a: Bound, b: Bound, scheme: VersionScheme<unknown>): number {
  if ("least" in a || "least" in b) return ("least" in b ? 1 : 0) - ("least" in a ? 1 : 0);
  return scheme.compare(a.version, b.version);
}

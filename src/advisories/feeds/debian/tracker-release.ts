import { type AffectedExtension, type AffectedRange, extensionKey } from "../../../model/findings/advisory.ts";
import { isJsonObject } from "../../../model/objects/json-object.ts";
import { trimEnd } from "../../../model/text/trim-end.ts";
import { isAbsent } from "../../json-fields.ts";

/** What the tracker says of a package in one release. */
export type TrackerVerdict =
  /** Fixed, or open without a fix. */
  | {
      readonly kind: "affected";
      readonly ranges: readonly AffectedRange[];
      /** Versions outside the ranges. */
      readonly versions?: readonly string[];
      readonly extension: AffectedExtension;
      /** The tracker's word for the severity; absent when the tracker does not rate it. */
      readonly urgency?: string;
    }
  | { readonly kind: "not-affected" };

const urgencies: ReadonlySet<string> = new Set(["unimportant", "low", "medium", "high"]);
/** Characters of a version. */
export const longestVersion = 200;
const longestReason = 200;

/**
 * Reads an object of `releases` of the security tracker's JSON; undefined when it says nothing that can be used.
 *
 * - `fixed_version` is the first version with the fix, in this release or in one from which it came; 0 says that no
 *   version was affected;
 * - `status` is `open`, `resolved` or `undetermined`, the last one before the issue was analysed;
 * - `nodsa` says why there will be no advisory of its own, `nodsa_reason` whether the fix is `postponed` or the issue
 *   `ignored`; without a reason the maintainer may still bring a fix in a point release;
 * - `urgency` is a word with up to two stars when it was taken from elsewhere, `not yet assigned`, or `end-of-life`
 *   when the package is no longer supported in the release.
 */
export function readTrackerRelease(value: unknown): TrackerVerdict | undefined {
  if (!isJsonObject(value)) return undefined;
  const status = value["status"];
  const fixed = typeof value["fixed_version"] === "string" ? value["fixed_version"].trim() : "";
  const word = typeof value["urgency"] === "string" ? trimEnd(value["urgency"], "*") : "";
  const urgency = urgencies.has(word) ? { urgency: word } : {};
  if (fixed !== "" && fixed.length <= longestVersion) {
    if (fixed !== "0")
      return { kind: "affected", ranges: rangeBefore(fixed), extension: { names: "source" }, ...urgency };
    if (status === "resolved") return { kind: "not-affected" };
  }
  if (status !== "open" && status !== "undetermined") return undefined;
  const extension: AffectedExtension = { ...openStatus(value, { status, word }), names: "source" };
  return { kind: "affected", ranges: rangeBefore(undefined), extension, ...urgency };
}

/** True for an object whose `status` is one that {@link readTrackerRelease} knows. */
export function isTrackerRelease(value: unknown): boolean {
  return isJsonObject(value) && typeof value["status"] === "string" && statuses.has(value["status"]);
}

/** True for an object that says `resolved` and not in which version, which {@link readTrackerRelease} cannot use. */
export function isResolvedSomehow(value: unknown): boolean {
  return isJsonObject(value) && value["status"] === "resolved" && readTrackerRelease(value) === undefined;
}

/** True for an object whose `fixed_version` is there and is none that {@link readTrackerRelease} can use. */
export function hasOddVersion(value: unknown): boolean {
  const fixed = isJsonObject(value) ? value["fixed_version"] : undefined;
  if (typeof fixed !== "string") return !isAbsent(fixed);
  return fixed.trim().length > longestVersion;
}

const statuses: ReadonlySet<string> = new Set(["open", "resolved", "undetermined"]);

/** The extension as it stands in `database_specific`. */
export function specificOf(extension: AffectedExtension): Record<string, unknown> {
  return { [extensionKey]: extension };
}

/** Every version, up to the fix where there is one. */
export function rangeBefore(fixed: string | undefined): AffectedRange[] {
  return [
    { type: "ECOSYSTEM", events: fixed === undefined ? [{ introduced: "0" }] : [{ introduced: "0" }, { fixed }] },
  ];
}

function openStatus(
  value: Readonly<Record<string, unknown>>,
  { status, word }: { readonly status: "open" | "undetermined"; readonly word: string },
): Pick<AffectedExtension, "status" | "reason"> {
  if (status === "undetermined") return { status: "under-investigation", reason: "undetermined" };
  if (word === "end-of-life") return { status: "end-of-life", reason: "end-of-life" };
  const remark = typeof value["nodsa"] === "string" ? value["nodsa"].trim().slice(0, longestReason) : undefined;
  const because = (name: string): string => (remark ? `${name}: ${remark}` : name);
  if (value["nodsa_reason"] === "ignored") return { status: "will-not-fix", reason: because("ignored") };
  if (value["nodsa_reason"] === "postponed") return { status: "fix-deferred", reason: because("postponed") };
  return remark === undefined ? {} : { reason: because("no-dsa") };
}

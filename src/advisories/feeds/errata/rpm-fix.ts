import {
  type Affected,
  type AffectedExtension,
  type Channel,
  extensionKey,
  type RangeEvent,
} from "../../../model/findings/advisory.ts";
import { rpm } from "../../../versions/rpm.ts";

/** Which versions of a package are affected, as one line of an advisory says it. */
export interface RpmFix {
  readonly ecosystem: string;
  readonly name: string;
  /** EVR of the first version with the fix. */
  readonly fixed?: string | undefined;
  /** EVR of the last version that is known to be affected, where there is no fix. */
  readonly lastAffected?: string | undefined;
  /** EVR; every version from the first when absent. */
  readonly introduced?: string | undefined;
  /** Every architecture when absent. */
  readonly architecture?: string | undefined;
  readonly module?: string | undefined;
  readonly channel?: Channel | undefined;
  readonly names?: "source" | "binary";
  /** The publisher's own words. */
  readonly reason?: string | undefined;
}

/**
 * The entries of a record for these lines. Lines that differ only in the fixed version say that every version below the
 * highest is affected. Lines that differ only in the architecture become one entry; it names no architecture when one
 * of them names none or `noarch`, or when all of `all` are among them.
 */
export function affectedBy(fixes: readonly RpmFix[], all: readonly string[]): Affected[] {
  const affected: Affected[] = [];
  for (const group of Map.groupBy(fixes, keyOf).values()) {
    const highest = new Map<string, RpmFix>();
    for (const fix of group) {
      const place = fix.architecture ?? "";
      const other = highest.get(place);
      if (!other || isHigher(fix, other)) highest.set(place, fix);
    }
    for (const same of Map.groupBy(highest.values(), endOf).values()) affected.push(entryOf(same, all));
  }
  return affected;
}

function keyOf({ ecosystem, name, introduced, module, channel, names, reason }: RpmFix): string {
  return JSON.stringify([ecosystem, name, introduced, module, channel, names, reason]);
}

function endOf({ fixed, lastAffected }: RpmFix): string {
  return JSON.stringify([fixed, lastAffected]);
}

/** No end at all is the highest. */
function isHigher(fix: RpmFix, than: RpmFix): boolean {
  const a = rpm.parse(fix.fixed ?? fix.lastAffected ?? "");
  const b = rpm.parse(than.fixed ?? than.lastAffected ?? "");
  if (endOf(than) === "[null,null]") return false;
  return endOf(fix) === "[null,null]" || (a !== undefined && b !== undefined && rpm.compare(a, b) > 0);
}

function entryOf(same: readonly RpmFix[], all: readonly string[]): Affected {
  const [first] = same;
  if (!first) throw new Error("a group is never empty");
  const { ecosystem, name, introduced, fixed, lastAffected, module, channel, names, reason } = first;
  const events: RangeEvent[] = [{ introduced: introduced ?? "0" }];
  if (fixed !== undefined) events.push({ fixed });
  else if (lastAffected !== undefined) events.push({ last_affected: lastAffected });
  const architectures = [...new Set(same.map((fix) => fix.architecture ?? ""))].sort();
  const covered = new Set(architectures);
  const every = covered.has("") || covered.has("noarch") || all.every((architecture) => covered.has(architecture));
  const extension: AffectedExtension = {
    ...(reason !== undefined && { reason }),
    ...(!every && { architectures }),
    ...(module !== undefined && { module }),
    ...(channel !== undefined && { channel }),
    ...(names !== undefined && { names }),
  };
  return {
    package: { ecosystem, name },
    ranges: [{ type: "ECOSYSTEM", events }],
    ...(Object.keys(extension).length > 0 && { database_specific: { [extensionKey]: extension } }),
  };
}

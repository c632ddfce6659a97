import { existsSync } from "node:fs";
import { hasNewerFormat } from "../../advisories/database/database-file.ts";
import { openAdvisoryDatabase } from "../../advisories/database/open-advisory-database.ts";
import { partKey } from "../../advisories/database/part-key.ts";
import { PlimsollError } from "../../model/error.ts";
import type { DatabaseStatus } from "../../model/findings/advisory.ts";
import { hasUnknownAge } from "./database-age.ts";

const mostNamed = 10;

/** A database that is about to take the place of another. */
export interface DatabaseReplacement {
  /** Names the new one in messages. */
  readonly name: string;
  readonly next: DatabaseStatus;
  /** Where the new one is to lie. */
  readonly place: string;
  /** The present database; undefined when it is missing or unreadable. */
  readonly present: DatabaseStatus | undefined;
  readonly now: Date;
}

/**
 * Refuses a database that knows less than the one in its place: built earlier, with a part that was brought up to date
 * earlier, or without a part. Whoever controls a registry, or a copy of what it serves, could otherwise hide advisories
 * by serving an old database, which a signature does not prevent. A database that is dated in the future is refused
 * too: no later one could take its place. A damaged database in the place is not a reason to refuse. Error:
 * `database-rollback`.
 */
export function refuseRollback(replacement: DatabaseReplacement): void {
  const { name, place, present } = replacement;
  const reasons =
    present === undefined && existsSync(place) && hasNewerFormat(place)
      ? ["the existing database has a newer format"]
      : reasonsToRefuse(replacement);
  if (reasons.length === 0) return;
  throw new PlimsollError("database-rollback", `${name} does not replace ${place}: ${reasons.join("; ")}`, {
    hint: "Use a newer and complete database, or give --allow-older to replace it anyway.",
  });
}

/**
 * Refuses to build a database with an earlier date than that of the one in its place. Error: `database-rollback`.
 */
export function refuseEarlierDate(
  present: DatabaseStatus,
  { place, builtAt }: { readonly place: string; readonly builtAt: string },
): void {
  if (!(Date.parse(builtAt) < Date.parse(present.builtAt))) return;
  throw new PlimsollError("database-rollback", `${place} has a later date, ${present.builtAt}, than ${builtAt}`, {
    hint: "Build to another file, or give --allow-older to replace it anyway.",
  });
}

/**
 * What a database file says about itself; undefined where there is none, or none that can be read, which may be
 * replaced.
 */
export function statusOfReadable(path: string): DatabaseStatus | undefined {
  try {
    const index = openAdvisoryDatabase(path);
    index.close();
    return index.status;
  } catch {
    return undefined;
  }
}

function reasonsToRefuse({ next, present, now }: DatabaseReplacement): readonly string[] {
  if (hasUnknownAge(next, now)) return [`it is dated in the future, ${next.builtAt}`];
  if (!present) return [];
  const lost = [...filled(present).keys()].filter((key) => !filled(next).has(key));
  return [
    // A date in the future does not state the age of the other one's advisories, and must not block all later
    // databases.
    ...(hasUnknownAge(present, now) ? [] : olderReasons(next, present)),
    ...(lost.length > 0 ? [`it lacks ${listed(lost.map((key) => filled(present).get(key) ?? ""))}`] : []),
  ];
}

function olderReasons(next: DatabaseStatus, present: DatabaseStatus): readonly string[] {
  if (Date.parse(next.builtAt) < Date.parse(present.builtAt)) {
    return [`it was built at ${next.builtAt}, and the existing database at ${present.builtAt}`];
  }
  const times = partTimes(present);
  const older = [...partTimes(next)].filter(([key, time]) => time < (times.get(key) ?? 0)).map(([key]) => key);
  return older.length === 0 ? [] : [`it has older data of ${listed(older.map((key) => filled(next).get(key) ?? ""))}`];
}

/** The parts that hold something, with their names for messages, by their keys. */
function filled({ parts }: DatabaseStatus): ReadonlyMap<string, string> {
  return new Map(parts.filter(({ items }) => items > 0).map((part) => [partKey(part), partName(part)]));
}

/** When each part that holds something was last brought up to date. */
function partTimes(status: DatabaseStatus): ReadonlyMap<string, number> {
  const since = new Map((status.behind ?? []).map((part) => [partKey(part), Date.parse(part.since)]));
  return new Map([...filled(status).keys()].map((key) => [key, since.get(key) ?? Date.parse(status.builtAt)]));
}

/** For OSV, the ecosystem. */
function partName({ feed, name }: { readonly feed: string; readonly name: string }): string {
  return feed === "osv" ? name : name === "all" ? feed : `${feed} ${name}`;
}

function listed(names: readonly string[]): string {
  const more = names.length > mostNamed ? ` and ${names.length - mostNamed} more` : "";
  return `${names.slice(0, mostNamed).join(", ")}${more}`;
}

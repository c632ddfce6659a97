import type { Advisory } from "../model/advisory.ts";
import type { FeedItem } from "./feed-item.ts";

/** The record of a publisher about one vulnerability: `UBUNTU-CVE-2024-1111` has the prefix `UBUNTU`. */
export interface RecordName {
  readonly prefix: string;
  readonly vulnerability: string;
}

/**
 * What a record that cannot be read whole brings: the item `unreadable` for its id, in which the advisory among the
 * items stands in for what the last update brought, and another for the name of the vulnerability, under which its
 * statements stand. The statements among the items are left out: they would be held against a record that was kept and
 * may know of a fix.
 */
export function* standingIn({ prefix, vulnerability }: RecordName, items: Iterable<FeedItem>): Generator<FeedItem> {
  let standIn: Advisory | undefined;
  for (const item of items) if (item.kind === "advisory") standIn = item.advisory;
  yield { kind: "unreadable", id: `${prefix}-${vulnerability}`, ...(standIn && { standIn }) };
  yield { kind: "unreadable", id: vulnerability };
}

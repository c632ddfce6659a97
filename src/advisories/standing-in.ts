import type { Advisory } from "../model/findings/advisory.ts";
import type { FeedItem, StatementItem } from "./feed-item.ts";

/** The record of a publisher about one vulnerability: `UBUNTU-CVE-2024-1111` has the prefix `UBUNTU`. */
export interface RecordName {
  readonly prefix: string;
  readonly vulnerability: string;
  /** True when the advisory can count instead of an older one, except for packages that only that one names. */
  readonly isRenewed?: boolean;
}

/**
 * What a record that cannot be read whole brings: the item `unreadable` for its id, in which the advisory among the
 * items stands in for what the last update brought, and another for the name of the vulnerability, under which its
 * statements stand. The statements among the items go with a renewed advisory, and are left out otherwise: they would
 * be applied to a record that was kept and may know of a fix.
 */
export function* standingIn(
  { prefix, vulnerability, isRenewed = false }: RecordName,
  items: Iterable<FeedItem>,
): Generator<FeedItem> {
  let standIn: Advisory | undefined;
  const statements: StatementItem[] = [];
  for (const item of items) {
    if (item.kind === "advisory") standIn = item.advisory;
    else if (item.kind === "statement") statements.push(item);
  }
  yield {
    kind: "unreadable",
    id: `${prefix}-${vulnerability}`,
    ...(standIn && { standIn }),
    ...(isRenewed && { statements }),
  };
  yield { kind: "unreadable", id: vulnerability };
}

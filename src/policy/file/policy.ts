import type { Threshold } from "../threshold.ts";

/** What may ship, as `plimsoll.yaml` says it. */
export interface Policy {
  /** A finding, or a failed check, of this severity or worse denies. */
  readonly failOn?: Threshold;
}

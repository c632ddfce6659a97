import { supportOfRelease } from "../../detectors/vulnerabilities/ecosystems/end-of-life.ts";
import { quietFeedLimit } from "../../detectors/vulnerabilities/ecosystems/quiet-feed.ts";
import type { AdvisoryIndex } from "../../model/findings/advisory.ts";
import type { Distribution } from "../../model/packages/distribution.ts";

/** What an answer depends on that another day changes. */
export interface DayState {
  /** Null where no package is of one. */
  readonly distro: Distribution | null;
  /** The ecosystems whose advisories the packages are compared with, without suffixes. */
  readonly ecosystems: readonly string[];
  readonly index: AdvisoryIndex;
}

/**
 * The state of a subject on a day, under the same advisories: whether its distribution is supported, and which feeds
 * stand still. Two days with the same text have the same answer.
 */
export function stateOnDay({ distro, ecosystems, index }: DayState, now: Date): string {
  return JSON.stringify([
    supportOfRelease({ distribution: distro, index, now }),
    ecosystems.map((ecosystem) => quietFeedLimit(ecosystem, { index, now })),
  ]);
}

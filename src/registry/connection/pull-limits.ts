import type { PlimsollError } from "../../model/error.ts";
import type { RateLimit } from "./rate-limit.ts";
import { refused } from "./registry-failure.ts";

/** A limit on the manifests that may be fetched. */
export interface PullLimit {
  /** Manifests that may be fetched within the window. */
  readonly limit: number;
  /** Seconds. */
  readonly window: number;
}

/**
 * The exhausted limit, by the registry's own statement. A limit of zero, or without a window, is ignored: registries
 * without a limit send the former, and the duration of the latter is unknown.
 */
export function spentLimit(told: RateLimit | undefined): PullLimit | undefined {
  if (!told || told.remaining > 0 || told.limit === 0 || !told.window) return undefined;
  return { limit: told.limit, window: told.window };
}

/** Milliseconds after which an exhausted limit may have room again. */
export function triesEvery({ window }: PullLimit): number {
  return Math.min(Math.max(window / 20, 60), 3600) * 1000;
}

/** `registry-refused` for a pull that is not tried; `known` says whether there were credentials to show. */
export function pullsSpent(registry: string, { limit, window }: PullLimit, known: boolean): PlimsollError {
  const logIn = known
    ? "Log in with an account that has a higher limit"
    : `Log in for a higher limit: plimsoll login ${registry}`;
  return refused("further pulls", {
    registry,
    reason: `its limit of ${limit} pulls in ${durationText(window)} is reached`,
    known,
    hint: `${logIn}; or use a mirror with --registry-mirror, or wait. Finished images are not scanned again.`,
  });
}

/** Seconds in words, as the largest unit that gives a whole number: `6 hours`. */
export function durationText(seconds: number): string {
  const [unit, length] = units.find(([, each]) => seconds >= each && seconds % each === 0) ?? ["second", 1];
  const count = seconds / length;
  return `${count} ${unit}${count === 1 ? "" : "s"}`;
}

const units: readonly (readonly [string, number])[] = [
  ["hour", 3600],
  ["minute", 60],
];

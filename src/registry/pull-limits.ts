import type { PlimsollError } from "../model/error.ts";
import type { RateLimit } from "./rate-limit.ts";
import { refused } from "./registry-failure.ts";

/** An account of which a registry said that it may fetch no further manifest. */
export interface SpentPulls {
  /** Manifests that it may fetch within the window. */
  readonly limit: number;
  /** Seconds. */
  readonly window: number;
  /** As `performance.now()` counts: until then nothing more is to be expected. */
  readonly until: number;
}

/** What an answer about a manifest says, and of when. */
export interface PullNote {
  /** Undefined where the answer speaks of no limit: such a repository is not counted. */
  readonly limit: RateLimit | undefined;
  /** Whose pulls are counted together: what the registry says, else the user that was shown; empty for a stranger. */
  readonly account: string;
  /** When the request was sent, as `performance.now()` counts. */
  readonly asked: number;
}

interface Known {
  readonly limit: RateLimit;
  readonly at: number;
}

const mostRepositories = 100_000;
const mostAccounts = 1000;

/**
 * How many manifests one registry will still give, by what it said last. Docker Hub counts those that are fetched with
 * `GET`, for each account or address, and not those of some publishers; it answers `HEAD`, which is not counted, with
 * the same headers. A limit without a window counts as none: nobody knows how long it holds, and registries that limit
 * requests in a second say so on every answer.
 *
 * Source: Docker's documentation, "Docker Hub pull usage and limits".
 */
export class PullLimits {
  readonly #accounts = new Map<string, Known>();
  /** Who is counted for a repository; null where nobody is. */
  readonly #repositories = new Map<string, string | null>();
  /** Who was counted last. */
  #last = "";

  /** What was last said of how much remains; undefined when nothing was. */
  get last(): RateLimit | undefined {
    return this.#accounts.get(this.#last)?.limit;
  }

  /** Takes in what a successful answer, or one that speaks of a limit, says of a repository. */
  note(repository: string, { limit, account, asked }: PullNote): void {
    if (!limit && this.#accounts.size === 0) return;
    if (this.#repositories.size >= mostRepositories) this.#repositories.clear();
    this.#repositories.set(repository, limit ? account : null);
    if (!limit) return;
    this.#last = account;
    const known = this.#accounts.get(account);
    // An answer that was overtaken tells what was.
    if (known && asked < known.at && limit.remaining > known.limit.remaining) return;
    if (!known && this.#accounts.size >= mostAccounts) this.#accounts.clear();
    this.#accounts.set(account, { limit, at: performance.now() });
  }

  /**
   * Whether a manifest of a repository may be asked for; `unknown` where nothing remains for some other one, and it has
   * not been told who is counted for this.
   */
  of(repository: string): SpentPulls | "open" | "unknown" {
    const account = this.#repositories.get(repository);
    if (account === null) return "open";
    if (account !== undefined) return spentOf(this.#accounts.get(account)) ?? "open";
    return [...this.#accounts.values()].some(spentOf) ? "unknown" : "open";
  }
}

function spentOf(known: Known | undefined): SpentPulls | undefined {
  if (known?.limit.remaining !== 0 || known.limit.window === undefined) return undefined;
  const { limit, window } = known.limit;
  const until = known.at + window * 1000;
  return performance.now() < until ? { limit, window, until } : undefined;
}

/** `registry-refused` for a pull that is not tried; `known` says whether there were credentials to show. */
export function pullsSpent(registry: string, { limit, window }: SpentPulls, known: boolean): PlimsollError {
  const logIn = known
    ? "Log in with an account that has a higher one"
    : `Log in for a higher one: plimsoll login ${registry}`;
  return refused("further pulls", {
    registry,
    reason: `its limit of ${limit} in ${durationText(window)} is used up`,
    known,
    hint: `${logIn}; or name a mirror with --registry-mirror, or wait: what a run has finished is kept.`,
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

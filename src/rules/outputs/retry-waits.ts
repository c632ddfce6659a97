/** How long to wait after attempts that failed, in milliseconds: doubled each time from the first to the longest. */
export interface RetryPolicy {
  readonly first: number;
  readonly longest: number;
  /** After so many attempts a line is given up; without it never. */
  readonly attempts?: number;
}

const longestRequestedWait = 3_600_000;

/** The waits of one output: they grow with each failure in a row, and begin again after what went well. */
export class RetryWaits {
  readonly #policy: RetryPolicy;
  #failures = 0;
  /** Runs from the first attempt after the last failure on, for the longest wait. */
  #spell: NodeJS.Timeout | undefined;
  #isLongSpell = false;
  #longSpells = 0;

  constructor(policy: RetryPolicy) {
    this.#policy = policy;
  }

  /** How often a failure came only after more than the longest wait: see {@link countFailureAfterSpell}. */
  get longSpells(): number {
    return this.#longSpells;
  }

  /** Whether a line whose attempt failed now is to be given up. */
  get isSpent(): boolean {
    return this.#failures >= (this.#policy.attempts ?? Number.POSITIVE_INFINITY);
  }

  begin(): void {
    this.#spell ??= setTimeout(() => {
      this.#isLongSpell = true;
    }, this.#policy.longest).unref();
  }

  countFailure(): void {
    clearTimeout(this.#spell);
    this.#spell = undefined;
    this.#isLongSpell = false;
    this.#failures++;
  }

  /**
   * Counts the first failure in a row after a long while, for a sender that may take back, where only time shows that
   * it works.
   */
  countFailureAfterSpell(): void {
    if (this.#isLongSpell) {
      this.#failures = 0;
      this.#longSpells++;
    }
    this.countFailure();
  }

  countSuccess(): void {
    this.#failures = 0;
  }

  /** Milliseconds to wait now; at least what the other side asks for, within reason. */
  after(requested: number): number {
    const { first, longest } = this.#policy;
    const own = Math.min(longest, first * 2 ** Math.min(this.#failures - 1, 30));
    // Programs on many machines that lost the same server should not all come back at one moment.
    return Math.max(Math.min(requested, longestRequestedWait), own * (1 + (process.pid % 32) / 128));
  }
}

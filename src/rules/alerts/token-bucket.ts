/** At most so many in a time, in milliseconds; as many as `burst` at once after a quiet time, `count` unless given. */
export interface RateLimit {
  readonly count: number;
  readonly within: number;
  readonly burst?: number;
}

/** Tokens that come at a steady rate and are taken one by one. Times are in milliseconds and may go back a little. */
export class TokenBucket {
  readonly #perMillisecond: number;
  readonly #capacity: number;
  #tokens: number;
  #last: number | undefined;

  constructor({ count, within, burst = count }: RateLimit) {
    this.#perMillisecond = count / within;
    this.#capacity = burst;
    this.#tokens = burst;
  }

  /** Whether there is a token at this time. */
  has(time: number): boolean {
    const passed = Math.max(0, time - (this.#last ?? time));
    this.#last = Math.max(time, this.#last ?? time);
    this.#tokens = Math.min(this.#capacity, this.#tokens + passed * this.#perMillisecond);
    return this.#tokens >= 1;
  }

  /** Takes the token that there is. */
  take(): void {
    this.#tokens -= 1;
  }
}

import { setTimeout as sleep } from "node:timers/promises";
import { PlimsollError } from "../model/error.ts";
import { cancelled, Interruption, unreachable } from "./registry-failure.ts";
import type { RegistryLimits } from "./registry-settings.ts";

/** What attempts share. */
export interface RetryOptions {
  /** How errors name the registry. */
  readonly registry: string;
  readonly limits: RegistryLimits;
  readonly signal: AbortSignal;
}

/**
 * Counts the attempts at one piece of work and waits between them: longer each time, and as long as the registry wishes.
 */
export class Patience {
  readonly #options: RetryOptions;
  #failures = 0;

  constructor(options: RetryOptions) {
    this.#options = options;
  }

  /** There was progress: the attempts begin anew. */
  renew(): void {
    this.#failures = 0;
  }

  /**
   * Waits after a failed attempt, until another one is worthwhile. Throws what is no {@link Interruption} as it is.
   * Errors: `registry-unreachable` when there were enough attempts or the registry wants to be left alone for too long, `cancelled`.
   */
  async afterFailure(cause: unknown): Promise<void> {
    const { registry, limits, signal } = this.#options;
    if (signal.aborted) throw cancelled(signal);
    if (!(cause instanceof Interruption)) throw cause;
    this.#failures++;
    if (cause.wait > limits.longestWait) {
      const seconds = Math.ceil(cause.wait / 1000);
      throw unreachable(registry, `${cause.message} and asks to wait for ${seconds} seconds`);
    }
    if (this.#failures >= limits.attempts) {
      throw unreachable(registry, `${cause.message}, ${this.#failures} times one after the other`, cause.cause);
    }
    const delay = Math.max(limits.retryDelay * 2 ** (this.#failures - 1), cause.wait);
    // Many clients that were turned away at once should not come back at once.
    await sleep(delay * (1 + Math.random() / 4), undefined, { signal }).catch(() => {
      throw cancelled(signal);
    });
  }
}

/** The result of the first attempt that succeeds. Errors: those of {@link Patience.afterFailure}. */
export async function retried<T>(attempt: () => Promise<T>, options: RetryOptions): Promise<T> {
  const patience = new Patience(options);
  for (;;) {
    try {
      return await attempt();
    } catch (cause) {
      if (cause instanceof PlimsollError) throw cause;
      await patience.afterFailure(cause);
    }
  }
}

import { setTimeout as sleep } from "node:timers/promises";

/** An attempt that failed in a way that may pass; `message` is a clause. */
export class Interruption extends Error {
  override readonly name = "Interruption";
  /** Milliseconds that the server wants to be left alone; 0 when it does not say. */
  readonly wait: number;

  constructor(message: string, { wait = 0, cause }: { readonly wait?: number; readonly cause?: unknown } = {}) {
    super(message, { cause });
    this.wait = wait;
  }
}

/** How long attempts go on. */
export interface PatienceOptions {
  /** Failures without progress that are one too many. */
  readonly attempts: number;
  /** Milliseconds before the second attempt, doubled before each further one. */
  readonly retryDelay: number;
  /** Milliseconds that a server may ask to wait. */
  readonly longestWait: number;
  readonly signal: AbortSignal;
  /** The error when there is no point in another attempt; `reason` is a clause. */
  readonly givenUp: (reason: string, cause?: unknown) => Error;
  /** The error once `signal` is aborted. */
  readonly cancelled: () => Error;
}

/**
 * Counts the attempts at one piece of work and waits between them: longer each time, and as long as the server wishes.
 */
export class Patience {
  readonly #options: PatienceOptions;
  #failures = 0;

  constructor(options: PatienceOptions) {
    this.#options = options;
  }

  /** There was progress: the attempts begin again. */
  renew(): void {
    this.#failures = 0;
  }

  /**
   * Waits after a failed attempt, until another one is worthwhile. Rethrows errors other than {@link Interruption}
   * unchanged, and otherwise throws the errors of its options: `givenUp` when there were enough attempts or the server
   * asks for too long a pause, `cancelled`.
   */
  async afterFailure(cause: unknown): Promise<void> {
    const { attempts, retryDelay, longestWait, signal, givenUp, cancelled } = this.#options;
    if (signal.aborted) throw cancelled();
    if (!(cause instanceof Interruption)) throw cause;
    this.#failures++;
    if (cause.wait > longestWait) {
      throw givenUp(`${cause.message}, with a requested wait of ${Math.ceil(cause.wait / 1000)} seconds`);
    }
    if (this.#failures >= attempts) {
      throw givenUp(`${cause.message}, ${this.#failures} times in a row`, cause.cause);
    }
    const delay = Math.max(retryDelay * 2 ** (this.#failures - 1), cause.wait);
    // Many clients that were turned away at once should not come back at once.
    await sleep(delay * (1 + Math.random() / 4), undefined, { signal }).catch(() => {
      throw cancelled();
    });
  }
}

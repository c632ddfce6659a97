import type { Alert } from "../../model/events/alert.ts";

/** Carries lines to where they belong; what keeps, counts and repeats is {@link DeliveringOutput}. */
export interface Sender {
  /** Its kind and where it leads, without secrets. */
  readonly id: string;
  /** The most lines of one call. */
  readonly batchSize: number;
  /** The most calls under way at the same time. */
  readonly parallel: number;
  /** The content that is kept and sent for an alert; its formatted line unless given. It has no newline. */
  encode?(alert: Alert, formatted: string): string;
  /**
   * Fulfilled when all the lines have arrived, as far as the protocol can tell. It ends in a bounded time by itself.
   *
   * Error: {@link DeliveryFailure}; then all the lines count as not arrived.
   */
  send(lines: readonly string[], signal: AbortSignal): Promise<void>;
  /**
   * Only of a sender that may learn after `send` that lines did not arrive. `handler` is then told why, before another
   * `send` begins; it has to take all the lines of earlier calls, those under way too, as not arrived; `send`, where it
   * is under way, fails with the same failure. False when `send` tells all there is to know.
   */
  onTakenBack?(handler: (failure: DeliveryFailure) => void): boolean;
  /**
   * Error: {@link DeliveryFailure}, of a sender with `onTakenBack`: then the lines of earlier calls have not arrived.
   */
  close(): Promise<void>;
}

/** Why lines did not arrive: a clause that begins in lower case, without secrets. */
export class DeliveryFailure extends Error {
  override readonly name = "DeliveryFailure";
  /** These lines will never be taken. */
  readonly isFinal: boolean;
  /** Milliseconds that the other side asks to wait; 0 when it does not say. */
  readonly retryAfter: number;
  /** A signal that asks to end stopped the other side, which has no part in it that they did not arrive. */
  readonly isInterrupted: boolean;

  constructor(message: string, options: DeliveryFailureDetails = {}) {
    const { isFinal = false, isInterrupted = false, retryAfter = 0, cause } = options;
    super(message, cause === undefined ? undefined : { cause });
    this.isFinal = isFinal;
    this.isInterrupted = isInterrupted;
    this.retryAfter = retryAfter;
  }
}

interface DeliveryFailureDetails {
  readonly isFinal?: boolean;
  readonly isInterrupted?: boolean;
  readonly retryAfter?: number;
  readonly cause?: unknown;
}

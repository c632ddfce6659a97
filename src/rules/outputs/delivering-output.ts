import { PlimsollError } from "../../model/error.ts";
import type { Alert, Priority } from "../../model/events/alert.ts";
import type { AlertOutput } from "./alert-output.ts";
import type { AlertQueue } from "./alert-queue.ts";
import { RefusedAlerts } from "./refused-alerts.ts";
import { type RetryPolicy, RetryWaits } from "./retry-waits.ts";
import { DeliveryFailure, type Sender } from "./sender.ts";
import { type LineState, SentLines } from "./sent-lines.ts";

/** Options of an output that delivers. */
export interface DeliveringOptions {
  readonly queue: AlertQueue;
  /** Makes the lines of alerts about the output itself. */
  readonly format: (alert: Alert) => string;
  readonly retry?: RetryPolicy;
  /** Milliseconds that {@link AlertOutput.close} goes on delivering. */
  readonly closeWithin?: number;
  /** Told of each failed attempt: a clause. */
  readonly onFailure?: (reason: string) => void;
}

/** What an output has done so far. */
export interface DeliveryCounts {
  readonly delivered: number;
  /** Refused since the queue was full, or could not keep them. */
  readonly refused: number;
  /** Given up since the other side will never take them. */
  readonly rejected: number;
  /** Attempts that failed. */
  readonly failures: number;
  /** Waiting now, and the bytes of that. */
  readonly queued: number;
  readonly queuedBytes: number;
}

const defaultRetry: RetryPolicy = { first: 500, longest: 60_000 };

/**
 * An output that keeps alerts in a queue until a sender has delivered them, at least once each and in order, except
 * those that are under way together. What a sender may take back stays in the queue until the sender is closed, or
 * enough came after it, or the queue has no room for more. `write` is fulfilled when the queue has the alert. Failed
 * attempts are repeated, with growing waits; only what the other side says it will never take is given up. What a full
 * queue refused is counted, and an alert says so when there is room again.
 */
export class DeliveringOutput implements AlertOutput {
  readonly id: string;
  readonly #sender: Sender;
  readonly #queue: AlertQueue;
  readonly #options: DeliveringOptions;
  readonly #waits: RetryWaits;
  readonly #stop: AbortController = new AbortController();
  readonly #running: Promise<void>;
  readonly #lines = new SentLines();
  /** Whether lines that were sent may turn out not to have arrived. */
  readonly #mayTakeBack: boolean;
  /** How often the sender took back what it had been given. */
  #takenBack = 0;
  /** Why it did so last. */
  #takenBackFor: DeliveryFailure | undefined;
  #mustWait = false;
  #delivered = 0;
  #rejected = 0;
  #failures = 0;
  #refused = 0;
  #abandoned = 0;
  #waiting = 0;
  /** Refused alerts that no alert has told of. */
  #untold: RefusedAlerts | undefined;
  /** Ends the current sleep. */
  #wake: () => void = () => undefined;
  #isIdle = false;
  #isWaitingToRetry = false;
  #isClosing = false;
  #flushes: (() => void)[] = [];

  constructor(sender: Sender, options: DeliveringOptions) {
    this.id = sender.id;
    this.#sender = sender;
    this.#queue = options.queue;
    this.#options = options;
    this.#waits = new RetryWaits(options.retry ?? defaultRetry);
    this.#mayTakeBack = sender.onTakenBack?.((failure) => this.#takeBack(failure)) ?? false;
    this.#running = this.#run();
  }

  get counts(): DeliveryCounts {
    return {
      delivered: this.#delivered,
      refused: this.#refused,
      rejected: this.#rejected,
      failures: this.#failures,
      queued: this.#queue.depth,
      queuedBytes: this.#queue.bytes,
    };
  }

  /**
   * Grows when alerts were delivered, or a sender that may take them back took them for longer than the longest wait.
   */
  get progress(): number {
    return this.#delivered + this.#waits.longSpells;
  }

  /**
   * Alerts that never arrived and never will: refused, given up, or still there when a queue closed that nothing keeps.
   */
  get lost(): number {
    return this.#refused + this.#rejected + this.#abandoned;
  }

  /** Alerts that a queue on disk keeps for the next run, after the output was closed. */
  get waiting(): number {
    return this.#waiting;
  }

  async write(alert: Alert, formatted: string): Promise<void> {
    try {
      if (await this.#enqueue(alert, formatted)) return;
    } catch (cause) {
      this.#countRefused(alert);
      throw cause;
    }
    this.#countRefused(alert);
    throw new PlimsollError("output-not-written", `an alert for ${this.id} was lost: the queue is full`, {
      hint: "Check why the output does not accept alerts, or make its queue larger.",
    });
  }

  /** Fulfilled when all that is in the queue was sent, or an attempt failed. */
  async flush(): Promise<void> {
    if (this.#queue.depth === this.#lines.unproven || this.#isWaitingToRetry) return;
    await new Promise<void>((resolve) => this.#flushes.push(resolve));
  }

  /** Error: {@link PlimsollError} `output-not-written` when alerts were not delivered and nothing keeps them. */
  async close(): Promise<void> {
    this.#isClosing = true;
    this.#wake();
    const timer = setTimeout(() => {
      this.#stop.abort();
      this.#wake();
    }, this.#options.closeWithin ?? 5000);
    await this.#running;
    await this.#closeSender();
    clearTimeout(timer);
    const left = this.#queue.depth;
    await this.#queue.close();
    if (this.#queue.isDurable) this.#waiting = left;
    else if (left > 0) {
      this.#abandoned = left;
      throw new PlimsollError("output-not-written", `${left} alerts for ${this.id} were not delivered`, {
        hint: "A queue on disk keeps undelivered alerts for the next run.",
      });
    }
  }

  /**
   * A sender whose other side was asked to end, as at a shutdown, gets another chance when the alerts are not kept
   * elsewhere.
   */
  async #closeSender(): Promise<void> {
    try {
      await this.#sender.close();
      this.#proveAll();
    } catch (cause) {
      const isInterrupted = cause instanceof DeliveryFailure && cause.isInterrupted;
      if (!isInterrupted || this.#queue.isDurable || this.#stop.signal.aborted) return this.#report(cause);
      this.#takeBack(cause);
      await this.#run();
      await this.#closeSender();
    }
  }

  #countRefused(alert: Alert): void {
    this.#refused++;
    this.#untold ??= new RefusedAlerts(this.#queue.depth);
    this.#untold.add(alert);
  }

  async #enqueue(alert: Alert, formatted: string = this.#options.format(alert)): Promise<boolean> {
    const line = this.#sender.encode?.(alert, formatted) ?? formatted;
    const options = { isUrgent: urgent.has(alert.priority) };
    const taken = this.#queue.enqueue(line, options);
    if (this.#isIdle) this.#wake();
    if ((await taken) || !this.#isIdle || this.#lines.unproven === 0) return taken;
    // A small queue that is full of what was sent has no room for what was not.
    this.#proveAll();
    const takenNow = this.#queue.enqueue(line, options);
    this.#wake();
    return await takenNow;
  }

  async #run(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      const lines = this.#peek();
      if (this.#lines.hasUnsent(lines.length)) {
        const wait = this.#mustWait ? this.#waits.after(0) : await this.#round(lines);
        this.#mustWait = false;
        if (wait === 0) continue;
        this.#endFlushes();
        if (this.#isClosing && this.#queue.isDurable) return;
        await this.#sleepToRetry(wait);
      } else {
        this.#endFlushes();
        if (this.#isClosing) return;
        this.#isIdle = true;
        await this.#sleep();
        this.#isIdle = false;
      }
    }
  }

  /**
   * Says what was refused, once there is much room again, so that it does not take the place of other alerts time and
   * again.
   */
  async #reportRefused(): Promise<void> {
    const untold = this.#untold;
    if (!untold || this.#queue.depth * 2 > untold.depth) return;
    this.#untold = undefined;
    try {
      if (await this.#enqueue(untold.alert(this.id))) return;
    } catch (cause) {
      this.#report(cause);
    }
    if (this.#untold) untold.absorb(this.#untold);
    this.#untold = untold;
  }

  #peek(): readonly string[] {
    try {
      const count = this.#sender.batchSize * this.#sender.parallel;
      const lines = this.#queue.peek(count + this.#lines.unproven);
      if (this.#lines.hasUnsent(lines.length) || lines.length === this.#queue.depth) return lines;
      // The next line is so long that it is not seen beside those that were sent.
      this.#proveAll();
      return this.#queue.peek(count);
    } catch (cause) {
      this.#report(cause);
      return [];
    }
  }

  /** Takes back what was sent and is not proven to have arrived. */
  #takeBack(failure: DeliveryFailure): void {
    this.#countFailedRound();
    this.#report(failure);
    this.#lines.takeBack();
    this.#takenBack++;
    this.#takenBackFor = failure;
    this.#mustWait = true;
    if (this.#isIdle) this.#wake();
  }

  #countFailedRound(): void {
    if (this.#mayTakeBack) this.#waits.countFailureAfterSpell();
    else this.#waits.countFailure();
  }

  /** Counts all that was sent as delivered. Not while something is under way. */
  #proveAll(): void {
    const count = this.#lines.unproven;
    this.#lines.proveOldest(count);
    this.#delivered += count;
    this.#acknowledge();
  }

  /** Sends some of the lines; returns how long to wait before the next round, 0 when all went well. */
  async #round(lines: readonly string[]): Promise<number> {
    const groups = this.#lines.groupsOf(lines.length, this.#sender);
    const takenBack = this.#takenBack;
    this.#waits.begin();
    const failures = await Promise.all(groups.map((group) => this.#send(group.map((index) => lines[index] ?? ""))));
    const wait = Math.max(
      0,
      ...failures.map((failure) => (failure && !failure.isFinal ? Math.max(failure.retryAfter, 1) : 0)),
    );
    if (wait > 0 && takenBack === this.#takenBack) this.#countFailedRound();
    else if (!this.#mayTakeBack) this.#waits.countSuccess();
    for (const [index, failure] of failures.entries()) {
      const isTakenBack = !failure && takenBack !== this.#takenBack;
      for (const line of groups[index] ?? []) {
        this.#lines.set(line, isTakenBack ? "open" : this.#stateAfter(failure, groups[index] ?? []));
      }
    }
    const proven = this.#lines.proveRead(lines);
    if (proven > 0) this.#waits.countSuccess();
    this.#delivered += proven;
    this.#acknowledge();
    await this.#reportRefused();
    return wait === 0 && takenBack === this.#takenBack ? 0 : this.#waits.after(wait);
  }

  async #send(lines: readonly string[]): Promise<DeliveryFailure | undefined> {
    try {
      await this.#sender.send(lines, this.#stop.signal);
      return undefined;
    } catch (cause) {
      if (cause !== this.#takenBackFor) this.#report(cause);
      return cause instanceof DeliveryFailure ? cause : new DeliveryFailure("it fails", { cause });
    }
  }

  #stateAfter(failure: DeliveryFailure | undefined, group: readonly number[]): LineState {
    if (failure === undefined) {
      if (this.#mayTakeBack) return "sent";
      this.#delivered++;
      return "done";
    }
    if (!failure.isFinal && !this.#waits.isSpent) return "open";
    // An alert that will never be accepted must not take the others of its batch with it.
    if (group.length > 1) return "alone";
    this.#rejected++;
    return "done";
  }

  #acknowledge(): void {
    const count = this.#lines.forgetDone();
    if (count === 0) return;
    try {
      this.#queue.acknowledge(count);
    } catch (cause) {
      this.#report(cause);
    }
  }

  #report(cause: unknown): void {
    this.#failures++;
    this.#options.onFailure?.(cause instanceof Error ? cause.message : String(cause));
  }

  async #sleepToRetry(wait: number): Promise<void> {
    this.#isWaitingToRetry = true;
    const timer = setTimeout(() => this.#wake(), wait);
    await this.#sleep();
    clearTimeout(timer);
    this.#isWaitingToRetry = false;
  }

  #sleep(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  #endFlushes(): void {
    for (const done of this.#flushes.splice(0)) done();
  }
}

/** What may use the last part of a queue. */
const urgent: ReadonlySet<Priority> = new Set(["Emergency", "Alert", "Critical", "Error"]);

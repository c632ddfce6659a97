const millisecondsOfPause = 10;
const interrupts = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

type Listener = (...args: unknown[]) => void;

/**
 * Waiting that blocks the thread, for what has to be read or opened at once. No listener would hear of an interrupt
 * meanwhile, so from the first pause until this is disposed there are none, and an interrupt ends the program as it
 * does programs that know no better.
 */
export class BlockingWait {
  #listeners: (readonly [(typeof interrupts)[number], Listener])[] | undefined;

  /** Returns some milliseconds later. */
  pause(): void {
    // Where SIGHUP has a second listener it is not an interrupt.
    this.#listeners ??= interrupts
      .filter((signal) => signal !== "SIGHUP" || process.listenerCount(signal) === 1)
      .flatMap((signal) => process.rawListeners(signal).map((listener) => [signal, listener as Listener] as const));
    for (const [signal, listener] of this.#listeners) process.off(signal, listener);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, millisecondsOfPause);
  }

  [Symbol.dispose](): void {
    for (const [signal, listener] of this.#listeners ?? []) process.on(signal, listener);
  }
}

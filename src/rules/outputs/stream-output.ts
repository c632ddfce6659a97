import type { Writable } from "node:stream";
import { reasonOf } from "../../io/reason-of.ts";
import { PlimsollError } from "../../model/error.ts";
import type { Alert } from "../../model/events/alert.ts";
import type { AlertOutput } from "./alert-output.ts";

/**
 * Writes lines to a stream that is already open, such as standard output, and leaves it open. `write` waits while it is
 * full.
 */
export class StreamOutput implements AlertOutput {
  readonly id: string;
  readonly #stream: Writable;
  #failure: Error | undefined;
  /** What all lines wait for that were written while the stream is full. */
  #draining: Promise<void> | undefined;

  constructor(stream: Writable, { id }: { readonly id: string }) {
    this.id = id;
    this.#stream = stream;
    stream.on("error", this.#onError);
  }

  write(_alert: Alert, formatted: string): void | Promise<void> {
    if (this.#failure) throw this.#lost(this.#failure);
    if (this.#stream.write(`${formatted}\n`)) return;
    return this.#drained();
  }

  async flush(): Promise<void> {
    if (this.#stream.writableLength === 0) return;
    // A stream that was not full does not report when it is empty; but the last write completes last.
    await new Promise<void>((resolve, reject) => {
      this.#stream.write("", (cause) => (cause ? reject(this.#lost(this.#failure ?? cause)) : resolve()));
    });
  }

  async close(): Promise<void> {
    await this.flush();
    this.#stream.off("error", this.#onError);
  }

  readonly #onError = (cause: Error): void => {
    this.#failure ??= cause;
  };

  #drained(): Promise<void> {
    this.#draining ??= this.#nextDrain().finally(() => {
      this.#draining = undefined;
    });
    return this.#draining;
  }

  #nextDrain(): Promise<void> {
    return new Promise((resolve, reject) => {
      const stop = (): void => {
        this.#stream.off("drain", done).off("error", failed).off("close", closed);
      };
      const done = (): void => {
        stop();
        resolve();
      };
      const failed = (cause: Error): void => {
        stop();
        reject(this.#lost(cause));
      };
      const closed = (): void => failed(this.#failure ?? new Error("it was closed"));
      if (this.#stream.destroyed) failed(this.#failure ?? new Error("it was closed"));
      else this.#stream.on("drain", done).on("error", failed).on("close", closed);
    });
  }

  #lost(cause: Error): PlimsollError {
    return new PlimsollError("output-not-written", `alerts cannot be written to ${this.id}: ${reasonOf(cause)}`, {
      cause,
    });
  }
}

import type { JsonEvent } from "../../model/events/json-event.ts";

interface QueuedBatch {
  readonly events: readonly JsonEvent[];
  readonly bytes: number;
  readonly done: () => void;
}

/** Batches of events between who receives them and who judges them, and what they weigh. */
export class EventQueue {
  /** Empty where batches were handed out: before the first that was not. */
  #batches: (QueuedBatch | undefined)[] = [];
  #first = 0;
  #bytes = 0;
  #isClosed = false;
  #wake: (() => void) | undefined;

  /** The weight of the batches that were not handed out yet. */
  get bytes(): number {
    return this.#bytes;
  }

  /** `done` is called when the reader has finished with the batch, which it shows by asking for the next. */
  add(events: readonly JsonEvent[], { bytes, done }: { readonly bytes: number; readonly done: () => void }): void {
    this.#batches.push({ events, bytes, done });
    this.#bytes += bytes;
    this.#wake?.();
  }

  /** Closes the queue: no more events are accepted; queued events are still handed out. */
  close(): void {
    this.#isClosed = true;
    this.#wake?.();
  }

  /** The batches in the order in which they came; ends when the queue is closed and empty. For one reader. */
  async *batches(): AsyncGenerator<readonly JsonEvent[]> {
    for (;;) {
      const next = this.#batches[this.#first];
      if (next) {
        this.#bytes -= next.bytes;
        this.#forgetFirst();
        yield next.events;
        next.done();
      } else if (this.#isClosed) return;
      else {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
        this.#wake = undefined;
      }
    }
  }

  #forgetFirst(): void {
    this.#batches[this.#first++] = undefined;
    if (this.#first < 64 || this.#first * 2 < this.#batches.length) return;
    this.#batches = this.#batches.slice(this.#first);
    this.#first = 0;
  }
}

import { PlimsollError } from "../../model/error.ts";
import type { KernelEventBatch, KernelEventSource, KernelSnapshot } from "../../model/events/kernel-event.ts";
import type { Problem } from "../../model/reports/problem.ts";
import { CaptureDamage, notCapture } from "./capture-damage.ts";
import { CaptureInput } from "./capture-input.ts";
import type { CaptureGeneration } from "./conversion-plan.ts";
import { largestConverted } from "./convert-event.ts";
import { EventReader } from "./event-reader.ts";
import { inflateCapture } from "./inflate-capture.ts";
import { readSection } from "./read-section.ts";

/** How {@link readCapture} reads. */
export interface ReadCaptureOptions {
  /** What the capture is called in messages. */
  readonly name: string;
  /** As which generation of Falco's library events are handed out: `head` without enter events, or `0.40` with them. */
  readonly generation: CaptureGeneration;
  /**
   * Told when the capture is damaged or cut off behind the begin of its events, after all events before that, and when
   * something in it was left out. Absent: the damage is thrown, what was left out is not told.
   */
  readonly problem?: ((problem: Problem) => void) | undefined;
}

/**
 * Reads a capture, gzip or raw, from its bytes: the lists at its begin at once, its events as they are asked for, once.
 * The input is closed when the events are read, or not asked for any more. A later section of the capture comes as a
 * batch with a snapshot.
 *
 * Errors: `file-malformed`, `limit-exceeded`, the input's, from here and from `events`; `cancelled` from `events`.
 */
export async function readCapture(
  bytes: AsyncIterable<Buffer>,
  options: ReadCaptureOptions,
): Promise<KernelEventSource> {
  const input = new CaptureInput(inflateCapture(bytes), largestConverted * 2);
  try {
    const { snapshot, unknownBlocks } = await readSection(input);
    const events = new CaptureEvents(input, options, unknownBlocks);
    return { snapshot, events: (signal) => events.read(signal) };
  } catch (error) {
    await input.close();
    throw errorOf(error, input, options);
  }
}

class CaptureEvents {
  readonly #input: CaptureInput;
  readonly #options: ReadCaptureOptions;
  readonly #reader: EventReader;
  #unknownBlocks: number;
  #isBegun = false;

  constructor(input: CaptureInput, options: ReadCaptureOptions, unknownBlocks: number) {
    this.#input = input;
    this.#options = options;
    this.#reader = new EventReader(input, options.generation);
    this.#unknownBlocks = unknownBlocks;
  }

  async *read(signal: AbortSignal): AsyncGenerator<KernelEventBatch> {
    if (this.#isBegun) throw new PlimsollError("usage", `the events of ${this.#options.name} can be read only once`);
    this.#isBegun = true;
    try {
      yield* this.#batches(signal);
    } catch (error) {
      this.#report(error);
    } finally {
      await this.#input.close();
    }
    this.#reportOmissions();
  }

  async *#batches(signal: AbortSignal): AsyncGenerator<KernelEventBatch> {
    const { batch } = this.#reader;
    let snapshot: KernelSnapshot | undefined;
    for (;;) {
      if (signal.aborted) throw new PlimsollError("cancelled", `reading ${this.#options.name} was cancelled`);
      const stop = this.#readEvents();
      if (batch.count > 0) {
        yield snapshot === undefined ? batch : batch.withSnapshot(snapshot);
        snapshot = undefined;
      }
      if (stop instanceof Error) throw stop;
      if (stop === "section") snapshot = await this.#beginSection();
      if (stop === "other") await this.#skipBlock();
      if (stop === "more" && !(await this.#input.fill())) break;
    }
    if (this.#input.start < this.#input.end) throw new CaptureDamage("it is cut off inside a block");
  }

  #readEvents(): ReturnType<EventReader["read"]> | CaptureDamage {
    try {
      return this.#reader.read();
    } catch (error) {
      if (error instanceof CaptureDamage) return error;
      throw error;
    }
  }

  async #beginSection(): Promise<KernelSnapshot> {
    const { snapshot, unknownBlocks } = await readSection(this.#input);
    this.#unknownBlocks += unknownBlocks;
    this.#reader.beginSection();
    return snapshot;
  }

  /** Passes over a block that is not an event: of an unknown type, or a list where none is read. */
  async #skipBlock(): Promise<void> {
    const input = this.#input;
    const size = input.view.getUint32(input.start + 4, true);
    if (size < 12) throw new CaptureDamage(`a block states a length of ${size} bytes`);
    await input.skip(size - 4);
    if (!(await input.ensure(4))) throw new CaptureDamage("it is cut off inside a block");
    if (input.view.getUint32(input.start, true) !== size)
      throw new CaptureDamage("a block does not end where its length says");
    input.start += 4;
    this.#unknownBlocks++;
  }

  #report(error: unknown): void {
    const { problem, name } = this.#options;
    if (!(error instanceof CaptureDamage) || problem === undefined) throw errorOf(error, this.#input, this.#options);
    problem({ code: error.code, message: damageMessage(error, this.#input, name) });
  }

  #reportOmissions(): void {
    const { problem, name } = this.#options;
    const { unknownEvents } = this.#reader;
    if (unknownEvents > 0) {
      const message = `${name} has ${unknownEvents} events of types that this version does not know; they were skipped`;
      problem?.({ code: "not-examined", message });
    }
    if (this.#unknownBlocks > 0) {
      const message = `${name} has ${this.#unknownBlocks} blocks of unknown types; they were skipped`;
      problem?.({ code: "not-examined", message });
    }
  }
}

function errorOf(error: unknown, input: CaptureInput, { name }: ReadCaptureOptions): unknown {
  if (!(error instanceof CaptureDamage)) return error;
  const code = error.code === "limit-exceeded" ? "limit-exceeded" : "file-malformed";
  return new PlimsollError(code, damageMessage(error, input, name), {
    cause: error,
    hint: "Copy or record the capture again.",
  });
}

function damageMessage({ message }: CaptureDamage, { offset }: CaptureInput, name: string): string {
  if (message === notCapture) return `${name} ${notCapture}`;
  return `the capture ${name} cannot be read from byte ${offset}: ${message}`;
}

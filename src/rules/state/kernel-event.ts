import type { ByteString, KernelEventBatch } from "../../model/events/kernel-event.ts";
import { type KernelEventType, kernelEventTypes } from "../../model/events/kernel-event-table.ts";
import type { RuleEvent } from "../language/field.ts";
import type { Container } from "./container.ts";
import type { Descriptor } from "./descriptor.ts";
import type { KernelState } from "./kernel-state.ts";
import type { Thread } from "./thread.ts";

const noBytes = Buffer.alloc(0);
const nothing = kernelEventTypes[0] as KernelEventType;
/** One 64-bit number, and its halves as the machine keeps them: little-endian, as all that Node runs on. */
const whole = new BigUint64Array(1);
const halves = new Uint32Array(whole.buffer);

/**
 * The kernel event that is judged now, with the state around it: one object that moves over a batch, so that an event
 * costs no allocation. What it points at is only valid until it moves on.
 */
export class KernelEvent implements RuleEvent {
  serial = 0;
  /** `evt.num`. */
  number = 0;
  code = 0;
  type: KernelEventType = nothing;
  cpu = 0;
  timeLow = 0;
  timeHigh = 0;
  /** The thread id that the event carries, -1 for none. */
  tid = -1;
  bytes: Buffer = noBytes;
  parameterCount = 0;
  /** How many of the parameters a reader sees; those behind them were added for the state. */
  visibleCount = 0;
  /** Set by the state: the thread it happened in, before anything that the event itself ends. */
  thread: Thread | undefined;
  /** Set by the state: the container that the event itself describes, whichever thread it is of. */
  container: Container | undefined;
  /** Set by the state: the descriptor it is about (opened, used, or just closed), and its number. */
  descriptor: Descriptor | undefined;
  fd = -1;
  /** Set by the state: what the descriptor was called before the event; empty for a new one. */
  previousName: ByteString = "";
  readonly state: KernelState;
  /** Over {@link bytes}: reads numbers at any place, faster than a buffer does. */
  #view: DataView = viewOf(noBytes);
  #lengths = 0;
  #lengthSize = 2;
  #dataStart = 0;
  /** Parameters whose offset is known; filled from the left when asked. */
  #known = 0;
  readonly #offsets = new Uint32Array(256);

  constructor(state: KernelState) {
    this.state = state;
  }

  /** Moves to the event at `index` of `batch`; the state sets thread and descriptor afterwards. */
  moveTo(batch: KernelEventBatch, index: number): void {
    this.serial++;
    this.number = batch.numbers[index] as number;
    this.code = batch.codes[index] as number;
    this.type = kernelEventTypes[this.code] as KernelEventType;
    this.cpu = batch.cpus[index] as number;
    this.timeLow = batch.timesLow[index] as number;
    this.timeHigh = batch.timesHigh[index] as number;
    this.tid = batch.threads[index] as number;
    if (this.bytes !== batch.bytes) {
      this.bytes = batch.bytes;
      this.#view = viewOf(batch.bytes);
    }
    this.parameterCount = batch.parameterCounts[index] as number;
    this.visibleCount =
      batch.visibleCounts === undefined ? this.parameterCount : (batch.visibleCounts[index] as number);
    this.thread = undefined;
    this.container = undefined;
    this.descriptor = undefined;
    this.fd = -1;
    this.#lengths = batch.lengthOffsets[index] as number;
    this.#lengthSize = batch.lengthSizes[index] as number;
    this.#dataStart = this.#lengths + this.parameterCount * this.#lengthSize;
    this.#known = 0;
    this.#offsets[0] = this.#dataStart;
  }

  /** The descriptor got another name by this event, or is new and has one (`fd.name_changed`). */
  get isNameChanged(): boolean {
    return this.descriptor !== undefined && this.descriptor.name !== this.previousName;
  }

  /** Nanoseconds since 1970. */
  get time(): bigint {
    halves[0] = this.timeLow;
    halves[1] = this.timeHigh;
    return whole[0] as bigint;
  }

  /** Bytes of the parameter; -1 when the event does not have so many. An empty parameter (0) has no value. */
  length(parameter: number): number {
    if (parameter >= this.parameterCount) return -1;
    const at = this.#lengths + parameter * this.#lengthSize;
    return this.#lengthSize === 2 ? this.#view.getUint16(at, true) : this.#view.getUint32(at, true);
  }

  /** Where the bytes of the parameter begin. Only for one that the event has. */
  offset(parameter: number): number {
    while (this.#known < parameter) {
      this.#offsets[this.#known + 1] = (this.#offsets[this.#known] as number) + this.length(this.#known);
      this.#known++;
    }
    return this.#offsets[parameter] as number;
  }

  /** An integer parameter of up to 32 bits, unsigned; `absent` when it is missing, empty or too short. */
  unsigned(parameter: number, absent = 0): number {
    const length = this.length(parameter);
    if (length >= 4) return this.#view.getUint32(this.offset(parameter), true);
    if (length >= 2) return this.#view.getUint16(this.offset(parameter), true);
    return length === 1 ? (this.bytes[this.offset(parameter)] as number) : absent;
  }

  /**
   * A signed 64-bit (or 32-bit, by its length) parameter, as descriptors, results and thread ids are; exact up to 2^53.
   */
  signed(parameter: number, absent = -1): number {
    const length = this.length(parameter);
    if (length < 4) return absent;
    const at = this.offset(parameter);
    const low = this.#view.getInt32(at, true);
    if (length < 8) return low;
    const high = this.#view.getInt32(at + 4, true);
    // Most fit into 32 bits, and stay whole numbers for the engine.
    return high === low >> 31 ? low : high * 0x1_0000_0000 + (low >>> 0);
  }

  /** A 64-bit parameter, unsigned; `undefined` when it is missing or short. */
  unsigned64(parameter: number): bigint | undefined {
    return this.length(parameter) >= 8 ? this.#view.getBigUint64(this.offset(parameter), true) : undefined;
  }

  /** A text parameter up to its terminator; `undefined` when it is missing or empty (not even a terminator). */
  text(parameter: number): ByteString | undefined {
    const length = this.length(parameter);
    if (length <= 0) return undefined;
    const at = this.offset(parameter);
    let end = at;
    while (end < at + length && this.bytes[end] !== 0) end++;
    return this.bytes.toString("latin1", at, end);
  }
}

function viewOf({ buffer, byteOffset, length }: Buffer): DataView {
  return new DataView(buffer, byteOffset, length);
}

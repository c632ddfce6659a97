import { kernelEventCode, kernelEventTypes } from "../../model/events/kernel-event-table.ts";
import { eventBlocks, sectionBlock } from "./block-types.ts";
import { CaptureDamage } from "./capture-damage.ts";
import type { CaptureInput } from "./capture-input.ts";
import { type CaptureGeneration, type ConversionPlan, conversionPlan, mostParameters } from "./conversion-plan.ts";
import { convertContainer, convertEvent, largestConverted } from "./convert-event.ts";
import { EnterEvents } from "./enter-events.ts";
import { batchCapacity, EventColumns } from "./event-columns.ts";

/** The largest block of an event: of the usual ones as in the library, and of those made for large payloads. */
const largestBlock: number = 64 * 1024 + 8;
const largestLargeBlock: number = 16 * 1024 * 1024;
/** The most bytes of the parameters of an event that is converted or kept, as in the library. */
const largestToConvert: number = 64 * 1024;

/** The flag of an event that feeds the state only. */
const stateOnly = 1;

const codeCount = kernelEventTypes.length;
const tableCounts = Uint8Array.from(kernelEventTypes, ({ parameters }) => parameters.length);
const tableLengthSizes = Uint8Array.from(kernelEventTypes, ({ flags }) => (flags.includes("LARGE_PAYLOAD") ? 4 : 2));
const firstNewer = kernelEventTypes.findIndex(({ old }) => old?.isUnknown);
/** Codes whose length old captures state 3 too high. */
const wrongLengths: readonly number[] = [kernelEventCode("NOTIFICATION_E"), kernelEventCode("INFRASTRUCTURE_EVENT_E")];
/** What feeds the state at the begin of a section, before the first event that is none of these. */
const initialCodes = ["CONTAINER_E", "CONTAINER_JSON_E", "CONTAINER_JSON_2_E", "USER_ADDED_E", "USER_DELETED_E"]
  .concat(["GROUP_ADDED_E", "GROUP_DELETED_E", "ASYNCEVENT_E"])
  .map(kernelEventCode);

/**
 * Why {@link EventReader.read} stopped: it needs more bytes, the batch is full, a new section begins, or a block of
 * another kind stands there.
 */
export type Stop = "more" | "full" | "section" | "other";

/** What the type of an event block says, as bits: it states the number of parameters, has flags, may be large. */
const says = { count: 1, flags: 2, large: 4 } as const;

/** Reads the event blocks of a capture into a batch, as a generation of Falco's library hands them out. */
export class EventReader {
  readonly batch: EventColumns = new EventColumns();
  /** Events whose code is not known. */
  unknownEvents = 0;
  readonly #input: CaptureInput;
  readonly #generation: CaptureGeneration;
  readonly #plans: (ConversionPlan | undefined)[];
  readonly #enters = new EnterEvents();
  readonly #knownCodes: number;
  #number = 0;
  #isInitial = true;
  /** Where the next converted event is written. */
  #spare = 0;
  // The event that is looked at: where its block and its header begin, its code, where its lengths begin, their size,
  // how many there are, where its parameters end, and whether it is for the state only.
  #block = 0;
  #header = 0;
  #code = 0;
  #lengths = 0;
  #lengthSize = 2;
  #count = 0;
  #dataEnd = 0;
  #isStateOnly = false;

  constructor(input: CaptureInput, generation: CaptureGeneration) {
    this.#input = input;
    this.#generation = generation;
    this.#knownCodes = generation === "head" ? codeCount : firstNewer;
    this.#plans = new Array<ConversionPlan | undefined>(codeCount * (mostParameters + 1)).fill(undefined);
  }

  /** Forgets what only holds within a section. */
  beginSection(): void {
    this.#isInitial = true;
    this.#enters.clear();
  }

  /**
   * Fills the batch again with the available events. Error: {@link CaptureDamage}; the batch holds what was before it.
   */
  read(): Stop {
    const input = this.#input;
    const { batch } = this;
    const { view, end } = input;
    this.#spare = input.spareStart;
    batch.bytes = input.bytes;
    batch.count = 0;
    while (batch.count < batchCapacity && input.bytes.length - this.#spare >= largestConverted) {
      const at = input.start;
      if (end - at < 8) return "more";
      const type = view.getUint32(at, true);
      const said = saidBy(type);
      if (said < 0) return type === sectionBlock ? "section" : "other";
      const size = view.getUint32(at + 4, true);
      checkSize(size, said);
      if (end - at < size) return "more";
      checkTrailer(size, view.getUint32(at + size - 4, true));
      this.#readBlock(size, said);
      input.start = at + size;
    }
    return "full";
  }

  /** Adds the event to the batch if it is handed out. */
  #readBlock(size: number, said: number): void {
    const { view, start } = this.#input;
    const hasFlags = (said & says.flags) !== 0;
    this.#block = start;
    this.#header = start + (hasFlags ? 14 : 10);
    this.#code = view.getUint16(this.#header + 20, true);
    this.#isStateOnly = hasFlags && (view.getUint32(start + 10, true) & stateOnly) !== 0;
    if (this.#code >= this.#knownCodes) {
      this.unknownEvents++;
      return;
    }
    if ((said & says.count) !== 0) this.#findParameters(start + size - 4);
    else this.#countParameters(start + size - 4);
    const most = tableCounts[this.#code] as number;
    if (this.#count > most) this.#dropParameters(most);
    this.#addEvent();
  }

  /** The parameters of an event that states how many it has, in a block that ends at `end`. */
  #findParameters(end: number): void {
    const { view } = this.#input;
    const header = this.#header;
    const count = view.getUint32(header + 22, true);
    const eventEnd = header + view.getUint32(header + 16, true);
    if (count > mostParameters) throw new CaptureDamage(`an event states that it has ${count} parameters`);
    const lengths = header + 26;
    const lengthSize = tableLengthSizes[this.#code] as number;
    let data = lengths + count * lengthSize;
    if (eventEnd > end || data > eventEnd) throw new CaptureDamage("an event is longer than its block");
    for (let at = lengths, index = 0; index < count; index++, at += lengthSize) {
      data += lengthSize === 2 ? view.getUint16(at, true) : view.getUint32(at, true);
    }
    if (data > eventEnd) throw new CaptureDamage("the parameters of an event are longer than the event");
    this.#lengths = lengths;
    this.#lengthSize = lengthSize;
    this.#count = count;
    this.#dataEnd = data;
  }

  /**
   * The parameters of an event of the first version, which does not state how many it has: as many as give its length.
   * The sum only grows, so at most one count does.
   */
  #countParameters(end: number): void {
    const { view } = this.#input;
    const header = this.#header;
    const length = view.getUint32(header + 16, true) - (wrongLengths.includes(this.#code) ? 3 : 0);
    const lengths = header + 22;
    const eventEnd = header + length;
    if (eventEnd > end || eventEnd < lengths) throw new CaptureDamage("an event is longer than its block");
    let count = 0;
    let reached = lengths;
    for (let at = lengths; reached < eventEnd && count < mostParameters && at + 2 <= eventEnd; at += 2) {
      reached += 2 + view.getUint16(at, true);
      count++;
    }
    if (reached !== eventEnd) throw new CaptureDamage("the lengths of an event's parameters do not add up");
    this.#lengths = lengths;
    this.#lengthSize = 2;
    this.#count = count;
    this.#dataEnd = eventEnd;
  }

  /**
   * Leaves the first `count` parameters of more than are known, by moving their lengths to where the parameters begin.
   */
  #dropParameters(count: number): void {
    const moved = (this.#count - count) * this.#lengthSize;
    this.#input.bytes.copyWithin(this.#lengths + moved, this.#lengths, this.#lengths + count * this.#lengthSize);
    this.#lengths += moved;
    this.#count = count;
  }

  #addEvent(): void {
    const { bytes, view } = this.#input;
    const header = this.#header;
    const plan = this.#plan();
    const tid = view.getInt32(header + 12, true) * 0x1_0000_0000 + view.getUint32(header + 8, true);
    if (plan.sources !== undefined || plan.isKept) {
      if (this.#dataEnd - this.#lengths > largestToConvert) {
        throw new CaptureDamage("an event is longer than its type allows", "limit-exceeded");
      }
      if (plan.sources !== undefined) this.#convert(tid, plan);
      if (plan.isKept) {
        this.#enters.keep(tid, plan.keptCode, {
          count: this.#count,
          bytes,
          from: this.#lengths,
          to: this.#dataEnd,
        });
      }
    }
    if (this.#isInitial && initialCodes.indexOf(plan.code) < 0) this.#isInitial = false;
    if (!plan.isHandedOut) {
      this.#isInitial = false;
      return;
    }
    const { batch } = this;
    const index = batch.count++;
    batch.numbers[index] = ++this.#number;
    batch.codes[index] = plan.code;
    batch.cpus[index] = view.getUint16(this.#block + 8, true);
    batch.timesLow[index] = view.getUint32(header, true);
    batch.timesHigh[index] = view.getUint32(header + 4, true);
    batch.threads[index] = tid;
    batch.parameterCounts[index] = this.#count;
    batch.lengthOffsets[index] = this.#lengths;
    batch.lengthSizes[index] = this.#lengthSize;
    batch.visibleCounts[index] = plan.visibleCount;
    batch.hidden[index] = this.#isInitial || this.#isStateOnly || plan.isHidden ? 1 : 0;
  }

  #plan(): ConversionPlan {
    const key = this.#code * (mostParameters + 1) + this.#count;
    let plan = this.#plans[key];
    if (plan === undefined) {
      plan = conversionPlan(this.#code, this.#count, this.#generation);
      this.#plans[key] = plan;
    }
    return plan;
  }

  /** Writes what the plan makes of the event into the spare room, and looks at that from here on. */
  #convert(tid: number, plan: ConversionPlan): void {
    const sources = plan.sources ?? [];
    const kept = plan.enterCode < 0 ? undefined : this.#enters.get(tid);
    const enter = kept?.code === plan.enterCode ? kept : undefined;
    const own = { lengths: this.#lengths, lengthSize: this.#lengthSize, count: this.#count };
    const to = this.#spare;
    this.#dataEnd = plan.isContainer
      ? convertContainer(this.#input.bytes, own, { to })
      : convertEvent(this.#input.bytes, sources, { own, enter, to });
    this.#spare = this.#dataEnd;
    this.#lengths = to;
    this.#lengthSize = 2;
    this.#count = sources.length;
    if (enter !== undefined) enter.code = -1;
  }
}

function saidBy(type: number): number {
  switch (type) {
    case eventBlocks.plain2:
      return says.count;
    case eventBlocks.plain:
    case eventBlocks.plainOld:
      return 0;
    case eventBlocks.withFlags2:
      return says.count | says.flags;
    case eventBlocks.withFlags:
      return says.flags;
    case eventBlocks.large:
      return says.count | says.large;
    case eventBlocks.largeWithFlags:
      return says.count | says.flags | says.large;
    default:
      return -1;
  }
}

/** Checks that a block has room for the header of its event, and is not too large. */
function checkSize(size: number, said: number): void {
  const least = 8 + 2 + ((said & says.flags) !== 0 ? 4 : 0) + ((said & says.count) !== 0 ? 26 : 22) + 4;
  if (size < least) throw new CaptureDamage(`a block of an event states a length of ${size} bytes`);
  const isLarge = (said & says.large) !== 0;
  if (size > (isLarge ? largestLargeBlock : largestBlock)) {
    throw new CaptureDamage(
      `a block of an event states a length of ${size} bytes`,
      isLarge ? "limit-exceeded" : "unreadable",
    );
  }
}

function checkTrailer(size: number, trailer: number): void {
  if (trailer !== size) {
    throw new CaptureDamage(`a block states a length of ${size} bytes at its start and ${trailer} at its end`);
  }
}

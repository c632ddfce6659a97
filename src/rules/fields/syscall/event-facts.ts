import {
  type KernelEventType,
  type KernelParameter,
  kernelEventTypes,
} from "../../../model/events/kernel-event-table.ts";
import type { Generation } from "../../state/kernel-state.ts";

/** What fields need to know of an event type, as one generation of Falco's library has it. */
export class EventFacts {
  readonly id: string;
  readonly name: string;
  readonly isExit: boolean;
  readonly isSyscall: boolean;
  /** About the capture or a container rather than from the kernel. */
  readonly isMeta: boolean;
  /** `FILE`, `IO_READ`, … without where the event comes from. */
  readonly category: string;
  readonly isInputOutput: boolean;
  /** It makes, uses or ends a descriptor. */
  readonly hasDescriptor: boolean;
  readonly reads: boolean;
  readonly writes: boolean;
  readonly waits: boolean;
  readonly parameters: readonly KernelParameter[];
  readonly #places: ReadonlyMap<string, number>;

  constructor(type: KernelEventType, generation: Generation) {
    const old = generation === "head" ? undefined : type.old;
    const categories = old?.categories ?? type.categories;
    const flags = old?.flags ?? type.flags;
    this.id = type.id;
    this.name = old?.name ?? type.name;
    this.isExit = type.isExit;
    this.isSyscall = categories.includes("SYSCALL");
    this.isMeta = categories.includes("METAEVENT");
    this.category = categories.find((category) => !origins.has(category)) ?? "UNKNOWN";
    this.isInputOutput = this.category.startsWith("IO_");
    this.hasDescriptor = ["CREATES_FD", "USES_FD", "DESTROYS_FD"].some((flag) => flags.includes(flag));
    this.reads = flags.includes("READS_FROM_FD");
    this.writes = flags.includes("WRITES_TO_FD");
    this.waits = flags.includes("WAITS");
    this.parameters = old?.parameters ?? type.parameters;
    // The first of a name counts, as in a search from the left.
    this.#places = new Map(this.parameters.map(({ name }, place) => [name, place] as const).reverse());
  }

  /** The place of the parameter of this name, -1 when the event does not have it. */
  place(name: string): number {
    return this.#places.get(name) ?? -1;
  }
}

/** What says where an event comes from, and what says nothing. */
const origins = new Set(["SYSCALL", "TRACEPOINT", "PLUGIN", "METAEVENT", "ITER", "UNKNOWN"]);
const known = new Map<Generation, readonly EventFacts[]>();

/** The facts of all event types of a generation; the index is the code. */
export function eventFacts(generation: Generation): readonly EventFacts[] {
  let facts = known.get(generation);
  if (facts === undefined) {
    facts = kernelEventTypes.map((type) => new EventFacts(type, generation));
    known.set(generation, facts);
  }
  return facts;
}

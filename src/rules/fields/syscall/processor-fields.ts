import type { KernelEvent } from "../../state/kernel-event.ts";
import type { Thread } from "../../state/thread.ts";
import type { EventFacts } from "./event-facts.ts";
import { type FieldContext, type FieldMakers, integer, plainFields, type ReadField } from "./field-reader.ts";

/**
 * Processor time, as far as old captures record it: `thread.cpu`, `thread.exectime` and similar fields. Each keeps what
 * it saw.
 */
export const processorFields: FieldMakers = plainFields({
  "thread.cpu": usage((user, system) => user + system),
  "thread.cpu.user": usage((user) => user),
  "thread.cpu.system": usage((_, system) => system),
  "thread.exectime": (context) => {
    const measure = switches(context);
    return (event) => integer(measure(event));
  },
  "thread.totexectime": (context) => {
    const measure = switches(context);
    const totals = new WeakMap<Thread, bigint>();
    return (event) => {
      const passed = measure(event);
      if (event.thread === undefined) return undefined;
      const total = (totals.get(event.thread) ?? 0n) + passed;
      totals.set(event.thread, total);
      return integer(total);
    };
  },
});

/** Per cent of a processor since the report before; 0 at the first. */
function usage(total: (user: number, system: number) => number): (context: FieldContext) => ReadField {
  return ({ facts }) => {
    const last = new WeakMap<Thread, number>();
    return (event) => {
      const { thread } = event;
      if (thread === undefined || (facts[event.code] as EventFacts).id !== "PROCINFO_E") return undefined;
      const now = total(event.signed(0, 0), event.signed(1, 0));
      const before = last.get(thread) ?? 0;
      last.set(thread, now);
      if (before === 0) return 0;
      // A counter that went back counts as full.
      return now < before ? 100 : Math.min(100, now - before);
    };
  };
}

/** Nanoseconds since the last switch on the same processor; 0 for other events. */
function switches({ facts }: FieldContext): (event: KernelEvent) => bigint {
  const last = new Map<number, bigint>();
  return (event) => {
    if ((facts[event.code] as EventFacts).id !== "SCHEDSWITCH_6_E") return 0n;
    const before = last.get(event.cpu);
    last.set(event.cpu, event.time);
    return before === undefined ? 0n : event.time - before;
  };
}

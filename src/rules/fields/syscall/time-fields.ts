import type { KernelEvent } from "../../state/kernel-event.ts";
import type { EventFacts } from "./event-facts.ts";
import { type FieldContext, type FieldMaker, type FieldMakers, integer, plainFields } from "./field-reader.ts";
import { isoTime, localDate, localDateTime, timeOfDay } from "./time-text.ts";

const second = 1_000_000_000n;

/** Times that print as text and stand as nanoseconds in JSON. */
const texts: Readonly<Record<string, (time: bigint, timeZone: string) => string>> = {
  "evt.time": (time, zone) => timeOfDay(time, zone, true),
  "evt.time.s": (time, zone) => timeOfDay(time, zone, false),
  "evt.time.iso8601": isoTime,
  "evt.datetime": localDateTime,
  "evt.datetime.s": (time, zone) => `${localDate(time, zone)} ${timeOfDay(time, zone, false)}`,
  "evt.outputtime": (time, zone) => timeOfDay(time, zone, true),
};

/** The time of the event: `evt.time`, `evt.rawtime`, `evt.reltime`, `evt.deltatime` and similar fields. */
export const timeFields: FieldMakers = {
  ...Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, textField(text)])),
  ...numberFields(
    "evt.rawtime",
    () =>
      ({ time }) =>
        time,
  ),
  ...numberFields("evt.reltime", () => sinceFirst),
  ...numberFields("evt.deltatime", sinceLast),
  ...numberFields("evt.latency", latency),
  ...plainFields({
    "evt.latency.quantized": (context) => {
      const measured = latency(context);
      // The older library was never told into how many steps to divide.
      return (event) => (context.generation === "head" ? 0 : (measured(event) ?? 0n) === 0n ? undefined : 1);
    },
    "evt.latency.human": (context) => {
      const measured = latency(context);
      return (event) => {
        const nanoseconds = measured(event);
        return nanoseconds === undefined ? undefined : humanDuration(nanoseconds);
      };
    },
    "evt.wait_latency": (context) => {
      const measured = latency(context);
      return (event) => {
        const { waits, isExit } = context.facts[event.code] as EventFacts;
        return context.generation === "head" || (waits && isExit) ? integer(measured(event) ?? 0n) : undefined;
      };
    },
  }),
};

function textField(text: (time: bigint, timeZone: string) => string): FieldMaker {
  return ({ bracketed, dotted }, { timeZone }) =>
    bracketed === undefined && dotted === undefined
      ? { extract: ({ time }) => text(time, timeZone), json: ({ time }) => time }
      : undefined;
}

type Nanoseconds = (event: KernelEvent) => bigint | undefined;

/** A time as a whole, in seconds, and as the fraction of its second. */
function numberFields(name: string, measure: (context: FieldContext) => Nanoseconds): FieldMakers {
  const field =
    (part: (nanoseconds: bigint) => bigint): FieldMaker =>
    ({ bracketed, dotted }, context) => {
      if (bracketed !== undefined || dotted !== undefined) return undefined;
      const measured = measure(context);
      const extract = (event: KernelEvent): number | bigint | undefined => {
        const nanoseconds = measured(event);
        return nanoseconds === undefined ? undefined : integer(part(nanoseconds));
      };
      return { extract, json: (event) => extract(event) ?? null };
    };
  return {
    [name]: field((nanoseconds) => nanoseconds),
    [`${name}.s`]: field((nanoseconds) => nanoseconds / second),
    [`${name}.ns`]: field((nanoseconds) => nanoseconds % second),
  };
}

/**
 * Nanoseconds since the enter event. Newer libraries do not have enter events, so the latency is 0; the older one
 * measures events that are not internal.
 */
function latency({ facts, generation }: FieldContext): Nanoseconds {
  if (generation === "head") return () => 0n;
  return ({ code, thread, time }) => {
    const { category, isExit } = facts[code] as EventFacts;
    if (thread === undefined) return 0n;
    if (category === "INTERNAL") return undefined;
    const entered = (BigInt(thread.enterTimeHigh) << 32n) | BigInt(thread.enterTimeLow);
    return isExit && entered !== 0n ? time - entered : 0n;
  };
}

/** `12.34s`, `25ms`, `2.50us`: with two digits behind the point where the number before it is small. */
function humanDuration(nanoseconds: bigint): string {
  const value = Number(nanoseconds);
  const padded = (number: number): string => `${Math.trunc(number)}`.padStart(2, "0");
  if (value >= 3600e9) return `${padded(value / 3600e9)}:${padded((value / 60e9) % 60)}:${padded((value / 1e9) % 60)}`;
  if (value >= 60e9) return `${Math.trunc(value / 60e9)}:${Math.trunc((value / 1e9) % 60)}`;
  for (const [unit, size, wholeFrom] of units) {
    if (value < size) continue;
    const whole = Math.trunc(value / size);
    return value >= wholeFrom ? `${whole}${unit}` : `${whole}.${padded((value % size) / (size / 100))}${unit}`;
  }
  return `${value}ns`;
}

/** Their lengths in nanoseconds, and from where on fractions are left out. */
const units = [
  ["s", 1e9, Number.POSITIVE_INFINITY],
  ["ms", 1e6, 1e7],
  ["us", 1e3, 1e4],
] as const;

function sinceFirst({ time, state }: KernelEvent): bigint {
  return time - state.firstTime;
}

function sinceLast(): Nanoseconds {
  let last: bigint | undefined;
  return ({ time }) => {
    const passed = last === undefined ? 0n : time - last;
    last = time;
    return passed;
  };
}

/** Nanoseconds from a moment to the event; `undefined` when the moment is not known (0). */
export function since(event: KernelEvent, moment: bigint): number | bigint | undefined {
  return moment === 0n ? undefined : integer(event.time - moment);
}

/** A moment as a value; `undefined` when it is not known (0). */
export function moment(nanoseconds: bigint): number | bigint | undefined {
  return nanoseconds === 0n ? undefined : integer(nanoseconds);
}

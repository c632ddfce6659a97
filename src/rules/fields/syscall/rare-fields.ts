import { ConditionError } from "../../language/condition.ts";
import type { KernelEvent } from "../../state/kernel-event.ts";
import type { EventFacts } from "./event-facts.ts";
import {
  type FieldContext,
  type FieldMaker,
  type FieldMakers,
  plainFields,
  type ReadField,
  wholeNumber,
} from "./field-reader.ts";
import { pathParameter } from "./parameter-text.ts";

/** Rare fields: where the event comes from, counters of the field itself, events of the Docker engine, `evt.around`. */
export const rareFields: FieldMakers = {
  ...plainFields({
    "evt.num":
      () =>
      ({ number }) =>
        number,
    "evt.cpu":
      () =>
      ({ cpu }) =>
        (cpu << 16) >> 16,
    "evt.source":
      ({ facts }) =>
      ({ code }) =>
        facts[code]?.id === "PLUGINEVENT_E" ? undefined : "syscall",
    "evt.hostname": (context) => (event) => context.hostname ?? event.state.machine.hostname,
    "evt.pluginname": () => () => undefined,
    "evt.plugininfo": () => () => undefined,
    "util.cnt": () => {
      let count = 0;
      return () => ++count;
    },
    "evt.infra.docker.name": dockerFact("Event", (text) => text),
    "evt.infra.docker.container.id": dockerFact("ID", (text) => text.slice(0, 12)),
    "evt.infra.docker.container.name": dockerFact("name", (text) => text),
    "evt.infra.docker.container.image": dockerFact("Image", (text) => text.split("@")[0] ?? ""),
  }),
  "evt.around": around,
};

/** A fact of the description of an event of the Docker engine: `Event: start; ID: …; name: …`. */
function dockerFact(key: string, read: (text: string) => string): (context: FieldContext) => ReadField {
  return ({ facts }) =>
    (event: KernelEvent) => {
      if ((facts[event.code] as EventFacts).id !== "INFRASTRUCTURE_EVENT_E") return undefined;
      for (const part of (pathParameter(event, 2) ?? "").split(";")) {
        const [name = "", value] = part.split(":");
        if (value !== undefined && name.trim().startsWith(key)) return read(value.trim()).trim();
      }
      return undefined;
    };
}

/**
 * Compares only: whether the event is within so many milliseconds of the time in the brackets, in nanoseconds since
 * 1970.
 */
function around({ written, bracketed, dotted }: Parameters<FieldMaker>[0]): ReturnType<FieldMaker> {
  if (dotted !== undefined) throw new ConditionError("wrong syntax for evt.around");
  if (bracketed === undefined) throw new ConditionError(`filter syntax error: ${written}`);
  const middle = unsigned(bracketed);
  return {
    extract: () => undefined,
    comparison: (operator, values) => {
      if (operator !== "=" && operator !== "==") {
        throw new ConditionError("evt.around supports only '=' comparison operator");
      }
      const distance = unsigned(values[0] ?? "") * 1_000_000n;
      return ({ time }) => middle >= time - distance && middle <= time + distance;
    },
  };
}

function unsigned(text: string): bigint {
  if (!/^\d{1,20}$/.test(text) && wholeNumber(text) === undefined)
    throw new ConditionError(`${text} is not a valid number`);
  return BigInt.asUintN(64, BigInt(text));
}

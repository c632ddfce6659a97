import native from "../../../../data/kernel-events/native-syscalls.json" with { type: "json" };
import { kernelEventTypes, syscallNames } from "../../../model/events/kernel-event-table.ts";
import { nearestName } from "../../../model/text/nearest-name.ts";
import { ConditionError } from "../../language/condition.ts";
import { descriptorTypes } from "../../state/descriptor.ts";
import type { KernelEvent } from "../../state/kernel-event.ts";
import type { Generation } from "../../state/kernel-state.ts";
import { isFile } from "./descriptor-type.ts";
import type { EventFacts } from "./event-facts.ts";
import { type FieldContext, type FieldMakers, type FieldReader, plainFields } from "./field-reader.ts";
import { pathParameter } from "./parameter-text.ts";

const systemCalls = new Set(Object.values(syscallNames));
const genericIds = new Set(["GENERIC_E", "GENERIC_X"]);

/** The kind of the event: `evt.type`, `evt.category`, `evt.dir` and similar fields. */
export const eventTypeFields: FieldMakers = {
  "evt.type": ({ bracketed, dotted }, context) =>
    bracketed === undefined && dotted === undefined ? eventType(context) : undefined,
  "evt.type.is": ({ written, dotted }, { facts }) => {
    if (dotted === undefined) throw new ConditionError(`filter syntax error: ${written}`);
    return typeIs(dotted, facts);
  },
  ...plainFields({
    "syscall.type":
      ({ facts, generation }) =>
      (event) => {
        const fact = facts[event.code] as EventFacts;
        if (!fact.isSyscall) return undefined;
        return genericIds.has(fact.id) ? genericName(event, fact, generation) : fact.name;
      },
    "evt.dir":
      ({ facts }) =>
      ({ code }) =>
        (facts[code] as EventFacts).isExit ? "<" : ">",
    "evt.category": categoryField,
    "evt.is_async":
      ({ facts }) =>
      ({ code }) =>
        (facts[code] as EventFacts).isMeta,
    "evt.asynctype":
      ({ facts }) =>
      (event) => {
        const { isMeta, id, name } = facts[event.code] as EventFacts;
        if (!isMeta) return undefined;
        return id === "ASYNCEVENT_E" ? (pathParameter(event, 1) ?? "") : name;
      },
  }),
};

function eventType(context: FieldContext): FieldReader {
  const { facts, generation } = context;
  const extract = (event: KernelEvent): string => {
    const fact = facts[event.code] as EventFacts;
    if (genericIds.has(fact.id)) return genericName(event, fact, generation);
    return fact.id === "ASYNCEVENT_E" ? (pathParameter(event, 1) ?? "") : fact.name;
  };
  const isOwnName = facts.map(({ id }) => !genericIds.has(id) && id !== "ASYNCEVENT_E");
  return {
    extract,
    comparison: (operator, values) => {
      for (const value of values)
        if (!isEventType(value, context))
          throw new ConditionError(`unknown event type ${value}`, undefined, hintOf(value));
      const isIn = operator === "=" || operator === "==" || operator === "in" || operator === "intersects";
      if (!isIn && operator !== "!=") return undefined;
      const wanted = new Set(values);
      const byCode = facts.map(({ name }) => wanted.has(name) === isIn);
      return (event) =>
        isOwnName[event.code] === true ? byCode[event.code] === true : wanted.has(extract(event)) === isIn;
    },
  };
}

/** What the newer container plug-in calls the events of its own that have no name in the event table. */
const pluginEvent = "container_removed";

function isEventType(name: string, { facts, generation }: FieldContext): boolean {
  if (generation === "head" && name === pluginEvent) return true;
  return facts.some((fact) => fact.name === name) || systemCalls.has(name);
}

function hintOf(name: string): string | undefined {
  const near = nearestName(name, [...kernelEventTypes.map((type) => type.name), ...systemCalls]);
  return near === undefined ? undefined : `Did you mean ${near}?`;
}

/** 1 for the two codes, before and after the call, that stand first under the name; or for one code by number. */
function typeIs(name: string, facts: readonly EventFacts[]): FieldReader | undefined {
  const isNumber = /^\d{1,10}$/.test(name);
  const first = isNumber ? Number(name) : facts.findIndex((fact) => fact.name === name);
  if (first < 0) return undefined;
  const second = isNumber ? kernelEventTypes.length : first + 1;
  return { extract: ({ code }) => (code === first || code === second ? 1 : 0) };
}

/** System calls by the number that x86-64 has for them, for captures that are older than the code of a call. */
const nativeNames: Readonly<Record<string, string>> = native;

/** The system call of an event that has no type of its own. */
function genericName(event: KernelEvent, { isExit }: EventFacts, generation: Generation): string {
  const name = syscallNames[event.unsigned(0)];
  if (name !== undefined) return name;
  const number = generation === "head" || !isExit ? event.unsigned(1) : 0;
  // 0 is what sources write that do not know the number; the call that has it has an event of its own.
  return (number === 0 ? undefined : nativeNames[number]) ?? "unknown";
}

const categories: Readonly<Record<string, string>> = {
  UNKNOWN: "unknown",
  OTHER: "other",
  FILE: "file",
  NET: "net",
  IPC: "IPC",
  MEMORY: "memory",
  PROCESS: "process",
  SLEEP: "sleep",
  SYSTEM: "system",
  SIGNAL: "signal",
  USER: "user",
  TIME: "time",
  PROCESSING: "processing",
  WAIT: "wait",
  SCHEDULER: "scheduler",
  INTERNAL: "internal",
};

function categoryField({ facts }: FieldContext): (event: KernelEvent) => string {
  return (event) => {
    const { category, isInputOutput } = facts[event.code] as EventFacts;
    return isInputOutput ? categoryOfDescriptor(event.descriptor?.type) : (categories[category] ?? "unknown");
  };
}

function categoryOfDescriptor(type: number | undefined): string {
  if (type === undefined) return "unknown";
  if (isFile(type) || type === descriptorTypes.directory) return "file";
  if (type >= descriptorTypes.ipv4Socket && type <= descriptorTypes.ipv6ServerSocket) return "net";
  return interProcess.has(type) ? "ipc" : "unknown";
}

const interProcess: ReadonlySet<number> = new Set([
  descriptorTypes.fifo,
  descriptorTypes.unixSocket,
  descriptorTypes.event,
  descriptorTypes.signal,
  descriptorTypes.inotify,
  descriptorTypes.userfault,
]);

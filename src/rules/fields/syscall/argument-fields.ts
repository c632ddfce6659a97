import { type KernelParameter, kernelEventTypes } from "../../../model/events/kernel-event-table.ts";
import { ConditionError } from "../../language/condition.ts";
import type { FieldType, FieldValue, PrintFormat } from "../../language/field.ts";
import { jsonValue, printValue, type ValueKind } from "../../language/print-value.ts";
import type { KernelEvent } from "../../state/kernel-event.ts";
import type { EventFacts } from "./event-facts.ts";
import { type FieldContext, type FieldMakers, type FieldReader, plainFields, wholeNumber } from "./field-reader.ts";
import { argumentText, meaning, plainText, printable } from "./parameter-text.ts";
import { parameterValue } from "./parameter-value.ts";
import { resultOf } from "./result-of.ts";
import { syslogLine } from "./syslog-fields.ts";

/**
 * The arguments of the event and its result: `evt.args`, `evt.arg.*`, `evt.rawarg.*`, `evt.buffer`, `evt.res` and
 * similar fields.
 */
export const argumentFields: FieldMakers = {
  "evt.arg": ({ written, bracketed, dotted }, context) => {
    if (bracketed !== undefined && dotted === undefined) return argumentAt(placeIn(bracketed), context);
    return dotted === undefined || bracketed !== undefined
      ? fail(`filter syntax error: ${written}`)
      : argumentNamed(dotted, context);
  },
  "evt.rawarg": ({ written, bracketed, dotted }, context) => {
    if (bracketed !== undefined) throw new ConditionError("evt.arg fields must be expressed explicitly");
    return dotted === undefined ? fail(`filter syntax error: ${written}`) : rawArgument(dotted, context);
  },
  "evt.buffer": ({ bracketed, dotted }, context) =>
    bracketed === undefined && dotted === undefined ? buffer(context) : undefined,
  ...plainFields({
    "evt.args": allArguments,
    "evt.info": (context) => {
      const all = allArguments(context);
      return context.generation === "head" ? all : (event) => syslogLine(event, context) ?? all(event);
    },
    "evt.res": (context) => (event) => {
      const result = resultOf(event, context.facts[event.code] as EventFacts);
      if (result === undefined) return undefined;
      return result >= 0 ? "SUCCESS" : argumentText(event, 0, context);
    },
    "evt.rawres":
      ({ facts }) =>
      (event) =>
        resultOf(event, facts[event.code] as EventFacts),
    "evt.failed":
      ({ facts }) =>
      (event) => {
        const result = resultOf(event, facts[event.code] as EventFacts);
        return result === undefined ? undefined : result < 0;
      },
  }),
};

function isNumeric(type: string): boolean {
  return /^(?:U?INT|FLAGS|ENUMFLAGS|FD|PID|ERRNO|UID|GID|RELTIME|ABSTIME)/.test(type);
}

function fail(message: string): never {
  throw new ConditionError(message);
}

function placeIn(text: string): number {
  return wholeNumber(text) ?? fail(`${text} is not a valid number`);
}

function argumentAt(place: number, context: FieldContext): FieldReader {
  return {
    extract: (event) => (place < 0 || place >= event.visibleCount ? undefined : argumentText(event, place, context)),
  };
}

function argumentNamed(name: string, context: FieldContext): FieldReader | undefined {
  const parameter = longestNamed(name);
  if (parameter.name !== name) return undefined;
  const places = placesOf(name, context);
  return {
    extract: (event) => {
      const place = places[event.code] as number;
      return place < 0 || place >= event.visibleCount ? undefined : argumentText(event, place, context);
    },
  };
}

function rawArgument(name: string, context: FieldContext): FieldReader | undefined {
  const parameter = longestNamed(name);
  if (parameter.name !== name) return undefined;
  const places = placesOf(name, context);
  const types = context.facts.map(({ parameters }, code) => parameters[places[code] as number]?.type ?? parameter.type);
  const extract = (event: KernelEvent): FieldValue | undefined => {
    const place = places[event.code] as number;
    return place < 0 || place >= event.visibleCount
      ? undefined
      : parameterValue(event, place, types[event.code] as string);
  };
  const kindIn = ({ code }: KernelEvent): ValueKind => ({
    type: types[code] as FieldType,
    format: (context.facts[code]?.parameters[places[code] as number]?.format ?? parameter.format) as PrintFormat,
  });
  return {
    type: parameter.type as FieldType,
    typeIn: ({ code }) => types[code] as FieldType,
    extract,
    print: (event) => {
      const value = extract(event);
      if (value !== undefined) return printValue(value, kindIn(event));
      // It is there, but empty: no value to compare, and a zero to print.
      const place = places[event.code] as number;
      return place >= 0 && place < event.visibleCount && isNumeric(types[event.code] as string) ? "0" : undefined;
    },
    json: (event) => {
      const value = extract(event);
      return value === undefined ? null : jsonValue(value, kindIn(event));
    },
  };
}

/** An empty buffer prints as `NULL`. */
function buffer(context: FieldContext): FieldReader {
  const places = placesOf("data", context);
  const extract = (event: KernelEvent): string | undefined => {
    const place = places[event.code] as number;
    const length = place < 0 || place >= event.visibleCount ? -1 : event.length(place);
    if (length < 0) return undefined;
    const at = event.offset(place);
    return event.bytes.toString("latin1", at, at + length);
  };
  const print = (event: KernelEvent): string | undefined => {
    const value = extract(event);
    return value === "" ? "NULL" : value && printable(value);
  };
  return { extract, print, json: (event) => print(event) ?? null };
}

function placesOf(name: string, { facts }: FieldContext): Int16Array {
  return Int16Array.from(facts, (fact) => fact.place(name));
}

/** The parameter with the longest name with which the text begins; the first in the event table of several. */
function longestNamed(text: string): KernelParameter {
  let longest: KernelParameter | undefined;
  for (const { parameters } of kernelEventTypes) {
    for (const parameter of parameters) {
      if (text.startsWith(parameter.name) && parameter.name.length > (longest?.name.length ?? 0)) longest = parameter;
    }
  }
  return longest ?? fail(`unknown event argument ${text}`);
}

function allArguments(context: FieldContext): (event: KernelEvent) => string {
  return (event) => {
    const { id, parameters } = context.facts[event.code] as EventFacts;
    if (id === "GENERIC_X" || (id === "GENERIC_E" && context.generation !== "head")) return "";
    let text = "";
    let before = "";
    for (let place = 0; place < event.visibleCount; place++) {
      const known = meaning(event, place, context);
      // What cannot be printed repeats what was printed before it.
      before = plainText(event, place, context) ?? before;
      text += `${place === 0 ? "" : " "}${parameters[place]?.name ?? ""}=${before}${known === "" ? "" : `(${known})`}`;
    }
    return text;
  };
}

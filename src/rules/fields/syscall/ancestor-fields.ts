import { compileMatcher } from "../../language/compile-matcher.ts";
import { ConditionError } from "../../language/condition.ts";
import type { FieldType, FieldValue } from "../../language/field.ts";
import type { Generation } from "../../state/kernel-state.ts";
import type { Thread } from "../../state/thread.ts";
import {
  type FieldContext,
  type FieldMaker,
  type FieldMakers,
  type FieldReader,
  type ReadField,
  wholeNumber,
} from "./field-reader.ts";
import { kernelId } from "./kernel-id.ts";
import { ancestorProcess } from "./lineage.ts";
import { argumentsOf, commandLine, environment, variable } from "./process-text.ts";

/** How far up a variable of an ancestor's environment is looked for. */
const environmentGenerations = 20;

/**
 * Fields that take a generation, a place or a name in brackets: `proc.aname[2]`, `proc.args[0]`, `proc.env[HOME]`,
 * `thread.cgroup.cpu`.
 */
export const ancestorFields: FieldMakers = {
  "proc.aname": ancestor("CHARBUF", ({ comm }) => comm),
  "proc.aexe": ancestor("CHARBUF", ({ exe }) => exe),
  "proc.aexepath": ancestor("CHARBUF", ({ exepath }) => exepath),
  "proc.acmdline": ancestor("CHARBUF", commandLine),
  "proc.aargs": ({ bracketed, dotted }) => {
    const generation = generationIn(bracketed);
    if (dotted !== undefined || generation === undefined) return undefined;
    return { extract: generation === -1 ? allAncestors(argumentsOf) : extractAt(generation, argumentsOf) };
  },
  "proc.apid": ancestor("PID", ({ pid }) => kernelId(pid)),
  "proc.args": ({ bracketed, dotted }, { generation }) => {
    if (dotted !== undefined || (bracketed !== undefined && generation !== "head")) return undefined;
    const place = bracketed === undefined ? -1 : wholeNumber(bracketed);
    if (place === undefined) return undefined;
    return { extract: ({ thread }) => thread && (place < 0 ? argumentsOf(thread) : (thread.args[place] ?? "")) };
  },
  "proc.env": ({ bracketed, dotted }) => {
    if (dotted !== undefined) return undefined;
    if (bracketed === undefined || bracketed === "" || wholeNumber(bracketed) !== undefined) {
      return { extract: ({ thread }) => thread && environment(thread) };
    }
    return { extract: ({ thread }) => thread && variable(thread, bracketed) };
  },
  "proc.aenv": ({ bracketed, dotted }, context) =>
    dotted === undefined ? ancestorEnvironment(bracketed, context) : undefined,
  "thread.cgroup": ({ written, bracketed, dotted }) => {
    if (dotted === undefined || bracketed !== undefined) throw new ConditionError(`filter syntax error: ${written}`);
    if (!/^[a-zA-Z_]*$/.test(dotted)) return undefined;
    return { extract: ({ thread }) => thread?.cgroups.find(([subsystem]) => subsystem === dotted)?.[1] };
  },
};

type Read = (thread: Thread) => FieldValue | undefined;

/**
 * Without a generation: all of them as one text to print (of a number, the process itself), and any of them to compare.
 */
function ancestor(type: FieldType, read: Read): FieldMaker {
  return ({ bracketed, dotted }, context) => {
    const generation = generationIn(bracketed);
    if (dotted !== undefined || generation === undefined) return undefined;
    if (generation !== -1) return { extract: extractAt(generation, read) };
    return {
      extract: type === "PID" ? extractAt(0, read) : allAncestors(read),
      comparison: anyAncestor(type, read, context.generation),
    };
  };
}

/** A generation in brackets; -1 without one. */
function generationIn(bracketed: string | undefined): number | undefined {
  return bracketed === undefined ? -1 : wholeNumber(bracketed);
}

function extractAt(generation: number, read: Read): ReadField {
  return ({ thread, state }) => {
    const process = thread && generation >= 0 ? ancestorProcess(state, thread, generation) : undefined;
    return process === undefined ? undefined : read(process);
  };
}

function allAncestors(read: Read): ReadField {
  return ({ thread, state }) => {
    if (thread?.main === undefined) return undefined;
    let text = "";
    for (const process of state.threadTable.ancestors(thread.main)) text += `${text === "" ? "" : " "}${read(process)}`;
    return text === "" ? undefined : text;
  };
}

function anyAncestor(type: FieldType, read: Read, generation: Generation): NonNullable<FieldReader["comparison"]> {
  return (operator, values) => {
    const matches = compileMatcher({ type, operator, generation }, values);
    return ({ thread, state }) => {
      if (thread?.main === undefined) return false;
      for (const process of state.threadTable.ancestors(thread.main)) {
        const value = read(process);
        if (value !== undefined && matches(value)) return true;
      }
      return false;
    };
  };
}

/** By generation an ancestor's whole environment; by name the variable of the nearest ancestor that has it. */
function ancestorEnvironment(bracketed: string | undefined, context: FieldContext): FieldReader {
  const generation = bracketed === undefined || !/^\d+$/.test(bracketed) ? -1 : (wholeNumber(bracketed) ?? -1);
  const name = generation === -1 ? (bracketed ?? "") : "";
  const comparison = name === "" ? { comparison: anyAncestor("CHARBUF", environment, context.generation) } : {};
  if (name === "" && generation < 1) return { extract: ({ thread }) => thread && environment(thread), ...comparison };
  return {
    ...comparison,
    extract: ({ thread, state }) => {
      if (thread === undefined) return undefined;
      let process = thread.main;
      if (process === undefined) return "";
      if (name === "") {
        for (let up = 0; up < generation && process !== undefined; up++) process = state.threads.get(process.ptid);
        return process && environment(process);
      }
      for (let up = 0; up < environmentGenerations; up++) {
        process = state.threads.get(process.ptid);
        if (process === undefined) return "";
        const value = variable(process, name);
        if (value !== "") return value;
      }
      return "";
    },
  };
}

import { isFingerprint } from "../dockerfile/credentials.ts";
import { splitArgument } from "../dockerfile/syntax/build-stages.ts";
import { expandWords } from "../dockerfile/syntax/expand-words.ts";
import type { HistoryStep } from "./read-history.ts";

/** The variables with values that a step of the history shows: of ENV and ARG, of commands, and build arguments. */
export function historyVariables(step: HistoryStep): { readonly name: string; readonly value: string }[] {
  if (step.keyword === "ENV" || step.keyword === "ARG") return declared(step.text);
  const assigned = step.run.commands.flatMap(({ shell }) => [
    ...shell.assignments,
    ...(shell.words[0] === "export" ? shell.words.slice(1).flatMap(named) : []),
  ]);
  return [
    ...step.buildArguments,
    ...assigned.filter(({ name, value }) => !/[$`]/.test(value) && !isFingerprint(name, value)),
  ];
}

function declared(text: string): { name: string; value: string }[] {
  const expansion = expandWords(text, { keepUnset: true });
  return ("error" in expansion ? text.split(" ") : expansion.words).flatMap(named);
}

function named(word: string): { name: string; value: string }[] {
  const { name, value } = splitArgument(word);
  return value === undefined ? [] : [{ name, value }];
}

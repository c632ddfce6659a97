import { type Command, InvalidArgumentError, Option } from "commander";
import { type Priority, parsePriority, priorities } from "../../../model/events/alert.ts";
import type { RuleLoading } from "../../../pipeline/watch/rule-files.ts";
import { collectValues } from "../options/collect-values.ts";
import { SuggestingOption } from "../terminal/suggesting-option.ts";

/** The options that choose rules. */
export interface RuleFlags {
  readonly rules?: readonly string[];
  readonly priority?: Priority;
  readonly enable?: readonly string[];
  readonly disable?: readonly string[];
  readonly compat?: "0.40";
}

/** Adds the options that choose rules, with which of them are on. */
export function addRuleOptions(command: Command): Command {
  return command
    .option("--rules <path...>", "rule files or folders of them, in order (default: Plimsoll's own)")
    .addOption(priorityOption("--priority <level>", "skip rules of lower priority"))
    .addOption(repeated("--disable <rule>", "disable rules by name, *, tag:NAME; repeatable"))
    .addOption(repeated("--enable <rule>", "enable rules; applied after all --disable"))
    .addOption(compatOption());
}

/** An option whose value is a priority. */
export function priorityOption(flags: string, description: string): Option {
  const suggestions = priorities.map((priority) => priority.toLowerCase());
  return new SuggestingOption(flags, { description, suggestions }).argParser(readPriority);
}

/** `--compat`: which Falco is followed where its generations differ. */
export function compatOption(): Option {
  return new Option("--compat <version>", "behave like Falco 0.40, with enter events").choices(["0.40"]);
}

/**
 * What the flags ask of the loader. `--disable` comes before `--enable`, so that everything but one can be switched
 * off.
 */
export function ruleLoading({ rules, priority, enable = [], disable = [], compat }: RuleFlags): RuleLoading {
  const selection = [
    ...disable.map((name) => ({ disable: selected(name) })),
    ...enable.map((name) => ({ enable: selected(name) })),
  ];
  return {
    ...(rules && { paths: rules }),
    ...(priority && { minimumPriority: priority }),
    ...(selection.length > 0 && { selection }),
    generation: compat ?? "head",
  };
}

/** A priority by its name, in any case; `info` for Informational. Throws what commander shows as wrong usage. */
function readPriority(text: string): Priority {
  const found = parsePriority(text);
  if (found === undefined) throw new InvalidArgumentError(`Expected one of ${priorities.join(", ").toLowerCase()}.`);
  return found;
}

function selected(name: string): { readonly rule: string } | { readonly tag: string } {
  return name.startsWith("tag:") ? { tag: name.slice(4) } : { rule: name };
}

function repeated(flags: string, description: string): Option {
  return new Option(flags, description).argParser(collectValues(String));
}

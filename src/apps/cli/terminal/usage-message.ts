import type { Command, CommanderError } from "commander";
import { holdsUserInfo } from "../../../model/packages/reference.ts";
import { hintForOption } from "./options-elsewhere.ts";

/** A line, and what to do about it. */
export interface UsageMessage {
  readonly message: string;
  readonly hint: string;
}

/**
 * What Commander says of a wrong command line, without what may be a secret: the value of an option that does not
 * exist, words too many, and what has a user or a password in it. `args` is the command line, `root` the program.
 */
export function usageMessage(
  { message, code }: CommanderError,
  { args, root }: { readonly args: readonly string[]; readonly root: Command },
): UsageMessage {
  const { path, next } = commandIn(args, root);
  const hint = `Run plimsoll ${[...path, "--help"].join(" ")}.`;
  if (code === "commander.help") {
    return { message: next === undefined ? "a command is missing" : unknownCommand(next), hint };
  }
  const meant = path.length === 0 && code === "commander.unknownCommand" ? wordsElsewhere.get(next ?? "") : undefined;
  if (next !== undefined && meant !== undefined) return { message: unknownCommand(next), hint: `Run ${meant}.` };
  const isLogin = args.find((word) => !word.startsWith("-")) === "login";
  const mayBePassword = code === "commander.unknownOption" || code === "commander.excessArguments";
  const elsewhere = code === "commander.unknownOption" ? hintForOption(unknownOption(message)) : undefined;
  return {
    message: withoutUserInfo(withoutValues(message.replace(/^error: /, ""), code).replace("\n", " ")),
    hint:
      isLogin && mayBePassword
        ? "Give a password or token on standard input: plimsoll login HOST --username NAME --password-stdin."
        : (elsewhere ?? hint),
  };
}

/** What other programs call a command, and how that is done here. */
const wordsElsewhere: ReadonlyMap<string, string> = new Map([
  ["config", "plimsoll check manifests FOLDER, or plimsoll check dockerfile FOLDER"],
  ["filesystem", "plimsoll scan FOLDER"],
  ["fs", "plimsoll scan FOLDER"],
  ["image", "plimsoll scan NAME"],
  ["k8s", "plimsoll ps --engine kubernetes --scan, or plimsoll check kubernetes"],
  ["repo", "plimsoll scan FOLDER"],
  ["repository", "plimsoll scan FOLDER"],
  ["rootfs", "plimsoll scan dir:FOLDER"],
  ["version", "plimsoll --version"],
]);

/** The command that a command line names, without `help`, and the first word after it that names none. */
function commandIn(
  args: readonly string[],
  root: Command,
): { readonly path: readonly string[]; readonly next: string | undefined } {
  const path: string[] = [];
  let command = root;
  for (const word of args.filter((arg) => !arg.startsWith("-"))) {
    const child = command.commands.find((each) => each.name() === word);
    if (!child && word !== "help") return { path, next: word };
    if (!child) continue;
    path.push(word);
    command = child;
  }
  return { path, next: undefined };
}

function unknownCommand(word: string): string {
  return withoutUserInfo(`unknown command '${word}'`);
}

function withoutValues(message: string, code: string): string {
  if (code === "commander.excessArguments") return message.replace(/(?<= but got \d{1,9}): .*$/s, ".");
  if (code !== "commander.unknownOption") return message;
  const [, suggestion = ""] = /'(\n\(Did you mean .*\?\))$/s.exec(message) ?? [];
  return `unknown option '${unknownOption(message)}'${suggestion}`;
}

function unknownOption(message: string): string {
  const [, option = ""] = /unknown option '(.*)'(?:\n\(Did you mean .*\?\))?$/s.exec(message) ?? [];
  return nameOf(option);
}

function withoutUserInfo(message: string): string {
  return message.replace(
    /(argument|value|command|option) '((?:(?!' argument ').)*)'/gs,
    (words, what: string, value: string) => (holdsUserInfo(value) ? `${what} '[secret]'` : words),
  );
}

/** `--name` of `--name=value`, `-n` of `-nvalue`. */
function nameOf(option: string): string {
  return option.startsWith("--") ? option.replace(/=.*$/s, "") : option.slice(0, 2);
}

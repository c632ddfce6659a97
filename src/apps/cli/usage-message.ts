import type { CommanderError } from "commander";
import { holdsUserInfo } from "../../model/reference.ts";

/** A line, and what to do about it. */
export interface UsageMessage {
  readonly message: string;
  readonly hint: string;
}

/**
 * What Commander says of a wrong command line, without what may be a secret: the value of an option that does not
 * exist, words too many, and what has a user or a password in it. `args` is the command line.
 */
export function usageMessage({ message, code }: CommanderError, args: readonly string[]): UsageMessage {
  const isLogin = args.find((word) => !word.startsWith("-")) === "login";
  const mayBePassword = code === "commander.unknownOption" || code === "commander.excessArguments";
  return {
    message: withoutUserInfo(withoutValues(message.replace(/^error: /, ""), code).replace("\n", " ")),
    hint:
      isLogin && mayBePassword
        ? "A password or token comes by standard input: plimsoll login HOST --username NAME --password-stdin."
        : "Run plimsoll --help, or plimsoll COMMAND --help.",
  };
}

function withoutValues(message: string, code: string): string {
  if (code === "commander.excessArguments") return message.replace(/(?<= but got \d{1,9}): .*$/s, ".");
  if (code !== "commander.unknownOption") return message;
  const [, option = "", suggestion = ""] = /^unknown option '(.*)'(\n\(Did you mean .*\?\))?$/s.exec(message) ?? [];
  return `unknown option '${nameOf(option)}'${suggestion}`;
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

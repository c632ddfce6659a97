import type { HostView } from "../../../model/checks/host-view.ts";

/** What a command wrote and how it ended. */
export interface CommandResult {
  readonly output: string;
  readonly errors: string;
  readonly status: number;
}

/** What a command has to work with. */
export interface CommandContext {
  readonly host: HostView;
  readonly input: string;
  /** Runs another command, as `xargs` and `sh -c` do. */
  run(words: readonly string[], input: string): Promise<CommandResult>;
  /** Runs a script, as `sh -c` does. */
  runScript(script: string, input: string): Promise<CommandResult>;
}

/** A command that is answered here, without the program of that name. */
export type Command = (args: readonly string[], context: CommandContext) => CommandResult | Promise<CommandResult>;

/** Something that the host would not show: the whole script has no answer then. The message is a clause. */
export class HostRefusal extends Error {
  override readonly name = "HostRefusal";
}

/** What a command wrote to standard output; it ended well unless a status is given. */
export function wrote(output: string, status = 0): CommandResult {
  return { output, errors: "", status };
}

/** The lines of a text, without the empty one behind the last line break. */
export function linesOf(text: string): readonly string[] {
  if (text === "") return [];
  return (text.endsWith("\n") ? text.slice(0, -1) : text).split("\n");
}

/** Lines as a command writes them. */
export function joinLines(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join("");
}

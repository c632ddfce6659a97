import { type Heredoc, type Instruction, lineAt } from "../syntax/dockerfile.ts";
import { divideArguments, hasOption, type Invocation, invocationOf } from "./invocation.ts";
import { type ShellCommand, splitShell } from "./split-shell.ts";

/** A simple command that a `RUN` starts. */
export interface RunCommand extends Invocation {
  readonly shell: ShellCommand;
  /** The line of the file on which it begins, as near as it is known. */
  readonly line: number;
}

/** The commands of a `RUN`. */
export interface RunCommands {
  readonly commands: readonly RunCommand[];
  /** Why the shell would refuse a script, or why a part was not read. */
  readonly error?: string;
}

const shells = new Set(["sh", "bash", "ash", "dash", "zsh", "ksh", "mksh"]);
const deepest = 4;

/** True for the programs that read a shell script. */
export function isShell(program: string): boolean {
  return shells.has(program);
}

/**
 * Finds the commands of a `RUN`: of its script, of its heredocs where a shell reads them, and of scripts that are
 * arguments of a shell. `shell` is what `SHELL` has set; another shell than a POSIX one gives no commands.
 */
export function runCommands(instruction: Instruction, shell: readonly string[] = ["/bin/sh", "-c"]): RunCommands {
  const reader = new CommandReader(instruction);
  if (instruction.json) reader.addWords(instruction.args, instruction.line);
  else if (isShell(invocationOf(shell)?.program ?? "")) reader.addScript();
  return reader.finish();
}

/** The commands of a script that stands in no file: of a layer's history. */
export function scriptCommands(script: string): RunCommands {
  const reader = new CommandReader(undefined);
  reader.add(script, { lineOf: () => 1, depth: 0 });
  return reader.finish();
}

class CommandReader {
  readonly #instruction: Instruction | undefined;
  readonly #commands: RunCommand[] = [];
  readonly #heredocs: Heredoc[];
  #error: string | undefined;

  constructor(instruction: Instruction | undefined) {
    this.#instruction = instruction;
    this.#heredocs = [...(instruction?.heredocs ?? [])];
  }

  finish(): RunCommands {
    return this.#error === undefined ? { commands: this.#commands } : { commands: this.#commands, error: this.#error };
  }

  addScript(): void {
    const instruction = this.#instruction;
    const script = instruction?.args[0];
    if (instruction === undefined || script === undefined) return;
    const start = instruction.text.trimEnd().length - script.length;
    this.add(script, {
      lineOf: (offset) => lineAt(instruction, start + offset),
      depth: 0,
    });
  }

  add(
    script: string,
    { lineOf, depth }: { readonly lineOf: (offset: number) => number; readonly depth: number },
  ): void {
    const { commands, error } = splitShell(script);
    this.#error ??= error;
    for (const command of commands) this.#addCommand(command, { line: lineOf(command.start), depth });
  }

  /** A command in JSON form. */
  addWords(words: readonly string[], line: number): void {
    const shell: ShellCommand = {
      words,
      assignments: [],
      redirections: [],
      operator: "",
      start: 0,
      end: 0,
    };
    this.#addCommand(shell, { line, depth: 0 });
  }

  #addCommand(shell: ShellCommand, { line, depth }: { readonly line: number; readonly depth: number }): void {
    const invocation = invocationOf(shell.words);
    const named = invocation ?? { program: "", args: [], through: [] };
    this.#commands.push({ ...named, shell, line });
    this.#addHeredocs(shell, invocation, depth);
    const script = invocation === undefined ? undefined : scriptArgument(invocation);
    if (script === undefined) return;
    if (depth >= deepest) this.#error ??= "shells are nested too deeply";
    else this.add(script, { lineOf: () => line, depth: depth + 1 });
  }

  /** A heredoc without a command is a script, unless its first line names another interpreter. */
  #addHeredocs(shell: ShellCommand, invocation: Invocation | undefined, depth: number): void {
    for (const redirection of shell.redirections) {
      if (!/^\d*<<-?[^<]/.test(redirection)) continue;
      const heredoc = this.#heredocs.shift();
      if (heredoc === undefined) return;
      const interpreter = /^#!\s*(\S+)(?:\s+(\S+))?/.exec(heredoc.content);
      const named = interpreter?.[1]?.endsWith("/env") === true ? interpreter[2] : interpreter?.[1];
      const reads =
        invocation === undefined
          ? named === undefined || isShell(invocationOf([named])?.program ?? "")
          : isShell(invocation.program) && scriptArgument(invocation) === undefined;
      if (!reads) continue;
      this.add(heredoc.content, { lineOf: lineCounter(heredoc), depth });
    }
  }
}

/** The script of `sh -c SCRIPT`, or the arguments of `eval`. */
export function scriptArgument({ program, args }: Invocation): string | undefined {
  if (program === "eval") return args.join(" ");
  if (!isShell(program)) return undefined;
  const { options, operands } = divideArguments(args, ["-o", "+o", "-O"]);
  return hasOption(options, "-c") ? operands[0] : undefined;
}

/** Commands come nearly in order, so counting goes on from the last place. */
function lineCounter({ content, line: first }: Heredoc): (offset: number) => number {
  let line = first;
  let next = content.indexOf("\n");
  return (offset) => {
    for (; next !== -1 && next < offset; next = content.indexOf("\n", next + 1)) line += 1;
    return line;
  };
}

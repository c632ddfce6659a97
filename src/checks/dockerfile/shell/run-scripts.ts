import type { RunStep } from "../read-dockerfile.ts";
import { type Heredoc, lineAt } from "../syntax/dockerfile.ts";
import { type Invocation, invocationOf } from "./invocation.ts";
import { isShell, scriptArgument } from "./run-commands.ts";

/** The dialects that every version of ShellCheck reads. */
export type ShellDialect = "sh" | "bash" | "dash" | "ksh";

/** A whole shell script of a `RUN`. */
export interface RunScript {
  readonly run: RunStep;
  readonly text: string;
  readonly dialect: ShellDialect;
  /** True when the shell is started with `-e`. */
  readonly stopsOnError: boolean;
  /** The line of the file on which an offset of the text stands. */
  readonly lineOf: (offset: number) => number;
}

type ScriptText = Pick<RunScript, "text" | "lineOf">;

const dialects: Readonly<Record<string, ShellDialect>> = {
  sh: "sh",
  ash: "dash",
  dash: "dash",
  bash: "bash",
  ksh: "ksh",
  mksh: "ksh",
};
const heredocAlone = /^<<-?\s*(["']?)[\w.-]+\1$/;
const heredocOfShell = /^([^<>|&;"'$`\\\n]{1,200}[^\s<>|&;"'$`\\\d])\s*<<-?\s*(["'])[\w.-]+\2$/;

/**
 * The scripts of all `RUN` instructions, in order: the shell form, a heredoc that a shell reads, and the argument of
 * `sh -c` in the JSON form. Scripts for other shells and interpreters are left out.
 */
export function runScripts(runs: readonly RunStep[]): RunScript[] {
  return runs.flatMap((run) => scriptOf(run) ?? []);
}

function scriptOf(run: RunStep): RunScript | undefined {
  const { instruction } = run.step;
  const [argument] = instruction.args;
  if (argument === undefined) return undefined;
  const starts = invocationOf(instruction.json ? instruction.args : (run.shell ?? ["/bin/sh", "-c"]));
  if (instruction.json) {
    const text = starts && scriptArgument(starts);
    return text === undefined ? undefined : readBy(run, starts, { text, lineOf: () => instruction.line });
  }
  const [heredoc] = instruction.heredocs;
  if (heredoc === undefined || instruction.heredocs.length > 1) return readBy(run, starts, shellForm(run, argument));
  if (heredocAlone.test(argument.trim())) {
    const line = /^#!\s*(\S.*)/.exec(heredoc.content)?.[1];
    return readBy(run, line === undefined ? starts : invocationOf(line.trim().split(/\s+/)), heredocText(heredoc));
  }
  const shell = invocationOf(heredocOfShell.exec(argument.trim())?.[1]?.trim().split(/\s+/) ?? []);
  return shell && isShell(shell.program) && scriptArgument(shell) === undefined
    ? readBy(run, shell, heredocText(heredoc))
    : readBy(run, starts, shellForm(run, argument));
}

/** A script as a shell of these arguments reads it; undefined when the program is not a shell that ShellCheck knows. */
function readBy(run: RunStep, shell: Invocation | undefined, script: ScriptText): RunScript | undefined {
  if (shell === undefined || !Object.hasOwn(dialects, shell.program)) return undefined;
  const dialect = dialects[shell.program];
  if (dialect === undefined) return undefined;
  const stopsOnError = shell.args.some((word) => /^-[a-z]*e[a-z]*$/.test(word) || word === "errexit");
  return { run, ...script, dialect, stopsOnError };
}

/** The joined text of a `RUN`, with its heredocs behind it as a shell sees them. */
function shellForm({ step: { instruction } }: RunStep, argument: string): ScriptText {
  const start = instruction.text.trimEnd().length - argument.length;
  let text = argument;
  const bodies: { readonly from: number; readonly heredoc: Heredoc }[] = [];
  for (const heredoc of instruction.heredocs) {
    text += "\n";
    bodies.push({ from: text.length, heredoc });
    text += `${heredoc.content.replace(/\n?$/, "\n")}${heredoc.name}`;
  }
  const lineOf = (offset: number): number => {
    const body = bodies.findLast(({ from }) => from <= offset);
    return body ? lineIn(body.heredoc, offset - body.from) : lineAt(instruction, start + offset);
  };
  return { text, lineOf };
}

function heredocText(heredoc: Heredoc): ScriptText {
  return { text: heredoc.content, lineOf: (offset) => lineIn(heredoc, offset) };
}

function lineIn({ content, line }: Heredoc, offset: number): number {
  return line + content.slice(0, offset).split("\n").length - 1;
}

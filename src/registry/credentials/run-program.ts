import { isAbsolute } from "node:path";
import { findProgram, runChildProcess } from "../../io/processes/child-process.ts";
import { cancelled } from "../connection/registry-failure.ts";
import { Secret } from "./secret.ts";

/** A program that answers with credentials. */
export interface ProgramCall {
  /** An absolute path, or a name that is looked for in `PATH`. */
  readonly name: string;
  readonly args: readonly string[];
  /** Written to its standard input. */
  readonly input?: Secret;
}

/** How a program ended. */
export interface ProgramAnswer {
  /** Undefined when a signal ended it. */
  readonly exitCode: number | undefined;
  /** What it wrote to standard output; unless it exits with 0, followed by standard error. */
  readonly output: Secret;
}

/**
 * Runs a program; undefined when `PATH` does not have a program of the name. Errors: `ChildProcessFailure`,
 * `cancelled`.
 */
export type RunProgram = (call: ProgramCall) => Promise<ProgramAnswer | undefined>;

/** Where programs are found, what they see, and what ends one that runs. */
export interface ProgramPlace {
  /** Folders as `PATH` has them. */
  readonly searchPath: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
}

const timeout = 60_000;
const maxOutput = 1024 * 1024;

/** Runs programs without a shell, each for at most a minute and with at most 1 MiB of output. */
export function programRunner({ searchPath, environment, signal }: ProgramPlace): RunProgram {
  return async ({ name, args, input }) => {
    const path = isAbsolute(name) ? name : await findProgram(name, searchPath);
    if (path === undefined) return undefined;
    const bounds = { environment, timeout, maxOutput, signal, ...(input && { input: input.reveal() }) };
    const result = await runChildProcess({ path, args }, bounds).catch((cause: unknown) => {
      throw signal.aborted ? cancelled(signal) : cause;
    });
    const output = Buffer.concat(result.exitCode === 0 ? [result.stdout] : [result.stdout, result.stderr]);
    return { exitCode: result.exitCode, output: new Secret(output.toString("utf8")) };
  };
}

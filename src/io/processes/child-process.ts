import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import { delimiter, isAbsolute, join } from "node:path";
import type { Readable } from "node:stream";
import { reasonOf } from "../reason-of.ts";

/** A program and its arguments; they go to it as they are, without a shell. */
export interface Program {
  /** An absolute path. */
  readonly path: string;
  readonly args: readonly string[];
}

/** Within which bounds a program runs. */
export interface ChildProcessOptions {
  /** All the variables that the program sees. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Written to its standard input, which is then closed. */
  readonly input?: string;
  /** Milliseconds; after them it is killed. */
  readonly timeout: number;
  /** The most bytes of standard output and of standard error; beyond them it is killed. */
  readonly maxOutput: number;
  /** Given standard error piece by piece as it comes. */
  readonly onStderr?: (piece: Buffer) => void;
  readonly signal?: AbortSignal;
}

/** How a program ended, and what it wrote. */
export interface ChildProcessResult {
  /** Undefined when a signal ended it. */
  readonly exitCode: number | undefined;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
}

/**
 * Why there is no {@link ChildProcessResult}: a clause that begins in lower case, without anything that the program
 * wrote.
 */
export class ChildProcessFailure extends Error {
  override readonly name = "ChildProcessFailure";
}

/** How long a program's output is waited for after its end, in case something that it left behind holds it open. */
const patience = 500;

/**
 * Runs a program to its end. It keeps the terminal, so that one which asks for a passphrase can do so.
 *
 * Errors: {@link ChildProcessFailure} when it cannot be started, takes too long or writes too much; the signal's
 * reason.
 */
export function runChildProcess(program: Program, options: ChildProcessOptions): Promise<ChildProcessResult> {
  const { environment, input = "", timeout, maxOutput, signal } = options;
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const child = start(program, environment);
    const timers: NodeJS.Timeout[] = [];
    child.on("error", (cause) => stop(cannotStart(cause)));
    // "error" tells why; where no descriptor is left, it has no streams either.
    if (child.pid === undefined) return;
    timers.push(setTimeout(() => stop(new ChildProcessFailure(tooLong(timeout))), timeout));
    signal?.addEventListener("abort", abort, { once: true });

    const [stdout, stderr] = [child.stdout, child.stderr].map((stream) =>
      collect(stream, {
        maxOutput,
        onExcess: () => stop(new ChildProcessFailure(`it wrote more than ${maxOutput} bytes`)),
      }),
    );
    if (options.onStderr) child.stderr.on("data", options.onStderr);
    // A program that does not read its input closes the pipe: no failure.
    child.stdin.on("error", () => undefined).end(input);
    child.on("exit", () => timers.push(setTimeout(finish, patience)));
    child.on("close", finish);

    function abort(): void {
      stop(signal?.reason);
    }
    function finish(): void {
      settle();
      const exitCode = child.exitCode ?? undefined;
      resolve({ exitCode, stdout: Buffer.concat(stdout ?? []), stderr: Buffer.concat(stderr ?? []) });
    }
    function stop(reason: unknown): void {
      settle();
      child.kill("SIGKILL");
      reject(reason);
    }
    function settle(): void {
      for (const timer of timers) clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
      for (const stream of [child.stdout, child.stderr]) stream?.destroy();
    }
  });
}

/** Some failures are thrown, such as that of arguments that are too long; others come as "error". */
function start(program: Program, environment: ChildProcessOptions["environment"]): ChildProcessWithoutNullStreams {
  try {
    return spawn(program.path, program.args, { env: { ...environment }, shell: false, windowsHide: true });
  } catch (cause) {
    throw cause instanceof Error && "syscall" in cause ? cannotStart(cause) : cause;
  }
}

function cannotStart(cause: Error): ChildProcessFailure {
  return new ChildProcessFailure(`it cannot be started: ${reasonOf(cause)}`);
}

/**
 * The path of a program by its name, from a list of folders as `PATH` has them; undefined when none has it. Folders
 * that are not absolute are passed over, so that nothing is run because of where one stands.
 */
export async function findProgram(name: string, searchPath: string): Promise<string | undefined> {
  const names = process.platform === "win32" ? [`${name}.exe`] : [name];
  for (const folder of searchPath.split(delimiter).filter(isAbsolute)) {
    for (const path of names.map((file) => join(folder, file))) {
      if (await isProgram(path)) return path;
    }
  }
  return undefined;
}

async function isProgram(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}

/** The pieces of a stream as they come. */
function collect(stream: Readable, limit: { readonly maxOutput: number; readonly onExcess: () => void }): Buffer[] {
  const pieces: Buffer[] = [];
  let length = 0;
  stream.on("error", () => undefined);
  stream.on("data", (piece: Buffer) => {
    length += piece.length;
    if (length > limit.maxOutput) limit.onExcess();
    else pieces.push(piece);
  });
  return pieces;
}

function tooLong(timeout: number): string {
  return `it did not exit within ${Math.ceil(timeout / 1000)} s`;
}

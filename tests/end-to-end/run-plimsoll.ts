import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll } from "vitest";

/** The program under test: the sources, or what `PLIMSOLL_PROGRAM` names, such as the built one. */
export const main: string = resolve(
  process.env["PLIMSOLL_PROGRAM"] ?? join(import.meta.dirname, "../../src/apps/cli/main.ts"),
);

/** How the program is started. */
export interface RunOptions {
  /** Added to an environment that holds nothing of the machine's settings. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Standard input; nothing unless given. */
  readonly input?: string | Uint8Array;
  /** Whoever is called with the running program writes to its standard input, and ends it. */
  readonly holdsInput?: boolean;
  /** Called with the running program. */
  readonly started?: (child: ChildProcessWithoutNullStreams) => void;
}

/** How the program ended. */
export interface RunResult {
  /** Null when a signal ended it. */
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The program as a user starts it, with a home folder and a folder for temporary files of its own. */
export interface Plimsoll {
  (args: readonly string[], options?: RunOptions): Promise<RunResult>;
  /** Holds `home` and `tmp`; a place for a test's files. */
  readonly folder: string;
}

/** Makes a {@link Plimsoll} whose folder goes away when the tests of the file are done. Call it at the top of the file. */
export function startPlimsoll(): Plimsoll {
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-end-to-end-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const run = (args: readonly string[], options: RunOptions = {}): Promise<RunResult> =>
    runProgram([main, ...args], {
      cwd: folder,
      ...options,
      env: {
        PATH: process.env["PATH"] ?? "",
        HOME: join(folder, "home"),
        TMPDIR: folder,
        PLIMSOLL_OFFLINE: "1",
        // An engine that is named and not there would end the scan of a bare name.
        DOCKER_CONTEXT: "no-engine",
        // Compiled code is shared by all runs of the tests, not written to each one's folder of temporary files.
        NODE_COMPILE_CACHE: join(tmpdir(), "plimsoll-compile-cache"),
        ...options.env,
      },
    });
  return Object.assign(run, { folder });
}

/** Starts Node with these arguments and waits for its end. */
export function runProgram(args: readonly string[], options: RunOptions): Promise<RunResult> {
  const { env, cwd, input, holdsInput, started } = options;
  const child = spawn(process.execPath, args, { cwd, env });
  if (!holdsInput) child.stdin.end(input);
  started?.(child);
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
}

import { ChildProcessFailure, runChildProcess } from "../../src/io/processes/child-process.ts";

/** Within which bounds a script runs. */
export interface AuditScriptOptions {
  /** All the variables that it sees; `PATH` above all. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Milliseconds; 30 s unless given. */
  readonly timeout?: number;
  readonly signal?: AbortSignal;
}

const largestOutput = 4 * 1024 * 1024;

/**
 * Runs a script of a definition file in `/bin/sh`, as kube-bench does: the script is the standard input. What Plimsoll
 * answers without a shell is compared with it. `error` says how it ended when not with 0: `exit status 1`.
 *
 * Errors: the signal's reason. All else that goes wrong is `unavailable`.
 */
export async function runAuditScript(
  script: string,
  { environment, timeout = 30_000, signal }: AuditScriptOptions,
): Promise<{ readonly output: string; readonly error?: string } | { readonly unavailable: string }> {
  try {
    const { exitCode, stdout, stderr } = await runChildProcess(
      { path: "/bin/sh", args: [] },
      { environment, input: script, timeout, maxOutput: largestOutput, ...(signal && { signal }) },
    );
    const output = stderr.toString("utf8") + stdout.toString("utf8");
    if (exitCode === 0) return { output };
    return { output, error: exitCode === undefined ? "ended by a signal" : `exit status ${exitCode}` };
  } catch (error) {
    if (error instanceof ChildProcessFailure) return { unavailable: `the audit did not run: ${error.message}` };
    throw error;
  }
}

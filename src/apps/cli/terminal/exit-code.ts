import type { Report } from "../../../model/reports/report.ts";

/** What the program's exit codes mean. */
export const ExitCode = {
  allowed: 0,
  denied: 1,
  usage: 2,
  /**
   * The command could not finish, a part of the target could not be examined, or a gate was asked that cannot be
   * answered.
   */
  incomplete: 3,
  /** As shells have it for SIGINT. */
  interrupted: 130,
} as const;

/**
 * The exit code of a scan. Without a threshold the user did not ask for a gate, so incomplete advisories are only
 * reported; with one, `cannot-tell` must not pass for a yes.
 */
export function exitCodeOf({ verdict, problems }: Report, hasThreshold: boolean): number {
  if (verdict.decision === "denied") return ExitCode.denied;
  if (problems.length > 0) return ExitCode.incomplete;
  return verdict.decision === "cannot-tell" && hasThreshold ? ExitCode.incomplete : ExitCode.allowed;
}

/** What a command leaves behind besides its output. */
export interface Outcome {
  exitCode: number;
}

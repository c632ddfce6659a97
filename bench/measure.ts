import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

/** One run of a whole process. */
export interface Run {
  readonly milliseconds: number;
  /** The largest resident set and the seconds of processor time, when GNU time is there to tell. */
  readonly megabytes?: number;
  readonly processorSeconds?: number;
}

/** A command to time. */
export interface TimedCommand {
  readonly name: string;
  readonly command: readonly string[];
  /** Added to the environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Exit codes that count as success; 0 and 3 unless given. */
  readonly success?: readonly number[];
  /** Called before each run, outside of the time. */
  readonly prepare?: () => void;
}

const time = "/usr/bin/time";

/** Runs the command once. Throws when it fails, because a failed run must not pass for a fast one. */
export async function runOnce({ name, command, env, success = [0, 3], prepare }: TimedCommand): Promise<Run> {
  prepare?.();
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-time-"));
  try {
    const report = join(folder, "time");
    const timed = existsSync(time) ? [time, "-f", "%M %U %S", "-o", report, ...command] : [...command];
    const start = performance.now();
    const { status, words } = await ended(timed, { ...process.env, ...env });
    const milliseconds = performance.now() - start;
    if (!success.includes(status ?? -1)) throw new Error(`${name} ended with ${status}: ${words}`);
    if (!existsSync(report)) return { milliseconds };
    const [kilobytes = 0, user = 0, system = 0] = lastLine(readFileSync(report, "utf8")).split(" ").map(Number);
    return { milliseconds, megabytes: kilobytes / 1024, processorSeconds: user + system };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function lastLine(text: string): string {
  return text.trim().split("\n").at(-1) ?? "";
}

/** How a process ended, and the end of what it complained. This process stays awake for servers that it started. */
function ended(
  [program = "", ...args]: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<{ status: number | null; words: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ["ignore", "ignore", "pipe"], env });
    let words = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      words = (words + text).slice(-2000);
    });
    child.on("error", reject);
    child.on("close", (status) => resolve({ status, words }));
  });
}

/** The runs of several commands in turn, after one run of each that is not counted. */
export async function runInTurn(commands: readonly TimedCommand[], rounds: number): Promise<Run[][]> {
  for (const command of commands) await runOnce(command);
  const runs: Run[][] = commands.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (const [index, command] of commands.entries()) runs[index]?.push(await runOnce(command));
  }
  return runs;
}

/** What came of a command that may fail, as a peer's may. */
export type Outcome =
  | { readonly name: string; readonly runs: readonly Run[] }
  | { readonly name: string; readonly failure: string };

/** The runs of several commands in turn; one that fails is not run again. The first runs count too: a median of three or more leaves a slow first one out. */
export async function tryInTurn(commands: readonly TimedCommand[], rounds: number): Promise<Outcome[]> {
  const runs = commands.map((): Run[] => []);
  const failures = new Map<TimedCommand, string>();
  for (let round = 0; round < rounds; round++) {
    for (const [index, command] of commands.entries()) {
      if (failures.has(command)) continue;
      try {
        runs[index]?.push(await runOnce(command));
      } catch (error) {
        failures.set(command, error instanceof Error ? error.message : String(error));
      }
    }
  }
  return commands.map((command, index) => {
    const failure = failures.get(command);
    return failure === undefined ? { name: command.name, runs: runs[index] ?? [] } : { name: command.name, failure };
  });
}

/** The middle value; of an even number of values the mean of the two in the middle. NaN for none. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const [low, high] = [sorted[Math.floor((sorted.length - 1) / 2)], sorted[Math.floor(sorted.length / 2)]];
  return low === undefined || high === undefined ? Number.NaN : (low + high) / 2;
}

/** The median of the times, in milliseconds. */
export function medianTime(runs: readonly Run[]): number {
  return median(runs.map(({ milliseconds }) => milliseconds));
}

/** The ratio of the median times, so that it agrees with the times that are printed. */
export function ratio(a: readonly Run[], b: readonly Run[]): number {
  return medianTime(a) / medianTime(b);
}

/** The path of a program, undefined when it is not installed. */
export function findProgram(name: string): string | undefined {
  return (process.env["PATH"] ?? "")
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find((path) => existsSync(path));
}

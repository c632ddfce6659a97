import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

/** One run of a whole process. */
export interface Run {
  readonly milliseconds: number;
  /** The largest resident set, when GNU time is there to tell. */
  readonly megabytes?: number;
}

/** A command to time. */
export interface TimedCommand {
  readonly name: string;
  readonly command: readonly string[];
  /** Exit codes that count as success; 0 and 3 unless given. */
  readonly success?: readonly number[];
  /** Called before each run, outside of the time. */
  readonly prepare?: () => void;
}

const time = "/usr/bin/time";

/** Runs the command once. Throws when it fails, because a failed run must not pass for a fast one. */
export function runOnce({ name, command, success = [0, 3], prepare }: TimedCommand): Run {
  prepare?.();
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-time-"));
  try {
    const report = join(folder, "time");
    const timed = existsSync(time) ? [time, "-f", "%M", "-o", report, ...command] : [...command];
    const [program = "", ...args] = timed;
    const start = performance.now();
    const result = spawnSync(program, args, { stdio: ["ignore", "ignore", "pipe"], maxBuffer: 1 << 28 });
    const milliseconds = performance.now() - start;
    if (!success.includes(result.status ?? -1)) {
      throw new Error(`${name} ended with ${result.status}: ${result.stderr?.toString().slice(-2000)}`);
    }
    const kilobytes = existsSync(report) ? Number(readFileSync(report, "utf8").trim().split("\n").at(-1)) : Number.NaN;
    return { milliseconds, ...(Number.isNaN(kilobytes) ? {} : { megabytes: kilobytes / 1024 }) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The runs of several commands in turn, after one run of each that is not counted. */
export function runInTurn(commands: readonly TimedCommand[], rounds: number): Run[][] {
  for (const command of commands) runOnce(command);
  const runs: Run[][] = commands.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (const [index, command] of commands.entries()) runs[index]?.push(runOnce(command));
  }
  return runs;
}

/** The middle value. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** The median of the ratios of runs that followed each other, which a drifting machine disturbs least. */
export function ratio(a: readonly Run[], b: readonly Run[]): number {
  return median(a.map((run, index) => run.milliseconds / (b[index]?.milliseconds ?? Number.NaN)));
}

/** The path of a program, undefined when it is not installed. */
export function findProgram(name: string): string | undefined {
  return (process.env["PATH"] ?? "")
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find((path) => existsSync(path));
}

import { availableParallelism, cpus } from "node:os";
import { median, medianTime, type Run } from "./measure.ts";

/** One line: what ran, the medians of its time and of its processor time, the most memory that it took, a remark. */
export function printRuns(name: string, runs: readonly Run[], remark: string): void {
  const memory = mostMegabytes(runs);
  const peak = memory > 0 ? `${memory.toFixed(0)} MB` : "";
  const seconds = median(runs.flatMap(({ processorSeconds }) => processorSeconds ?? []));
  const processor = Number.isNaN(seconds) ? "" : `${seconds.toFixed(2)} s cpu`;
  const figures = `${medianTime(runs).toFixed(0).padStart(7)} ms ${processor.padStart(12)} ${peak.padStart(8)}`;
  write(`  ${name.padEnd(28)} ${figures}  ${remark}`.trimEnd());
}

/** The largest resident set of all runs; 0 when it is not known. */
export function mostMegabytes(runs: readonly Run[]): number {
  return Math.max(0, ...runs.map(({ megabytes }) => megabytes ?? 0));
}

/** What the figures were measured on. */
export function printMachine(rounds: number): void {
  const processor = cpus()[0]?.model ?? "unknown processor";
  const figures =
    rounds < 3 ? `${rounds} round${rounds === 1 ? "" : "s"}, too few to publish` : `medians of ${rounds} rounds`;
  write(`${processor}, ${availableParallelism()} cores, Node ${process.versions.node}, ${figures}`);
}

/** Bytes as whole megabytes. */
export function inMegabytes(bytes: number): string {
  return `${(bytes / 1_000_000).toFixed(0)} MB`;
}

export function write(text: string): void {
  process.stdout.write(`${text}\n`);
}

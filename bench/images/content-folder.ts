import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { findProgram } from "../measure.ts";

/** Content for layers, made by the programs that make it everywhere. */
export interface ContentFolder {
  readonly path: string;
  /** Programs that must be on the path. */
  readonly needs: readonly string[];
  /** Fills the folder, which exists and is empty. */
  readonly fill: (path: string) => void;
}

/** Makes the folder unless an earlier run made it whole. Throws naming the program that is missing. */
export function makeContent({ path, needs, fill }: ContentFolder): string {
  if (existsSync(path)) return path;
  const missing = needs.filter((program) => findProgram(program) === undefined);
  if (missing.length > 0)
    throw new Error(`${missing.join(" and ")} must be installed to make the images of this bench`);
  const unfinished = `${path}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { recursive: true });
  mkdirSync(dirname(path), { recursive: true });
  process.stderr.write(`making ${path}\n`);
  fill(unfinished);
  renameSync(unfinished, path);
  return path;
}

/** Runs a program to its end. Throws with what it said when it fails. */
export function runProgram(
  program: string,
  args: readonly string[],
  options: { cwd?: string; input?: string } = {},
): void {
  const { status, error, stdout, stderr } = spawnSync(program, args, {
    maxBuffer: 1 << 28,
    encoding: "utf8",
    ...options,
  });
  if (error) throw error;
  if (status !== 0) throw new Error(`${program} ended with ${status}: ${(stderr || stdout).slice(-2000)}`);
}

import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

/** Why these programs cannot be run as root here; undefined when it is worth a try. */
export function obstacleTo(...programs: readonly string[]): string | undefined {
  if (process.platform !== "linux") return `${programs[0]} runs on Linux only`;
  if (process.getuid?.() !== 0) return `${programs[0]} needs root`;
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  const missing = programs.find((program) => !folders.some((folder) => existsSync(join(folder, program))));
  return missing === undefined ? undefined : `${missing} is not installed`;
}

/** Runs a program to its end, with these variables beside its own. Throws with what it said when it fails. */
export function run(
  program: string,
  args: readonly string[],
  variables: Readonly<Record<string, string>> = {},
): string {
  const env = { ...process.env, ...variables };
  return execFileSync(program, args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"], timeout: 60_000, env });
}

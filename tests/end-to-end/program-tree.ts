import { execFileSync } from "node:child_process";
import { chmodSync, copyFileSync, mkdirSync } from "node:fs";
import { basename, dirname } from "node:path";

const loader = "ldd";

/** Copies a file of this machine, which can be run afterwards. */
export function installFile(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true });
  copyFileSync(from, to);
  chmodSync(to, 0o755);
}

/** The libraries that a program loads, by the paths at which it looks for them. Needs `ldd`. */
export function librariesOf(program: string): string[] {
  const lines = execFileSync(loader, [program], { encoding: "utf8" }).split("\n");
  return lines
    .flatMap((line) => /(?:=>\s+)?(\/\S+)\s+\(0x/.exec(line)?.[1] ?? [])
    .filter((path) => basename(path) !== "");
}

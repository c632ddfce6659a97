import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";

/** The helper that `npm run build:probe` builds. */
export const probePath: string = resolve(import.meta.dirname, "../../probe/build/plimsoll-probe");

/** Why this machine cannot be watched live; undefined when it can. */
export const probeObstacle: string | undefined = obstacle();

function obstacle(): string | undefined {
  if (process.platform !== "linux") return "not Linux";
  if (!existsSync(probePath)) return "the probe is not built: npm run build:probe";
  // It ends when its input does.
  const { stderr } = spawnSync(probePath, { input: "", encoding: "utf8", maxBuffer: 256 << 20, timeout: 30_000 });
  return /^ready$/m.test(stderr) ? undefined : (/^failed (.*)$/m.exec(stderr)?.[1] ?? "the probe does not start");
}

/** The process ids of the probes that a process started. */
export function probesOf(pid: number): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => {
      const stat = textOf(`/proc/${name}/stat`);
      return stat.includes("(plimsoll-probe)") && stat.slice(stat.lastIndexOf(")")).split(" ")[2] === String(pid);
    })
    .map(Number);
}

/** The ids of the programs in the kernel that a process holds. */
export function kernelProgramsOf(pid: number): number[] {
  return readdirSync(`/proc/${pid}/fd`)
    .map((fd) => /^prog_id:\s*(\d+)/m.exec(textOf(`/proc/${pid}/fdinfo/${fd}`))?.[1])
    .filter((id) => id !== undefined)
    .map(Number);
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

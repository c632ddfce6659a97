import { runChildProcess } from "../../io/processes/child-process.ts";
import type { FoundPlace } from "./host-root.ts";

const timeout = 5000;
const maxOutput = 64 * 1024;

/**
 * What a program of this machine prints with `--version` and nothing else; empty when it fails, and for a program that
 * others than root may change, which is not run. Error: the reason of the signal.
 */
export async function versionOutput({ path, stats }: FoundPlace, signal: AbortSignal): Promise<string> {
  // Whoever may change the program could make this run anything, as the user that asks.
  if (!stats.isFile() || stats.uid !== 0 || (stats.mode & 0o022) !== 0) return "";
  try {
    const program = { path, args: ["--version"] };
    const { stdout } = await runChildProcess(program, {
      environment: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin" },
      timeout,
      maxOutput,
      signal,
    });
    return stdout.toString("utf8");
  } catch (error) {
    if (signal.aborted) throw error;
    return "";
  }
}

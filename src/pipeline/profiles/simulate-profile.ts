import { PlimsollError } from "../../model/error.ts";
import { buildFilter, type Filter } from "../../profiles/seccomp/build-filter.ts";
import type { SeccompProfile } from "../../profiles/seccomp/profile.ts";
import { type Simulation, TraceSimulation } from "../../profiles/seccomp/trace/simulate-trace.ts";
import { openInput } from "../open-input.ts";
import { profileTarget, type TargetWish } from "./profile-target.ts";
import { readOneProfile } from "./read-profile-file.ts";

const longestLine = 64 * 1024;

/** Simulates a profile on traces. Errors: as of reading the profile and the traces. */
export async function simulateProfile(
  {
    file,
    name,
    traces,
  }: { readonly file: string; readonly name: string | undefined; readonly traces: readonly string[] },
  { wish, signal }: { readonly wish: TargetWish; readonly signal: AbortSignal },
): Promise<Simulation> {
  const filter = filterOf(await readOneProfile(file, name), wish);
  const simulation = new TraceSimulation(filter);
  for (const trace of traces) await forEachLine(trace, { signal, take: (line) => simulation.takeLine(line) });
  return simulation.result();
}

/** The filter of a profile for a target. Errors: `usage` where there is none, or none for the architecture. */
export function filterOf(profile: SeccompProfile, wish: TargetWish): Filter {
  const target = profileTarget(wish);
  const filter = buildFilter(profile, target);
  if (!filter) {
    throw new PlimsollError("usage", "the profile has no default action: containers run without seccomp", {
      hint: 'Set "defaultAction".',
    });
  }
  if (filter.abis.length === 0) {
    throw new PlimsollError("usage", `there is no table of system calls for ${target.architecture}`, {
      hint: "Use --arch amd64, arm64, 386 or arm.",
    });
  }
  return filter;
}

/** Gives the lines of a file or of stdin, each byte as one character; of a longer line the first 64 KiB. */
export async function forEachLine(
  path: string,
  { signal, take }: { readonly signal: AbortSignal; readonly take: (line: string) => void },
): Promise<void> {
  let rest = "";
  for await (const piece of openInput(path, signal)) {
    const text = rest + (piece as Buffer).toString("latin1");
    let start = 0;
    for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n", start)) {
      take(text.slice(start, end));
      start = end + 1;
    }
    rest = text.slice(start);
    if (rest.length > longestLine) rest = rest.slice(0, longestLine);
  }
  if (rest !== "") take(rest);
}

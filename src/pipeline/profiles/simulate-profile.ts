import { PlimsollError } from "../../model/error.ts";
import { buildFilter, type Filter } from "../../profiles/seccomp/build-filter.ts";
import type { SeccompProfile } from "../../profiles/seccomp/profile.ts";
import { type Simulation, TraceSimulation } from "../../profiles/seccomp/trace/simulate-trace.ts";
import { type AccessSimulation, simulateAppArmor } from "./apparmor-log.ts";
import { looksLikeAppArmor } from "./apparmor-policy.ts";
import { forEachLine } from "./for-each-line.ts";
import { profileTarget, type TargetWish } from "./profile-target.ts";
import { readOneProfile, readProfileText } from "./read-profile-file.ts";

/** A profile, and the traces to simulate it on. */
export interface SimulationRequest {
  readonly file: string;
  readonly name: string | undefined;
  readonly base: string | undefined;
  readonly traces: readonly string[];
}

/** The result of a simulation, by the kind of the profile. */
export type ProfileSimulation =
  | { readonly kind: "seccomp"; readonly simulation: Simulation }
  | { readonly kind: "apparmor"; readonly simulation: AccessSimulation };

/** Simulates a profile on traces. Errors: as of reading the profile and the traces. */
export async function simulateProfile(
  request: SimulationRequest,
  { wish, signal }: { readonly wish: TargetWish; readonly signal: AbortSignal },
): Promise<ProfileSimulation> {
  const { file, name, traces } = request;
  const text = readProfileText(file);
  if (looksLikeAppArmor(text)) {
    return { kind: "apparmor", simulation: await simulateAppArmor({ ...request, text }, signal) };
  }
  const filter = filterOf(await readOneProfile(file, name, text), wish);
  const simulation = new TraceSimulation(filter);
  for (const trace of traces) await forEachLine(trace, { signal, take: (line) => simulation.takeLine(line) });
  return { kind: "seccomp", simulation: simulation.result() };
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

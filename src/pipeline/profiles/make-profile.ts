import { PlimsollError } from "../../model/error.ts";
import { buildFilter } from "../../profiles/seccomp/build-filter.ts";
import { type DecisionChange, diffFilters } from "../../profiles/seccomp/diff-filters.ts";
import { generateProfile } from "../../profiles/seccomp/make/generate-profile.ts";
import { type MergeStrategy, mergeProfiles } from "../../profiles/seccomp/make/merge-profiles.ts";
import { type RecordedRun, Recording } from "../../profiles/seccomp/make/recording.ts";
import { type ProfileUser, usageSteps } from "../../profiles/seccomp/make/usage-steps.ts";
import { profileJson, profileResource, type WrittenProfile } from "../../profiles/seccomp/make/write-profile.ts";
import { readSeccompProfile } from "../../profiles/seccomp/read-profile.ts";
import { abis } from "../../profiles/seccomp/syscall-table.ts";
import { forEachLine } from "./for-each-line.ts";
import { profileTarget, type TargetWish } from "./profile-target.ts";
import { readOneProfile } from "./read-profile-file.ts";

/** The form of a written profile. */
export interface ProfileForm {
  readonly user: ProfileUser;
  /** The name of the operator's resource. */
  readonly name: string;
}

/** A profile as text, with lines for the person who uses it. */
export interface MadeProfile {
  readonly text: string;
  readonly remarks: readonly string[];
  readonly steps: (file: string) => readonly string[];
}

/**
 * A profile for the runs in the traces, one run each. Errors: those of reading a trace; `usage` for traces without a
 * call, an architecture without a table, and a name that Kubernetes does not take.
 */
export async function generateFromTraces(
  {
    traces,
    mode,
    form,
  }: { readonly traces: readonly string[]; readonly mode: "log" | "enforce"; readonly form: ProfileForm },
  { architecture, signal }: { readonly architecture: string; readonly signal: AbortSignal },
): Promise<MadeProfile> {
  const target = profileTarget({ architecture, kernel: undefined, added: [], dropped: [], runtime: "runc" });
  const names: Readonly<Record<string, string>> = { amd64: "x86_64", arm64: "aarch64", "386": "x86", arm: "arm" };
  const native = abis.find(({ abi }) => abi === names[target.architecture]);
  if (!native) {
    throw new PlimsollError("usage", `there is no table of system calls for ${architecture}`, {
      hint: "Use --arch amd64, arm64, 386 or arm.",
    });
  }
  const runs: RecordedRun[] = [];
  for (const trace of traces) {
    const recording = new Recording(native);
    await forEachLine(trace, { signal, take: (line) => recording.takeLine(line) });
    const run = recording.result();
    if (run.count === 0) {
      throw new PlimsollError("usage", `${trace} has no system calls`, {
        hint: "Record with strace -f -o FILE PROGRAM, or give the kernel's log of a profile in log mode.",
      });
    }
    runs.push(run);
  }
  const { profile, remarks } = generateProfile(runs, mode, native.profileName);
  return { ...written(profile, form, mode === "log"), remarks };
}

/** One profile from several, as they work on a target. Errors: those of reading the files, and `usage` as above. */
export async function mergeProfileFiles(
  {
    files,
    strategy,
    form,
  }: { readonly files: readonly string[]; readonly strategy: MergeStrategy; readonly form: ProfileForm },
  wish: TargetWish,
): Promise<MadeProfile> {
  const profile = await merged(files, { strategy, wish });
  return { ...written(profile, form, profile.defaultAction.kind === "LOG"), remarks: [] };
}

/** The answers in which a file differs from the merged profile. */
export async function checkMerged(
  {
    files,
    strategy,
    against,
  }: { readonly files: readonly string[]; readonly strategy: MergeStrategy; readonly against: string },
  wish: TargetWish,
): Promise<readonly DecisionChange[]> {
  const profile = await merged(files, { strategy, wish });
  const target = profileTarget(wish);
  const current = await readOneProfile(against, undefined);
  const fresh = readSeccompProfile(JSON.parse(profileJson(profile)), "the merged profile");
  return diffFilters(buildFilter(current, target), buildFilter(fresh, target));
}

async function merged(
  files: readonly string[],
  { strategy, wish }: { readonly strategy: MergeStrategy; readonly wish: TargetWish },
): Promise<WrittenProfile> {
  const profiles = await Promise.all(files.map((file) => readOneProfile(file, undefined)));
  return mergeProfiles(profiles, { strategy, target: profileTarget(wish) });
}

function written(profile: WrittenProfile, { user, name }: ProfileForm, isLog: boolean): Omit<MadeProfile, "remarks"> {
  if (user !== "operator") return { text: profileJson(profile), steps: (file) => usageSteps(user, { file, isLog }) };
  if (!/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(name)) {
    throw new PlimsollError("usage", `${name} is not a name for a resource`, {
      hint: "Use lower-case letters, digits and -.",
    });
  }
  return { text: profileResource(profile, name), steps: (file) => usageSteps(user, { file, isLog }) };
}

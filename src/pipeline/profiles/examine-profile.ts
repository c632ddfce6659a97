import { PlimsollError } from "../../model/error.ts";
import type { Explanation } from "../../profiles/seccomp/explain-call.ts";
import { explainSyscall, syscallNamed } from "../../profiles/seccomp/explain-call.ts";
import { type LintFinding, lintSeccompProfile } from "../../profiles/seccomp/lint-profile.ts";
import { nearestName } from "../../profiles/seccomp/nearest-name.ts";
import { profileTarget, type TargetWish } from "./profile-target.ts";
import { readOneProfile, readProfileFile } from "./read-profile-file.ts";

/** A finding with the file and, where the file has several, the profile. */
export interface PlacedFinding extends LintFinding {
  readonly file: string;
  readonly profile?: string;
}

/** Mistakes and risks in all profiles of the files, in their order. */
export async function lintProfiles(files: readonly string[], wish: TargetWish): Promise<readonly PlacedFinding[]> {
  const target = profileTarget(wish);
  const findings: PlacedFinding[] = [];
  for (const file of files) {
    const { profiles } = await readProfileFile(file);
    for (const profile of profiles) {
      const place = { file, ...(profile.name !== undefined && { profile: profile.name }) };
      findings.push(...lintSeccompProfile(profile, target).map((finding) => ({ ...place, ...finding })));
    }
  }
  return findings;
}

/** A question about one call. */
export interface CallQuestion {
  readonly file: string;
  readonly name: string | undefined;
  readonly syscall: string;
  readonly args: readonly string[];
}

/** What a profile answers to a call. Errors: as of reading the file; `usage` for a call that does not exist. */
export async function explainProfile(question: CallQuestion, wish: TargetWish): Promise<Explanation> {
  const profile = await readOneProfile(question.file, question.name);
  const syscall = syscallNamed(question.syscall);
  if (syscall === undefined) {
    const nearest = nearestName(question.syscall);
    throw new PlimsollError("usage", `system call ${question.syscall} is unknown`, {
      ...(nearest !== undefined && { hint: `Probably ${nearest} was meant.` }),
    });
  }
  return explainSyscall(profile, { syscall, args: question.args.map(argument), target: profileTarget(wish) });
}

function argument(text: string): bigint {
  if (/^(?:0x[0-9a-fA-F]{1,16}|-?\d{1,20})$/.test(text)) {
    const value = BigInt(text);
    if (value < 1n << 64n && value >= -(1n << 63n)) return BigInt.asUintN(64, value);
  }
  throw new PlimsollError("usage", `argument ${text} is not a number of 64 bits`, {
    hint: "Give arguments as decimal or hexadecimal numbers, in the order of the system call.",
  });
}

import { PlimsollError } from "../../model/error.ts";
import type { Explanation as AccessExplanation } from "../../profiles/apparmor/explain/explain-policy.ts";
import type { Explanation } from "../../profiles/seccomp/explain-call.ts";
import { explainSyscall, syscallNamed } from "../../profiles/seccomp/explain-call.ts";
import { type LintFinding, lintSeccompProfile } from "../../profiles/seccomp/lint-profile.ts";
import { nearestName } from "../../profiles/seccomp/nearest-name.ts";
import { explainAppArmor, lintAppArmor, looksLikeAppArmor } from "./apparmor-policy.ts";
import { profileTarget, type TargetWish } from "./profile-target.ts";
import { readOneProfile, readProfileFile, readProfileText } from "./read-profile-file.ts";

/** A finding with the file and, where the file has several, the profile. */
export interface PlacedFinding extends LintFinding {
  readonly file: string;
  /** The line, of AppArmor policy. */
  readonly line?: number;
  readonly profile?: string;
}

/**
 * Mistakes and risks in all profiles of the files, in their order. The kind of a file is recognised from its content.
 * Errors: those of `readNamedText`, and `file-malformed` for files of no known kind.
 */
export async function lintProfiles(
  files: readonly string[],
  { base, ...wish }: TargetWish & { readonly base: string | undefined },
): Promise<readonly PlacedFinding[]> {
  const target = profileTarget(wish);
  const findings: PlacedFinding[] = [];
  for (const file of files) {
    const text = readProfileText(file);
    if (looksLikeAppArmor(text)) {
      for (const { profile, file: included, ...finding } of lintAppArmor({ file, text, base })) {
        findings.push({ ...finding, file: included ?? file, ...(profile !== undefined && { profile }) });
      }
      continue;
    }
    const { profiles } = await readProfileFile(file, text);
    for (const profile of profiles) {
      const place = { file, ...(profile.name !== undefined && { profile: profile.name }) };
      findings.push(...lintSeccompProfile(profile, target).map((finding) => ({ ...place, ...finding })));
    }
  }
  return findings;
}

/** What a profile answers, by the kind of the profile. */
export type ProfileExplanation =
  | { readonly kind: "seccomp"; readonly explanation: Explanation }
  | { readonly kind: "apparmor"; readonly explanation: AccessExplanation };

/** What a profile answers to a system call, or to an access. Errors: those of the two kinds. */
export async function explainProfile(
  { file, name, words, base }: ProfileQuestion,
  wish: TargetWish,
): Promise<ProfileExplanation> {
  const text = readProfileText(file);
  if (looksLikeAppArmor(text)) {
    return { kind: "apparmor", explanation: explainAppArmor({ file, text, base, name, words }) };
  }
  const [syscall = "", ...args] = words;
  return { kind: "seccomp", explanation: await explainCall({ file, text, name, syscall, args }, wish) };
}

/** A question about a profile, in words. */
export interface ProfileQuestion {
  readonly file: string;
  readonly name: string | undefined;
  readonly words: readonly string[];
  readonly base: string | undefined;
}

/** A question about one call. */
interface CallQuestion {
  readonly file: string;
  readonly text: string;
  readonly name: string | undefined;
  readonly syscall: string;
  readonly args: readonly string[];
}

/** What a profile answers to a call. Errors: as of reading the file; `usage` for a call that does not exist. */
async function explainCall(question: CallQuestion, wish: TargetWish): Promise<Explanation> {
  const profile = await readOneProfile(question.file, question.name, question.text);
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

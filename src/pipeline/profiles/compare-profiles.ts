import { PlimsollError } from "../../model/error.ts";
import { buildFilter } from "../../profiles/seccomp/build-filter.ts";
import { type DecisionChange, diffFilters } from "../../profiles/seccomp/diff-filters.ts";
import { compileFilter } from "../../profiles/seccomp/program/compile-filter.ts";
import { disassemble } from "../../profiles/seccomp/program/disassemble.ts";
import { mostInstructions, programBytes } from "../../profiles/seccomp/program/instruction.ts";
import { profileTarget, type TargetWish } from "./profile-target.ts";
import { readOneProfile } from "./read-profile-file.ts";
import { filterOf } from "./simulate-profile.ts";

/** How the answers change from one profile to another. Errors: as of reading the files. */
export async function diffProfiles(
  files: readonly [before: string, after: string],
  wish: TargetWish,
): Promise<readonly DecisionChange[]> {
  const target = profileTarget(wish);
  const [before, after] = await Promise.all(files.map((file) => readOneProfile(file, undefined)));
  return diffFilters(before && buildFilter(before, target), after && buildFilter(after, target));
}

/** A filter as a program for the kernel. */
export interface CompiledProfile {
  readonly instructions: number;
  /** The program as the kernel takes it. */
  readonly bytes: Uint8Array;
  readonly lines: () => Iterable<string>;
}

/** Compiles a profile. Errors: as of reading the file; `limit-exceeded` for a program that the kernel refuses. */
export async function compileProfile(
  { file, name }: { readonly file: string; readonly name: string | undefined },
  wish: TargetWish,
): Promise<CompiledProfile> {
  const program = compileFilter(filterOf(await readOneProfile(file, name), wish));
  if (program.length > mostInstructions) {
    throw new PlimsollError(
      "limit-exceeded",
      `the filter has ${program.length} instructions, the kernel's limit is 4096`,
      {
        hint: "Use fewer rules with conditions.",
      },
    );
  }
  return { instructions: program.length, bytes: programBytes(program), lines: () => disassemble(program) };
}

import { Command, Option } from "commander";
import { type OutputFlags, oneOutput, outputOption } from "../options/output-option.ts";
import { ExitCode, type Outcome } from "../terminal/exit-code.ts";
import { writeNote, writeOut, writePieces } from "../terminal/output.ts";
import { addTargetOptions, forOption, type ProfileUserFlag, type TargetFlags, targetWish } from "./profile-options.ts";

interface MergeFlags extends TargetFlags, OutputFlags {
  readonly strategy: "union" | "intersection";
  readonly check?: string;
  readonly for: ProfileUserFlag;
  readonly name: string;
}

/** `plimsoll profile merge`. */
export function profileMergeCommand(outcome: Outcome): Command {
  const command = new Command("merge")
    .summary("make one profile of several")
    .description("Make one seccomp profile of several, as they work on one target.")
    .argument("<file...>", "profiles")
    .addOption(
      new Option("--strategy <name>", "permit what any profile permits, or what all permit")
        .choices(["union", "intersection"])
        .default("union"),
    )
    .option("--check <file>", "write nothing; end with 1 if this profile gives other answers")
    .addOption(forOption())
    .option("--name <name>", "name of the operator's resource", "merged");
  return addTargetOptions(command)
    .addOption(outputOption())
    .addHelpText("before", "Examples:\n  plimsoll profile merge run1.json run2.json --output app.json\n")
    .addHelpText("after", "\nExit codes: 0 merged, or --check finds no difference, 1 --check finds some.")
    .action(async (files: readonly string[], { strategy, check, for: user, name, ...flags }: MergeFlags) => {
      const output = oneOutput(flags);
      const { checkMerged, mergeProfileFiles } = await import("../../../pipeline/profiles/make-profile.ts");
      if (check === undefined) {
        const { text, steps } = await mergeProfileFiles({ files, strategy, form: { user, name } }, targetWish(flags));
        writePieces([text], output);
        for (const step of steps(output ?? "FILE")) writeNote(step);
        return;
      }
      const changes = await checkMerged({ files, strategy, against: check }, targetWish(flags));
      for (const { before, after, syscalls } of changes) writeOut(`${syscalls.join(", ")}: ${before} → ${after}\n`);
      if (changes.length > 0) outcome.exitCode = ExitCode.denied;
    });
}

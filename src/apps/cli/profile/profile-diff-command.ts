import { Command } from "commander";
import { formatOption } from "../options/format-option.ts";
import { ExitCode, type Outcome } from "../terminal/exit-code.ts";
import { writeJson, writeOut } from "../terminal/output.ts";
import { addTargetOptions, type TargetFlags, targetWish } from "./profile-options.ts";

interface DiffFlags extends TargetFlags {
  readonly format: "text" | "json";
}

const headings = {
  allowed: "Newly allowed",
  denied: "Newly denied",
  conditions: "Other conditions",
  other: "Other answer",
} as const;

/** `plimsoll profile diff`. */
export function profileDiffCommand(outcome: Outcome): Command {
  const command = new Command("diff")
    .summary("compare the answers of two profiles")
    .description("Compare the answers of two seccomp profiles to all system calls, not their texts.")
    .argument("<before>", "a profile")
    .argument("<after>", "another profile");
  return addTargetOptions(command)
    .addOption(formatOption(["text", "json"]))
    .addHelpText("before", "Examples:\n  plimsoll profile diff old.json new.json\n")
    .addHelpText("after", "\nExit codes: 0 same answers, 1 different answers.")
    .action(async (before: string, after: string, { format, ...flags }: DiffFlags) => {
      const { diffProfiles } = await import("../../../pipeline/profiles/compare-profiles.ts");
      const changes = await diffProfiles([before, after], targetWish(flags));
      if (format === "json") writeJson(changes);
      else if (changes.length === 0) writeOut("The profiles give the same answers.\n");
      else {
        for (const { change, before: old, after: next, abis, syscalls } of changes) {
          writeOut(`${headings[change]} on ${abis.join(", ")}: ${syscalls.join(", ")}\n`);
          writeOut(`    ${old} → ${next}\n`);
        }
      }
      if (changes.length > 0) outcome.exitCode = ExitCode.denied;
    });
}

import { Command } from "commander";
import type { Outcome } from "../terminal/exit-code.ts";
import { profileCompileCommand } from "./profile-compile-command.ts";
import { profileDiffCommand } from "./profile-diff-command.ts";
import { profileExplainCommand } from "./profile-explain-command.ts";
import { profileGenerateApparmorCommand } from "./profile-generate-apparmor-command.ts";
import { profileGenerateCommand } from "./profile-generate-command.ts";
import { profileLintCommand } from "./profile-lint-command.ts";
import { profileMergeCommand } from "./profile-merge-command.ts";
import { profileSimulateCommand } from "./profile-simulate-command.ts";

/** `plimsoll profile` with its commands. */
export function profileCommand(signal: AbortSignal, outcome: Outcome): Command {
  return new Command("profile")
    .summary("lint, explain and make security profiles")
    .description("Lint, explain and make security profiles of containers: seccomp and AppArmor.")
    .addHelpText(
      "before",
      [
        "Examples:",
        "  plimsoll profile lint seccomp.json               mistakes and risks",
        "  plimsoll profile explain seccomp.json clone3     the answer to a system call",
        "  plimsoll profile explain docker-web /etc/shadow  the answer to an access",
        "  plimsoll profile generate --trace strace.txt     a profile for a recorded run",
        "",
      ].join("\n"),
    )
    .addCommand(profileLintCommand(outcome))
    .addCommand(profileExplainCommand())
    .addCommand(profileSimulateCommand(signal, outcome))
    .addCommand(profileDiffCommand(outcome))
    .addCommand(profileCompileCommand())
    .addCommand(profileGenerateCommand(signal))
    .addCommand(profileGenerateApparmorCommand(signal))
    .addCommand(profileMergeCommand(outcome));
}

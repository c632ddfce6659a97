import { Command } from "commander";
import type { Outcome } from "../terminal/exit-code.ts";
import { profileExplainCommand } from "./profile-explain-command.ts";
import { profileLintCommand } from "./profile-lint-command.ts";

/** `plimsoll profile` with its commands. */
export function profileCommand(outcome: Outcome): Command {
  return new Command("profile")
    .summary("lint, explain and make security profiles")
    .description("Lint, explain and make security profiles of containers: seccomp.")
    .addHelpText(
      "before",
      [
        "Examples:",
        "  plimsoll profile lint seccomp.json            mistakes and risks",
        "  plimsoll profile explain seccomp.json clone3  the answer to a system call",
        "",
      ].join("\n"),
    )
    .addCommand(profileLintCommand(outcome))
    .addCommand(profileExplainCommand());
}

import { Command } from "commander";
import type { Outcome } from "../terminal/exit-code.ts";
import { updateApplyCommand } from "./update-apply-command.ts";
import { updateListCommand } from "./update-list-command.ts";
import { updateOpenCommand } from "./update-open-command.ts";
import { updateProposeCommand } from "./update-propose-command.ts";
import { updateRebuildCommand } from "./update-rebuild-command.ts";

/** `plimsoll update` with its commands. */
export function updateCommand(signal: AbortSignal, outcome: Outcome): Command {
  return new Command("update")
    .summary("find image references and better tags")
    .description("Find image references in files, and better tags for them.")
    .addHelpText(
      "before",
      [
        "Examples:",
        "  plimsoll update list      image references in the current folder",
        "  plimsoll update propose   better tags for them; exit 1 if there are any",
        "  plimsoll update apply     change the tags in the files",
        "  plimsoll update open      open pull requests with the changes",
        "",
      ].join("\n"),
    )
    .addCommand(updateListCommand(signal, outcome))
    .addCommand(updateProposeCommand(signal, outcome))
    .addCommand(updateApplyCommand(signal, outcome))
    .addCommand(updateOpenCommand(signal, outcome))
    .addCommand(updateRebuildCommand(signal, outcome));
}

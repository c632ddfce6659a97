import { Command } from "commander";
import type { Outcome } from "../terminal/exit-code.ts";
import { rulesBacktestCommand } from "./rules-backtest-command.ts";
import { rulesExplainCommand } from "./rules-explain-command.ts";
import { rulesFieldsCommand } from "./rules-fields-command.ts";
import { rulesLintCommand } from "./rules-lint-command.ts";
import { rulesListCommand } from "./rules-list-command.ts";
import { rulesTestCommand } from "./rules-test-command.ts";
import { rulesValidateCommand } from "./rules-validate-command.ts";

/** `plimsoll rules` with its commands. */
export function rulesCommand(signal: AbortSignal, outcome: Outcome): Command {
  return new Command("rules")
    .summary("list, validate, test and explain rules")
    .description("List, validate, test and explain Falco rules.")
    .addHelpText(
      "before",
      [
        "Examples:",
        "  plimsoll rules list                    the built-in rules",
        "  plimsoll rules validate our.yaml       errors and warnings, as in Falco",
        "  plimsoll rules test our.test.yaml      events and their expected alerts",
        "",
      ].join("\n"),
    )
    .addCommand(rulesListCommand())
    .addCommand(rulesFieldsCommand())
    .addCommand(rulesValidateCommand(outcome))
    .addCommand(rulesLintCommand(outcome))
    .addCommand(rulesTestCommand(signal, outcome))
    .addCommand(rulesExplainCommand(signal, outcome))
    .addCommand(rulesBacktestCommand(signal, outcome));
}

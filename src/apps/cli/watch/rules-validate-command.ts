import { Command } from "commander";
import { harmlessJson } from "../../../reporters/json.ts";
import { printableLines } from "../../../reporters/terminal-text.ts";
import { formatOption } from "../options/format-option.ts";
import { ExitCode, type Outcome } from "../terminal/exit-code.ts";
import { writeOut } from "../terminal/output.ts";

/** `plimsoll rules validate`. */
export function rulesValidateCommand(outcome: Outcome): Command {
  return new Command("validate")
    .summary("load rule files, and show their errors and warnings")
    .description("Load rule files in this order, and show their errors and warnings as Falco does.")
    .argument("<path...>", "rule files, or folders of them")
    .addOption(formatOption(["text", "json"]))
    .addHelpText("before", "Examples:\n  plimsoll rules validate falco_rules.yaml our_rules.yaml\n")
    .addHelpText("after", "\nExit codes: 0 no errors, 1 a file has an error.")
    .action(async (paths: readonly string[], { format }: { readonly format: "text" | "json" }) => {
      const { loadReport } = await import("../../../pipeline/watch/rule-reports.ts");
      const { text, isSuccessful } = loadReport({ paths }, format);
      writeOut(format === "json" ? harmlessJson(text) : printableLines(text));
      if (!isSuccessful) outcome.exitCode = ExitCode.denied;
    });
}

import { Command } from "commander";
import { printable } from "../../../reporters/terminal-text.ts";
import { formatOption } from "../options/format-option.ts";
import { ExitCode, type Outcome } from "../terminal/exit-code.ts";
import { writeJson, writeOut } from "../terminal/output.ts";

/** `plimsoll rules lint`. */
export function rulesLintCommand(outcome: Outcome): Command {
  return new Command("lint")
    .summary("find rules that load but do not work as intended")
    .description("Find dead macros, shadowed rules, conditions that can never match, and costly patterns.")
    .argument("[path...]", "rule files, or folders of them (default: Plimsoll's own)")
    .addOption(formatOption(["text", "json"]))
    .addHelpText("before", "Examples:\n  plimsoll rules lint falco_rules.yaml our_rules.yaml\n")
    .addHelpText("after", "\nExit codes: 0 no warnings (advice only), 1 warnings.")
    .action(async (paths: readonly string[], { format }: { readonly format: "text" | "json" }) => {
      const { lint } = await import("../../../pipeline/watch/rule-reports.ts");
      const findings = lint(paths.length > 0 ? { paths } : {});
      if (format === "json") {
        writeJson(findings.map(({ place, ...rest }) => ({ ...rest, place: { ...place, line: place.line + 1 } })));
      } else {
        for (const { severity, code, item, message, hint, place } of findings) {
          writeOut(
            `${printable(place.file)}:${place.line + 1}: ${severity} ${code}: ${printable(item)}: ${printable(message)}\n`,
          );
          writeOut(`    ${printable(hint)}\n`);
        }
      }
      if (findings.some(({ severity }) => severity !== "advice")) outcome.exitCode = ExitCode.denied;
    });
}

import { Command } from "commander";
import { formatOption } from "../options/format-option.ts";
import { hasColour, listWidthOf, writeJson, writeOut } from "../terminal/output.ts";
import { tableRows } from "../terminal/table-rows.ts";

interface ListFlags {
  readonly framework?: string;
  readonly format: "table" | "json";
}

/** `plimsoll check list`. */
export function checkListCommand(): Command {
  return new Command("list")
    .summary("list the built-in checks")
    .description("List the built-in checks: id, severity, title of a failure, and ids in benchmarks.")
    .option("--framework <name>", "only checks of a benchmark or standard, for example cis-docker")
    .addOption(formatOption())
    .addHelpText("before", "Examples:\n  plimsoll check list\n  plimsoll check list --framework cis-docker\n")
    .action(async ({ framework, format }: ListFlags) => {
      const [{ listChecks }, { frameworkTexts }] = await Promise.all([
        import("../../../pipeline/check/check-catalogue.ts"),
        import("../../../reporters/framework-text.ts"),
      ]);
      const checks = listChecks(framework);
      if (format === "json") {
        writeJson(checks);
        return;
      }
      const rows = checks.map(({ id, severity, title, mappings }) => [
        ...[id, severity, title.fail],
        frameworkTexts(mappings).join("; "),
      ]);
      const layout = { width: listWidthOf(process.stdout), colour: hasColour(process.stdout) };
      writeOut(tableRows([["ID", "SEVERITY", "FAILS AS", "FRAMEWORKS"], ...rows], layout));
    });
}

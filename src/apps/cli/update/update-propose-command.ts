import { Command } from "commander";
import { formatOption } from "../options/format-option.ts";
import { oneOutput } from "../options/output-option.ts";
import type { Outcome } from "../terminal/exit-code.ts";
import { widthOf, writePieces } from "../terminal/output.ts";
import { proposalText } from "./proposal-text.ts";
import { addProposeOptions, exitCodeOf, type ProposeFlags, proposals, reportJson } from "./propose-options.ts";

/** `plimsoll update propose`. */
export function updateProposeCommand(signal: AbortSignal, outcome: Outcome): Command {
  const command = new Command("propose")
    .summary("find tags with fewer vulnerabilities, and prove it")
    .description("Scan newer tags of the images in files, and propose those with fewer findings than today's.")
    .argument("[path...]", "files or folders (default: the current folder)");
  return addProposeOptions(command)
    .addOption(formatOption(["text", "json"]))
    .addHelpText("before", "Examples:\n  plimsoll update propose\n  plimsoll update propose Dockerfile --step major\n")
    .addHelpText("after", "\nExit codes: 0 nothing better, 1 a better image exists, 3 incomplete.")
    .action(async (paths: readonly string[], given: ProposeFlags) => {
      const report = await proposals(paths, given, signal);
      const text = given.format === "json" ? reportJson(report) : proposalText(report, widthOf(process.stdout));
      writePieces([text], oneOutput(given));
      outcome.exitCode = exitCodeOf(report);
    });
}

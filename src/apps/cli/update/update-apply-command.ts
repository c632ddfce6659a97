import { Command } from "commander";
import { printable } from "../../../reporters/terminal-text.ts";
import { formatOption } from "../options/format-option.ts";
import { oneOutput } from "../options/output-option.ts";
import { ExitCode, type Outcome } from "../terminal/exit-code.ts";
import { widthOf, writePieces } from "../terminal/output.ts";
import { proposalText } from "./proposal-text.ts";
import { addProposeOptions, hasFailure, type ProposeFlags, proposals, reportJson } from "./propose-options.ts";

interface ApplyFlags extends ProposeFlags {
  readonly dryRun?: boolean;
  readonly pin: boolean;
}

/** `plimsoll update apply`. */
export function updateApplyCommand(signal: AbortSignal, outcome: Outcome): Command {
  const command = new Command("apply")
    .summary("change the tags in the files")
    .description("Change the tags in the files as update propose proposes, and pin their digests.")
    .argument("[path...]", "files or folders (default: the current folder)")
    .option("--dry-run", "show the changed lines only")
    .option("--no-pin", "add no digest to references without one");
  return addProposeOptions(command)
    .addOption(formatOption(["text", "json"]))
    .addHelpText(
      "before",
      "Examples:\n  plimsoll update apply --dry-run\n  plimsoll update apply deploy/ --step patch\n",
    )
    .addHelpText("after", "\nExit codes: 0 complete, 3 incomplete.")
    .action(async (given: readonly string[], flags: ApplyFlags) => {
      const paths = given.length > 0 ? given : ["."];
      const report = await proposals(paths, flags, signal);
      const { applyUpdates } = await import("../../../pipeline/updates/apply-updates.ts");
      const { applied } = await applyUpdates(paths, report.proposals, {
        signal,
        pins: flags.pin,
        isDryRun: flags.dryRun === true,
      });
      const results = applied.map(({ lines, refused }) => ({ lines, refused }));
      if (flags.format === "json") {
        writePieces([reportJson(report, { applied: results, isDryRun: flags.dryRun === true })], oneOutput(flags));
      } else {
        const pieces = [proposalText(report, widthOf(process.stdout)), ...results.map(appliedText)];
        writePieces(pieces, oneOutput(flags));
      }
      const isRefused = results.some(({ refused }) => refused.length > 0);
      outcome.exitCode = isRefused || hasFailure(report) ? ExitCode.incomplete : ExitCode.allowed;
    });
}

interface Result {
  readonly lines: readonly {
    readonly file: string;
    readonly line: number;
    readonly before: string;
    readonly after: string;
  }[];
  readonly refused: readonly { readonly file: string; readonly line: number; readonly reason: string }[];
}

function appliedText({ lines, refused }: Result): string {
  const texts = [
    ...lines.flatMap(({ file, line, before, after }) => [
      `\n${printable(file)}:${line}`,
      `- ${printable(before)}`,
      `+ ${printable(after)}`,
    ]),
    ...refused.map(({ file, line, reason }) => `\n${printable(file)}:${line}: not changed, ${printable(reason)}`),
  ];
  return texts.map((text) => `${text}\n`).join("");
}

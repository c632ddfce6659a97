import { type Command, InvalidArgumentError, Option } from "commander";
import type { CheckReport } from "../../../model/checks/check.ts";
import type { CheckPolicy } from "../../../pipeline/check/check-report.ts";
import type { CustomChecks } from "../../../pipeline/check/custom-checks.ts";
import { checkTable } from "../../../reporters/check-table.ts";
import { fixScript } from "../../../reporters/fix-script.ts";
import { formatsFor } from "../../../reporters/formats/builtin.ts";
import { type BaselineFlags, baselineOption, baselineOptions } from "../options/baseline-option.ts";
import { formatOption } from "../options/format-option.ts";
import { outputsOption } from "../options/output-option.ts";
import { openOutputs, type ReportFlags } from "../options/report-outputs.ts";
import { addPolicyOptions, type PolicyFlags, withPolicy } from "../policy/policy-option.ts";
import { failOnOption } from "../scan/fail-on-option.ts";
import { addTableOptions, tableLayout } from "../scan/table-options.ts";
import { ExitCode, type Outcome } from "../terminal/exit-code.ts";
import { writePieces } from "../terminal/output.ts";
import { collectLists } from "./collect-lists.ts";

const largestWaivers = 32 * 1024 * 1024;

/** What all commands that check have. */
export interface CheckFlags extends PolicyFlags, ReportFlags, BaselineFlags {
  readonly waivers?: string;
  readonly inlineWaivers?: boolean;
  readonly only?: readonly string[];
  readonly skip: readonly string[];
  readonly all?: boolean;
  readonly fixScript?: string;
  readonly checks?: readonly string[];
  readonly trunc?: boolean;
}

/** Adds the options that all commands that check have. */
export function addCheckOptions(command: Command): Command {
  return addJudgingOptions(command).addOption(outputsOption());
}

/** Adds the option that commands have whose files may hold comments that waive. */
export function addInlineWaiverOption(command: Command): Command {
  return command.option("--no-inline-waivers", "ignore plimsoll:ignore comments in the checked files");
}

/** As {@link addCheckOptions}, for a command that already has `--output`. */
export function addJudgingOptions(command: Command): Command {
  return addPolicyOptions(addTableOptions(command))
    .addOption(formatOption(formatsFor("check")))
    .addOption(failOnOption("exit 1 if a check of this severity or worse fails"))
    .addOption(baselineOption())
    .option("--waivers <file>", "accepted failures, with expiry dates")
    .addOption(
      new Option("--only <ids>", "run only these checks, comma-separated; globs such as pss/*").argParser(
        collectLists(readId),
      ),
    )
    .addOption(new Option("--skip <ids>", "skip these checks").argParser(collectLists(readId)).default([], "none"))
    .option("--all", "also show passed and not-applicable checks")
    .option("--checks <path...>", "also run your own checks and policies, in CEL")
    .option("--fix-script <file>", "write the fixes as a script, for review");
}

/**
 * The policy that the flags ask for. Errors: for the waivers `target-not-found`, `target-unreadable`, `file-malformed`.
 */
export async function checkPolicy(flags: CheckFlags): Promise<CheckPolicy> {
  const { waivers, inlineWaivers = true, failOn, only = [], skip, ...gate } = await withPolicy(flags);
  const [{ readWaivers }, { readNamedText }] = await Promise.all([
    import("../../../pipeline/check/read-waivers.ts"),
    import("../../../io/files/read-small-file.ts"),
  ]);
  return {
    waivers: waivers === undefined ? [] : readWaivers(readNamedText(waivers, { largest: largestWaivers }), waivers),
    refusesInlineWaivers: !inlineWaivers,
    threshold: failOn,
    ...(await baselineOptions(flags, "check")),
    gate: gate.loadedPolicy,
    environment: gate.environment,
    only,
    skip,
    now: new Date(),
  };
}

/** The checks of the user's own. Errors: those of `readCustomFiles`. */
export async function customChecks({ checks = [] }: CheckFlags): Promise<CustomChecks> {
  const { readCustomFiles } = await import("../../../pipeline/check/custom-checks.ts");
  return readCustomFiles(checks);
}

/** Prints a report and sets the exit code: 1 denied, 3 when something could not be looked at. */
export async function printChecks(report: CheckReport, flags: CheckFlags, outcome: Outcome): Promise<void> {
  const { fixScript: script, all = false } = flags;
  const outputs = await openOutputs("check", flags);
  await outputs.write(report, (shown, { toFile }) => checkTable(shown, { ...tableLayout(flags, toFile), all }));
  if (script !== undefined) writePieces(fixScript(report), script);
  if (report.verdict.decision === "denied") outcome.exitCode = ExitCode.denied;
  else if (report.problems.length > 0 || report.counts.warn > 0) outcome.exitCode = ExitCode.incomplete;
}

function readId(id: string): string {
  if (id === "") throw new InvalidArgumentError("Expected ids separated by commas.");
  return id;
}

import { Command, InvalidArgumentError, Option } from "commander";
import type { Proposal, ProposalReport } from "../../../pipeline/updates/propose-updates.ts";
import { type AdvisoryFlags, addAdvisoryOptions, advisoryOptions } from "../database/advisory-options.ts";
import { formatOption } from "../options/format-option.ts";
import { oneOutput } from "../options/output-option.ts";
import { addPolicyOptions, type PolicyFlags, policyOptions, withPolicy } from "../policy/policy-option.ts";
import { registryClient } from "../registry/registry-options.ts";
import { addTargetOptions, type TargetFlags, targetOptions } from "../scan/target-options.ts";
import { ExitCode, type Outcome } from "../terminal/exit-code.ts";
import { widthOf, writePieces } from "../terminal/output.ts";
import { ProgressLine } from "../terminal/progress-line.ts";
import { proposalText } from "./proposal-text.ts";

/** The options of a search for updates, as commander gives them. */
interface ProposeFlags extends TargetFlags, AdvisoryFlags, PolicyFlags {
  readonly format: "text" | "json";
  readonly step: "digest" | "patch" | "minor" | "major";
  readonly minAge: number;
}

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
      const text = given.format === "json" ? json(report) : proposalText(report, widthOf(process.stdout));
      writePieces([text], oneOutput(given));
      outcome.exitCode = exitCodeOf(report);
    });
}

/** Adds the options of a search for updates. */
function addProposeOptions(command: Command): Command {
  const described = command
    .addOption(
      new Option("--step <size>", "largest step to propose")
        .choices(["digest", "patch", "minor", "major"])
        .default("minor"),
    )
    .addOption(
      new Option("--min-age <days>", "minimum age of an image, except for known exploited and critical vulnerabilities")
        .default(3)
        .argParser(readDays),
    );
  return addAdvisoryOptions(addTargetOptions(addPolicyOptions(described)));
}

/** Searches for updates as the flags say. */
async function proposals(paths: readonly string[], given: ProposeFlags, signal: AbortSignal): Promise<ProposalReport> {
  const flags = await withPolicy(given);
  const { proposeUpdates } = await import("../../../pipeline/updates/propose-updates.ts");
  using line = new ProgressLine(process.stderr, flags.quiet === true);
  return proposeUpdates(paths.length > 0 ? paths : ["."], {
    ...(await targetOptions(flags, signal)),
    ...advisoryOptions(flags),
    ...policyOptions(flags, { environment: "build" }),
    registry: await registryClient(flags, signal),
    now: new Date(),
    largestStep: flags.step,
    minimumAge: flags.minAge,
    scanning: (image) => line.text(`scanning  ${image}`),
    fetchProgress: (progress) => line.fetch(progress),
  });
}

/** 1 when a better image exists, 3 when something could not be examined. */
function exitCodeOf({ proposals: all, problems }: ProposalReport): number {
  if (all.some(({ change }) => change !== undefined)) return ExitCode.denied;
  const isIncomplete = problems.length > 0 || all.some(({ failure }) => failure !== undefined);
  return isIncomplete ? ExitCode.incomplete : ExitCode.allowed;
}

function json({ proposals: all, problems }: ProposalReport): string {
  const written = all.map(({ references, ...proposal }: Proposal) => ({
    ...proposal,
    references: references.map(({ file, line, column, text, kind }) => ({ file, line, column, text, kind })),
  }));
  return `${JSON.stringify({ schemaVersion: 1, proposals: written, problems }, undefined, 2)}\n`;
}

function readDays(text: string): number {
  if (/^[0-9]{1,4}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("Expected a number of days.");
}

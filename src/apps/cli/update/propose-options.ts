import { type Command, InvalidArgumentError, Option } from "commander";
import type { Proposal, ProposalReport } from "../../../pipeline/updates/propose-updates.ts";
import { harmlessJson } from "../../../reporters/json.ts";
import { type AdvisoryFlags, addAdvisoryOptions, advisoryOptions } from "../database/advisory-options.ts";
import { addPolicyOptions, type PolicyFlags, policyOptions, withPolicy } from "../policy/policy-option.ts";
import { registryClient } from "../registry/registry-options.ts";
import { addTargetOptions, type TargetFlags, targetOptions } from "../scan/target-options.ts";
import { ExitCode } from "../terminal/exit-code.ts";
import { ProgressLine } from "../terminal/progress-line.ts";

/** The options of a search for updates, as commander gives them. */
export interface ProposeFlags extends TargetFlags, AdvisoryFlags, PolicyFlags {
  readonly format: "text" | "json";
  readonly step: "digest" | "patch" | "minor" | "major";
  readonly minAge: number;
}

/** Adds the options of a search for updates. */
export function addProposeOptions(command: Command): Command {
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
export async function proposals(
  paths: readonly string[],
  given: ProposeFlags,
  signal: AbortSignal,
): Promise<ProposalReport> {
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
export function exitCodeOf(report: ProposalReport): number {
  if (report.proposals.some(({ change }) => change !== undefined)) return ExitCode.denied;
  return hasFailure(report) ? ExitCode.incomplete : ExitCode.allowed;
}

/** Whether a file or an image could not be examined. */
export function hasFailure({ proposals: all, problems }: ProposalReport): boolean {
  return problems.length > 0 || all.some(({ failure }) => failure !== undefined);
}

/** The proposals as JSON, with further members. */
export function reportJson({ proposals: all, problems }: ProposalReport, more: object = {}): string {
  const written = all.map(({ references, ...proposal }: Proposal) => ({
    ...proposal,
    references: references.map(({ file, line, column, text, kind }) => ({ file, line, column, text, kind })),
  }));
  return `${harmlessJson(JSON.stringify({ schemaVersion: 1, proposals: written, problems, ...more }, undefined, 2))}\n`;
}

function readDays(text: string): number {
  if (/^[0-9]{1,4}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("Expected a number of days.");
}

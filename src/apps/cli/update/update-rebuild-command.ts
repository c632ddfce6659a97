import { Command } from "commander";
import { harmlessJson } from "../../../reporters/json.ts";
import { printable } from "../../../reporters/terminal-text.ts";
import { type AdvisoryFlags, addAdvisoryOptions, advisoryOptions } from "../database/advisory-options.ts";
import { formatOption } from "../options/format-option.ts";
import { oneOutput } from "../options/output-option.ts";
import { addPolicyOptions, type PolicyFlags, policyOptions, withPolicy } from "../policy/policy-option.ts";
import { registryAccess, registryClient } from "../registry/registry-options.ts";
import { addTargetOptions, type TargetFlags, targetOptions } from "../scan/target-options.ts";
import { ExitCode, type Outcome } from "../terminal/exit-code.ts";
import { writePieces } from "../terminal/output.ts";
import { ProgressLine } from "../terminal/progress-line.ts";
import { countedSeverities } from "./counted-severities.ts";

interface RebuildFlags extends TargetFlags, AdvisoryFlags, PolicyFlags {
  readonly format: "text" | "json";
  readonly base?: string;
}

const mostFindings = 20;

/** `plimsoll update rebuild`. */
export function updateRebuildCommand(signal: AbortSignal, outcome: Outcome): Command {
  const command = new Command("rebuild")
    .summary("find out whether a rebuild fixes vulnerabilities")
    .description("Compare the base of an image with the base it was built on, and list what a rebuild would fix.")
    .argument("<image>", "image in a registry")
    .option("--base <image>", "base image (default: as the label of the image says)")
    .addOption(formatOption(["text", "json"]));
  return addAdvisoryOptions(addTargetOptions(addPolicyOptions(command)))
    .addHelpText("before", "Examples:\n  plimsoll update rebuild ghcr.io/team/app:1.0 --base debian:12\n")
    .addHelpText("after", "\nExit codes: 0 no rebuild needed, 1 a rebuild fixes vulnerabilities.")
    .action(async (image: string, given: RebuildFlags) => {
      const flags = await withPolicy(given);
      const [{ checkRebuild }, { openRegistryClient }] = await Promise.all([
        import("../../../pipeline/updates/check-rebuild.ts"),
        import("../../../pipeline/targets/registry-access.ts"),
      ]);
      using line = new ProgressLine(process.stderr, flags.quiet === true);
      const check = await checkRebuild(image, {
        ...(await targetOptions(flags, signal)),
        ...advisoryOptions(flags),
        ...policyOptions(flags, { environment: "build" }),
        registry: await registryClient(flags, signal),
        clientFromOutside: (registry) =>
          openRegistryClient({ ...registryAccess(flags), fromOutside: [registry] }, signal),
        now: new Date(),
        base: flags.base,
        progress: (progress) => line.scan(progress),
        fetchProgress: (progress) => line.fetch(progress),
      });
      line[Symbol.dispose]();
      const json = `${harmlessJson(JSON.stringify({ schemaVersion: 1, ...check }, undefined, 2))}\n`;
      writePieces([flags.format === "json" ? json : textOf(check)], oneOutput(flags));
      outcome.exitCode = check.fixed.length > 0 ? ExitCode.denied : ExitCode.allowed;
    });
}

type Check = Awaited<ReturnType<typeof import("../../../pipeline/updates/check-rebuild.ts")["checkRebuild"]>>;

function textOf({ image, base, isCurrent, fixed, kept }: Check): string {
  const lines = [`${printable(image)} is built on ${printable(base.name)}`];
  if (isCurrent) lines.push("The base image has not changed since the build.");
  else {
    lines.push(
      `The base image is newer: ${base.digest}${base.builtOn === undefined ? "" : `, was ${printable(base.builtOn)}`}`,
    );
    lines.push(`A rebuild fixes ${countedSeverities(fixed)} and keeps ${kept}.`);
    const shown = fixed.slice(0, mostFindings);
    lines.push(
      ...shown.map(
        ({ id, severity, package: { name, version } }) => `  ${severity} ${id} in ${printable(`${name} ${version}`)}`,
      ),
    );
    if (fixed.length > shown.length) lines.push(`  and ${fixed.length - shown.length} more`);
  }
  return lines.map((text) => `${text}\n`).join("");
}

import { Command, Option } from "commander";
import { PlimsollError } from "../../model/error.ts";
import type { Report } from "../../model/report.ts";
import { type Threshold, thresholds } from "../../policy/threshold.ts";
import { type AdvisoryFlags, addAdvisoryOptions, advisoryOptions } from "./advisory-options.ts";
import {
  type AttachedSbomFlags,
  addAttachedSbomOptions,
  attachedSbomOptions,
  refuseAttachedSbom,
  remarkOnRefused,
} from "./attached-sbom-options.ts";
import { exitCodeOf, type Outcome } from "./exit-code.ts";
import { hasColour, widthOf, writePieces } from "./output.ts";
import { ProgressLine } from "./progress-line.ts";
import { addRegistryScanOptions, type RegistryScanFlags } from "./registry-scan-options.ts";
import { isForManyImages, scanManyImages } from "./scan-registry-command.ts";
import { addTargetOptions, type TargetFlags, targetOptions } from "./target-options.ts";

interface ScanFlags extends TargetFlags, AdvisoryFlags, AttachedSbomFlags, RegistryScanFlags {
  readonly format: "table" | "json";
  readonly failOn?: Threshold;
  readonly explain?: string;
}

/** `plimsoll scan TARGET`. */
export function scanCommand(signal: AbortSignal, outcome: Outcome): Command {
  const command = new Command("scan")
    .summary("find known vulnerabilities")
    .description("Find known vulnerabilities in an image, an archive, a folder or an SBOM.")
    .argument(
      "[target]",
      "image, archive, folder or SBOM; a scheme forces one: docker:, podman:, registry:, oci-dir:, …",
    )
    .addOption(new Option("-f, --format <format>", "how to print").choices(["table", "json"]).default("table"))
    .addOption(new Option("--fail-on <severity>", "exit 1 from this severity").choices(thresholds))
    .option("--explain <id>", "why a vulnerability is reported, or is not");
  return addAttachedSbomOptions(addAdvisoryOptions(addTargetOptions(addRegistryScanOptions(command))))
    .addHelpText(
      "before",
      [
        "Examples:",
        "  plimsoll scan nginx:1.27                       an image, here or in a registry",
        "  plimsoll scan image.tar --fail-on high         exit 1 from severity high",
        "  plimsoll scan --registry HOST/team --newest 3  a registry, or a part of it",
        "",
      ].join("\n"),
    )
    .action(async (target: string | undefined, flags: ScanFlags) => {
      if (isForManyImages(flags)) {
        refuseAttachedSbom(flags);
        outcome.exitCode = await scanManyImages(target, flags, signal);
        return;
      }
      if (target === undefined) {
        throw new PlimsollError("usage", "missing required argument 'target'", {
          hint: "Name what to scan, or a registry with --registry HOST.",
        });
      }
      const { scanTarget } = await import("../../pipeline/scan.ts");
      using line = new ProgressLine(process.stderr, flags.quiet === true);
      const report = await scanTarget(target, {
        ...(await targetOptions(flags, signal)),
        ...attachedSbomOptions(flags, signal),
        now: new Date(),
        progress: (progress) => line.scan(progress),
        fetchProgress: (progress) => line.fetch(progress),
        ...advisoryOptions(flags),
        ...(flags.failOn === undefined ? {} : { failOn: flags.failOn }),
      });
      line[Symbol.dispose]();
      remarkOnRefused(report);
      writePieces(await piecesOf(report, flags), flags.output);
      outcome.exitCode = exitCodeOf(report, flags.failOn !== undefined);
    });
}

async function piecesOf(report: Report, flags: ScanFlags): Promise<Iterable<string>> {
  const { explain: id } = flags;
  if (id !== undefined) {
    const { path } = report.database;
    const [{ explain }, { explainAbsence }] = await Promise.all([
      import("../../reporters/explain.ts"),
      import("../../pipeline/explain-absence.ts"),
    ]);
    return explain(report, id, { absence: () => explainAbsence(report, id, path) });
  }
  if (flags.format === "json") return (await import("../../reporters/json.ts")).json.write(report);
  const { table } = await import("../../reporters/table.ts");
  const toFile = flags.output !== undefined;
  return table(report, { width: widthOf(process.stdout), colour: !toFile && hasColour(process.stdout) });
}

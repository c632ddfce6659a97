import { Command } from "commander";
import type { AbsenceKind, WhyNot } from "../../../model/findings/why-not.ts";
import { type AdvisoryFlags, addAdvisoryOptions, advisoryOptions } from "../database/advisory-options.ts";
import { formatOption } from "../options/format-option.ts";
import { oneOutput } from "../options/output-option.ts";
import { ExitCode, type Outcome } from "../terminal/exit-code.ts";
import { writePieces } from "../terminal/output.ts";
import { ProgressLine } from "../terminal/progress-line.ts";
import { remarkOnCache } from "./remark-on-cache.ts";
import { addTargetOptions, type TargetFlags, targetOptions } from "./target-options.ts";
import { type VexFlags, vexOption, vexOptions } from "./vex-option.ts";
import { checkVulnerabilityId } from "./vulnerability-id.ts";

interface WhyNotFlags extends TargetFlags, VexFlags, AdvisoryFlags {
  readonly format: "table" | "json";
}

/** `plimsoll why-not ID TARGET`. */
export function whyNotCommand(signal: AbortSignal, outcome: Outcome): Command {
  const command = new Command("why-not")
    .summary("explain why a vulnerability is not reported")
    .description("Explain why a known vulnerability is not reported, or how it is reported.")
    .argument("<id>", "any of its ids: CVE-2021-44228, GHSA-jfh8-c2jp-5v3q, DSA-5024-1")
    .argument("<target>", "as for scan")
    .addOption(formatOption())
    .addOption(vexOption());
  return addAdvisoryOptions(addTargetOptions(command))
    .addHelpText("before", "Examples:\n  plimsoll why-not CVE-2023-0464 nginx:1.27\n")
    .action(async (id: string, target: string, flags: WhyNotFlags) => {
      checkVulnerabilityId(id, target);
      const output = oneOutput(flags);
      const [{ whyNot }, { withAdvisories }, { jsonText }, { whyNotText }] = await Promise.all([
        import("../../../pipeline/scan/why-not.ts"),
        import("../../../pipeline/scan/with-advisories.ts"),
        import("../../../reporters/json.ts"),
        import("../../../reporters/why-not.ts"),
      ]);
      using line = new ProgressLine(process.stderr, flags.quiet === true);
      const now = new Date();
      const vex = await vexOptions(flags);
      const options = {
        ...(await targetOptions(flags, signal)),
        now,
        progress: line.scan.bind(line),
        fetchProgress: line.fetch.bind(line),
        ...advisoryOptions(flags),
      };
      const { answer, contents, status } = await withAdvisories(target, options, (opened) => ({
        contents: opened.contents,
        status: opened.index.status,
        answer: whyNot(opened.contents, id, { database: opened.index, now, ...vex }),
      }));
      line[Symbol.dispose]();
      if (contents.layers.length > 0) remarkOnCache(flags);
      const pieces = flags.format === "json" ? jsonText(answer) : whyNotText(answer, { ...contents, database: status });
      writePieces(pieces, output);
      if (isOpen(answer) || contents.problems.length > 0) outcome.exitCode = ExitCode.incomplete;
    });
}

/** Reasons after which the vulnerability may be there all the same. */
const openKinds: ReadonlySet<AbsenceKind> = new Set([
  "cannot-compare",
  "no-ecosystem",
  "not-examined",
  "unknown-distribution",
]);

function isOpen({ findings, reasons }: WhyNot): boolean {
  return findings.length === 0 && reasons.some(({ kind }) => openKinds.has(kind));
}

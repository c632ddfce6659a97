import { PlimsollError } from "../../../model/error.ts";
import type { Report } from "../../../model/reports/report.ts";
import type { OpenTargetOptions } from "../../../pipeline/targets/open-target.ts";
import { type AdvisoryFlags, advisoryOptions } from "../database/advisory-options.ts";
import { type BaselineFlags, baselineOptions } from "../options/baseline-option.ts";
import { openOutputs } from "../options/report-outputs.ts";
import { hasGate, type PolicyFlags, policyOptions } from "../policy/policy-option.ts";
import { exitCodeOf } from "../terminal/exit-code.ts";
import { ProgressLine } from "../terminal/progress-line.ts";
import { type AttachedSbomFlags, attachedSbomOptions, remarkOnRefused } from "./attached-sbom-options.ts";
import { type FilterFlags, findingFilter } from "./filter-options.ts";
import { type IncludeDevFlags, includeDevOptions } from "./include-dev-option.ts";
import { remarkOnCache } from "./remark-on-cache.ts";
import { type ScannersFlags, scannersOptions } from "./scanners-option.ts";
import { type TableFlags, tableLayout } from "./table-options.ts";
import { type TargetFlags, targetOptions } from "./target-options.ts";
import { type VexFlags, vexOptions } from "./vex-option.ts";
import { checkVulnerabilityId } from "./vulnerability-id.ts";

/** What `plimsoll scan` was given for one target. */
export interface OneTargetFlags
  extends TargetFlags,
    AdvisoryFlags,
    AttachedSbomFlags,
    FilterFlags,
    VexFlags,
    ScannersFlags,
    IncludeDevFlags,
    BaselineFlags,
    TableFlags,
    PolicyFlags {
  readonly format: string;
  readonly explain?: string;
}

/** What the scan of one target is given beside the flags. */
export interface OneTargetOptions {
  readonly signal: AbortSignal;
  /** The client for images in registries; without it a client as the flags configure it. */
  readonly registry?: OpenTargetOptions["registry"];
}

/** `plimsoll scan TARGET`: writes the report and gives the exit code. Errors: `usage`, those of the scan. */
export async function scanOneTarget(
  target: string | undefined,
  flags: OneTargetFlags,
  { signal, registry }: OneTargetOptions,
): Promise<number> {
  if (target === undefined) {
    throw new PlimsollError("usage", "missing required argument 'target'", {
      hint: "Specify a target, or a registry with --registry HOST.",
    });
  }
  if (flags.explain !== undefined) checkVulnerabilityId(flags.explain);
  if (flags.explain !== undefined && flags.format !== "table") {
    const name = flags.format === "json" ? "JSON" : flags.format;
    throw new PlimsollError("usage", `--explain does not support ${name} output`, {
      hint: `Use \`plimsoll why-not ${flags.explain} ${target} -f json\`, or remove --explain: the report has all findings.`,
    });
  }
  const outputs = await openOutputs("scan", flags);
  const { scanTarget } = await import("../../../pipeline/scan/scan.ts");
  using line = new ProgressLine(process.stderr, flags.quiet === true);
  const report = await scanTarget(target, {
    ...(await targetOptions(flags, signal)),
    ...(registry && { registry }),
    ...attachedSbomOptions(flags, signal),
    now: new Date(),
    progress: (progress) => line.scan(progress),
    fetchProgress: (progress) => line.fetch(progress),
    ...advisoryOptions(flags),
    ...scannersOptions(flags),
    ...includeDevOptions(flags),
    ...(await vexOptions(flags)),
    ...(await baselineOptions(flags, "scan")),
    ...policyOptions(flags, { environment: "build" }),
  });
  line[Symbol.dispose]();
  if (report.layers.length > 0) remarkOnCache(flags);
  remarkOnRefused(report);
  const { filterReport } = await import("../../../policy/filter-findings.ts");
  const shown = filterReport(report, findingFilter(flags));
  await outputs.write(shown, async (_, { toFile }) => {
    if (flags.explain !== undefined) return explanationOf(report, flags.explain);
    const { table } = await import("../../../reporters/table.ts");
    return table(shown, tableLayout(flags, toFile));
  });
  return exitCodeOf(report, hasGate(flags));
}

async function explanationOf(report: Report, id: string): Promise<Iterable<string>> {
  const { path } = report.database;
  const [{ explain }, { absenceSentences }] = await Promise.all([
    import("../../../reporters/explain.ts"),
    import("../../../pipeline/scan/why-not.ts"),
  ]);
  return explain(report, id, { absence: () => absenceSentences(report, id, path) });
}

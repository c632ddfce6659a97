import { Command, InvalidArgumentError, Option } from "commander";
import type { WorkloadEngine, WorkloadReport } from "../../../model/images/workload.ts";
import { formatsFor } from "../../../reporters/formats/builtin.ts";
import { contextOption, kubeconfigOption, namespaceOption } from "../checks/cluster-options.ts";
import { collectLists } from "../checks/collect-lists.ts";
import { type AdvisoryFlags, addAdvisoryOptions, advisoryOptions } from "../database/advisory-options.ts";
import { defaultCacheFolder } from "../environment.ts";
import { formatOption } from "../options/format-option.ts";
import { outputsOption } from "../options/output-option.ts";
import { openOutputs } from "../options/report-outputs.ts";
import { addPolicyOptions, hasGate, type PolicyFlags, policyOptions, withPolicy } from "../policy/policy-option.ts";
import { addRegistryOptions } from "../registry/registry-options.ts";
import { ExitCode, type Outcome } from "../terminal/exit-code.ts";
import { ProgressLine } from "../terminal/progress-line.ts";
import { SuggestingOption } from "../terminal/suggesting-option.ts";
import { failOnOption } from "./fail-on-option.ts";
import { remarkOnCache } from "./remark-on-cache.ts";
import { tableLayout } from "./table-options.ts";
import { type TargetFlags, targetOptions } from "./target-options.ts";
import { type PlaceFlags, requiredEngines, workloadEngines, workloadPlaces } from "./workload-places.ts";

interface PsFlags extends TargetFlags, AdvisoryFlags, PlaceFlags, PolicyFlags {
  readonly format: string;
  readonly scan?: boolean;
  /** False for names and digests as long as they are. */
  readonly trunc: boolean;
}

/** `plimsoll ps`. */
export function psCommand(signal: AbortSignal, outcome: Outcome): Command {
  const command = new Command("ps")
    .summary("show running containers and their verdicts")
    .description("Show running containers in Docker, Podman, containerd and Kubernetes, and the verdict on each image.")
    .option("--scan", "scan the images that have no current verdict")
    .addOption(
      new SuggestingOption("--engine <names>", {
        description: "only these engines, separated by commas: docker, podman, containerd, kubernetes",
        suggestions: workloadEngines,
      }).argParser(collectLists(readEngine)),
    )
    .addOption(kubeconfigOption())
    .addOption(contextOption("kubeconfig context (default: the current one)"))
    .addOption(namespaceOption())
    .addOption(formatOption(formatsFor("workloads")))
    .option("--no-trunc", "do not truncate names and digests")
    .addOption(failOnOption("exit 1 for this severity or worse"))
    .option("--offline", "do not use the network")
    .addOption(new Option("--cache <dir>", "folder for cached verdicts").default(defaultCacheFolder(), "user cache"))
    .option("--no-cache", "do not use cached verdicts")
    .addOption(outputsOption())
    .option("-q, --quiet", "no progress line");
  return addAdvisoryOptions(addRegistryOptions(addPolicyOptions(command)))
    .addHelpText(
      "before",
      [
        "Examples:",
        "  plimsoll ps                            running containers here and in clusters",
        "  plimsoll ps --scan --fail-on critical  scan the rest; exit 1 if critical",
        "  plimsoll ps --engine kubernetes --context production",
        "",
      ].join("\n"),
    )
    .action(async (given: PsFlags) => {
      const flags = await withPolicy(given);
      const outputs = await openOutputs("workloads", flags);
      const { judgeWorkloads } = await import("../../../pipeline/workloads/judge-workloads.ts");
      using line = new ProgressLine(process.stderr, flags.quiet === true);
      line.text("asking the engines");
      const report = await judgeWorkloads(workloadPlaces(flags), {
        ...(await targetOptions(flags, signal)),
        ...advisoryOptions(flags),
        now: new Date(),
        required: requiredEngines(flags),
        scan: flags.scan === true,
        scanning: ({ image, index, total }) => line.text(`scanning  ${index} of ${total}  ${image}`),
        fetchProgress: (progress) => line.fetch(progress),
        ...policyOptions(flags, { environment: "runtime" }),
      });
      line[Symbol.dispose]();
      if (flags.scan) remarkOnCache(flags);
      await outputs.write(report, async (shown, { toFile }) => {
        const { workloadTable } = await import("../../../reporters/workloads.ts");
        const layout = tableLayout(flags, toFile);
        return workloadTable(shown, { ...layout, isScanned: flags.scan === true, isWhole: layout.full === true });
      });
      outcome.exitCode = exitCodeFor(report, flags);
    });
}

/**
 * With a gate, an image without a current verdict must not pass for a yes; with `--scan` a part of an image that
 * could not be examined counts as it does for `scan`.
 */
function exitCodeFor({ workloads, unlisted }: WorkloadReport, flags: PsFlags): number {
  const isGated = hasGate(flags);
  if (isGated && workloads.some(({ scan }) => scan?.verdict.decision === "denied")) return ExitCode.denied;
  if (unlisted.length > 0) return ExitCode.incomplete;
  if (flags.scan && workloads.some(({ scan }) => scan && scan.problems > 0)) return ExitCode.incomplete;
  const isOpen = workloads.some(({ scan }) => {
    if (!scan || scan.stale !== undefined) return true;
    return scan.verdict.decision !== "allowed" && scan.verdict.decision !== "warned";
  });
  return isGated && isOpen ? ExitCode.incomplete : ExitCode.allowed;
}

function readEngine(text: string): WorkloadEngine {
  const engine = workloadEngines.find((name) => name === text);
  if (engine === undefined) throw new InvalidArgumentError(`Expected some of ${workloadEngines.join(", ")}.`);
  return engine;
}

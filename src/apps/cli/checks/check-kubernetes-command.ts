import { Command, Option } from "commander";
import { PlimsollError } from "../../../model/error.ts";
import { kubernetesAccess, type PlaceFlags } from "../scan/workload-places.ts";
import type { Outcome } from "../terminal/exit-code.ts";
import { addCheckOptions, type CheckFlags, checkPolicy, printChecks } from "./check-options.ts";
import { contextOption, kubeconfigOption, namespaceOption } from "./cluster-options.ts";
import { addFactsOptions, type FactsFlags, saveFacts } from "./facts-options.ts";

interface KubernetesFlags extends CheckFlags, FactsFlags, PlaceFlags {
  readonly part: "node" | "cluster" | "both";
  readonly definitions?: string;
  readonly benchmark?: string;
  readonly kubernetesVersion?: string;
}

/** `plimsoll check kubernetes`. */
export function checkKubernetesCommand(signal: AbortSignal, outcome: Outcome): Command {
  const command = new Command("kubernetes")
    .summary("check a Kubernetes node and its cluster")
    .description("Check a Kubernetes node through its files and processes, and a cluster through its API.")
    .addOption(
      new Option("--part <part>", "part to check")
        .choices(["node", "cluster", "both"])
        .default("both", "what is present"),
    )
    .addOption(kubeconfigOption())
    .addOption(contextOption("kubeconfig context to use").hideHelp())
    .addOption(namespaceOption().hideHelp())
    .addOption(
      new Option("--definitions <dir>", "evaluate kube-bench's files instead of built-in checks").conflicts([
        "facts",
        "save",
        "kubeconfig",
        "context",
        "namespace",
      ]),
    )
    .addOption(new Option("--benchmark <name>", "with --definitions: the folder to evaluate").hideHelp())
    .addOption(
      new Option("--kubernetes-version <version>", "selects the benchmark, or the folder in --definitions").hideHelp(),
    );
  return addCheckOptions(addFactsOptions(command))
    .addHelpText(
      "before",
      ["Examples:", "  sudo plimsoll check kubernetes --part node --save node.json", ""].join("\n"),
    )
    .action(async (flags: KubernetesFlags) => {
      requireUse(flags);
      const policy = await checkPolicy(flags);
      if (flags.definitions !== undefined) {
        const { checkDefinitions } = await import("../../../pipeline/check/check-definitions.ts");
        const { root, benchmark, kubernetesVersion } = flags;
        const report = await checkDefinitions(flags.definitions, {
          ...(root !== undefined && { root }),
          ...(benchmark !== undefined && { benchmark }),
          ...(kubernetesVersion !== undefined && { kubernetesVersion }),
          policy,
          signal,
        });
        await printChecks(report, flags, outcome);
        return;
      }
      const { checkKubernetes, kubernetesFacts } = await import("../../../pipeline/check/check-kubernetes.ts");
      const collected = await kubernetesFacts({
        ...(flags.facts !== undefined && { factsFile: flags.facts }),
        ...(flags.root !== undefined && { root: flags.root }),
        part: flags.part,
        cluster: kubernetesAccess(flags),
        now: new Date(),
        signal,
      });
      await saveFacts(collected, flags.save);
      const { kubernetesVersion: version } = flags;
      await printChecks(
        checkKubernetes(collected, policy, { ...(version !== undefined && { version }) }),
        flags,
        outcome,
      );
    });
}

/**
 * Refuses options that the part which is looked at has no use for: whoever gives them expects something else. Error:
 * `usage`.
 */
function requireUse(flags: KubernetesFlags): void {
  const { part, benchmark, definitions, kubeconfig, context, namespace, root } = flags;
  const ofCluster = { kubeconfig, context, namespace };
  const useless = Object.entries(part === "node" ? ofCluster : part === "cluster" ? { root } : {});
  const [given] = useless.find(([, value]) => value !== undefined) ?? [];
  if (given !== undefined) {
    throw new PlimsollError("usage", `--${given} has no effect with --part ${part}`, {
      hint: "Remove --part to check the node and its cluster.",
    });
  }
  if (benchmark !== undefined && definitions === undefined) {
    throw new PlimsollError("usage", "--benchmark has no effect without --definitions", {
      hint: "For the built-in checks, the cluster's version or --kubernetes-version selects the benchmark.",
    });
  }
}

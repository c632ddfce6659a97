import { Command, Option } from "commander";
import type { Outcome } from "../terminal/exit-code.ts";
import { SuggestingOption } from "../terminal/suggesting-option.ts";
import {
  addCheckOptions,
  addInlineWaiverOption,
  type CheckFlags,
  checkPolicy,
  customChecks,
  printChecks,
} from "./check-options.ts";

interface ManifestFlags extends CheckFlags {
  readonly pss?: string;
  readonly allowOtherFiles?: boolean;
}

/** `plimsoll check manifests`. */
export function checkManifestsCommand(signal: AbortSignal, outcome: Outcome): Command {
  const command = new Command("manifests")
    .summary("check Kubernetes manifests and Compose files")
    .description("Check Kubernetes manifests and Compose files: Pod Security Standards and more.")
    .argument("<path...>", "files, folders, or - for stdin")
    .addOption(
      new SuggestingOption("--pss <standard>", {
        description: "baseline, restricted or privileged; add a version with @: restricted@1.29",
        suggestions: ["baseline", "restricted", "privileged"],
      }).default("baseline"),
    )
    .addOption(
      new Option("--allow-other-files", "accept files without Kubernetes objects or Compose files").hideHelp(),
    );
  return addInlineWaiverOption(addCheckOptions(command))
    .addHelpText(
      "before",
      [
        "Examples:",
        "  plimsoll check manifests deploy/ --pss restricted",
        "  kustomize build . | plimsoll check manifests - --fail-on high",
        "",
      ].join("\n"),
    )
    .action(async (paths: readonly string[], flags: ManifestFlags) => {
      const [{ checkManifests }, { standardInput }] = await Promise.all([
        import("../../../pipeline/check/check-manifests.ts"),
        import("../../../io/files/standard-input.ts"),
      ]);
      const report = await checkManifests(paths, {
        ...(flags.pss !== undefined && { podSecurity: flags.pss }),
        allowsOtherFiles: flags.allowOtherFiles ?? false,
        stdin: paths.includes("-") ? standardInput() : process.stdin,
        custom: await customChecks(flags),
        searchPath: process.env["PATH"] ?? "",
        signal,
        policy: await checkPolicy(flags),
      });
      await printChecks(report, flags, outcome);
    });
}

import { Command } from "commander";
import type { Outcome } from "../terminal/exit-code.ts";
import {
  addCheckOptions,
  addInlineWaiverOption,
  type CheckFlags,
  checkPolicy,
  customChecks,
  printChecks,
} from "./check-options.ts";

/** `plimsoll check dockerfile`. */
export function checkDockerfileCommand(signal: AbortSignal, outcome: Outcome): Command {
  const command = new Command("dockerfile")
    .summary("check Dockerfiles")
    .description("Check Dockerfiles: users, secrets, base images, downloads and builds.")
    .argument("<path...>", "files, folders, or - for stdin")
    .option("--target <stage>", "stage to build (default: every stage that no other stage uses)");
  return addInlineWaiverOption(addCheckOptions(command))
    .addHelpText(
      "before",
      "Examples:\n  plimsoll check dockerfile .\n  plimsoll check dockerfile Dockerfile --fail-on high\n",
    )
    .action(async (paths: readonly string[], flags: CheckFlags & { readonly target?: string }) => {
      const [{ checkDockerfiles }, { standardInput }] = await Promise.all([
        import("../../../pipeline/check/check-dockerfiles.ts"),
        import("../../../io/files/standard-input.ts"),
      ]);
      const report = await checkDockerfiles(paths, {
        stdin: paths.includes("-") ? standardInput() : process.stdin,
        ...(flags.target !== undefined && { target: flags.target }),
        custom: await customChecks(flags),
        policy: await checkPolicy(flags),
        searchPath: process.env["PATH"] ?? "",
        signal,
      });
      await printChecks(report, flags, outcome);
    });
}

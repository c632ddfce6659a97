import { Command } from "commander";
import { outputsOption } from "../options/output-option.ts";
import { addTargetOptions, type TargetFlags, targetOptions } from "../scan/target-options.ts";
import type { Outcome } from "../terminal/exit-code.ts";
import { addJudgingOptions, type CheckFlags, checkPolicy, customChecks, printChecks } from "./check-options.ts";

/** `plimsoll check image`. */
export function checkImageCommand(signal: AbortSignal, outcome: Outcome): Command {
  const command = new Command("image")
    .summary("check how an image is configured")
    .description("Check an image: users, secrets, history, set-uid and writable files, health.")
    .argument("<target>", "as for scan");
  return addTargetOptions(addJudgingOptions(command), outputsOption())
    .addHelpText("before", "Examples:\n  plimsoll check image nginx:1.27 --fail-on high\n")
    .action(async (target: string, flags: CheckFlags & TargetFlags) => {
      const { checkImage } = await import("../../../pipeline/check/check-image.ts");
      const options = await targetOptions(flags, signal);
      await printChecks(
        await checkImage(target, {
          ...options,
          custom: await customChecks(flags),
          policy: await checkPolicy(flags),
        }),
        flags,
        outcome,
      );
    });
}

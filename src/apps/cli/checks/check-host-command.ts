import { Command } from "commander";
import type { Outcome } from "../terminal/exit-code.ts";
import { addCheckOptions, type CheckFlags, checkPolicy, customChecks, printChecks } from "./check-options.ts";
import { addMachineOptions, facts, type MachineFlags } from "./facts-options.ts";

/** `plimsoll check host`. */
export function checkHostCommand(signal: AbortSignal, outcome: Outcome): Command {
  const command = new Command("host")
    .summary("check a container host")
    .description("Check a container host: kernel, isolation, audit, accounts, files, runtimes.");
  return addCheckOptions(addMachineOptions(command))
    .addHelpText(
      "before",
      [
        "Examples:",
        "  sudo plimsoll check host",
        "  sudo plimsoll check host --save node-7.json",
        "  plimsoll check host --facts node-7.json --fail-on high",
        "",
      ].join("\n"),
    )
    .action(async (flags: CheckFlags & MachineFlags) => {
      const collected = await facts(flags, { withEngine: false, signal });
      const { checkHost } = await import("../../../pipeline/check/check-host.ts");
      await printChecks(
        checkHost(collected, { policy: await checkPolicy(flags), custom: await customChecks(flags) }),
        flags,
        outcome,
      );
    });
}

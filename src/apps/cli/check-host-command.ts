import { Command } from "commander";
import { addCheckOptions, type CheckFlags, checkPolicy, customChecks, printChecks } from "./check-options.ts";
import type { Outcome } from "./exit-code.ts";
import {
  addFactsOptions,
  addRuntimeAdvisoryOption,
  type FactsFlags,
  facts,
  factsWithAdvisories,
  type RuntimeAdvisoryFlags,
} from "./facts-options.ts";

/** `plimsoll check host`. */
export function checkHostCommand(signal: AbortSignal, outcome: Outcome): Command {
  const command = new Command("host")
    .summary("check a container host")
    .description("Check a container host: kernel, isolation, audit, accounts, files, runtimes.");
  return addCheckOptions(addRuntimeAdvisoryOption(addFactsOptions(command)))
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
    .action(async (flags: CheckFlags & FactsFlags & RuntimeAdvisoryFlags) => {
      const collected = await facts(flags, { withEngine: false, signal });
      const judged = await factsWithAdvisories(collected, flags);
      const { checkHost } = await import("../../pipeline/check/check-host.ts");
      printChecks(
        checkHost(judged, { policy: await checkPolicy(flags), custom: await customChecks(flags) }),
        flags,
        outcome,
      );
    });
}

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

/** `plimsoll check docker`. */
export function checkDockerCommand(signal: AbortSignal, outcome: Outcome): Command {
  const command = new Command("docker")
    .summary("check a Docker Engine, its host and its containers")
    .description("Check a Docker Engine: daemon, files, audit, images, containers, swarm.");
  return addCheckOptions(addRuntimeAdvisoryOption(addFactsOptions(command)))
    .addHelpText(
      "before",
      [
        "Examples:",
        "  sudo plimsoll check docker",
        "  sudo plimsoll check docker --fail-on high --waivers waivers.yaml",
        "  plimsoll check docker --only 'docker/container-*'",
        "",
      ].join("\n"),
    )
    .addHelpText("after", "\nThe engine is that of DOCKER_HOST or the context in use, else this machine's.")
    .action(async (flags: CheckFlags & FactsFlags & RuntimeAdvisoryFlags) => {
      const collected = await facts(flags, { withEngine: true, signal });
      const judged = await factsWithAdvisories(collected, flags);
      const { checkDocker } = await import("../../pipeline/check/check-docker.ts");
      const contentTrust = flags.facts === undefined ? process.env["DOCKER_CONTENT_TRUST"] === "1" : undefined;
      printChecks(
        checkDocker(judged, {
          policy: await checkPolicy(flags),
          custom: await customChecks(flags),
          contentTrust,
        }),
        flags,
        outcome,
      );
    });
}

import { Command } from "commander";
import type { Outcome } from "../terminal/exit-code.ts";
import { addCheckOptions, type CheckFlags, checkPolicy, customChecks, printChecks } from "./check-options.ts";
import { addMachineOptions, facts, type MachineFlags } from "./facts-options.ts";

/** `plimsoll check docker`. */
export function checkDockerCommand(signal: AbortSignal, outcome: Outcome): Command {
  const command = new Command("docker")
    .summary("check a Docker Engine, its host and its containers")
    .description("Check a Docker Engine: daemon, files, audit, images, containers, swarm.");
  return addCheckOptions(addMachineOptions(command))
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
    .addHelpText("after", "\nDOCKER_HOST or the current context selects the engine (default: the local one).")
    .action(async (flags: CheckFlags & MachineFlags) => {
      const collected = await facts(flags, { withEngine: true, signal });
      const { checkDocker } = await import("../../../pipeline/check/check-docker.ts");
      const contentTrust = flags.facts === undefined ? process.env["DOCKER_CONTENT_TRUST"] === "1" : undefined;
      await printChecks(
        checkDocker(collected, {
          policy: await checkPolicy(flags),
          custom: await customChecks(flags),
          contentTrust,
        }),
        flags,
        outcome,
      );
    });
}

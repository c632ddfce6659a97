import { Command } from "commander";
import type { Outcome } from "../terminal/exit-code.ts";
import { checkDockerCommand } from "./check-docker-command.ts";
import { checkDockerfileCommand } from "./check-dockerfile-command.ts";
import { checkExplainCommand } from "./check-explain-command.ts";
import { checkHostCommand } from "./check-host-command.ts";
import { checkImageCommand } from "./check-image-command.ts";
import { checkKubernetesCommand } from "./check-kubernetes-command.ts";
import { checkListCommand } from "./check-list-command.ts";
import { checkManifestsCommand } from "./check-manifests-command.ts";

/** `plimsoll check` with its commands. */
export function checkCommand(signal: AbortSignal, outcome: Outcome): Command {
  return new Command("check")
    .summary("find misconfiguration")
    .description("Find misconfiguration in files, engines, hosts and clusters.")
    .addHelpText(
      "before",
      ["Examples:", "  plimsoll check manifests deploy/ --fail-on high", "  sudo plimsoll check docker", ""].join("\n"),
    )
    .addCommand(checkManifestsCommand(signal, outcome))
    .addCommand(checkDockerfileCommand(signal, outcome))
    .addCommand(checkImageCommand(signal, outcome))
    .addCommand(checkDockerCommand(signal, outcome))
    .addCommand(checkHostCommand(signal, outcome))
    .addCommand(checkKubernetesCommand(signal, outcome))
    .addCommand(checkListCommand())
    .addCommand(checkExplainCommand());
}

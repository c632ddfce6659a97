import type { Evidence } from "../../model/checks/check.ts";
import type { CheckDescription } from "../check.ts";
import { type DockerfileCheck, dockerfileCheck } from "./dockerfile-check.ts";
import type { ReadDockerfile, RunStep } from "./read-dockerfile.ts";
import type { RunCommand } from "./shell/run-commands.ts";

/** Something in a `RUN` that makes a check fail. */
export interface RunFinding {
  /** The command that it is about. */
  readonly command?: RunCommand;
  readonly evidence: readonly Evidence[];
  readonly reason?: string;
}

/** Makes a check of every `RUN`; `shippedOnly` leaves out stages that ship only copied files. */
export function runCheck(
  description: CheckDescription,
  look: (run: RunStep, dockerfile: ReadDockerfile) => Iterable<RunFinding>,
  { shippedOnly = false }: { readonly shippedOnly?: boolean } = {},
): DockerfileCheck {
  return dockerfileCheck(description, {
    applies: ({ runs, shipped }) => runs.some(({ stage }) => !shippedOnly || shipped.has(stage)),
    *find(dockerfile) {
      for (const run of dockerfile.runs) {
        const { stage, step } = run;
        if (shippedOnly && !dockerfile.shipped.has(stage)) continue;
        for (const { command, ...finding } of look(run, dockerfile)) {
          const line = command === undefined ? {} : { line: command.line };
          yield { instruction: step.instruction, ...line, stage, ...finding };
        }
      }
    },
  });
}

/** Makes a check of every command of every `RUN`; `look` tells the words that are wrong. */
export function commandCheck(
  description: CheckDescription,
  look: (command: RunCommand, run: RunStep) => string | undefined,
  expected?: string,
): DockerfileCheck {
  return runCheck(description, function* (run) {
    for (const command of run.commands) {
      const value = look(command, run);
      if (value === undefined) continue;
      yield {
        command,
        evidence: [
          {
            subject: "RUN",
            value,
            ...(expected === undefined ? {} : { expected }),
          },
        ],
      };
    }
  });
}

/**
 * True when a mount of a `RUN` keeps a folder out of the image: a cache or a file system in memory there or above it.
 */
export function isMounted({ step }: RunStep, folder: string): boolean {
  return step.instruction.flags.some((flag) => {
    if (!flag.startsWith("--mount=")) return false;
    const options = flag.slice("--mount=".length).split(",");
    if (!options.includes("type=cache") && !options.includes("type=tmpfs")) return false;
    const target = options.map((option) => /^(?:target|dst|destination)=(.+)$/.exec(option)?.[1]).find(Boolean);
    return target !== undefined && (folder === target || folder.startsWith(`${target.replace(/\/$/, "")}/`));
  });
}

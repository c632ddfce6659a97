import { Command } from "commander";
import { printable } from "../../../reporters/terminal-text.ts";
import { collectValues } from "../options/collect-values.ts";
import { formatOption } from "../options/format-option.ts";
import { ExitCode, type Outcome } from "../terminal/exit-code.ts";
import { writeJson, writeOut } from "../terminal/output.ts";
import { addTargetOptions, type TargetFlags, targetWish } from "./profile-options.ts";

interface SimulateFlags extends TargetFlags {
  readonly name?: string;
  readonly trace: readonly string[];
  readonly format: "text" | "json";
}

/** `plimsoll profile simulate`. */
export function profileSimulateCommand(signal: AbortSignal, outcome: Outcome): Command {
  const command = new Command("simulate")
    .summary("show calls that a profile would deny")
    .description("Show which system calls of a trace a seccomp profile would deny, and with which error.")
    .argument("<file>", "the profile")
    .requiredOption(
      "--trace <file>",
      "output of strace -f -o, an audit log, or ftrace's sys_enter; - is stdin; repeatable",
      collectValues((value) => value),
    )
    .option("--name <name>", "the profile, in a file with several");
  return addTargetOptions(command)
    .addOption(formatOption(["text", "json"]))
    .addHelpText(
      "before",
      "Examples:\n  strace -f -o trace.txt nginx\n  plimsoll profile simulate seccomp.json --trace trace.txt\n",
    )
    .addHelpText("after", "\nExit codes: 0 nothing denied, 1 calls denied, 3 not known from this trace.")
    .action(async (file: string, { format, name, trace: traces, ...flags }: SimulateFlags) => {
      const { simulateProfile } = await import("../../../pipeline/profiles/simulate-profile.ts");
      const simulation = await simulateProfile({ file, name, traces }, { wish: targetWish(flags), signal });
      if (format === "json") writeJson(simulation);
      else {
        const { calls, otherLines, unknownNames, denied, unknown, answers } = simulation;
        for (const { outcome: kind, syscall, abi, answer, reason, count, line, pid, command: program } of answers) {
          const first = [
            `line ${line}`,
            ...(pid === undefined ? [] : [`process ${pid}`]),
            ...(program ? [program] : []),
          ];
          const state = { denied: "denied", logged: "logged", unknown: "unknown" }[kind];
          writeOut(
            `${state.padEnd(7)} ${syscall} (${abi}): ${answer}, ${reason}; ${count} times, first: ${printable(first.join(", "))}\n`,
          );
        }
        if (unknownNames.length > 0) writeOut(`unknown names: ${printable(unknownNames.join(", "))}\n`);
        writeOut(`${calls} calls: ${denied} denied, ${unknown} unknown; ${otherLines} other lines\n`);
      }
      if (simulation.denied > 0) outcome.exitCode = ExitCode.denied;
      else if (simulation.unknown > 0 || simulation.calls === 0) outcome.exitCode = ExitCode.incomplete;
    });
}

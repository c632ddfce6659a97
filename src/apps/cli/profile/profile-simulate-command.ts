import { Command } from "commander";
import { printable } from "../../../reporters/terminal-text.ts";
import { collectValues } from "../options/collect-values.ts";
import { formatOption } from "../options/format-option.ts";
import { ExitCode, type Outcome } from "../terminal/exit-code.ts";
import { writeJson, writeOut } from "../terminal/output.ts";
import { addTargetOptions, baseOption, type TargetFlags, targetWish } from "./profile-options.ts";

interface SimulateFlags extends TargetFlags {
  readonly name?: string;
  readonly base?: string;
  readonly trace: readonly string[];
  readonly format: "text" | "json";
}

/** `plimsoll profile simulate`. */
export function profileSimulateCommand(signal: AbortSignal, outcome: Outcome): Command {
  const command = new Command("simulate")
    .summary("show what a profile would deny")
    .description("Show which system calls of a trace, or which accesses of a log, a profile would deny.")
    .argument("<file>", "a seccomp or AppArmor profile")
    .requiredOption(
      "--trace <file>",
      "output of strace -f -o, an audit or kernel log, or ftrace's sys_enter; - is stdin; repeatable",
      collectValues((value) => value),
    )
    .option("--name <name>", "the profile, in a file with several")
    .addOption(baseOption());
  return addTargetOptions(command)
    .addOption(formatOption(["text", "json"]))
    .addHelpText(
      "before",
      [
        "Examples:",
        "  plimsoll profile simulate seccomp.json --trace strace.txt",
        "  journalctl -k -o json | plimsoll profile simulate docker-web --trace -",
        "",
      ].join("\n"),
    )
    .addHelpText("after", "\nExit codes: 0 nothing denied, 1 calls denied, 3 not known from this trace.")
    .action(async (file: string, { format, name, base, trace: traces, ...flags }: SimulateFlags) => {
      const { simulateProfile } = await import("../../../pipeline/profiles/simulate-profile.ts");
      const result = await simulateProfile({ file, name, base, traces }, { wish: targetWish(flags), signal });
      const { denied, unknown } = result.simulation;
      if (format === "json") writeJson(result.simulation);
      else {
        const lines = result.kind === "seccomp" ? callLines(result.simulation) : accessLines(result.simulation);
        for (const line of lines) writeOut(`${printable(line)}\n`);
      }
      const examined = result.kind === "seccomp" ? result.simulation.calls : result.simulation.accesses;
      if (denied > 0) outcome.exitCode = ExitCode.denied;
      else if (unknown > 0 || examined === 0) outcome.exitCode = ExitCode.incomplete;
    });
}

type Result = Awaited<ReturnType<typeof import("../../../pipeline/profiles/simulate-profile.ts").simulateProfile>>;
type CallSimulation = Extract<Result, { kind: "seccomp" }>["simulation"];
type AccessSimulation = Extract<Result, { kind: "apparmor" }>["simulation"];

function* callLines(simulation: CallSimulation): Generator<string> {
  const { calls, otherLines, unknownNames, denied, unknown, answers } = simulation;
  for (const { outcome: kind, syscall, abi, answer, reason, count, line, pid, command: program } of answers) {
    const first = [`line ${line}`, ...(pid === undefined ? [] : [`process ${pid}`]), ...(program ? [program] : [])];
    yield `${kind.padEnd(7)} ${syscall} (${abi}): ${answer}, ${reason}; ${count} times, first: ${first.join(", ")}`;
  }
  if (unknownNames.length > 0) yield `unknown names: ${unknownNames.join(", ")}`;
  yield `${calls} calls: ${denied} denied, ${unknown} unknown; ${otherLines} other lines`;
}

function* accessLines({ accesses, denied, unknown, skipped, answers }: AccessSimulation): Generator<string> {
  for (const { answer, access, rule, place, event } of answers) {
    if (answer === "allowed") continue;
    const where = place?.file === undefined ? `line ${place?.line} of the profile` : `${place.file}:${place.line}`;
    const denying = rule === undefined ? "no rule allows it" : `${where}: ${rule}`;
    const reason = answer === "unknown" ? "this kind of access is not simulated" : denying;
    const program = event.program === undefined ? "" : `, ${event.program}`;
    yield `${answer.padEnd(7)} ${access}: ${reason}; ${event.count} times, first: line ${event.line}${program}`;
  }
  yield `${accesses} accesses: ${denied} denied, ${unknown} unknown; ${skipped} other AppArmor messages`;
}

import { Command } from "commander";
import { printable } from "../../../reporters/terminal-text.ts";
import { formatOption } from "../options/format-option.ts";
import { writeJson, writeOut } from "../terminal/output.ts";
import { addTargetOptions, type TargetFlags, targetWish } from "./profile-options.ts";

interface ExplainFlags extends Omit<TargetFlags, "runtime"> {
  readonly name?: string;
  readonly format: "text" | "json";
}

/** `plimsoll profile explain`. */
export function profileExplainCommand(): Command {
  const command = new Command("explain")
    .summary("show the answer to a system call")
    .description(
      "Show what a seccomp profile answers to a system call, the rule behind it, and rules that do not apply.",
    )
    .argument("<file>", "the profile; - is stdin")
    .argument("<call...>", "name or x86-64 number of a system call, then its arguments as numbers")
    .option("--name <name>", "the profile, in a file with several");
  addTargetOptions(command);
  return withoutRuntime(command)
    .addOption(formatOption(["text", "json"]))
    .addHelpText(
      "before",
      "Examples:\n  plimsoll profile explain seccomp.json clone3\n  plimsoll profile explain seccomp.json socket 38 5 0\n",
    )
    .action(
      async (file: string, [syscall = "", ...args]: readonly string[], { format, name, ...flags }: ExplainFlags) => {
        const { explainProfile } = await import("../../../pipeline/profiles/examine-profile.ts");
        const wish = targetWish({ ...flags, runtime: "runc" });
        const explanation = await explainProfile({ file, name, syscall, args }, wish);
        if (format === "json") return writeJson(explanation);
        for (const line of explanationLines(explanation)) writeOut(`${printable(line)}\n`);
      },
    );
}

/** The answers of both runtimes are shown. */
function withoutRuntime(command: Command): Command {
  const index = command.options.findIndex((option) => option.long === "--runtime");
  (command.options as unknown[]).splice(index, 1);
  return command;
}

type Explanation = Awaited<ReturnType<typeof import("../../../pipeline/profiles/examine-profile.ts").explainProfile>>;

function* explanationLines({ syscall, firstKernel, runtimes, rules, isOff }: Explanation): Generator<string> {
  if (isOff) {
    yield `${syscall}: ALLOW (the profile has no default action: containers run without seccomp)`;
    return;
  }
  yield firstKernel === undefined ? syscall : `${syscall} (since Linux ${firstKernel})`;
  for (const [index, own] of runtimes.runc.entries()) {
    const number = own.number === undefined ? "" : ` ${own.number}`;
    for (const { when, answer, rule } of own.cases) {
      yield `  ${`${own.abi}${number}`.padEnd(16)} ${answer} if ${when} (rule ${rule})`;
    }
    yield `  ${`${own.abi}${number}`.padEnd(16)} ${own.answer}${own.number === undefined ? "" : ` (${own.reason})`}`;
    const crun = runtimes.crun[index];
    if (crun && crun.answer !== own.answer) yield `  ${"".padEnd(16)} ${crun.answer} with crun (${crun.reason})`;
  }
  if (rules.length > 0) yield "Rules:";
  for (const { rule, text, dropped } of rules) {
    yield `  rule ${rule}: ${text}${dropped === undefined ? "" : ` (does not apply: ${dropped})`}`;
  }
}

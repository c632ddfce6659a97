import { Command } from "commander";
import { printable } from "../../../reporters/terminal-text.ts";
import { formatOption } from "../options/format-option.ts";
import { writeJson, writeOut } from "../terminal/output.ts";
import { addTargetOptions, baseOption, type TargetFlags, targetWish } from "./profile-options.ts";

interface ExplainFlags extends Omit<TargetFlags, "runtime"> {
  readonly name?: string;
  readonly base?: string;
  readonly format: "text" | "json";
}

/** `plimsoll profile explain`. */
export function profileExplainCommand(): Command {
  const command = new Command("explain")
    .summary("show the answer to a call or an access")
    .description(
      "Show what a profile answers, and the rule behind it: seccomp to a system call, AppArmor to a path or access.",
    )
    .argument("<file>", "the profile; - is stdin")
    .argument("<query...>", "system call and its arguments, or path, capability NAME, network FAMILY TYPE…")
    .option("--name <name>", "the profile, in a file with several");
  addTargetOptions(command).addOption(baseOption());
  return withoutRuntime(command)
    .addOption(formatOption(["text", "json"]))
    .addHelpText(
      "before",
      [
        "Examples:",
        "  plimsoll profile explain seccomp.json socket 38 5 0",
        "  plimsoll profile explain docker-web /etc/shadow",
        "  plimsoll profile explain docker-web capability net_raw",
        "  plimsoll profile explain docker-web mount /mnt source=/dev/sda fstype=ext4",
        "",
      ].join("\n"),
    )
    .action(async (file: string, words: readonly string[], { format, name, base, ...flags }: ExplainFlags) => {
      const { explainProfile } = await import("../../../pipeline/profiles/examine-profile.ts");
      const wish = targetWish({ ...flags, runtime: "runc" });
      const answer = await explainProfile({ file, name, words, base }, wish);
      if (format === "json") return writeJson(answer.explanation);
      const lines = answer.kind === "seccomp" ? explanationLines(answer.explanation) : accessLines(answer.explanation);
      for (const line of lines) writeOut(`${printable(line)}\n`);
    });
}

/** The answers of both runtimes are shown. */
function withoutRuntime(command: Command): Command {
  const index = command.options.findIndex((option) => option.long === "--runtime");
  (command.options as unknown[]).splice(index, 1);
  return command;
}

type Answer = Awaited<ReturnType<typeof import("../../../pipeline/profiles/examine-profile.ts").explainProfile>>;
type Explanation = Extract<Answer, { kind: "seccomp" }>["explanation"];
type AccessExplanation = Extract<Answer, { kind: "apparmor" }>["explanation"];

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

const owners: Readonly<Record<"own" | "other", string>> = { own: " (own files)", other: " (files of others)" };

function* accessLines({ profile, mode, answers }: AccessExplanation): Generator<string> {
  yield mode === undefined ? `profile ${profile}` : `profile ${profile} (${mode} mode: denied means logged only)`;
  const accesses = answers.map(({ access, owner }) => `${access}${owner === undefined ? "" : owners[owner]}`);
  const width = Math.max(...accesses.map(({ length }) => length));
  for (const [index, { allowed, logged, rule, execution }] of answers.entries()) {
    const audit = logged === allowed ? (allowed ? ", logged" : ", not logged") : "";
    const how = execution === undefined ? "" : `, ${execution}`;
    const place = rule?.file === undefined ? `line ${rule?.line}` : `${rule.file}:${rule.line}`;
    const reason = rule === undefined ? "no rule allows it" : `${place}: ${rule.text}`;
    yield `  ${(accesses[index] ?? "").padEnd(width)}  ${allowed ? "allowed" : "denied"}${audit}${how} (${reason})`;
  }
}

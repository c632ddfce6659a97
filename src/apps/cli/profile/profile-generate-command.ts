import { arch } from "node:os";
import { Command, Option } from "commander";
import { collectValues } from "../options/collect-values.ts";
import { type OutputFlags, oneOutput, outputOption } from "../options/output-option.ts";
import { writeNote, writePieces } from "../terminal/output.ts";
import { forOption, type ProfileUserFlag } from "./profile-options.ts";

interface GenerateFlags extends OutputFlags {
  readonly trace: readonly string[];
  readonly for: ProfileUserFlag;
  readonly name: string;
  readonly enforce?: boolean;
  readonly arch?: string;
}

/** `plimsoll profile generate`. */
export function profileGenerateCommand(signal: AbortSignal): Command {
  return new Command("generate")
    .summary("make a profile from recorded runs")
    .description("Make a seccomp profile that allows what recorded runs did. It logs all other calls, until --enforce.")
    .addOption(
      new Option("--trace <file>", "a run: strace -f -o, an audit log, or ftrace; repeatable")
        .argParser(collectValues((value) => value))
        .makeOptionMandatory(),
    )
    .option("--enforce", "deny all other calls instead of logging them")
    .addOption(forOption())
    .option("--name <name>", "name of the operator's resource", "generated")
    .option("--arch <name>", "architecture of the runs: amd64, arm64, 386, arm (default: of this machine)")
    .addOption(outputOption())
    .addHelpText(
      "before",
      [
        "Examples:",
        "  strace -f -o run1.txt nginx",
        "  plimsoll profile generate --trace run1.txt --output nginx.json",
        "",
      ].join("\n"),
    )
    .action(async ({ trace: traces, enforce, for: user, name, arch: architecture, ...flags }: GenerateFlags) => {
      const output = oneOutput(flags);
      const { generateFromTraces } = await import("../../../pipeline/profiles/make-profile.ts");
      const { text, remarks, steps } = await generateFromTraces(
        { traces, mode: enforce ? "enforce" : "log", form: { user, name } },
        { architecture: architecture ?? arch(), signal },
      );
      writePieces([text], output);
      for (const remark of remarks) writeNote(remark);
      for (const step of steps(output ?? "FILE")) writeNote(step);
    });
}

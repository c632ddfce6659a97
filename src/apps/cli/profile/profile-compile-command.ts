import { Command } from "commander";
import { formatOption } from "../options/format-option.ts";
import { type OutputFlags, oneOutput, outputOption } from "../options/output-option.ts";
import { writeNote, writePieces } from "../terminal/output.ts";
import { addTargetOptions, type TargetFlags, targetWish } from "./profile-options.ts";

interface CompileFlags extends TargetFlags, OutputFlags {
  readonly name?: string;
  readonly format: "text" | "bpf";
}

/** `plimsoll profile compile`. */
export function profileCompileCommand(): Command {
  const command = new Command("compile")
    .summary("compile a profile to a BPF program")
    .description("Compile a seccomp profile to the program that the kernel runs, as text or as bytes.")
    .argument("<file>", "the profile; - is stdin")
    .option("--name <name>", "the profile, in a file with several");
  return addTargetOptions(command)
    .addOption(formatOption(["text", "bpf"]))
    .addOption(outputOption())
    .addHelpText(
      "before",
      "Examples:\n  plimsoll profile compile seccomp.json\n  plimsoll profile compile seccomp.json --format bpf --output filter.bpf\n",
    )
    .action(async (file: string, { format, name, ...flags }: CompileFlags) => {
      const output = oneOutput(flags);
      const { compileProfile } = await import("../../../pipeline/profiles/compare-profiles.ts");
      const { bytes, lines, instructions } = await compileProfile({ file, name }, targetWish(flags));
      writePieces(format === "bpf" ? [bytes] : withBreaks(lines()), output);
      if (output !== undefined) writeNote(`${instructions} instructions`);
    });
}

function* withBreaks(lines: Iterable<string>): Generator<string> {
  for (const line of lines) yield `${line}\n`;
}

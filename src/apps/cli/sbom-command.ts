import { Command, Option } from "commander";
import { harmlessJson } from "../../reporters/json.ts";
import { ExitCode, type Outcome } from "./exit-code.ts";
import { writeError, writeNote, writePieces } from "./output.ts";
import { ProgressLine } from "./progress-line.ts";
import { remarkOnCache } from "./remark-on-cache.ts";
import { addTargetOptions, type TargetFlags, targetOptions } from "./target-options.ts";

/** `plimsoll sbom TARGET`. */
export function sbomCommand(signal: AbortSignal, outcome: Outcome): Command {
  const command = new Command("sbom")
    .summary("list what is inside")
    .description("List what is inside an image, an archive or a folder.")
    .argument("<target>", "as for scan")
    .addOption(new Option("-f, --format <format>", "how to write it").choices(["cyclonedx"]).default("cyclonedx"));
  return addTargetOptions(command)
    .addHelpText("before", "Examples:\n  plimsoll sbom image.tar --output image.cdx.json\n")
    .action(async (target: string, flags: TargetFlags) => {
      const [{ examineTarget }, { unreadSentence }, { cyclonedx }] = await Promise.all([
        import("../../pipeline/scan/examine-target.ts"),
        import("../../pipeline/inventory/unread-files.ts"),
        import("../../reporters/cyclonedx.ts"),
      ]);
      using line = new ProgressLine(process.stderr, flags.quiet === true);
      const contents = await examineTarget(target, {
        ...(await targetOptions(flags, signal)),
        now: new Date(),
        progress: (progress) => line.scan(progress),
      });
      line[Symbol.dispose]();
      if (contents.layers.length > 0) remarkOnCache(flags);
      writePieces(harmless(cyclonedx(contents)), flags.output);
      for (const problem of contents.problems) writeError(`incomplete: ${problem.message}`);
      const unread = unreadSentence(contents.unread);
      if (unread !== undefined) writeNote(unread);
      const inPart = contents.layers.filter((layer) => layer.inPart).length;
      if (inPart > 0) writeNote(inPartNote(inPart), "--verify-digests reads all layers whole.");
      if (contents.problems.length > 0) outcome.exitCode = ExitCode.incomplete;
    });
}

function* harmless(pieces: Iterable<string>): Iterable<string> {
  for (const piece of pieces) yield harmlessJson(piece);
}

function inPartNote(layers: number): string {
  return `${layers === 1 ? "1 layer was" : `${layers} layers were`} read by the table of contents alone; its tar may hold more`;
}

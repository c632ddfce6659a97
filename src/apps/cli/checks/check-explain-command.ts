import { Command } from "commander";
import { formatOption } from "../options/format-option.ts";
import { hasColour, widthOf, writeJson, writePieces } from "../terminal/output.ts";

/** `plimsoll check explain ID`. */
export function checkExplainCommand(): Command {
  return new Command("explain")
    .summary("explain a built-in check")
    .description("Explain a built-in check: why it matters, how to fix a failure, and its ids in benchmarks.")
    .argument("<id>", "the id of the check, for example docker/container-privileged")
    .addOption(formatOption(["text", "json"]))
    .addHelpText("before", "Examples:\n  plimsoll check explain docker/container-privileged\n")
    .action(async (id: string, { format }: { readonly format: "text" | "json" }) => {
      const [{ describeCheck }, { checkExplanation }] = await Promise.all([
        import("../../../pipeline/check/check-catalogue.ts"),
        import("../../../reporters/check-explanation.ts"),
      ]);
      const check = describeCheck(id);
      const layout = { width: widthOf(process.stdout), colour: hasColour(process.stdout) };
      if (format === "json") writeJson(check);
      else writePieces(checkExplanation(check, layout), undefined);
    });
}

import { Command, InvalidArgumentError, Option } from "commander";
import { ExitCode, type Outcome } from "./exit-code.ts";
import { hasColour, widthOf, writeNote, writePieces } from "./output.ts";
import { addRuleOptions, type RuleFlags, ruleLoading } from "./rule-options.ts";

interface ExplainFlags extends RuleFlags {
  readonly capture: string;
  readonly event: number;
  readonly format: "text" | "json";
}

/** `plimsoll rules explain`. */
export function rulesExplainCommand(signal: AbortSignal, outcome: Outcome): Command {
  const command = new Command("explain")
    .summary("tell why a rule did or did not match an event")
    .description("Tell why a rule did or did not match an event: each part of its condition, and what it saw.")
    .argument("<rule>", "its name")
    .requiredOption("--capture <file>", "the capture with the event")
    .addOption(
      new Option("--event <number>", "its number, as `plimsoll events` prints")
        .argParser(readNumber)
        .makeOptionMandatory(),
    )
    .addOption(new Option("-f, --format <format>", "how to print").choices(["text", "json"]).default("text"));
  return addRuleOptions(command)
    .addHelpText(
      "before",
      'Examples:\n  plimsoll rules explain "Shell opened in a container" \\\n    --capture trace.scap --event 131\n',
    )
    .action(async (rule: string, flags: ExplainFlags) => {
      const [{ explainEvent }, { readValidRules }, { jsonText }, { ruleExplanationText }] = await Promise.all([
        import("../../pipeline/watch/explain-event.ts"),
        import("../../pipeline/watch/rule-files.ts"),
        import("../../reporters/json.ts"),
        import("../../reporters/rule-explanation.ts"),
      ]);
      const explanation = await explainEvent(readValidRules(ruleLoading(flags)), {
        rule,
        capture: flags.capture,
        event: flags.event,
        generation: flags.compat ?? "head",
        problem: ({ message }) => {
          outcome.exitCode = ExitCode.incomplete;
          writeNote(message);
        },
        signal,
      });
      const layout = { width: widthOf(process.stdout), colour: hasColour(process.stdout) };
      writePieces(
        flags.format === "json" ? jsonText(explanation) : ruleExplanationText(explanation, layout),
        undefined,
      );
    });
}

function readNumber(text: string): number {
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("Expected the number of an event.");
}

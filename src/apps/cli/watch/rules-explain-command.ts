import { Command, InvalidArgumentError, Option } from "commander";
import { lookUpAddresses } from "../../../io/http/look-up-addresses.ts";
import { PlimsollError } from "../../../model/error.ts";
import type { ExplainInput } from "../../../pipeline/watch/explain-event.ts";
import { isOffline } from "../environment.ts";
import { formatOption } from "../options/format-option.ts";
import { type JsonForm, jsonForms } from "../options/json-forms.ts";
import { ExitCode, type Outcome } from "../terminal/exit-code.ts";
import { hasColour, widthOf, writeNote, writePieces } from "../terminal/output.ts";
import { addRuleOptions, type RuleFlags, ruleLoading } from "./rule-options.ts";

interface ExplainFlags extends RuleFlags {
  readonly capture?: string;
  readonly k8sAuditFile?: string;
  readonly input?: JsonForm;
  readonly from: string;
  readonly event: number;
  readonly format: "text" | "json";
}

/** `plimsoll rules explain`. */
export function rulesExplainCommand(signal: AbortSignal, outcome: Outcome): Command {
  const command = new Command("explain")
    .summary("explain why a rule did or did not match an event")
    .description("Explain why a rule did or did not match an event: each part of its condition, with field values.")
    .argument("<rule>", "its name")
    .option("--capture <file>", "the capture with the event; - is stdin")
    .option("--k8s-audit-file <path>", "Kubernetes audit log (file or folder) with the event")
    .addOption(new Option("--input <form>", "JSON from another program on stdin").choices(jsonForms))
    .addOption(new Option("--from <file>", "with --input: read a file instead of stdin").default("-").hideHelp())
    .addOption(
      new Option("--event <number>", "number of the event in the input, from 1 (evt.num)")
        .argParser(readNumber)
        .makeOptionMandatory(),
    )
    .addOption(formatOption(["text", "json"]));
  return addRuleOptions(command)
    .addHelpText(
      "before",
      'Examples:\n  plimsoll rules explain "Interactive shell in a container" \\\n    --capture trace.scap --event 131\n',
    )
    .action(async (rule: string, flags: ExplainFlags) => {
      const [{ explainEvent }, { readValidRules }, { jsonText }, { ruleExplanationText }] = await Promise.all([
        import("../../../pipeline/watch/explain-event.ts"),
        import("../../../pipeline/watch/rule-files.ts"),
        import("../../../reporters/json.ts"),
        import("../../../reporters/rule-explanation.ts"),
      ]);
      const explanation = await explainEvent(readValidRules(ruleLoading(flags)), {
        rule,
        input: inputOf(flags),
        event: flags.event,
        generation: flags.compat ?? "head",
        domainNames: { ...(!isOffline(undefined) && { lookUp: lookUpAddresses }), note: writeNote },
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

function inputOf({ capture, k8sAuditFile, input, from }: ExplainFlags): ExplainInput {
  if ([capture, k8sAuditFile, input].filter((value) => value !== undefined).length !== 1) {
    throw new PlimsollError("usage", "expected exactly one input", {
      hint: "Give one of --capture FILE, --k8s-audit-file PATH, --input FORM.",
    });
  }
  if (capture !== undefined) return { kind: "capture", path: capture };
  if (k8sAuditFile !== undefined) return { kind: "k8s-audit-file", path: k8sAuditFile };
  return { kind: "json", path: from, format: input ?? "auto" };
}

function readNumber(text: string): number {
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("Expected an event number.");
}

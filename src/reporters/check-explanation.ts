import type { CheckMapping, CheckResult } from "../model/checks/check.ts";
import { frameworkTexts } from "./framework-text.ts";
import { severityStyles } from "./table-package.ts";
import { printable, renderLine, type Style, wrap } from "./terminal-text.ts";

/** What the explanation of a check shows. */
export interface ExplainedCheck {
  readonly id: string;
  /** The command that runs it, without the name of the program. */
  readonly command: string;
  readonly title: { readonly pass: string; readonly fail: string };
  readonly severity: CheckResult["severity"];
  readonly why: string;
  readonly remediation: string;
  readonly mappings: readonly CheckMapping[];
}

const labelWidth = 12;

/** A check in words, for a terminal. */
export function* checkExplanation(
  { id, command, title, severity, why, remediation, mappings }: ExplainedCheck,
  layout: { readonly width: number; readonly colour: boolean },
): Iterable<string> {
  yield* part("Check", [id], "bold");
  yield* part("Severity", [severity], severityStyles[severity]);
  yield* part("Fails as", [title.fail]);
  yield* part("Passes as", [title.pass]);
  yield* part("Why", [why]);
  yield* part("Fix", [remediation], "cyan");
  yield* part("Frameworks", frameworkTexts(mappings));
  yield* part("Command", [`plimsoll ${command}`]);

  function* part(label: string, texts: readonly string[], style: Style = "plain"): Iterable<string> {
    const lines = texts.flatMap((text) => wrap(printable(text), layout.width - labelWidth));
    for (const [index, line] of lines.entries()) {
      yield renderLine(
        [
          { text: (index === 0 ? label : "").padEnd(labelWidth), style: "bold" },
          { text: line, style },
        ],
        layout,
      );
    }
  }
}

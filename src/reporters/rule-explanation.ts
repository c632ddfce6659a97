import type { ConditionExplanation, RuleExplanation } from "../model/events/rule-explanation.ts";
import { clip, displayWidth, type Line, printable, renderLine, type Style } from "./terminal-text.ts";

/** How wide a line may be, and whether it has colour. */
export interface ExplanationLayout {
  readonly width: number;
  readonly colour: boolean;
}

/** The widest a part of a condition is printed, so that the values beside it have room. */
const widestPart = 56;

/** Why a rule did or did not match an event: its condition as a tree, each part with its result and what it saw. */
export function* ruleExplanationText(explanation: RuleExplanation, layout: ExplanationLayout): Iterable<string> {
  const { rule, priority, event, isMatch, remarks, condition, message } = explanation;
  const answer: Line = [
    { text: printable(rule), style: "bold" },
    { text: isMatch ? " matches event " : " does not match event ", style: isMatch ? "bold-green" : "bold-yellow" },
    { text: String(event.number), style: "bold" },
  ];
  const print = (line: Line): string => renderLine(line, layout);
  yield print(answer);
  for (const remark of remarks) yield print([{ text: printable(remark), style: "yellow" }]);
  yield "\n";
  yield print([{ text: clip(printable(event.line), layout.width), style: "dim" }]);
  yield "\n";
  const rows = [...treeRows(condition, { indent: "", rest: "" })];
  const column = Math.min(widestPart, Math.max(...rows.map(({ tree }) => displayWidth(tree))));
  for (const row of rows) yield print(lineOf(row, column));
  if (message === undefined) return;
  yield "\n";
  yield print([
    { text: `${priority} `, style: "bold" },
    { text: printable(message), style: "plain" },
  ]);
}

interface Row {
  readonly tree: string;
  readonly part: ConditionExplanation;
}

function* treeRows(part: ConditionExplanation, { indent, rest }: Record<"indent" | "rest", string>): Generator<Row> {
  const parts = part.parts ?? [];
  yield { tree: `${indent}${printable(parts.length > 0 ? part.kind : part.text)}`, part };
  for (const [index, child] of parts.entries()) {
    const isLast = index === parts.length - 1;
    yield* treeRows(child, { indent: `${rest}${isLast ? "└ " : "├ "}`, rest: `${rest}${isLast ? "  " : "│ "}` });
  }
}

function lineOf({ tree, part }: Row, column: number): Line {
  const shown = clip(tree, column);
  return [
    mark(part),
    {
      text: `  ${shown}${" ".repeat(column - displayWidth(shown))}  `,
      style: part.result === undefined ? "dim" : "plain",
    },
    { text: seen(part), style: "dim" },
  ];
}

function mark({ result }: ConditionExplanation): { text: string; style: Style } {
  if (result === undefined) return { text: "  -", style: "dim" };
  return result ? { text: "yes", style: "bold-green" } : { text: " no", style: "red" };
}

function seen({ kind, result, left, isMissing }: ConditionExplanation): string {
  if (kind !== "check") return "";
  if (result === undefined) return "not evaluated: the other parts decide";
  if (isMissing) return "no value";
  return (left ?? []).map((value) => (value === "" ? '""' : printable(value))).join(", ");
}

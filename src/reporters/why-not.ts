import type { WhyNot } from "../model/findings/why-not.ts";
import type { Contents, Report } from "../model/reports/report.ts";
import { found } from "./explain.ts";
import { findingLines, headingLines, originsIn, suppressedLines } from "./explain-finding.ts";
import { printable } from "./terminal-text.ts";

/** Where the answer was looked for. */
export type WhyNotContext = Pick<Contents, "layers" | "target"> & {
  readonly database?: Pick<Report["database"], "kind" | "parts" | "ecosystems">;
};

/**
 * Why a vulnerability is not reported, or, when it is, how; then a line for each reason about the other packages. Lines
 * of plain text; nothing in them can steer a terminal.
 */
export function* whyNotText({ id, findings, suppressed, reasons }: WhyNot, context: WhyNotContext): Iterable<string> {
  const where = {
    layers: context.layers,
    target: context.target,
    ...(context.database ? originsIn(context.database) : { parts: [] }),
  };
  const name = printable(id.trim());
  if (findings.length > 0) yield `${name} is reported.\n`;
  else if (suppressed.length > 0) yield `${name} is not reported, because of a statement about it.\n`;
  else yield `${name} is not reported.\n`;
  const all = [...findings, ...suppressed.map(({ finding }) => finding)];
  for (const named of Map.groupBy(all, (finding) => finding.id).values()) {
    yield "\n";
    yield* headingLines(named);
  }
  if (all.length > 0) yield `${found(findings.length, suppressed.length)}\n`;
  for (const finding of findings) {
    yield "\n";
    yield* findingLines(finding, where);
  }
  for (const one of suppressed) {
    yield "\n";
    yield* suppressedLines(one, where);
  }
  if (reasons.length > 0) yield "\n";
  for (const { text } of reasons) yield `${printable(text)}\n`;
}

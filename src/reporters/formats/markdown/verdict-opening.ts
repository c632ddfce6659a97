import type { Decision, Verdict } from "../../../model/reports/verdict.ts";
import { cell } from "./bounded-markdown.ts";

const words: Readonly<Record<Decision, string>> = {
  allowed: "✅ allowed",
  warned: "⚠️ allowed with warnings",
  denied: "❌ denied",
  "cannot-tell": "❔ cannot tell",
  "not-judged": "no policy",
};

/** The heading with the decision, and its reasons. */
export function verdictOpening(subject: string, { decision, reasons }: Verdict): string[] {
  return [`### Plimsoll: ${words[decision]}: ${cell(subject)}`, "", ...reasons.map((reason) => `- ${cell(reason)}`)];
}

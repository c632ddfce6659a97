import type { Decision, Verdict } from "../../../model/reports/verdict.ts";
import { decisionIcon } from "./icons.ts";
import { html, type Markup } from "./markup.ts";

/** A decision, or that there is none because nothing was scanned. */
export type Standing = Decision | "not-scanned";

/** The words for each decision. */
export const decisionWords: Readonly<Record<Standing, string>> = {
  allowed: "Allowed",
  warned: "Allowed with warnings",
  denied: "Denied",
  "cannot-tell": "Cannot tell",
  "not-judged": "No policy",
  "not-scanned": "Not scanned",
};

/** The verdict with its reasons, for the top of a page. */
export function verdictBanner({ decision, reasons }: Verdict): Markup {
  return html`<section class="verdict d-${decision}" aria-labelledby="verdict-heading">
${decisionIcon(decision)}<div><h2 id="verdict-heading"><span>Verdict:</span> ${decisionWords[decision]}</h2>
<ul>${reasons.map((reason) => html`<li>${reason}</li>`)}</ul></div>
</section>
`;
}

/** A decision in a cell: its picture and its word. */
export function decisionMark(decision: Standing): Markup {
  return html`<span class="decision d-${decision}">${decisionIcon(decision)}${decisionWords[decision]}</span>`;
}

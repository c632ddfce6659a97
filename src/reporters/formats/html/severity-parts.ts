import type { Severity } from "../../../model/findings/finding.ts";
import { readableNumber } from "../../../model/text/readable-number.ts";
import { severities } from "../../package-groups.ts";
import { html, type Markup, nothing } from "./markup.ts";

/** The number of findings of each severity that occurs. */
export type SeverityCounts = Readonly<Partial<Record<Severity, number>>>;

/** Counts things by their severity. */
export function countSeverities(things: Iterable<{ readonly severity: Severity }>): SeverityCounts {
  const counts: Partial<Record<Severity, number>> = {};
  for (const { severity } of things) counts[severity] = (counts[severity] ?? 0) + 1;
  return counts;
}

/** The sum of all severities. */
function totalOf(counts: SeverityCounts): number {
  return severities.reduce((sum, severity) => sum + (counts[severity] ?? 0), 0);
}

/** A severity as a label, with the CVSS score beside it when there is one. */
export function severityLabel(severity: Severity, score?: number): Markup {
  const number = score === undefined ? nothing : html` <span class="score">${score.toFixed(1)}</span>`;
  return html`<span class="sev s-${severity}">${severity}</span>${number}`;
}

/** The counts as labels: `3 critical`, `1 low`; a dash when all are zero. */
export function severityList(counts: SeverityCounts): Markup {
  const items = present(counts).map(
    ([severity, count]) => html`<li class="s-${severity}"><b>${readableNumber(count)}</b> ${severity}</li>`,
  );
  return items.length === 0 ? html`<span class="muted">none</span>` : html`<ul class="counts">${items}</ul>`;
}

const barWidth = 1000;
/** Least width of a part, so that one finding of thousands is visible. */
const leastPart = 12;

/**
 * A bar with a part for each severity. It says nothing that the counts beside it do not say, so screen readers skip it.
 * `share` is the length of the whole bar, from 0 to 1.
 */
export function severityBar(counts: SeverityCounts, share = 1): Markup {
  const total = totalOf(counts);
  if (total === 0) return nothing;
  const sizes = present(counts).map(([severity, count]) => {
    return { severity, size: Math.max(leastPart, (count / total) * barWidth * share) };
  });
  const sum = sizes.reduce((all, { size }) => all + size, 0);
  const scale = Math.min(1, barWidth / sum);
  let at = 0;
  const parts = sizes.map(({ severity, size }) => {
    const part = html`<rect class="s-${severity}" x="${at.toFixed(1)}" width="${(size * scale).toFixed(1)}" height="10"/>`;
    at += size * scale;
    return part;
  });
  return html`<svg class="bar" viewBox="0 0 ${barWidth} 10" preserveAspectRatio="none" aria-hidden="true">${parts}</svg>`;
}

function present(counts: SeverityCounts): readonly (readonly [Severity, number])[] {
  return severities.flatMap((severity) => {
    const count = counts[severity] ?? 0;
    return count === 0 ? [] : [[severity, count] as const];
  });
}

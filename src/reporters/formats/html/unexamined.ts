import type { Problem } from "../../../model/reports/problem.ts";
import { counted } from "../../../model/text/counted.ts";
import { inPartText } from "../../in-part-text.ts";
import { dataTable, folded } from "./data-table.ts";
import { html, type Markup, nothing } from "./markup.ts";

const mostVisible = 20;

/** Everything that a report states as not examined. */
export interface Unexamined {
  readonly problems: readonly Problem[];
  /** What the advisories cannot tell. */
  readonly limits: readonly string[];
  /** The number of layers that were read by their tables of contents alone. */
  readonly layersInPart: number;
  /** Other sentences about parts that were not used. */
  readonly notes: readonly string[];
}

/** How many entries there are. */
export function unexaminedCount({ problems, limits, layersInPart, notes }: Unexamined): number {
  return problems.length + limits.length + notes.length + (layersInPart > 0 ? 1 : 0);
}

/** Problems with their paths, then limits and notes; a sentence when there are none. */
export function* unexaminedParts(all: Unexamined): Iterable<Markup> {
  const { problems, limits, layersInPart, notes } = all;
  if (unexaminedCount(all) === 0) {
    yield html`<p class="good-notice">No problems and no limits were reported.</p>`;
    return;
  }
  yield* problemTable({
    id: "problems",
    caption: counted(problems.length, "problem"),
    problems: problems.slice(0, mostVisible),
  });
  const rest = problems.slice(mostVisible);
  if (rest.length > 0) {
    const table = { id: "more-problems", caption: "Problems, continued", problems: rest };
    yield* folded(counted(rest.length, "more problem"), problemTable(table));
  }
  const inPart = layersInPart > 0 ? [inPartText(layersInPart, "a scan without --lazy")] : [];
  yield sentences("Limits of this scan", [...inPart, ...notes]);
  yield sentences("What the advisories cannot tell", limits);
}

/** A heading with a list of texts below it, as they are: some begin with a name. Nothing when there are none. */
export function sentences(heading: string, texts: readonly string[]): Markup {
  if (texts.length === 0) return nothing;
  return html`<h3>${heading}</h3>
<ul class="plain-list">${texts.map((text) => html`<li>${text}</li>`)}</ul>
`;
}

/** Problems as a table; nothing when there are none. */
function* problemTable({
  id,
  caption,
  problems,
}: {
  readonly id: string;
  readonly caption: string;
  readonly problems: readonly Problem[];
}): Iterable<Markup> {
  if (problems.length === 0) return;
  const hasPaths = problems.some(({ path }) => path !== undefined);
  yield* dataTable({
    ...{ id, caption },
    columns: [
      { title: "Kind", width: "medium" },
      { title: "Reason", width: "wide" },
      ...(hasPaths ? [{ title: "Path", width: "wide" } as const] : []),
    ],
    rows: problems.map(({ code, message, path = "" }) => {
      const place = hasPaths ? html`<td class="code">${path}</td>` : nothing;
      return html`<tr><td>${code}</td><td>${message}</td>${place}</tr>
`;
    }),
  });
}

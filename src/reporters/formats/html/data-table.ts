import { html, type Markup, nothing } from "./markup.ts";

/** A column: its title, and the class of the style that sets its width. */
export interface TableColumn {
  readonly title: string;
  readonly width?: "tiny" | "small" | "medium" | "id" | "wide" | "number";
}

/** A table with a caption; rows are written one by one. */
export interface DataTable {
  /** Unique in the page. */
  readonly id: string;
  readonly caption: string;
  readonly columns: readonly TableColumn[];
  readonly rows: Iterable<Markup>;
  /**
   * For tables that can have thousands of rows: the style lays out their rows one by one, and those out of sight only
   * when they come into view. Since that takes the rows out of the layout of tables, they name their roles.
   */
  readonly grid?: "findings" | "findings-without-origin" | "failures" | "images";
}

/** The table in pieces. On a narrow screen it scrolls sideways on its own, also by keyboard. */
export function* dataTable({ id, caption, columns, rows, grid }: DataTable): Iterable<Markup> {
  const role = (name: string): Markup => (grid === undefined ? nothing : html` role="${name}"`);
  const heads = columns.map(
    ({ title, width = "medium" }) => html`<th scope="col" class="w-${width}"${role("columnheader")}>${title}</th>`,
  );
  const layout = grid === undefined ? nothing : html` class="grid g-${grid}"`;
  yield html`<div class="scroll" role="region" tabindex="0" aria-labelledby="${id}-caption">
<table id="${id}"${layout}${role("table")}><caption id="${id}-caption">${caption}</caption>
<thead${role("rowgroup")}><tr${role("row")}>${heads}</tr></thead>
<tbody${role("rowgroup")}>
`;
  yield* rows;
  yield html`</tbody>
</table></div>
`;
}

/** A row of a table with a `grid`: its properties for the filters, and its cells. */
export function gridRow(properties: Readonly<Record<string, string>>, cells: readonly Markup[]): Markup {
  const data = Object.entries(properties).map(([name, value]) => html` data-${name}="${value}"`);
  return html`<tr role="row"${data}>${cells.map((cell) => html`<td role="cell">${cell}</td>`)}</tr>
`;
}

/** A part that the reader opens. */
export function* folded(summary: string, body: Iterable<Markup>): Iterable<Markup> {
  yield html`<details><summary>${summary}</summary>
`;
  yield* body;
  yield html`</details>
`;
}

/** Names with their values; those without a value are left out. */
export function definitions(entries: readonly (readonly [name: string, value: Markup | string | undefined])[]): Markup {
  const known = entries.filter(([, value]) => value !== undefined && value !== "");
  return html`<dl class="definitions">${known.map(
    ([name, value = ""]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>
`,
  )}</dl>
`;
}

/** Numbers with what they count, as tiles. */
export function tiles(entries: readonly (readonly [name: string, value: string])[]): Markup {
  return html`<dl class="tiles">${entries.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>
`;
}

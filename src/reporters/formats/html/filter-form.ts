import { readableNumber } from "../../../model/text/readable-number.ts";
import { html, type Markup } from "./markup.ts";

/** A value by which rows can be filtered. */
interface FilterOption {
  readonly value: string;
  readonly label: string;
  readonly count: number;
}

/** A property of the rows, which they have as `data-NAME`. */
interface FilterProperty {
  readonly name: string;
  readonly label: string;
  readonly options: readonly FilterOption[];
}

/** Search and filters over the rows of one table. */
export interface FilterForm {
  readonly table: string;
  /** What the rows are, in the plural. */
  readonly unit: string;
  readonly count: number;
  /** As check boxes; none of them checked means all. */
  readonly boxes: readonly FilterProperty[];
  /** As lists with an entry for all. */
  readonly lists: readonly FilterProperty[];
}

/** The form. It is hidden until the script of the page shows it, since it does nothing without. */
export function filterForm({ table, unit, count, boxes, lists }: FilterForm): Markup {
  return html`<form class="filter" role="search" aria-label="Filter ${unit}" data-table="${table}" data-unit="${unit}" hidden>
<label class="search"><span>Search</span><input type="search" name="search" autocomplete="off" spellcheck="false"></label>
${lists.filter(isUseful).map(listControl)}${boxes.filter(isUseful).map(boxControl)}<button type="reset">Reset</button>
<p class="status" role="status">${readableNumber(count)} of ${readableNumber(count)} ${unit}</p>
</form>
`;
}

function isUseful({ options }: FilterProperty): boolean {
  return options.filter(({ count }) => count > 0).length > 1;
}

function listControl({ name, label, options }: FilterProperty): Markup {
  const entries = options.map(
    ({ value, label: text, count }) => html`<option value="${value}">${text} (${readableNumber(count)})</option>`,
  );
  return html`<label class="list"><span>${label}</span><select name="${name}"><option value="">All</option>${entries}</select></label>
`;
}

function boxControl({ name, label, options }: FilterProperty): Markup {
  const entries = options
    .filter(({ count }) => count > 0)
    .map(({ value, label: text, count }) => {
      return html`<label><input type="checkbox" name="${name}" value="${value}"><span>${text} <b>${readableNumber(count)}</b></span></label>`;
    });
  return html`<fieldset><legend>${label}</legend>${entries}</fieldset>
`;
}

import { escapeMarkup } from "../../documents/escape-markup.ts";
import { printable } from "../../terminal-text.ts";

/** HTML that {@link html} or {@link rawMarkup} made. Everything else is text and is escaped. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** What a template takes: text, which it escapes, or markup. */
export type Content = string | number | Markup | readonly Markup[];

/**
 * HTML with values in it, in content and in quoted attributes. Texts are escaped, have visible control characters, and
 * are cut after 2,000 characters, so nothing of a report becomes markup.
 */
export function html(strings: TemplateStringsArray, ...values: readonly Content[]): Markup {
  let text = strings[0] ?? "";
  for (const [index, value] of values.entries()) text += written(value) + (strings[index + 1] ?? "");
  return new Markup(text);
}

/** HTML of our own as it is: never a text of a report. */
export function rawMarkup(text: string): Markup {
  return new Markup(text);
}

/** No markup at all. */
export const nothing: Markup = new Markup("");

function written(value: Content): string {
  if (value instanceof Markup) return value.text;
  if (typeof value === "string") return escapeMarkup(printable(value));
  if (typeof value === "number") return String(value);
  return value.map(({ text }) => text).join("");
}

/** The text, cut after so many characters. */
export function clipped(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most - 1).toWellFormed()}…` : text;
}

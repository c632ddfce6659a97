import { harmlessText } from "../terminal-text.ts";

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&apos;",
};

/**
 * The text for XML and HTML, for content and for quoted attributes. Control characters, which XML forbids and terminals
 * obey, become visible: `\x1b`.
 */
export function escapeMarkup(text: string): string {
  return harmlessText(text)
    .replace(/[\ufffe\uffff]/g, "\ufffd")
    .replace(/[&<>"']/g, (character) => entities[character] ?? "");
}

import type { Decision } from "../../../model/reports/verdict.ts";
import { type Markup, rawMarkup } from "./markup.ts";

/** The mark on the hull of a ship: a circle with a line through it. */
const markShapes =
  '<circle cx="12" cy="12" r="7.5" fill="none" stroke-width="2.5"/><path d="M1 12h22" stroke-width="2.5"/>';

/** The mark of Plimsoll in the colour of the text. */
export const brandMark: Markup = rawMarkup(
  `<svg class="mark" viewBox="0 0 24 24" aria-hidden="true" stroke="currentColor">${markShapes}</svg>`,
);

/** The mark as the icon of the window, a data URL: a browser then asks for no icon elsewhere. */
export const brandIcon: string = `data:image/svg+xml,${encodeURIComponent(
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" stroke="#2a6fb8">${markShapes}</svg>`,
)}`;

const shapes: Readonly<Record<Decision | "not-scanned", string>> = {
  allowed: '<circle cx="12" cy="12" r="10"/><path d="M7.5 12.5l3 3 6-7"/>',
  warned: '<path d="M12 3L1.8 20.5h20.4z"/><path d="M12 9.5v5M12 17.3v.4"/>',
  denied: '<circle cx="12" cy="12" r="10"/><path d="M8.5 8.5l7 7M15.5 8.5l-7 7"/>',
  "cannot-tell":
    '<circle cx="12" cy="12" r="10"/><path d="M9.2 9.4a2.9 2.9 0 1 1 4 2.7c-.8.4-1.2 1-1.2 1.9M12 17v.4"/>',
  "not-judged": '<circle cx="12" cy="12" r="10"/><path d="M8 12h8"/>',
  "not-scanned": '<circle cx="12" cy="12" r="10" stroke-dasharray="4 3"/><path d="M12 7.5v5.5M12 16.3v.4"/>',
};

/** The picture of a decision; the word stands beside it. */
export function decisionIcon(decision: Decision | "not-scanned"): Markup {
  return rawMarkup(`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true">${shapes[decision]}</svg>`);
}

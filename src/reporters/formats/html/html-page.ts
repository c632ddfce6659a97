import { createHash } from "node:crypto";
import { brandIcon, brandMark } from "./icons.ts";
import { html, type Markup, rawMarkup } from "./markup.ts";
import { pageScript } from "./page-script.ts";
import { pageStyle } from "./page-style.ts";
import { timeText } from "./texts.ts";

/** A part of a page with a heading. The body is made when the page is written. */
export interface PageSection {
  /** Unique in the page; part of its address. */
  readonly id: string;
  readonly heading: string;
  /** A number beside the heading and in the list of sections. */
  readonly count?: string;
  readonly body: Iterable<Markup>;
}

/** A page: the subject with its verdict, then the sections. */
export interface HtmlPage {
  /** Kind of report: `Image scan`. */
  readonly kind: string;
  /** Name of the target. */
  readonly name: string;
  /** Short facts about the target, one after the other. */
  readonly facts: readonly string[];
  /** In a word, for the title of the window. */
  readonly state: string;
  readonly opening: Markup;
  readonly sections: readonly PageSection[];
  readonly tool: { readonly version: string };
  /** RFC 3339. */
  readonly createdAt: string;
}

/**
 * The page in pieces. It contains its style and its script, and the Content-Security-Policy admits these two by their
 * hashes and nothing else: `docs/decisions/0072-the-html-report.md`.
 */
export function* htmlPage(page: HtmlPage): Iterable<string> {
  const { kind, name, facts, state, opening, sections, tool, createdAt } = page;
  yield html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${contentPolicy()}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="Plimsoll ${tool.version}">
<title>${name}: ${state} · Plimsoll</title>
<link rel="icon" href="${brandIcon}">
<style>${rawMarkup(pageStyle)}</style>
</head>
<body>
<a class="skip" href="#main">Skip to the content</a>
<header class="top"><p class="brand">${brandMark}Plimsoll</p><p class="made">${timeText(createdAt)}</p></header>
<main id="main" tabindex="-1">
<div class="title"><p class="kind">${kind}</p><h1>${name}</h1>${factList(facts)}</div>
`.text;
  yield opening.text;
  yield sectionList(sections).text;
  for (const { id, heading, count, body } of sections) {
    yield html`<section id="${id}" aria-labelledby="${id}-heading">
<h2 id="${id}-heading">${heading}${countMark(count)}</h2>
`.text;
    for (const piece of body) yield piece.text;
    yield "</section>\n";
  }
  yield html`</main>
<footer><p>Made by Plimsoll ${tool.version} at ${timeText(createdAt)}. This page loads nothing from the network.</p></footer>
<script>${rawMarkup(pageScript)}</script>
</body>
</html>
`.text;
}

function contentPolicy(): string {
  const hash = (text: string): string => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
  return [
    "default-src 'none'",
    `style-src ${hash(pageStyle)}`,
    `script-src ${hash(pageScript)}`,
    "img-src data:",
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
}

function factList(facts: readonly string[]): Markup {
  return html`<ul class="facts">${facts.map((fact) => html`<li>${fact}</li>`)}</ul>`;
}

function countMark(count: string | undefined): Markup {
  return count === undefined ? html`` : html` <span class="count">${count}</span>`;
}

function sectionList(sections: readonly PageSection[]): Markup {
  const items = sections.map(
    ({ id, heading, count }) => html`<li><a href="#${id}">${heading}${countMark(count)}</a></li>`,
  );
  return html`<nav class="sections" aria-label="Sections"><ul>${items}</ul></nav>
`;
}

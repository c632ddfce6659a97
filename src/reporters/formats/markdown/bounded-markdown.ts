import { counted } from "../../../model/text/counted.ts";
import { printable } from "../../terminal-text.ts";
import { escapeMarkdown } from "./escape-markdown.ts";

/**
 * Bytes of a document, in UTF-8: GitHub takes 65,536 characters in a comment and 1 MiB in a job summary, GitLab more.
 */
const largestDocument = 60_000;

/** Bytes that are kept free for the lines that say what was left out. */
const reserve = 2000;

/** A table or a list: a heading, the lines above the rows, and the rows, most important first. */
export interface MarkdownSection {
  readonly heading: string;
  readonly head: readonly string[];
  readonly rows: Iterable<string>;
  /** Folded until the reader opens it. */
  readonly isFolded?: boolean;
  /** What a row is, for the line that counts those left out. */
  readonly unit: string;
}

/** A document with as many rows of each section as fit, in order; each section says how many rows it leaves out. */
export function* boundedMarkdown(opening: readonly string[], sections: readonly MarkdownSection[]): Iterable<string> {
  const first = opening.map((line) => `${line}\n`).join("");
  yield first;
  let left = largestDocument - reserve - Buffer.byteLength(first);
  for (const { heading, head, rows, isFolded = false, unit } of sections) {
    const start = isFolded ? `\n<details><summary>${heading}</summary>\n\n` : `\n#### ${heading}\n\n`;
    const lines = [start, ...head.map((line) => `${line}\n`)];
    left -= Buffer.byteLength(lines.join(""));
    let leftOut = 0;
    let some = false;
    for (const row of rows) {
      const size = Buffer.byteLength(row) + 1;
      if (leftOut > 0 || size > left) {
        leftOut++;
        continue;
      }
      left -= size;
      some = true;
      lines.push(`${row}\n`);
    }
    if (!some && leftOut === 0) continue;
    if (leftOut > 0) lines.push(`\n${counted(leftOut, unit)} left out: the document is limited in size.\n`);
    if (isFolded) lines.push("\n</details>\n");
    yield lines.join("");
  }
}

/** A row of a table; the cells are escaped. */
export function tableRow(cells: readonly string[]): string {
  return `| ${cells.map(cell).join(" | ")} |`;
}

/** The first two lines of a table. */
export function tableHead(titles: readonly string[]): string[] {
  return [tableRow(titles), `|${" --- |".repeat(titles.length)}`];
}

/** Text of a report, on one line, escaped, at most 300 characters. */
export function cell(text: string): string {
  const short = text.length > 300 ? `${text.slice(0, 299)}…` : text;
  return escapeMarkdown(printable(short.toWellFormed()));
}

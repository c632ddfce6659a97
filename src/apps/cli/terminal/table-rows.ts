import { styleText } from "node:util";
import { clip, displayWidth, printable, wrap } from "../../../reporters/terminal-text.ts";

const narrowestColumn = 7;
const betweenColumns = 2;

/**
 * Rows with columns as wide as their widest cell; where the terminal is narrower the widest columns give way, and their
 * cells go on below. No word is broken while another column has more to give, and then the last columns give way, so
 * that a name that is to be copied stays whole. The first row is a heading. Nothing in a cell can steer a terminal.
 */
export function tableRows(
  rows: readonly (readonly string[])[],
  { width, colour }: { readonly width: number; readonly colour: boolean },
): string {
  const cells = rows.map((row) => row.map(printable));
  const columns = (cells[0] ?? []).map((_, column) => cells.map((row) => row[column] ?? ""));
  const widths = fitted(columns, width - betweenColumns * (columns.length - 1));
  return cells
    .flatMap((row, index) =>
      linesOf(row, widths).map((text) => {
        const line = clip(text, width);
        return `${index === 0 && colour ? styleText("bold", line) : line}\n`;
      }),
    )
    .join("");
}

function fitted(columns: readonly (readonly string[])[], room: number): readonly number[] {
  const widths = columns.map(widestOf);
  const longestWords = columns.map((cells) => widestOf(cells.flatMap((cell) => cell.split(" "))));
  for (let over = sumOf(widths) - room; over > 0; over--) {
    const spare = widths.map((width, column) => (width > (longestWords[column] ?? 0) ? width : 0));
    const widest = spare.lastIndexOf(Math.max(...spare));
    const column = sumOf(spare) > 0 ? widest : widths.findLastIndex((width) => width > narrowestColumn);
    if (column < 0) break;
    widths[column] = (widths[column] ?? 0) - 1;
  }
  return widths;
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0);
}

function widestOf(texts: readonly string[]): number {
  return texts.reduce((most, text) => Math.max(most, displayWidth(text)), 0);
}

function linesOf(row: readonly string[], widths: readonly number[]): readonly string[] {
  const columns = row.map((cell, column) => wrap(cell, widths[column] ?? displayWidth(cell)));
  const height = Math.max(1, ...columns.map(({ length }) => length));
  return Array.from({ length: height }, (_, line) => {
    const parts = columns.map((texts, column) => {
      const text = texts[line] ?? "";
      return text + " ".repeat(Math.max(0, (widths[column] ?? 0) - displayWidth(text)));
    });
    return parts.join(" ".repeat(betweenColumns)).trimEnd();
  });
}

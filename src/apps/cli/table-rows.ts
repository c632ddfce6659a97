import { styleText } from "node:util";
import { clip, displayWidth, printable } from "../../reporters/terminal-text.ts";

/**
 * Rows with columns as wide as their widest cell, the last one cut where the terminal ends. The first row is a heading.
 * Nothing in a cell can steer a terminal.
 */
export function tableRows(
  rows: readonly (readonly string[])[],
  { width, colour }: { readonly width: number; readonly colour: boolean },
): string {
  const cells = rows.map((row) => row.map(printable));
  const widths = (cells[0] ?? []).map((_, column) => Math.max(...cells.map((row) => displayWidth(row[column] ?? ""))));
  return cells
    .map((row, index) => {
      const padded = row.map((cell, column) =>
        column === row.length - 1 ? cell : cell + " ".repeat((widths[column] ?? 0) - displayWidth(cell)),
      );
      const line = clip(padded.join("  ").trimEnd(), width);
      return `${index === 0 && colour ? styleText("bold", line) : line}\n`;
    })
    .join("");
}

import { type Decision, noPolicyGiven } from "../model/reports/verdict.ts";
import { displayWidth, type Line, renderLine, type Span, type Style, wrap } from "./terminal-text.ts";

/** How a table is written. */
export interface TableOptions {
  /** Columns that no line exceeds; taken as 60 when less. */
  readonly width: number;
  readonly colour: boolean;
  /** Lists every id, package, path and problem, on as many lines as they take; by default as many as fit on a line. */
  readonly full?: boolean;
}

/** The room that the lines of a table have. */
export interface TableRoom {
  /** The columns that a line should not exceed. */
  readonly columns: number;
  /** Whether everything is listed. Names that are longer than a line then exceed `columns`. */
  readonly full: boolean;
}

/** What writes the lines of one table. */
export interface TableWriter extends TableRoom {
  /**
   * Lines as text, cut at the columns, or at `room` where more are needed, and with `full` not at all; each ends with a
   * line break.
   */
  write(lines: Iterable<Line>, room?: number): Iterable<string>;
}

const narrowest = 60;

/** What writes a table of that width. */
export function tableWriter({ width, colour, full = false }: TableOptions): TableWriter {
  const columns = Math.max(narrowest, Math.floor(width) || 0);
  return {
    columns,
    full,
    *write(lines, room = full ? Number.POSITIVE_INFINITY : columns) {
      for (const line of lines) yield renderLine(line, { width: room, colour });
    },
  };
}

/** How each decision is written. */
export const decisionLabels: Readonly<Record<Decision, Span>> = {
  allowed: { text: "ALLOWED", style: "bold-green" },
  warned: { text: "WARNING", style: "bold-yellow" },
  denied: { text: "DENIED", style: "bold-red" },
  "cannot-tell": { text: "CANNOT TELL", style: "bold-yellow" },
  "not-judged": { text: "NO POLICY", style: "bold" },
};

/** The label of each decision beside a count. */
export const decisionCounts: Readonly<Record<Decision, Span>> = {
  allowed: { text: "allowed", style: "bold-green" },
  warned: { text: "with warnings", style: "bold-yellow" },
  denied: { text: "denied", style: "bold-red" },
  "cannot-tell": { text: "cannot tell", style: "bold-yellow" },
  "not-judged": { text: "not judged", style: "bold" },
};

/** The option that makes a gate, shown with images that were not judged. */
export const howToJudge: string = `${noPolicyGiven}; to get a verdict: --fail-on high`;

/** Columns before the text of every line: room for the longest severity and verdict. */
export const gutter = 12;

/** A line with a word in the gutter; without one, the gutter is empty. */
export function row(label: Span | undefined, spans: Line): Line {
  const text = label?.text ?? "";
  const space: Span = { text: " ".repeat(Math.max(1, gutter - displayWidth(text))), style: "plain" };
  return label ? [label, space, ...spans] : [space, ...spans];
}

/** Sentences wrapped behind the gutter, each on a line of its own, the label beside the first. */
export function* paragraph(
  label: Span | undefined,
  sentences: readonly string[],
  { columns, style = "plain" }: { columns: number; style?: Style },
): Iterable<Line> {
  let rest = label;
  for (const sentence of sentences) {
    for (const text of wrap(sentence, columns - gutter)) {
      yield row(rest, [{ text, style }]);
      rest = undefined;
    }
  }
}

/**
 * Parts joined by a separator into as few lines as they fit in, the label beside the first; a part is never divided.
 */
export function* pack(
  parts: readonly Line[],
  { columns, label, separator = " · " }: { columns: number; label?: Span; separator?: string },
): Iterable<Line> {
  let rest = label;
  let line: Span[] = [];
  let used = 0;
  const ending = separator.startsWith(",") ? "," : "";
  for (const part of parts) {
    const size = lineWidth(part);
    if (line.length > 0 && gutter + used + displayWidth(separator) + size + ending.length > columns) {
      line.push({ text: ending, style: "dim" });
      yield row(rest, line);
      rest = undefined;
      line = [];
      used = 0;
    }
    if (line.length > 0) {
      line.push({ text: separator, style: "dim" });
      used += displayWidth(separator);
    }
    used += size;
    line.push(...part);
  }
  if (line.length > 0) yield row(rest, line);
}

/** The columns that a line takes. */
export function lineWidth(line: Line): number {
  return line.reduce((sum, { text }) => sum + displayWidth(text), 0);
}

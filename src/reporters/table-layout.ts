import { displayWidth, type Line, type Span, type Style, wrap } from "./terminal-text.ts";

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

/** Parts joined by a separator into as few lines as they fit in, the label beside the first; a part is never divided. */
export function* pack(
  parts: readonly Line[],
  { columns, label, separator = " · " }: { columns: number; label?: Span; separator?: string },
): Iterable<Line> {
  let rest = label;
  let line: Span[] = [];
  let used = 0;
  for (const part of parts) {
    const size = lineWidth(part);
    if (line.length > 0 && gutter + used + displayWidth(separator) + size > columns) {
      line.push({ text: separator.startsWith(",") ? "," : "", style: "dim" });
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

/** `1 package`, `2 packages`. */
export function count(number: number, singular: string, plural = `${singular}s`): string {
  return `${number.toLocaleString("en")} ${number === 1 ? singular : plural}`;
}

import { PlacedText, type SourceText } from "./placed-text.ts";

const mostVariables = 10_000;
const assignment = /^[ \t]*(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_.-]*)[ \t]*[=:][ \t]*/;

/**
 * The variables of a file `.env`, with the bytes of their values. Values that refer to other variables, and values in
 * quotes that span several lines, are left out.
 */
export function dotenvValues(source: SourceText): ReadonlyMap<string, PlacedText> {
  const values = new Map<string, PlacedText>();
  for (const [index, start] of source.lineStarts.entries()) {
    const line = source.text.slice(start, (source.lineStarts[index + 1] ?? source.text.length + 1) - 1);
    const match = assignment.exec(line);
    const name = match?.[1];
    if (!match || name === undefined || values.size >= mostVariables) continue;
    const from = match[0].length;
    const written = unquoted(line.slice(from));
    if (written === undefined || written.value.includes("$")) continue;
    const at = start + from + written.skipped;
    values.set(name, PlacedText.of(source, at, at + written.value.length));
  }
  return values;
}

function unquoted(text: string): { readonly value: string; readonly skipped: number } | undefined {
  const quote = text.charAt(0);
  if (quote === '"' || quote === "'") {
    const end = text.indexOf(quote, 1);
    const value = text.slice(1, end);
    return end < 0 || value.includes("\\") ? undefined : { value, skipped: 1 };
  }
  const comment = text.search(/(?:^|\s)#/);
  return { value: (comment < 0 ? text : text.slice(0, comment)).trimEnd(), skipped: 0 };
}

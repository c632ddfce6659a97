/**
 * Indents the further lines of quoted texts below their key. Definition files write them at the key's own depth, which
 * Go's reader takes and YAML does not allow; spaces at the begin of such a line are not a part of the text. Lines stay
 * where they are.
 */
export function indentQuotedLines(text: string): string {
  const lines: string[] = [];
  let quote: Quote | undefined;
  let block: number | undefined;
  for (const line of text.split("\n")) {
    const indent = indentOf(line);
    if (quote) {
      const missing = line.trim() === "" ? 0 : quote.indent + 1 - indent;
      lines.push(missing > 0 ? " ".repeat(missing) + line : line);
      if (closesAt(line, { from: 0, quote: quote.character }) >= 0) quote = undefined;
      continue;
    }
    lines.push(line);
    if (block !== undefined && (line.trim() === "" || indent > block)) continue;
    block = undefined;
    const entry = entryStart(line);
    if (entry === undefined) continue;
    const first = line[entry.value];
    if (first === "|" || first === ">") block = entry.indent;
    if (first !== '"' && first !== "'") continue;
    if (closesAt(line, { from: entry.value + 1, quote: first }) < 0) quote = { character: first, indent: entry.indent };
  }
  return lines.join("\n");
}

interface Quote {
  readonly character: string;
  readonly indent: number;
}

/**
 * Where the value of a line begins, and the depth of its key: behind `- ` and `key: `. Undefined for a comment and what
 * is not an entry.
 */
function entryStart(line: string): { readonly indent: number; readonly value: number } | undefined {
  let at = indentOf(line);
  let indent = at;
  while (line[at] === "-" && line[at + 1] === " ") {
    indent = at;
    at += 1 + indentOf(line.slice(at + 1));
  }
  if (line[at] === "#" || line[at] === undefined) return undefined;
  if (line[at] === '"' || line[at] === "'") return { indent, value: at };
  const colon = line.indexOf(": ", at);
  if (colon < 0) return undefined;
  // In `- key: value` the depth is that of the key.
  return { indent: at, value: colon + 2 + indentOf(line.slice(colon + 2)) };
}

/** The index of the quote that ends a text; negative when it is not on this line. */
function closesAt(line: string, { from, quote }: { readonly from: number; readonly quote: string }): number {
  for (let at = from; at < line.length; at++) {
    if (quote === '"' && line[at] === "\\") at++;
    else if (quote === "'" && line[at] === "'" && line[at + 1] === "'") at++;
    else if (line[at] === quote) return at;
  }
  return -1;
}

function indentOf(line: string): number {
  let at = 0;
  while (line[at] === " ") at++;
  return at;
}

const width = 120;

/** A block of Markdown with the lines of a paragraph at most 120 characters long; headings, tables, code and comments as they are. */
export function wrapText(block: string): string {
  if (/^(?:#|\||```|<!--)/.test(block)) return block;
  const lines: string[] = [];
  for (const word of wordsOf(block)) {
    const line = lines.at(-1);
    if (line !== undefined && line.length + 1 + word.length <= width) lines.splice(-1, 1, `${line} ${word}`);
    else lines.push(word);
  }
  return lines.join("\n");
}

/** The words of a paragraph; code is one word, whatever blanks are in it. */
function wordsOf(paragraph: string): readonly string[] {
  return paragraph.match(/(?:`[^`]*`|[^\s`])+/g) ?? [];
}

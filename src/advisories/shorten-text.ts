const longestText = 300;

/** One line of at most 300 characters: what a record keeps of a publisher's description. */
export function shortenText(text: string): string {
  const line = text
    .slice(0, 4 * longestText)
    .replace(/\s+/g, " ")
    .trim();
  if (line.length <= longestText) return line;
  return `${line.slice(0, longestText - 1).replace(/[\ud800-\udbff]$/, "")}…`;
}

const longestLine = 300;

/** Text from outside, made fit for a message: one line without control characters, cut to 300 characters. */
export function oneLine(text: string): string {
  const line = text
    .slice(0, 4 * longestLine)
    .replace(/[\s\p{Cc}\p{Cf}\u2028\u2029]+/gu, " ")
    .trim();
  return line.length > longestLine ? `${line.slice(0, longestLine)}…` : line;
}

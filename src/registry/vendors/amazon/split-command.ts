/**
 * The words of a command line, as AWS's programs split `credential_process`: at white space outside quotes. Nothing is
 * escaped in single quotes; in double quotes a backslash escapes `"` and `\` alone, outside quotes any character.
 * Undefined for a quote that is not closed and a backslash at the end.
 *
 * Source: AWS's documentation, "Process credential provider", AWS SDKs and Tools Reference Guide; Python's
 * `shlex.split`, which the AWS CLI uses.
 */
export function splitCommand(text: string): readonly string[] | undefined {
  const words: string[] = [];
  let word: string | undefined;
  let quote = "";
  for (let at = 0; at < text.length; at++) {
    const character = text.charAt(at);
    if (character === "\\" && quote !== "'") {
      if (at + 1 === text.length) return undefined;
      const next = text.charAt(++at);
      word = `${word ?? ""}${quote === "" || next === '"' || next === "\\" ? next : `\\${next}`}`;
    } else if (character === quote) quote = "";
    else if (quote !== "") word = `${word ?? ""}${character}`;
    else if (character === "'" || character === '"') {
      quote = character;
      word ??= "";
    } else if (!/\s/.test(character)) word = `${word ?? ""}${character}`;
    else if (word !== undefined) {
      words.push(word);
      word = undefined;
    }
  }
  if (quote !== "") return undefined;
  return word === undefined ? words : [...words, word];
}

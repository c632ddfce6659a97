const name = /^[A-Za-z_]\w*/;
const longestName = 256;
const mostNested = 10;
const longest = 64 * 1024;
const none: ReadonlyMap<string, string> = new Map();

/**
 * A text of a Compose file with its variables replaced by those that are known, or else by their defaults (`${X:-a}`,
 * `${X-a}`). Variables that are not known and have no default, and `$$`, stay as written.
 */
export function expandVariables(text: string, known: ReadonlyMap<string, string> = none): string {
  return text.includes("$") ? expand(text, { known, depth: 0 }) : text;
}

/** The first variable in a text without a default; undefined when there is none. */
export function openVariable(text: string): string | undefined {
  return /\$\{?([A-Za-z_]\w*)/.exec(text.replaceAll("$$", ""))?.[1];
}

interface Expansion {
  readonly known: ReadonlyMap<string, string>;
  readonly depth: number;
}

function expand(text: string, { known, depth }: Expansion): string {
  let result = "";
  let at = 0;
  while (at < text.length) {
    const sign = text.indexOf("$", at);
    if (sign < 0) return result + text.slice(at);
    result += text.slice(at, sign);
    if (result.length > longest) return result + text.slice(sign);
    if (text[sign + 1] !== "{") {
      const [word] = name.exec(text.slice(sign + 1, sign + 1 + longestName)) ?? [];
      const length = word === undefined ? (text[sign + 1] === "$" ? 2 : 1) : word.length + 1;
      result += (word === undefined ? undefined : known.get(word)) ?? text.slice(sign, sign + length);
      at = sign + length;
      continue;
    }
    const end = closing(text, sign + 2);
    if (end === undefined) return result + text.slice(sign);
    const inner = text.slice(sign + 2, end);
    result += depth === mostNested ? text.slice(sign, end + 1) : expandBraces(inner, { known, depth: depth + 1 });
    at = end + 1;
  }
  return result;
}

/** What stands for `${…}`, by what is within. */
function expandBraces(inner: string, expansion: Expansion): string {
  const word = name.exec(inner)?.[0] ?? "";
  const [operator = "", sign = ""] = /^:?([-?+])/.exec(inner.slice(word.length)) ?? [];
  const other = inner.slice(word.length + operator.length);
  const value = expansion.known.get(word);
  const isGiven = value !== undefined && (value !== "" || !operator.startsWith(":"));
  if (isGiven) return sign === "+" ? expand(other, expansion) : value;
  if (word !== "" && sign === "-") return expand(other, expansion);
  return `\${${inner}}`;
}

/** Where the brace is closed that was opened before a position. */
function closing(text: string, from: number): number | undefined {
  let open = 1;
  for (let at = from; at < text.length; at++) {
    if (text[at] === "{") open++;
    else if (text[at] === "}" && --open === 0) return at;
  }
  return undefined;
}

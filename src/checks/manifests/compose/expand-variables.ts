const name = /^[A-Za-z_]\w*/;
const mostNested = 10;

/**
 * A text of a Compose file with the defaults of its variables (`${X:-a}`, `${X-a}`) in their place. Variables without a
 * default, and `$$`, stay as written.
 */
export function expandDefaults(text: string): string {
  return text.includes("${") ? expand(text, 0) : text;
}

/** The first variable in a text that has no default; undefined when it has none. */
export function openVariable(text: string): string | undefined {
  return /\$\{?([A-Za-z_]\w*)/.exec(text.replaceAll("$$", ""))?.[1];
}

function expand(text: string, depth: number): string {
  let result = "";
  let at = 0;
  while (at < text.length) {
    const sign = text.indexOf("$", at);
    if (sign < 0) return result + text.slice(at);
    result += text.slice(at, sign);
    if (text[sign + 1] !== "{") {
      const length = text[sign + 1] === "$" ? 2 : 1;
      result += text.slice(sign, sign + length);
      at = sign + length;
      continue;
    }
    const end = closing(text, sign + 2);
    if (end === undefined) return result + text.slice(sign);
    const inner = text.slice(sign + 2, end);
    const rest = inner.slice(name.exec(inner)?.[0].length ?? inner.length);
    const given = /^:?-/.exec(rest)?.[0];
    result +=
      given === undefined || depth === mostNested
        ? text.slice(sign, end + 1)
        : expand(rest.slice(given.length), depth + 1);
    at = end + 1;
  }
  return result;
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

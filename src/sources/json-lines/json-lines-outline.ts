import { deepestJson } from "./parse-exact-json.ts";

/**
 * Where in a document of several lines the text so far ends; `followed` when another begins behind it on the same line,
 * as where files without a newline at their end were put together.
 */
export type OutlineState = "open" | "closed" | "followed" | "broken";

/**
 * Follows brackets and strings of a JSON document that comes line by line, to know where it ends, and at once when it
 * cannot be one any more: when a line that was cut off is followed by the next document.
 */
export class JsonLinesOutline {
  #open: ("{" | "[")[] = [];
  #last = "";
  #next = 0;

  /** Where in its line the document behind this one begins, once it is `followed`. */
  get next(): number {
    return this.#next;
  }

  /** Takes the next line, without its line end. */
  feed(line: string): OutlineState {
    for (let at = 0; at < line.length; at++) {
      const character = line[at] ?? "";
      if (character === " " || character === "\t" || character === "\r") continue;
      if (this.#last === "end") {
        this.#next = at;
        return character === "{" || character === "[" ? "followed" : "broken";
      }
      if (character === '"') {
        at = endOfString(line, at);
        if (at < 0) return "broken";
      } else if (!this.#bracket(character)) return "broken";
      if (this.#last !== "end") this.#last = character;
    }
    if (this.#last === "end") return "closed";
    return this.#open.length > 0 ? "open" : "broken";
  }

  #bracket(character: string): boolean {
    const inside = this.#open.at(-1);
    if (character === "{" || character === "[") {
      const fits =
        inside === undefined ? this.#last === "" : inside === "{" ? this.#last === ":" : /[[,]/.test(this.#last);
      if (!fits || this.#open.length === deepestJson) return false;
      this.#open.push(character);
    } else if (character === "}" || character === "]") {
      if (inside !== (character === "}" ? "{" : "[")) return false;
      this.#open.pop();
      if (this.#open.length === 0) this.#last = "end";
    } else return inside !== undefined;
    return true;
  }
}

/** The index of the closing quote of a string that begins at `start`; -1 when the line ends before. */
function endOfString(line: string, start: number): number {
  for (let at = start + 1; ; at++) {
    at = line.indexOf('"', at);
    if (at < 0) return -1;
    let backslashes = 0;
    while (line[at - 1 - backslashes] === "\\") backslashes++;
    if (backslashes % 2 === 0) return at;
  }
}

import { PlacedText, type SourceText } from "./placed-text.ts";

/** An instruction of a Dockerfile as one line, without line continuations and comments. */
export interface DockerfileLine {
  /** In capitals. */
  readonly keyword: string;
  /** All text behind the keyword. */
  readonly rest: PlacedText;
}

/** A Dockerfile, as far as image references need it. */
export interface DockerfileLines {
  readonly escape: string;
  /** The value of `# syntax=`. */
  readonly syntax?: PlacedText;
  readonly instructions: readonly DockerfileLine[];
}

const directive = /^#[ \t]*([A-Za-z]+)[ \t]*=[ \t]*/;
const withHeredocs = new Set(["RUN", "COPY", "ADD"]);
const mostHeredocs = 100;

/**
 * The instructions of a Dockerfile, with the position of each character. Heredocs are skipped.
 *
 * Source: BuildKit, `frontend/dockerfile/parser`; the Dockerfile reference, "Parser directives" and "Here-documents".
 */
export function dockerfileLines(source: SourceText): DockerfileLines {
  return new LineReader(source).read();
}

class LineReader {
  readonly #source: SourceText;
  #at = 0;
  #escape = "\\";
  #syntax: PlacedText | undefined;

  constructor(source: SourceText) {
    this.#source = source;
  }

  read(): DockerfileLines {
    this.#directives();
    const instructions: DockerfileLine[] = [];
    while (this.#at < this.#source.text.length) {
      const line = this.#logicalLine();
      const [, keyword, blank = ""] = /^([A-Za-z]+)([ \t]*)/.exec(line.text) ?? [];
      if (keyword === undefined) continue;
      const instruction = { keyword: keyword.toUpperCase(), rest: line.slice(keyword.length + blank.length) };
      instructions.push(instruction);
      this.#skipHeredocs(instruction);
    }
    return { escape: this.#escape, ...(this.#syntax && { syntax: this.#syntax }), instructions };
  }

  #directives(): void {
    const seen = new Set<string>();
    for (;;) {
      const start = this.#at;
      const end = this.#contentEnd(start);
      const line = this.#source.text.slice(start, end);
      const match = directive.exec(line);
      const name = match?.[1]?.toLowerCase();
      if (!match || name === undefined || seen.has(name)) return;
      if (!["syntax", "escape", "check"].includes(name)) return;
      seen.add(name);
      const value = line.slice(match[0].length).trimEnd();
      if (name === "escape" && value === "`") this.#escape = value;
      if (name === "syntax" && value !== "") {
        const from = start + match[0].length;
        this.#syntax = PlacedText.of(this.#source, from, from + value.length);
      }
      this.#at = this.#nextLine(start);
    }
  }

  /** The next instruction; empty at the end of the file. */
  #logicalLine(): PlacedText {
    const parts: PlacedText[] = [];
    const { text } = this.#source;
    while (this.#at < text.length) {
      const start = this.#at;
      const end = this.#contentEnd(start);
      this.#at = this.#nextLine(start);
      const line = text.slice(start, end);
      const content = line.trimStart();
      if (content === "" || content.startsWith("#")) continue;
      const from = parts.length === 0 ? end - content.length : start;
      const trimmed = line.trimEnd();
      const continues = trimmed.endsWith(this.#escape);
      parts.push(PlacedText.of(this.#source, from, continues ? start + trimmed.length - 1 : end));
      if (!continues) break;
    }
    return PlacedText.join(parts);
  }

  #skipHeredocs({ keyword, rest }: DockerfileLine): void {
    const inner = keyword === "ONBUILD" ? (/^[A-Za-z]+/.exec(rest.text)?.[0].toUpperCase() ?? "") : keyword;
    if (!withHeredocs.has(inner)) return;
    for (const { name, isIndented } of heredocs(rest.text)) {
      while (this.#at < this.#source.text.length) {
        const start = this.#at;
        const line = this.#source.text.slice(start, this.#contentEnd(start));
        this.#at = this.#nextLine(start);
        if ((isIndented ? line.replace(/^\t+/, "") : line) === name) break;
      }
    }
  }

  /** The end of a line without its line break. */
  #contentEnd(start: number): number {
    const { text } = this.#source;
    const end = text.indexOf("\n", start);
    const last = end < 0 ? text.length : end;
    return last > start && text[last - 1] === "\r" ? last - 1 : last;
  }

  #nextLine(start: number): number {
    const end = this.#source.text.indexOf("\n", start);
    return end < 0 ? this.#source.text.length : end + 1;
  }
}

function heredocs(text: string): readonly { readonly name: string; readonly isIndented: boolean }[] {
  if (!text.includes("<<")) return [];
  return Array.from(text.matchAll(/(?<=^|\s)[0-9]{0,9}<<(-?)[ \t]*([^\s<]+)(?=\s|$)/g), ([, dash, name = ""]) => ({
    name: name.replace(/["']/g, ""),
    isIndented: dash === "-",
  })).slice(0, mostHeredocs);
}

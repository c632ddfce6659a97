/** A piece of source that people read. */
export interface SourceText {
  readonly kind: "comment" | "string";
  /** Without comment marks; line breaks are single spaces, and an expression in a template is `…`. */
  readonly text: string;
  /** Counted from 1. */
  readonly line: number;
}

const tokens = new RegExp(
  [
    String.raw`(?<block>\/\*[\s\S]*?\*\/)`,
    String.raw`(?<line>\/\/[^\n]*(?:\n[ \t]*\/\/[^\n]*)*)`,
    String.raw`(?<quoted>"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')`,
    String.raw`(?<expression>(?<=(?:[(,=:[!&|?{};+]|=>|\.\.\.)\s*|(?:return|case) )\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\[\n])+\/)`,
    String.raw`(?<mark>[\x60{}])`,
  ].join("|"),
  "g",
);

/** The comments and string literals of TypeScript source, in order. */
export function sourceTexts(source: string): readonly SourceText[] {
  const texts: SourceText[] = [];
  const add = (kind: SourceText["kind"], text: string, at: number): void => {
    const line = source.slice(0, at).split("\n").length;
    texts.push({ kind, text: text.replace(/\s+/g, " ").trim(), line });
  };
  /** Reads code from an offset up to the brace that closes it; gives the offset behind that. */
  const readCode = (from: number): number => {
    let depth = 0;
    let at = from;
    for (;;) {
      tokens.lastIndex = at;
      const match = tokens.exec(source);
      if (match === null) return source.length;
      at = tokens.lastIndex;
      const { block, line, quoted, mark } = match.groups ?? {};
      if (block !== undefined) add("comment", block.slice(2, -2).replace(/(?<=^|\n)\s*\*+/g, " "), match.index);
      else if (line !== undefined) add("comment", line.replace(/(?<=^|\n)\s*\/\/+/g, " "), match.index);
      else if (quoted !== undefined) add("string", quoted.slice(1, -1).replace(/\\n/g, " "), match.index);
      else if (mark === "`") at = readTemplate(at);
      else if (mark === "{") depth++;
      else if (mark === "}" && depth-- === 0) return at;
    }
  };
  const readTemplate = (from: number): number => {
    let text = "";
    let at = from;
    while (at < source.length && source[at] !== "`") {
      if (source.startsWith("${", at)) {
        text += "…";
        at = readCode(at + 2);
      } else {
        const size = source[at] === "\\" ? 2 : 1;
        text += size === 2 && source[at + 1] === "n" ? " " : source.slice(at, at + size);
        at += size;
      }
    }
    add("string", text, from);
    return at + 1;
  };
  readCode(0);
  return texts;
}

import { CST, Lexer, Parser } from "yaml";

// Written for version 2.9.1 of the package `yaml`, which package.json pins: the member `indentNext` of its lexer is
// replaced and `indent` of its parser is counted up, which are its own.

/**
 * The tokens of a YAML text, as lenient with indentation as libyaml and yaml-cpp: between brackets and between quotes
 * lines may be indented as little as they like. The lexer of the package ends both there: it compares lines with its
 * `indentNext`, which is zero for as long. A bracket on the line after its key may be in the column of the key; for the
 * parser it is indented by one more. `leadingComma` gets the offset of each comma that begins a line.
 */
export function* lenientYamlTokens(
  text: string,
  leadingComma: (offset: number) => void = () => {},
): Generator<CST.Token, void> {
  const parser = new Parser();
  const lexer = new Lexer();
  let offset = 0;
  let brackets = 0;
  let indent = 0;
  let isContent = false;
  let last: CST.TokenType | null = null;
  const isAtQuote = () => (text[offset] === '"' || text[offset] === "'") && last !== "block-scalar-header";
  Object.defineProperty(lexer, "indentNext", {
    get: () => (brackets > 0 || isAtQuote() ? 0 : indent),
    set: (value: number) => {
      indent = value;
    },
  });
  for (const lexeme of lexer.lex(text)) {
    const type: CST.TokenType | null = isContent ? null : CST.tokenType(lexeme);
    isContent = type === "scalar";
    if (type === "flow-map-start" || type === "flow-seq-start") {
      if (brackets === 0 && last === "map-value-ind") parser["indent"]++;
      brackets++;
    } else if (type === "flow-map-end" || type === "flow-seq-end") brackets = Math.max(0, brackets - 1);
    else if (type === "flow-error-end") brackets = 0;
    else if (type === "comma" && text[offset - 1] === "\n") leadingComma(offset);
    yield* parser.next(lexeme);
    if (type !== "scalar" && type !== "doc-mode" && type !== "flow-error-end") offset += lexeme.length;
    if (type !== "newline" && type !== "space" && type !== "comment") last = type;
  }
  yield* parser.end();
}

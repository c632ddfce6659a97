import { Composer, CST, Lexer, LineCounter, Parser } from "yaml";
import { parseJson } from "../../model/objects/json-object.ts";
import { yamlReason } from "./yaml-reason.ts";

const largestDocument = 4 * 1024 * 1024;
/** Deeper than this the parser's own stack does not reach. */
const deepestBrackets = 2000;
const options = { version: "1.1", uniqueKeys: false, logLevel: "error", maxAliasCount: 100 } as const;
const nesting: ReadonlyMap<string, number> = new Map([
  ["[", 1],
  ["{", 1],
  ["]", -1],
  ["}", -1],
]);

/**
 * The value of a text in JSON or, as Kubernetes reads it, YAML 1.1; only the first document of several. What stands in
 * later documents is not looked at; whatever cannot be read in the first makes all of it an error. A first document
 * that is empty counts, its value is null: Kubernetes' components refuse such a file, and K3s takes nothing from it, so
 * what the second one says is not what runs. Source: sigs.k8s.io/yaml, `YAMLToJSON`.
 */
export function readDocument(text: string): { readonly value: unknown } | { readonly error: string } {
  if (text.length > largestDocument) return { error: `it is longer than ${largestDocument} characters` };
  const json = parseJson(text);
  if (json !== undefined) return { value: json };
  const lines = new LineCounter();
  try {
    const [document] = new Composer(options).compose(firstDocument(text, lines), true, text.length);
    const [error] = document?.errors ?? [];
    if (error) {
      error.message += placeOf(error.pos[0], lines);
      return { error: yamlReason(error) };
    }
    // No other end of a document than one at its begin comes to the parser.
    if (document?.directives.docEnd) return { error: "a document ends without a start" };
    return { value: document?.toJS(options) };
  } catch (error) {
    return { error: yamlReason(error) };
  }
}

/** The first document, with the comments and directives before it; what fits nowhere is the last that comes. */
function* firstDocument(text: string, lines: LineCounter): Generator<CST.Token> {
  const parser = new Parser(lines.addNewLine);
  lines.addNewLine(0);
  for (const lexeme of lexemesOfFirst(text)) {
    for (const token of parser.next(lexeme)) {
      yield token;
      if (token.type === "error") return;
    }
  }
  yield* parser.end();
}

/** What the first document is written in: all up to `...` or to a `---` that does not begin it. */
function* lexemesOfFirst(text: string): Generator<string> {
  let isWithin = false;
  let hasBegun = false;
  let isScalar = false;
  let depth = 0;
  for (const lexeme of new Lexer().lex(text)) {
    if (hasBegun && !isScalar && (lexeme === "---" || lexeme === "...")) return;
    if (!isScalar) depth += nesting.get(lexeme) ?? 0;
    if (depth > deepestBrackets) throw new RangeError("too many brackets are open");
    yield lexeme;
    hasBegun = isWithin;
    isWithin ||= lexeme === CST.DOCUMENT;
    isScalar = !isScalar && lexeme === CST.SCALAR;
  }
}

function placeOf(offset: number, lines: LineCounter): string {
  if (offset < 0) return "";
  const { line, col } = lines.linePos(offset);
  return ` at line ${line}, column ${col}`;
}

// The JSONPath of Kubernetes: text with actions in braces.
//
//   template   (text | "{" part* "}")*
//   part       "." name | ".." [name] | ".*" | "[" index "]" | "[?(" filter ")]" | "@" | "$" | quoted text | number |
//              true | false | "range" | "end"
//   index      "*" | start [":" end [":" step]] | "'" name "'" | index ("," index)*
//   filter     part+ [("==" | "!=" | "<" | "<=" | ">" | ">=") part+]

/** One step of a path. */
export type PathNode =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "number"; readonly value: number }
  | { readonly kind: "boolean"; readonly value: boolean }
  | { readonly kind: "identifier"; readonly name: "range" | "end" }
  | { readonly kind: "field"; readonly name: string }
  | { readonly kind: "wildcard" }
  | { readonly kind: "recursive" }
  | { readonly kind: "union"; readonly parts: readonly (readonly PathNode[])[] }
  | {
      readonly kind: "slice";
      readonly start: number | undefined;
      readonly end: number | undefined;
      readonly step: number | undefined;
      /** One index, not a range. */
      readonly single: boolean;
    }
  | {
      readonly kind: "filter";
      readonly left: readonly PathNode[];
      readonly right: readonly PathNode[];
      readonly operator: string;
    };

/** Text and actions in their order, or why the template is none. */
export type ParsedJsonPath = { readonly nodes: readonly (readonly PathNode[])[] } | { readonly error: string };

const longestTemplate = 4096;
const deepest = 16;

/** Parses a template. Source: Kubernetes, "JSONPath Support". */
export function parseJsonPath(template: string): ParsedJsonPath {
  if (template.length > longestTemplate) return { error: `the path is longer than ${longestTemplate} characters` };
  try {
    const nodes = parseTemplate(template);
    let open = 0;
    for (const word of nodes.flat().flatMap((node) => (node.kind === "identifier" ? [node.name] : []))) {
      open += word === "range" ? 1 : -1;
      if (open < 0) return { error: "not in range, nothing to end" };
      if (open > deepest) return { error: `more than ${deepest} ranges are nested` };
    }
    return { nodes };
  } catch (error) {
    if (error instanceof TemplateError) return { error: error.message };
    throw error;
  }
}

class TemplateError extends Error {}

function parseTemplate(template: string): (readonly PathNode[])[] {
  const nodes: (readonly PathNode[])[] = [];
  let at = 0;
  while (at < template.length) {
    const open = template.indexOf("{", at);
    if (open !== at) nodes.push([{ kind: "text", text: template.slice(at, open < 0 ? undefined : open) }]);
    if (open < 0) break;
    const parser = new ActionParser(template, { at: open + 1, depth: 0 });
    nodes.push(parser.parse("}"));
    at = parser.at;
  }
  return nodes;
}

class ActionParser {
  readonly #text: string;
  readonly #depth: number;
  at: number;

  constructor(text: string, { at, depth }: { readonly at: number; readonly depth: number }) {
    if (depth > deepest) throw new TemplateError(`the path is nested more than ${deepest} deep`);
    this.#text = text;
    this.at = at;
    this.#depth = depth;
  }

  /** The parts up to and with the closing character; up to the end of the text when there is none. */
  parse(close: string | undefined): PathNode[] {
    const nodes: PathNode[] = [];
    for (;;) {
      const character = this.#text[this.at];
      if (character === undefined) {
        if (close !== undefined) throw new TemplateError("unclosed action");
        return nodes;
      }
      if (character === close) {
        this.at++;
        return nodes;
      }
      nodes.push(...this.#part(character));
    }
  }

  #part(character: string): readonly PathNode[] {
    if (this.#text.startsWith("[?(", this.at)) return [this.#filter()];
    if (this.#text.startsWith("..", this.at)) {
      this.at += 2;
      return /^\w/.test(this.#text[this.at] ?? "") ? [{ kind: "recursive" }, this.#field()] : [{ kind: "recursive" }];
    }
    if (character === " " || character === "@" || character === "$") {
      this.at++;
      return [];
    }
    if (character === ".") {
      this.at++;
      return [this.#field()];
    }
    if (character === "[") return [this.#index()];
    if (character === '"' || character === "'") return [{ kind: "text", text: this.#quoted(character) }];
    const word = /^(?:[+-]?\d[\d.]*|\w+)/.exec(this.#text.slice(this.at, this.at + longestTemplate))?.[0];
    if (word === undefined) throw new TemplateError(`unrecognized character in action: ${character}`);
    this.at += word.length;
    if (word === "true" || word === "false") return [{ kind: "boolean", value: word === "true" }];
    if (word === "range" || word === "end") return [{ kind: "identifier", name: word }];
    const value = Number(word);
    if (Number.isNaN(value)) throw new TemplateError(`unrecognized identifier ${word}`);
    return [{ kind: "number", value }];
  }

  #field(): PathNode {
    let name = "";
    for (let character = this.#text[this.at]; character !== undefined; character = this.#text[this.at]) {
      if (/[\s.,[\]$@{}]/.test(character)) break;
      this.at++;
      if (character !== "\\") name += character;
      else name += this.#text[this.at++] ?? "";
    }
    return name === "*" ? { kind: "wildcard" } : { kind: "field", name };
  }

  #quoted(quote: string): string {
    const start = this.at + 1;
    let end = start;
    while (this.#text[end] !== quote || this.#text[end - 1] === "\\") {
      if (end >= this.#text.length || this.#text[end] === "\n") throw new TemplateError("unterminated quoted string");
      end++;
    }
    this.at = end + 1;
    return this.#text.slice(start, end).replace(/\\(.)/g, (_, character: string) => escapes[character] ?? character);
  }

  #index(): PathNode {
    const end = this.#text.indexOf("]", this.at);
    if (end < 0) throw new TemplateError("unterminated array");
    const text = this.#text.slice(this.at + 1, end);
    this.at = end + 1;
    const parts = text.split(",");
    if (parts.length === 1) return indexNode(text);
    return { kind: "union", parts: parts.map((part) => [indexNode(part.trim())]) };
  }

  #filter(): PathNode {
    const start = this.at + 3;
    let end = start;
    let quote = "";
    for (; end < this.#text.length; end++) {
      const character = this.#text[end] ?? "";
      if (quote === "" && (character === '"' || character === "'")) quote = character;
      else if (quote !== "" && character === quote && this.#text[end - 1] !== "\\") quote = "";
      else if (quote === "" && character === ")") break;
    }
    if (this.#text[end + 1] !== "]") throw new TemplateError("unterminated filter");
    this.at = end + 2;
    const text = this.#text.slice(start, end);
    const operator = /[!<>=]+/.exec(text);
    const parsed = (part: string): PathNode[] =>
      new ActionParser(part, { at: 0, depth: this.#depth + 1 }).parse(undefined);
    if (!operator || operator.index === 0) return { kind: "filter", left: parsed(text), right: [], operator: "exists" };
    return {
      kind: "filter",
      left: parsed(text.slice(0, operator.index)),
      right: parsed(text.slice(operator.index + operator[0].length)),
      operator: operator[0],
    };
  }
}

const escapes: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r" };

function indexNode(text: string): PathNode {
  const key = /^'([^']+)'$/.exec(text)?.[1];
  if (key !== undefined) return { kind: "field", name: key };
  if (text === "*") return { kind: "slice", start: undefined, end: undefined, step: undefined, single: false };
  const slice = /^(-?\d+)?(:-?\d*)?(:-?\d*)?$/.exec(text);
  if (!slice || text === "") throw new TemplateError(`invalid array index ${text}`);
  const [, first, second, third] = slice;
  const start = first === undefined ? undefined : Number(first);
  if (second === undefined)
    return { kind: "slice", start, end: (start ?? 0) + 1, step: numberBehindColon(third), single: true };
  return { kind: "slice", start, end: numberBehindColon(second), step: numberBehindColon(third), single: false };
}

function numberBehindColon(text: string | undefined): number | undefined {
  return text === undefined || text === ":" ? undefined : Number(text.slice(1));
}

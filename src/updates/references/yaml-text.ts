import {
  type Alias,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Node,
  type ParsedNode,
  parseAllDocuments,
  Scalar,
  type YAMLMap,
} from "yaml";
import { trimEnd } from "../../model/text/trim-end.ts";
import type { EditablePart } from "./image-reference.ts";
import { PlacedText, type SourceText, type Span } from "./placed-text.ts";

/** One YAML document, of which every scalar knows its bytes. */
export interface YamlDocument {
  readonly root: Node;
  readonly text: YamlText;
}

/** The documents of a text; `error` for text that is not YAML. */
export type YamlDocuments = { readonly documents: readonly YamlDocument[] } | { readonly error: string };

// All scalars are read as text: 1.10 is a tag, not a number.
const options = {
  schema: "failsafe",
  merge: false,
  uniqueKeys: false,
  resolveKnownTags: false,
  strict: false,
  logLevel: "silent",
  prettyErrors: false,
} as const;
const deepest = 100;

/** Parses the documents of a file. */
export function yamlDocuments(source: SourceText): YamlDocuments {
  return parse(new YamlText(source.text, (start, end) => PlacedText.of(source, start, end)), source.text);
}

/** Parses YAML inside a value, such as a patch in a kustomization. */
export function nestedYaml(value: PlacedText): YamlDocuments {
  return parse(new YamlText(value.text, (start, end) => value.slice(start, end)), value.text);
}

function parse(text: YamlText, characters: string): YamlDocuments {
  try {
    const parsed = parseAllDocuments<ParsedNode>(characters, options);
    const documents = Array.isArray(parsed) ? parsed : [];
    const error = documents.flatMap(({ errors }) => errors)[0];
    if (error) return { error: error.message };
    return { documents: documents.flatMap(({ contents }) => (contents ? [{ root: contents, text }] : [])) };
  } catch (cause) {
    if (cause instanceof RangeError) return { error: "it is nested too deeply" };
    throw cause;
  }
}

/** The characters that YAML nodes were parsed from. */
export class YamlText {
  readonly #text: string;
  readonly #place: (start: number, end: number) => PlacedText;
  readonly #anchors = new Map<string, Node>();
  #indexed: Node | undefined;

  constructor(text: string, place: (start: number, end: number) => PlacedText) {
    this.#text = text;
    this.#place = place;
  }

  /** The value of a scalar with the bytes it comes from; without them when it is folded over several lines. */
  valueOf(scalar: Scalar): PlacedText {
    const value = typeof scalar.value === "string" ? scalar.value : "";
    const [start, end] = scalar.range ?? [0, 0];
    const source = this.#place(start, end);
    const placed = this.#placed(scalar, source);
    return placed?.text === value ? placed : PlacedText.unplaced(value);
  }

  /** The bytes between the quotes, where the scalar has quotes. */
  writtenSpan(scalar: Scalar): Span | undefined {
    const [start, end] = scalar.range ?? [0, 0];
    const isQuoted = scalar.type === Scalar.QUOTE_DOUBLE || scalar.type === Scalar.QUOTE_SINGLE;
    return isQuoted ? this.#place(start + 1, end - 1).span() : this.#place(start, end).span();
  }

  /** A scalar that is a whole tag or digest; for an empty one in quotes the place between the quotes. */
  editable(scalar: Scalar): EditablePart | undefined {
    const [start, end] = scalar.range ?? [0, 0];
    const whole = this.#place(start, end).span();
    if (!whole) return undefined;
    if (scalar.type === Scalar.PLAIN) return { span: whole, isPlainScalar: true };
    const span = { file: whole.file, start: whole.start + 1, end: whole.end - 1 };
    const isQuoted = scalar.type === Scalar.QUOTE_DOUBLE || scalar.type === Scalar.QUOTE_SINGLE;
    const isAsWritten = this.#text.slice(start + 1, end - 1) === scalar.value;
    return isQuoted && isAsWritten ? { span } : undefined;
  }

  /** The node that an alias stands for. */
  target({ source }: Alias, root: Node): Node | undefined {
    if (this.#indexed !== root) {
      this.#anchors.clear();
      this.#index(root, 0);
      this.#indexed = root;
    }
    return this.#anchors.get(source);
  }

  #index(node: unknown, depth: number): void {
    if (depth > deepest || node === null || typeof node !== "object") return;
    if ("anchor" in node && typeof node.anchor === "string" && (isMap(node) || isSeq(node) || isScalar(node))) {
      this.#anchors.set(node.anchor, node);
    }
    if (isMap(node)) for (const { value } of node.items) this.#index(value, depth + 1);
    if (isSeq(node)) for (const item of node.items) this.#index(item, depth + 1);
  }

  #placed({ type }: Scalar, source: PlacedText): PlacedText | undefined {
    if (type === Scalar.PLAIN) return source;
    if (type === Scalar.QUOTE_SINGLE) return unescaped(source.slice(1, -1), singleEscape);
    if (type === Scalar.QUOTE_DOUBLE) return unescaped(source.slice(1, -1), doubleEscape);
    return blockContent(source);
  }
}

const singleEscape = /''/y;
const doubleEscape = /\\(?:x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|[^xu\r\n])/y;
const namedEscapes: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r", "0": "\0" };

function unescaped(text: PlacedText, pattern: RegExp): PlacedText {
  let value = "";
  const spans: (Span | undefined)[] = [];
  for (let at = 0; at < text.text.length; ) {
    pattern.lastIndex = at;
    const [written] = pattern.exec(text.text) ?? [text.text.charAt(at)];
    value += written.length === 1 ? written : characterOf(written);
    spans.push(text.slice(at, at + written.length).span());
    at += written.length;
  }
  return new PlacedText(value, spans);
}

function characterOf(written: string): string {
  const name = written.charAt(1);
  const isCode = (name === "x" || name === "u") && written.length > 2;
  return isCode ? String.fromCharCode(Number.parseInt(written.slice(2), 16)) : (namedEscapes[name] ?? name);
}

/** The lines of a block scalar without their indentation; folded ones only match the value when they have one line. */
function blockContent(source: PlacedText): PlacedText | undefined {
  const { text } = source;
  const header = /^[|>][^\r\n]*\r?\n/.exec(text)?.[0];
  if (header === undefined) return undefined;
  const indent = /^(?:[ \t]*\r?\n)*( +)/.exec(text.slice(header.length))?.[1]?.length ?? 0;
  const parts: PlacedText[] = [];
  for (let at = header.length; at < text.length; ) {
    const end = text.indexOf("\n", at);
    const next = end < 0 ? text.length : end + 1;
    const hasReturn = end > 0 && text[end - 1] === "\r";
    const from = Math.min(at + indent, hasReturn ? next - 2 : next - (end < 0 ? 0 : 1));
    if (hasReturn) parts.push(source.slice(from, next - 2), source.slice(next - 1, next));
    else parts.push(source.slice(from, next));
    at = next;
  }
  const content = PlacedText.join(parts);
  if (text.charAt(1) === "+" || text.charAt(2) === "+") return content;
  const kept = trimEnd(content.text, "\n").length;
  const isStripped = text.charAt(1) === "-" || text.charAt(2) === "-";
  return content.slice(0, isStripped ? kept : Math.min(kept + 1, content.text.length));
}

/** The value of a key; for a key that is there several times the last. Aliases are not followed. */
export function member(node: unknown, key: string): unknown {
  return isMap(node) ? node.items.findLast((pair) => keyOf(pair.key) === key)?.value : undefined;
}

/** The keys and values of a mapping. */
export function members(node: unknown): readonly { readonly key: string; readonly value: unknown }[] {
  return isMap(node) ? node.items.map(({ key, value }) => ({ key: keyOf(key), value })) : [];
}

/** The items of a list. */
export function items(node: unknown): readonly unknown[] {
  return isSeq(node) ? node.items : [];
}

/** The text of a scalar. */
export function textOf(node: unknown): string | undefined {
  return isScalar(node) && typeof node.value === "string" ? node.value : undefined;
}

/** What merge keys (`<<`) of a mapping name, in the order in which they count. */
export function mergeSources(node: YAMLMap): readonly unknown[] {
  const value = member(node, "<<");
  return isSeq(value) ? value.items : value === undefined ? [] : [value];
}

export { isAlias, isMap, isScalar, isSeq, type Node, type Scalar, type YAMLMap };

function keyOf(key: unknown): string {
  return isScalar(key) && typeof key.value === "string" ? key.value : "";
}

import type { CST, Document } from "yaml";
import { Composer, isAlias, isMap, isPair, isScalar, isSeq, Scalar } from "yaml";
import { lenientYamlTokens } from "../../io/documents/yaml-tokens.ts";

// Rule files are read as yaml-cpp reads them for Falco: every scalar is its text, and only `~`, `null` and nothing at
// all are null. An alias is the node of its anchor itself; it counts as if it were written out, so that every walk over
// a document stays bounded.

/**
 * A node of a rule file. `offset` is the index in the text where the node begins; of a null without text, where the
 * next word is.
 */
export type YamlNode = YamlNull | YamlScalar | YamlSequence | YamlMapping;

/** No value: nothing, `~` or a plain `null`. */
export interface YamlNull {
  readonly kind: "null";
  readonly offset: number;
}

/** A single value as its text, whatever it may mean. */
export interface YamlScalar {
  readonly kind: "scalar";
  readonly text: string;
  readonly offset: number;
}

/** Values in their order. */
export interface YamlSequence {
  readonly kind: "sequence";
  readonly items: readonly YamlNode[];
  readonly offset: number;
}

/** Pairs in their order; a key may be there twice, and the first counts. */
export interface YamlMapping {
  readonly kind: "mapping";
  readonly pairs: readonly (readonly [key: YamlNode, value: YamlNode])[];
  readonly offset: number;
}

/** Why a text is not YAML. `offset` is where, when it is known. */
export class YamlError extends Error {
  override readonly name = "YamlError";
  readonly offset: number | undefined;

  constructor(message: string, offset?: number) {
    super(message);
    this.offset = offset;
  }
}

const maxLength = 4 * 1024 * 1024;
const maxDepth = 64;
const maxNodes = 500_000;
const longestProperties = 256;
const closeComment = "Comments must be separated";

/**
 * The documents of a text without a byte order mark, in order. Error: a `YamlError` for what is not YAML, too long or
 * too deep.
 */
export function readYaml(text: string): YamlNode[] {
  if (text.length > maxLength) throw new YamlError(`the file is longer than ${maxLength} characters`);
  const tokens: CST.Token[] = [];
  let nodes = 0;
  for (const token of lenientYamlTokens(text, refuseLeadingComma)) {
    nodes += checkToken(token);
    if (nodes > maxNodes) throw tooManyNodes();
    tokens.push(token);
  }
  const composer = new Composer({
    schema: "failsafe",
    version: "1.2",
    uniqueKeys: false,
    merge: false,
    logLevel: "silent",
  });
  return Array.from(composer.compose(tokens, false, text.length), (document) => documentNode(document, text));
}

/** The value of the first pair with this key; `undefined` when the node is not a mapping or has no such key. */
export function child(node: YamlNode, key: string): YamlNode | undefined {
  if (node.kind !== "mapping") return undefined;
  return node.pairs.find(([name]) => name.kind === "scalar" && name.text === key)?.[1];
}

function refuseLeadingComma(offset: number): void {
  throw new YamlError("a comma begins a line", offset);
}

function documentNode(document: Document.Parsed, text: string): YamlNode {
  const error = document.errors.find(({ message }) => !message.startsWith(closeComment));
  if (error) throw new YamlError(error.message, error.pos[0]);
  return new Converter(text).convert(document.contents);
}

class Converter {
  readonly #text: string;
  /** `undefined` while the node is being converted. */
  readonly #anchors = new Map<string, { readonly node: YamlNode; readonly size: number } | undefined>();
  #nodes = 0;

  constructor(text: string) {
    this.#text = text;
  }

  convert(node: unknown): YamlNode {
    if (++this.#nodes > maxNodes) throw tooManyNodes();
    if (isAlias(node)) {
      const target = this.#anchors.get(node.source);
      this.#nodes += target?.size ?? 0;
      if (target !== undefined) return target.node;
      const why = this.#anchors.has(node.source) ? "is inside the value to which it refers" : "has no anchor";
      throw new YamlError(`the alias ${node.source} ${why}`, node.range?.[0]);
    }
    const anchor = isScalar(node) || isSeq(node) || isMap(node) ? node.anchor : undefined;
    if (anchor === undefined) return this.#convertOwn(node);
    this.#anchors.set(anchor, undefined);
    const before = this.#nodes;
    const converted = this.#convertOwn(node);
    this.#anchors.set(anchor, { node: converted, size: this.#nodes - before });
    return converted;
  }

  #convertOwn(node: unknown): YamlNode {
    if (isSeq(node)) {
      const offset = this.#beforeProperties(node.range?.[0] ?? 0, node);
      return { kind: "sequence", items: node.items.map((item) => this.convert(item)), offset };
    }
    if (isMap(node)) {
      const pairs = node.items.map(({ key, value }) => [this.convert(key), this.convert(value)] as const);
      const first = node.flow ? undefined : pairs[0]?.[0].offset;
      return { kind: "mapping", pairs, offset: first ?? this.#beforeProperties(node.range?.[0] ?? 0, node) };
    }
    // A sequence in flow style may hold a single pair: `[a: b]`.
    if (isPair(node)) {
      const key = this.convert(node.key);
      return { kind: "mapping", pairs: [[key, this.convert(node.value)]], offset: key.offset };
    }
    if (!isScalar(node)) return { kind: "null", offset: 0 };
    const offset = this.#beforeProperties(node.range?.[0] ?? 0, node);
    const text = typeof node.value === "string" ? node.value : (node.source ?? "");
    const isPlain = node.type === Scalar.PLAIN || node.type === undefined;
    if (isPlain && /^(?:~|null|Null|NULL|)$/.test(text)) {
      return { kind: "null", offset: text === "" ? this.#nextWord(offset) : offset };
    }
    return { kind: "scalar", text, offset };
  }

  /** An anchor and a tag on the line of a value are its begin. */
  #beforeProperties(offset: number, { anchor, tag }: { readonly anchor?: string; readonly tag?: string }): number {
    if (anchor === undefined && tag === undefined) return offset;
    const before = this.#text.slice(Math.max(0, offset - longestProperties), offset);
    return offset - (/(?:[&!][^\s,[\]{}]*[ \t]+){1,2}$/.exec(before)?.[0].length ?? 0);
  }

  /** Past blanks, line ends and comments: where yaml-cpp says that a missing value is. */
  #nextWord(from: number): number {
    let index = from;
    for (; index < this.#text.length; index++) {
      const character = this.#text.charAt(index);
      if (character === "#") {
        const end = this.#text.indexOf("\n", index);
        if (end === -1) return this.#text.length;
        index = end;
      } else if (!/[ \t\r\n]/.test(character)) break;
    }
    return index;
  }
}

function tooManyNodes(): YamlError {
  return new YamlError(`the file has more than ${maxNodes} values after its aliases are expanded`);
}

/** How many values a token has; before the composer, which recurses, sees one that is too deep. */
function checkToken(token: CST.Token): number {
  let count = 0;
  const open: [token: unknown, depth: number][] = [[token, 0]];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [value, depth] = next;
    if (depth > maxDepth) throw new YamlError(`the file is nested more than ${maxDepth} levels deep`, token.offset);
    if (typeof value !== "object" || value === null) continue;
    if ("value" in value) open.push([value.value, depth]);
    if ("items" in value && Array.isArray(value.items)) {
      count += value.items.length;
      for (const item of value.items) open.push([item.key, depth + 1], [item.value, depth + 1]);
    }
  }
  return count;
}

import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  parseDocument,
  Scalar,
} from "yaml";
import { yamlReason } from "../../io/yaml-reason.ts";
import { child, put, type YamlPlace } from "./yaml-place.ts";
import { resolvePlainScalar } from "./yaml-scalar.ts";

/**
 * What {@link readYaml} read, or why the text is no YAML that it reads: a clause in lower case, with a line from 1 when
 * it is known.
 */
export type ReadYaml = { readonly value: unknown } | { readonly error: string; readonly line?: number };

const longest = 4 * 1024 * 1024;
/** Levels of nesting that a document may have. */
export const deepest = 100;
const mostValues = 500_000;

/**
 * The value of one YAML document, without `---`, that may have anything of YAML 1.1: anchors, aliases, merge keys,
 * tags. What aliases stand for is counted as if it were written out, so that nobody who walks the value walks far. With
 * `root`, the places of all values are put there.
 */
export function readYaml(text: string, root?: YamlPlace): ReadYaml {
  if (text.length > longest)
    return {
      error: `it is longer than ${longest} characters`,
    };
  try {
    const document = parseDocument(text, {
      version: "1.1",
      merge: false,
      uniqueKeys: false,
      logLevel: "silent",
      prettyErrors: false,
    });
    const [error] = document.errors;
    if (error)
      return {
        error: clause(yamlReason(error)),
        line: lineOf(text, error.pos[0]),
      };
    return { value: new Converter(text).convert(document, root) };
  } catch (error) {
    if (error instanceof RangeError) return { error: yamlReason(error) };
    if (error instanceof YamlLimit) return { error: error.message, line: lineOf(text, error.offset) };
    throw error;
  }
}

/** The line of an offset, from 1. */
function lineOf(text: string, offset: number): number {
  let line = 1;
  for (let at = text.indexOf("\n"); at >= 0 && at < offset; at = text.indexOf("\n", at + 1)) line++;
  return line;
}

class YamlLimit extends Error {
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

/** A value and how many values it is when all aliases are written out. */
interface Converted {
  readonly value: unknown;
  readonly size: number;
}

class Converter {
  readonly #text: string;
  readonly #anchors = new Map<string, Converted>();

  constructor(text: string) {
    this.#text = text;
  }

  convert(document: Document.Parsed, root: YamlPlace | undefined): unknown {
    return document.contents ? this.#node(document.contents, { depth: 0, place: root }).value : null;
  }

  #node(node: Node | null, at: { depth: number; place: YamlPlace | undefined }): Converted {
    const offset = node?.range?.[0] ?? 0;
    if (at.depth > deepest) throw new YamlLimit(`it is nested more than ${deepest} deep`, offset);
    if (isAlias(node)) return this.#target(node);
    const converted = this.#content(node, at);
    if (converted.size > mostValues) throw new YamlLimit(`it stands for more than ${mostValues} values`, offset);
    const anchor = node && "anchor" in node ? node.anchor : undefined;
    if (anchor !== undefined) this.#anchors.set(anchor, converted);
    return converted;
  }

  #content(node: Node | null, { depth, place }: { depth: number; place: YamlPlace | undefined }): Converted {
    if (isScalar(node)) return { value: this.#scalar(node), size: 1 };
    if (isSeq(node)) {
      let size = 1;
      const value = node.items.map((item, index) => {
        const itemNode = item as Node;
        const itemPlace = child(place, index, itemNode?.range?.[0] ?? 0);
        const converted = this.#node(itemNode, {
          depth: depth + 1,
          place: itemPlace,
        });
        size += converted.size;
        return converted.value;
      });
      return { value, size };
    }
    if (!isMap(node)) return { value: null, size: 1 };
    const value: Record<string, unknown> = {};
    const merged: unknown[] = [];
    let size = 1;
    for (const pair of node.items as Pair<Node, Node | null>[]) {
      const key = this.#key(pair.key);
      const keyPlace = child(place, key, pair.key?.range?.[0] ?? 0);
      const converted = this.#node(pair.value, {
        depth: depth + 1,
        place: keyPlace,
      });
      size += converted.size;
      if (size > mostValues) break;
      if (key === "<<" && isScalar(pair.key) && pair.key.type === Scalar.PLAIN) {
        merged.push(...(Array.isArray(converted.value) ? converted.value : [converted.value]));
      } else {
        put(value, key, converted.value);
      }
    }
    for (const source of merged) {
      if (typeof source !== "object" || source === null) continue;
      for (const [key, inherited] of Object.entries(source)) {
        if (!Object.hasOwn(value, key)) put(value, key, inherited);
      }
    }
    return { value, size };
  }

  #target({ source, range }: Alias): Converted {
    const target = this.#anchors.get(source);
    if (target) return target;
    throw new YamlLimit(`the alias ${source} stands for nothing that ended before it`, range?.[0] ?? 0);
  }

  #key(node: Node | null): string {
    if (isAlias(node)) return String(this.#target(node).value ?? "");
    return isScalar(node) ? this.#source(node) : "";
  }

  #scalar(node: Scalar): unknown {
    const source = this.#source(node);
    const isPlain = node.type === Scalar.PLAIN || node.type === undefined;
    return isPlain && node.tag !== "tag:yaml.org,2002:str" ? resolvePlainScalar(source) : source;
  }

  #source(node: Scalar): string {
    if (node.source !== undefined) return node.source;
    const [start = 0, end = 0] = node.range ?? [];
    return typeof node.value === "string" ? node.value : this.#text.slice(start, end);
  }
}

function clause(message: string): string {
  return message.charAt(0).toLowerCase() + message.slice(1);
}

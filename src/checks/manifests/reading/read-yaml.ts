import {
  type Alias,
  Composer,
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  type Node,
  parseDocument,
  Scalar,
  type YAMLMap,
} from "yaml";
import { yamlReason } from "../../../io/documents/yaml-reason.ts";
import { lenientYamlTokens } from "../../../io/documents/yaml-tokens.ts";
import { isJsonObject } from "../../../model/objects/json-object.ts";
import { child, put, type YamlPlace } from "./yaml-place.ts";
import { keyOfScalar, resolveScalar, type YamlScalarValue } from "./yaml-scalar.ts";

/**
 * What {@link readYaml} read, or why the text is not YAML that it reads: a clause in lower case, with a line from 1
 * when it is known.
 */
export type ReadYaml = { readonly value: unknown } | { readonly error: string; readonly line?: number };

/** How {@link readYaml} reads. */
export interface YamlReading {
  /** The places of all values are put here. */
  readonly root?: YamlPlace | undefined;
  /**
   * Which value counts when a mapping has a key and merges one of the same name: for Kubernetes' reader
   * (go.yaml.in/yaml/v2) the one that is written last, for the newer reader of Compose (`own`) the one of the mapping
   * itself. That reader also leaves out what is tagged `!reset`.
   */
  readonly merge?: "last" | "own";
}

const longest = 4 * 1024 * 1024;
/** Levels of nesting that a document may have. */
export const deepest = 100;
const mostValues = 500_000;
// All scalars as their texts, whatever their tags: the types are Kubernetes' own.
const options = {
  schema: "failsafe",
  version: "1.1",
  merge: false,
  uniqueKeys: false,
  resolveKnownTags: false,
  logLevel: "silent",
  prettyErrors: false,
} as const;
const mergeTag = "tag:yaml.org,2002:merge";
const closeComment = "Comments must be separated";

/**
 * The value of one YAML document, without `---`, as Kubernetes reads it (sigs.k8s.io/yaml): with anchors, aliases,
 * merge keys and tags of YAML 1.1. When a key is there twice the last value counts, and keys that are numbers or
 * booleans are text. The contents of aliases count as if they were written out, so that every walk over the value stays
 * bounded.
 */
export function readYaml(text: string, { root, merge = "last" }: YamlReading = {}): ReadYaml {
  if (text.length > longest)
    return {
      error: `the document is longer than ${longest} characters`,
    };
  try {
    const document = parse(text);
    const [error] = document.errors;
    if (error)
      return {
        error: clause(yamlReason(error)),
        line: lineOf(text, error.pos[0]),
      };
    return { value: new Converter(text, merge).convert(document, root) };
  } catch (error) {
    if (error instanceof RangeError) return { error: yamlReason(error) };
    if (error instanceof YamlLimit) return { error: error.message, line: lineOf(text, error.offset) };
    throw error;
  }
}

/**
 * The package keeps to the indentation that YAML 1.2 wants inside quotes and brackets, and to a blank before a comment;
 * Kubernetes' reader does not. What the package refuses is read once more without that.
 */
function parse(text: string): Document.Parsed {
  const strict = parseDocument(text, options);
  if (strict.errors.length === 0) return strict;
  const documents = [...new Composer(options).compose(lenientYamlTokens(text), true, text.length)];
  const [lenient] = documents;
  if (!lenient || documents.length > 1) return strict;
  if (lenient.errors.some(({ message }) => !message.startsWith(closeComment))) return strict;
  lenient.errors.length = 0;
  return lenient;
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
  /** For a scalar, its value as a key. */
  readonly scalar?: YamlScalarValue;
  /** For a mapping, the types of its keys that are not text. */
  readonly keyTypes?: ReadonlyMap<string, YamlScalarValue["type"]>;
}

/** What an anchor names; `converted` is missing while it is being read. */
interface Anchored {
  converted?: Converted;
}

interface At {
  readonly depth: number;
  readonly place: YamlPlace | undefined;
  readonly isInFlow: boolean;
}

class Converter {
  readonly #text: string;
  readonly #merge: "last" | "own";
  readonly #anchors = new Map<string, Anchored>();

  constructor(text: string, merge: "last" | "own") {
    this.#text = text;
    this.#merge = merge;
  }

  convert(document: Document.Parsed, root: YamlPlace | undefined): unknown {
    return document.contents ? this.#node(document.contents, { depth: 0, place: root, isInFlow: false }).value : null;
  }

  #node(node: Node | null, at: At): Converted {
    const offset = node?.range?.[0] ?? 0;
    if (at.depth > deepest) throw new YamlLimit(`the document is nested more than ${deepest} deep`, offset);
    if (isAlias(node)) return this.#target(node);
    this.#refuseOtherwiseRead(node, at.isInFlow);
    // The reader knows an anchor from its begin on: one of the same name inside replaces it.
    const anchored: Anchored = {};
    if (node && "anchor" in node && node.anchor !== undefined) this.#anchors.set(node.anchor, anchored);
    const converted = this.#content(node, at);
    if (converted.size > mostValues)
      throw new YamlLimit(`the document expands to more than ${mostValues} values`, offset);
    anchored.converted = converted;
    return converted;
  }

  #content(node: Node | null, at: At): Converted {
    if (isScalar(node)) return this.#scalar(node);
    if (isMap(node)) return this.#mapping(node as YAMLMap<Node, Node | null>, at);
    if (!isSeq(node)) return { value: null, size: 1, scalar: { type: "null", value: null } };
    const isInFlow = at.isInFlow || node.flow === true;
    let size = 1;
    const value = node.items.map((item, index) => {
      const itemNode = item as Node;
      const place = child(at.place, index, itemNode?.range?.[0] ?? 0);
      const converted = this.#node(itemNode, { depth: at.depth + 1, place, isInFlow });
      size += converted.size;
      return converted.value;
    });
    // Places of the items that follow one that is left out are those of their neighbours.
    return { value: value.filter((_, index) => !this.#isReset(node.items[index])), size };
  }

  #mapping({ items, flow }: YAMLMap<Node, Node | null>, { depth, place, ...at }: At): Converted {
    const isInFlow = at.isInFlow || flow === true;
    const mapping = new Mapping();
    const inherited: (readonly [sources: readonly Converted[], offset: number])[] = [];
    let size = 1;
    for (const { key: keyNode, value: valueNode } of items) {
      const offset = keyNode?.range?.[0] ?? 0;
      const isMerge = isMergeKey(keyNode);
      const scalar = isMerge ? undefined : this.#key(keyNode, { depth: depth + 1, place: undefined, isInFlow });
      const key = scalar ? keyOfScalar(scalar) : "<<";
      if (key === undefined)
        throw new YamlLimit("null and numbers that are too large are not supported as keys", offset);
      const keyPlace = child(place, key, offset);
      const converted = this.#node(valueNode, { depth: depth + 1, place: keyPlace, isInFlow });
      size += converted.size;
      if (size > mostValues) break;
      if (this.#isReplacing(valueNode) && keyPlace) keyPlace.isReplacing = true;
      if (this.#isReset(valueNode)) continue;
      if (scalar) {
        mapping.put(key, { value: converted.value, type: scalar.type, offset });
      } else {
        const sources = this.#mergeSources(valueNode, converted);
        if (this.#merge === "own") inherited.push([sources, offset]);
        else for (const source of sources.toReversed()) mapping.merge(source, { offset, replaces: true });
      }
    }
    for (const [sources, offset] of inherited) {
      for (const source of sources) mapping.merge(source, { offset, replaces: false });
    }
    return { value: mapping.value, size, keyTypes: mapping.types };
  }

  /** Whether Compose merges a value over nothing: https://docs.docker.com/reference/compose-file/merge/. */
  #isReplacing(node: Node | null): boolean {
    if (this.#merge !== "own" || node === null || isAlias(node)) return false;
    const { tag, anchor } = node;
    if (tag !== "!reset" && tag !== "!override") return false;
    if (anchor === undefined) return true;
    throw new YamlLimit(`anchors are not supported on values with the tag ${tag}`, node.range?.[0] ?? 0);
  }

  #isReset(node: unknown): boolean {
    return isNode(node) && this.#isReplacing(node) && node.tag === "!reset";
  }

  /** The mappings that a merge key names, the first of which counts most. */
  #mergeSources(node: Node | null, converted: Converted): readonly Converted[] {
    if (isJsonObject(converted.value)) return [converted];
    if (Array.isArray(converted.value) && converted.value.every(isJsonObject)) {
      const items = isSeq(node) ? node.items : [];
      return converted.value.map((value, index) => {
        const item = items[index];
        const target = isAlias(item) ? this.#anchors.get(item.source)?.converted : undefined;
        return target ?? { value, size: 1 };
      });
    }
    throw new YamlLimit("a merge key (<<) needs a mapping or a list of mappings", node?.range?.[0] ?? 0);
  }

  #target({ source, range }: Alias): Converted {
    const target = this.#anchors.get(source);
    if (target?.converted) return target.converted;
    throw new YamlLimit(`unresolved or recursive alias ${source}`, range?.[0] ?? 0);
  }

  #key(node: Node | null, at: At): YamlScalarValue {
    const { scalar } = this.#node(node, at);
    if (scalar) return scalar;
    throw new YamlLimit("mappings and lists are not supported as keys", node?.range?.[0] ?? 0);
  }

  /**
   * What Kubernetes' reader reads in another way than the package: in brackets, `?a` is the key `a`, and `a:` before a
   * comma or bracket a text with a colon; a comma or bracket at the end of a tag belongs to the tag.
   */
  #refuseOtherwiseRead(node: Node | null, isInFlow: boolean): void {
    const [start = 0, end = 0] = node?.range ?? [];
    const behind = this.#text.slice(end, end + 2);
    const isAmbiguous =
      isInFlow && isScalar(node) && isPlain(node) && (this.#text[start] === "?" || /^:[,[\]{}]/.test(behind));
    const isOpenTag =
      node !== null &&
      "tag" in node &&
      node.tag !== undefined &&
      /^[^\s][,[\]]/.test(this.#text.slice(start - 1, start + 1));
    if (!isAmbiguous && !isOpenTag) return;
    throw new YamlLimit("no space after a question mark, colon or tag, which YAML parsers treat differently", start);
  }

  #scalar(node: Scalar): Converted {
    const source = this.#source(node);
    const isText = node.tag === undefined && !isPlain(node);
    const scalar = isText ? ({ type: "text", value: source } as const) : resolveScalar(source, node.tag);
    if (!scalar) throw new YamlLimit(`a value does not match its tag`, node.range?.[0] ?? 0);
    if (typeof scalar.value === "number" && !Number.isFinite(scalar.value)) {
      throw new YamlLimit(`${source} cannot be represented in JSON`, node.range?.[0] ?? 0);
    }
    return { value: scalar.value, size: 1, scalar };
  }

  #source(node: Scalar): string {
    if (node.source !== undefined) return node.source;
    const [start = 0, end = 0] = node.range ?? [];
    return typeof node.value === "string" ? node.value : this.#text.slice(start, end);
  }
}

/** A mapping while it is filled. */
class Mapping {
  readonly value: Record<string, unknown> = {};
  readonly types = new Map<string, YamlScalarValue["type"]>();

  /**
   * Sets a key. Kubernetes' reader keeps `1` and `"1"` apart until it makes JSON of them, and takes either then: the
   * value is a matter of chance, so it is refused.
   */
  put(key: string, { value, type, offset }: { value: unknown; type: YamlScalarValue["type"]; offset: number }): void {
    if (Object.hasOwn(this.value, key) && (this.types.get(key) ?? "text") !== type) {
      throw new YamlLimit(`duplicate key ${key} with different types`, offset);
    }
    if (type !== "text") this.types.set(key, type);
    put(this.value, key, value);
  }

  merge(source: Converted, { offset, replaces }: { offset: number; replaces: boolean }): void {
    for (const [key, value] of Object.entries(source.value as Record<string, unknown>)) {
      if (!replaces && Object.hasOwn(this.value, key)) continue;
      this.put(key, { value, type: source.keyTypes?.get(key) ?? "text", offset });
    }
  }
}

function isPlain({ type }: Scalar): boolean {
  return type === Scalar.PLAIN || type === undefined;
}

function isMergeKey(node: Node | null): boolean {
  if (!isScalar(node) || (node.source ?? node.value) !== "<<") return false;
  return node.tag === mergeTag || (node.tag === undefined && isPlain(node));
}

function clause(message: string): string {
  return message.charAt(0).toLowerCase() + message.slice(1);
}

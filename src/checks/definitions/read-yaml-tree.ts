import type { Document } from "yaml";
import { isAlias, isMap, isScalar, isSeq, LineCounter, parseAllDocuments } from "yaml";
import { yamlReason } from "../../io/documents/yaml-reason.ts";
import { indentQuotedLines } from "./indent-quoted-lines.ts";

// Definition files are read for their texts: an id `1.10` is not a number, and `value: 0600` is what stands there.

/** A node of a definition file; `line` from 1. */
export type YamlTree =
  | { readonly kind: "scalar"; readonly text: string; readonly isNull: boolean; readonly line: number }
  | { readonly kind: "sequence"; readonly items: readonly YamlTree[]; readonly line: number }
  | { readonly kind: "mapping"; readonly entries: ReadonlyMap<string, YamlTree>; readonly line: number };

/** Why a file is not YAML, or more than is read. */
export interface YamlFailure {
  readonly error: string;
  readonly line: number | undefined;
}

const longestFile = 4 * 1024 * 1024;
const mostNodes = 500_000;
const deepest = 64;

/**
 * The first document of a text; of a key that is there twice the last counts. Aliases count as if they were written
 * out.
 */
export function readYamlTree(text: string): YamlTree | YamlFailure {
  if (text.length > longestFile) return { error: `the file is longer than ${longestFile} characters`, line: undefined };
  const lines = new LineCounter();
  try {
    const [first] = parseAllDocuments(indentQuotedLines(text), {
      version: "1.1",
      uniqueKeys: false,
      lineCounter: lines,
      prettyErrors: false,
      logLevel: "silent",
    });
    if (first === undefined) return { kind: "scalar", text: "", isNull: true, line: 1 };
    const [error] = first.errors;
    if (error) return { error: yamlReason(error), line: lines.linePos(error.pos[0]).line };
    return new TreeBuilder(first, lines).build(first.contents, 0);
  } catch (error) {
    if (error instanceof TreeError) return { error: error.message, line: error.line };
    return { error: yamlReason(error), line: undefined };
  }
}

class TreeError extends Error {
  readonly line: number;

  constructor(message: string, line: number) {
    super(message);
    this.line = line;
  }
}

class TreeBuilder {
  readonly #document: Document;
  readonly #lines: LineCounter;
  #nodes = 0;
  #line = 1;

  constructor(document: Document, lines: LineCounter) {
    this.#document = document;
    this.#lines = lines;
  }

  build(node: unknown, depth: number): YamlTree {
    if (++this.#nodes > mostNodes) throw new TreeError(`the file has more than ${mostNodes} values`, this.#line);
    if (depth > deepest) throw new TreeError(`values are nested more than ${deepest} levels deep`, this.#line);
    if (isAlias(node)) {
      const target = node.resolve(this.#document);
      if (!target) throw new TreeError(`unresolved alias ${node.source}`, this.#line);
      return this.build(target, depth + 1);
    }
    if (isScalar(node)) {
      const line = this.#place(node.range?.[0]);
      const isNull = node.value === null;
      const isText = typeof node.value === "string";
      return { kind: "scalar", text: isNull ? "" : isText ? String(node.value) : (node.source ?? ""), isNull, line };
    }
    if (isSeq(node)) {
      const line = this.#place(node.range?.[0]);
      return { kind: "sequence", items: node.items.map((item) => this.build(item, depth + 1)), line };
    }
    if (isMap(node)) {
      const line = this.#place(node.range?.[0]);
      const entries = new Map<string, YamlTree>();
      for (const pair of node.items) {
        const key = this.build(pair.key, depth + 1);
        if (key.kind === "scalar") entries.set(key.text, this.build(pair.value, depth + 1));
      }
      return { kind: "mapping", entries, line };
    }
    return { kind: "scalar", text: "", isNull: true, line: this.#line };
  }

  #place(offset: number | undefined): number {
    if (offset !== undefined) this.#line = this.#lines.linePos(offset).line;
    return this.#line;
  }
}

/** The value of a key; undefined when the node is not a mapping, or has no such key, or it is null. */
export function entryOf(node: YamlTree, key: string): YamlTree | undefined {
  const value = node.kind === "mapping" ? node.entries.get(key) : undefined;
  return value?.kind === "scalar" && value.isNull ? undefined : value;
}

/** The text of a key; empty when there is none. */
export function textOf(node: YamlTree, key: string): string {
  const value = entryOf(node, key);
  return value?.kind === "scalar" ? value.text : "";
}

/** The items of a sequence under a key; none when there is no sequence. */
export function itemsOf(node: YamlTree, key: string): readonly YamlTree[] {
  const value = entryOf(node, key);
  return value?.kind === "sequence" ? value.items : [];
}

/** The texts of a sequence of scalars, or of a single scalar, under a key. */
export function textsOf(node: YamlTree, key: string): readonly string[] {
  const value = entryOf(node, key);
  if (value?.kind === "scalar") return [value.text];
  return itemsOf(node, key).flatMap((item) => (item.kind === "scalar" && !item.isNull ? [item.text] : []));
}

/** A boolean of YAML 1.1; undefined when the text is none. */
export function booleanOf(text: string): boolean | undefined {
  if (/^(?:y|yes|true|on)$/i.test(text)) return true;
  return /^(?:n|no|false|off)$/i.test(text) ? false : undefined;
}

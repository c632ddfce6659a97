import { findTooDeep } from "../../../io/documents/json-text.ts";
import type { CheckLocation } from "../../../model/checks/check.ts";
import { parseJson } from "../../../model/objects/json-object.ts";
import type { JsonPath } from "../kustomize/json-path.ts";
import { jsonRoot } from "./json-place.ts";
import { deepest, readYaml, type YamlReading } from "./read-yaml.ts";
import { readYamlList } from "./yaml-list.ts";
import type { YamlPlace } from "./yaml-place.ts";

/** One document of a file: its text, and where that begins. */
export interface DocumentText {
  readonly text: string;
  /** Number of its first line in the file, from 1. */
  readonly line: number;
  /** Its value where it is JSON, which is read faster; with the same result as by the reader of YAML. */
  readonly json?: unknown;
}

/** A document that was read, or why it could not be; lines from 1 in the file. */
export type ReadDocument =
  | { readonly value: unknown; readonly places?: YamlPlace }
  | { readonly error: string; readonly line: number };

// Characters from which a list is read item by item: a tree of the whole text takes a hundred times its size.
const longList = 512 * 1024;
// What stands between two lines of dashes; a line of dots ends a document as well.
// Kubernetes' reader takes any blank of Unicode and a comment directly behind the dashes.
const separator = /^(?:---(?:[^\S\n]+|(?=[#\n]|$))|\.\.\.[ \t]*(?:#[^\n]*)?$)/gm;
// What else than a line feed ends a line in YAML 1.1; the package takes it for a part of a comment or a value.
const otherLineEnds = /[\r\x85\u2028\u2029]/g;
// kubectl reads each document as a file of its own, which may begin with one.
const byteOrderMarks = /^\uFEFF/gm;
const jsonBegin = /^\s*[{[]/;
const content = /^[ \t]*[^\s#%]/m;

/**
 * The documents of a file with line feeds at the ends of its lines; those without content are left out. As `kubectl`
 * does it: one JSON value, or YAML between lines of dashes.
 */
export function splitDocuments(file: string): DocumentText[] {
  const json = jsonBegin.test(file) ? parseJson(file) : undefined;
  if (json !== undefined) return [{ text: file, line: 1, json }];
  const text = file.replaceAll(otherLineEnds, "\n").replaceAll(byteOrderMarks, "");
  const documents: DocumentText[] = [];
  let start = 0;
  let line = 1;
  const add = (end: number): void => {
    const document = text.slice(start, end);
    if (content.test(document)) documents.push(withJson({ text: document, line }));
  };
  separator.lastIndex = 0;
  for (let match = separator.exec(text); match; match = separator.exec(text)) {
    add(match.index);
    line += newlines(text, { from: start, to: match.index });
    start = match.index + match[0].length;
  }
  add(text.length);
  return documents;
}

function withJson(document: DocumentText): DocumentText {
  const json = jsonBegin.test(document.text) ? parseJson(document.text) : undefined;
  return json === undefined ? document : { ...document, json };
}

/** What a document stands for; `merge` as in {@link YamlReading}. */
export function readDocument({ text, line, json }: DocumentText, merge: YamlReading["merge"] = "last"): ReadDocument {
  if (json !== undefined) {
    const offset = findTooDeep(text, deepest);
    if (offset === undefined) return { value: json };
    return {
      error: `the document is nested more than ${deepest} deep`,
      line: line + newlines(text, { from: 0, to: offset }),
    };
  }
  const places = yamlRoot(text);
  const read = (text.length > longList && readYamlList(text, places)) || readYaml(text, { root: places, merge });
  return "value" in read ? { value: read.value, places } : { error: read.error, line: line + (read.line ?? 1) - 1 };
}

/** Finds where values of a document are written. A path that does not exist is where its nearest part is that does. */
export function documentLocator(
  document: DocumentText,
  { path, places }: { readonly path: string; readonly places: YamlPlace | undefined },
): (at: JsonPath) => CheckLocation {
  let lineStarts: readonly number[] | undefined;
  let root = places;
  return (at) => {
    lineStarts ??= lineStartsOf(document.text);
    // JSON was read without places.
    root ??= jsonRoot(document.text);
    let place = root;
    for (const part of at) {
      const next = place.children?.get(part);
      if (!next) break;
      place = next;
    }
    const index = lineIndex(lineStarts, place.offset);
    const column = place.offset - (lineStarts[index] ?? 0) + 1;
    return { path, line: document.line + index, column };
  };
}

function yamlRoot(text: string): YamlPlace {
  return { offset: Math.max(text.search(/^[ \t]*[^\s#]/m), 0) };
}

function lineStartsOf(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return starts;
}

/** The index of the line that an offset is on. */
function lineIndex(starts: readonly number[], offset: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}

function newlines(text: string, { from, to }: { from: number; to: number }): number {
  let count = 0;
  for (let at = text.indexOf("\n", from); at >= 0 && at < to; at = text.indexOf("\n", at + 1)) count++;
  return count;
}

import { isJsonObject, type JsonObject } from "../../../model/objects/json-object.ts";
import type { Problem } from "../../../model/reports/problem.ts";
import type { JsonPath } from "../kustomize/json-path.ts";
import { type ComposeFile, type ManifestFacts, type ManifestResource, manifestResource } from "../manifest-resource.ts";
import { readInlineWaivers } from "./inline-waivers.ts";
import { type DocumentText, documentLocator, readDocument, splitDocuments } from "./manifest-document.ts";
import type { YamlReading } from "./read-yaml.ts";
import type { YamlPlace } from "./yaml-place.ts";

/** How {@link readManifests} tells what it reads and what it could not. */
export interface ManifestReading {
  /** The file's path as it is to be shown. */
  readonly path: string;
  problem(problem: Problem): void;
}

const longest = 32 * 1024 * 1024;
const mostDocuments = 20_000;
const mostResources = 100_000;
const mostWaivers = 10_000;
const deepestList = 5;
const composeName = /(?:^|\/)(?:docker-)?compose[^/]*\.ya?ml$/;
// Settings of other programs are often JSON with comments. A key `kind` or `services` may be written with escapes or
// come from a template.
const mayBeManifest = /kind|services|[\\!]|\{\{/i;
const separators = /[\u2028\u2029]/;

/**
 * The Kubernetes objects and the Compose file in a file of YAML or JSON, of several documents and lists (`kind: List`)
 * too. Values are as an API server would read them; places of values are found when they are asked for. A value that is
 * neither an object with a `kind` nor a Compose file is left out. A document that cannot be read is one problem, and
 * the others are read.
 */
export function readManifests(content: Uint8Array | string, reading: ManifestReading): ManifestFacts {
  const resources: ManifestResource[] = [];
  const compose: ComposeFile[] = [];
  const { path } = reading;
  if (content.length > longest) {
    reading.problem({
      code: "limit-exceeded",
      message: `file is larger than ${longest} bytes`,
      path,
    });
    return { resources, compose };
  }
  const text = readText(content);
  if (text.includes("\0")) {
    reading.problem({
      code: "unreadable",
      message: "file is not UTF-8 text",
      path,
    });
    return { resources, compose };
  }
  const documents = splitDocuments(text);
  if (separators.test(text) && documents.some(({ json }) => json === undefined)) {
    const message = "file contains a line separator (U+2028 or U+2029), which YAML parsers treat differently";
    reading.problem({ code: "unreadable", message, path });
  }
  if (documents.length > mostDocuments) {
    const message = `file has more than ${mostDocuments} documents: the others were not checked`;
    reading.problem({ code: "limit-exceeded", message, path });
  }
  let waiversLeft = mostWaivers;
  let isCut = false;
  for (const document of documents.slice(0, mostDocuments)) {
    const read = readValue(document, reading);
    if (!isJsonObject(read?.value)) continue;
    // Compose has a newer reader: the keys of a mapping go before those that it merges, and it has tags of its own.
    const isOther = isCompose(read.value, path) && /<<|!/.test(document.text);
    const { value, places } = isOther ? (readValue(document, reading, "own") ?? read) : read;
    if (!isJsonObject(value)) continue;
    const waivers = waiversOf(document, reading);
    if (waivers.length > waiversLeft && !isCut) {
      isCut = true;
      const message = `file has more than ${mostWaivers} plimsoll:ignore comments: the others were ignored`;
      reading.problem({ code: "limit-exceeded", message, path });
    }
    const origin = {
      path,
      waivers: waivers.slice(0, waiversLeft),
      locate: documentLocator(document, { path, places }),
    };
    waiversLeft -= origin.waivers.length;
    if (isCompose(value, path)) {
      compose.push({ ...origin, object: value, replacing: places ? replacingPaths(places) : [] });
      continue;
    }
    const tooDeep = (): void => {
      const message = `lists are nested more than ${deepestList} deep: deeper lists were not checked`;
      reading.problem({ code: "limit-exceeded", message, path });
    };
    for (const [object, base] of objectsOf(value, { base: [], tooDeep })) {
      if (resources.length >= mostResources) {
        const message = `file has more than ${mostResources} resources: the others were not checked`;
        reading.problem({ code: "limit-exceeded", message, path });
        return { resources, compose };
      }
      const locate =
        base.length === 0 ? origin.locate : (at: readonly (string | number)[]) => origin.locate([...base, ...at]);
      resources.push(manifestResource(object, { ...origin, locate }));
    }
  }
  return { resources, compose };
}

function readText(content: Uint8Array | string): string {
  const text = typeof content === "string" ? content : new TextDecoder("utf-8").decode(content);
  const withoutMark = text.startsWith("\uFEFF") ? text.slice(1) : text;
  return withoutMark.includes("\r") ? withoutMark.replaceAll("\r\n", "\n") : withoutMark;
}

function readValue(
  document: DocumentText,
  { path, problem }: ManifestReading,
  merge: YamlReading["merge"] = "last",
): { readonly value: unknown; readonly places?: YamlPlace } | undefined {
  const read = readDocument(document, merge);
  if ("value" in read) return read;
  if (path.endsWith(".json") && !mayBeManifest.test(document.text)) return undefined;
  if (document.text.includes("{{")) {
    const message = `line ${document.line}: templates must be rendered before they can be checked`;
    problem({ code: "not-examined", message, path });
  } else {
    problem({
      code: "unreadable",
      message: `line ${read.line}: ${read.error}`,
      path,
    });
  }
  return undefined;
}

function waiversOf(document: DocumentText, { path, problem }: ManifestReading): ManifestResource["waivers"] {
  const { waivers, mistakes } = readInlineWaivers(document);
  for (const { line, message } of mistakes) problem({ code: "unreadable", message: `line ${line}: ${message}`, path });
  return waivers;
}

interface ListPlace {
  readonly base: readonly (string | number)[];
  readonly tooDeep: () => void;
}

/**
 * The objects with a kind: of a list those in it, else the value itself. For `kubectl`, every object with `items` is a
 * list, of any kind; an object that is not a list by its kind is yielded itself too.
 */
function* objectsOf(
  value: JsonObject,
  { base, tooDeep }: ListPlace,
): Iterable<readonly [object: JsonObject, base: readonly (string | number)[]]> {
  const { kind, items } = value;
  if (typeof kind !== "string" || kind === "") return;
  const isList = kind.endsWith("List") && Array.isArray(items);
  if (!isList) yield [value, base];
  if (!Array.isArray(items)) return;
  if (base.length >= deepestList * 2) {
    tooDeep();
    return;
  }
  // The items of `PodList` name no kind of their own.
  const itemKind = isList ? kind.slice(0, -"List".length) : "";
  for (const [index, item] of items.entries()) {
    if (!isJsonObject(item)) continue;
    const isNamed = typeof item["kind"] === "string" || itemKind === "";
    const object = isNamed ? item : { apiVersion: value["apiVersion"], kind: itemKind, ...item };
    yield* objectsOf(object, { base: [...base, "items", index], tooDeep });
  }
}

/** Where values are that are not merged with others. */
function replacingPaths(place: YamlPlace, path: JsonPath = []): JsonPath[] {
  const own = place.isReplacing === true ? [path] : [];
  return [...own, ...Array.from(place.children ?? []).flatMap(([key, inner]) => replacingPaths(inner, [...path, key]))];
}

/** Files that only include others are recognised by their names: programs of many kinds have an `include`. */
function isCompose(value: JsonObject, path: string): boolean {
  const { services, include } = value;
  if (value["apiVersion"] !== undefined || value["kind"] !== undefined) return false;
  return isJsonObject(services) || (include !== undefined && composeName.test(path));
}

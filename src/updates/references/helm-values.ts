import { type ImageReference, looksLikeImage } from "./image-reference.ts";
import type { SourceText } from "./placed-text.ts";
import { YamlFinder } from "./yaml-finder.ts";
import {
  isMap,
  isScalar,
  isSeq,
  member,
  members,
  type Scalar,
  textOf,
  type YAMLMap,
  type YamlDocument,
  yamlDocuments,
} from "./yaml-text.ts";

const deepest = 100;

/**
 * The images in the values of a Helm chart; `chart` is the file `Chart.yaml` beside it. Values follow no schema: an
 * image is a mapping with a repository and a tag, or a key that ends with `image`.
 */
export function helmReferences(
  source: SourceText,
  documents: readonly YamlDocument[],
  chart: SourceText | undefined,
): readonly ImageReference[] {
  return documents.flatMap((document) => {
    const finder = new YamlFinder("helm-values", document, source);
    addHelmValues(finder, document.root, chart);
    return finder.found;
  });
}

/** Adds the images in a tree of values to a finder. */
export function addHelmValues(finder: YamlFinder, values: unknown, chart: SourceText | undefined): void {
  walk(finder, values, { key: "", depth: 0, chart });
}

interface At {
  readonly key: string;
  readonly depth: number;
  readonly chart: SourceText | undefined;
}

function walk(finder: YamlFinder, node: unknown, { key, depth, chart }: At): void {
  if (depth > deepest) return;
  if (isSeq(node)) for (const item of node.items) walk(finder, item, { key, depth: depth + 1, chart });
  if (!isMap(node)) return;
  const isImage = addMapping(finder, node, { key, depth, chart });
  for (const { key: name, value } of members(node)) {
    if (isMap(value) || isSeq(value)) walk(finder, value, { key: name, depth: depth + 1, chart });
    else if (!isImage && /image$/i.test(name)) addScalar(finder, node, name);
  }
}

/** An image of several keys. */
function addMapping(finder: YamlFinder, node: YAMLMap, { key, chart }: At): boolean {
  const tag = member(node, "tag") ?? member(node, "imageTag");
  const version = member(node, "version");
  const isImageKey = /image$/i.test(key);
  const repository =
    scalarAt(finder, node, "repository") ??
    (isImageKey || tag !== undefined ? (scalarAt(finder, node, "name") ?? scalarAt(finder, node, "image")) : undefined);
  const tagNode = tag ?? (isImageKey || member(node, "repository") !== undefined ? version : undefined);
  if (!repository || (tagNode === undefined && !isImageKey) || textOf(repository)?.includes("://") === true)
    return false;
  if (looksLikeImage(textOf(repository) ?? "")) return false;
  const registry = member(node, "registry");
  const digest = member(node, "digest") ?? member(node, "sha");
  const hasTag = (textOf(finder.resolved(tagNode)) ?? "") !== "" || (textOf(finder.resolved(digest)) ?? "") !== "";
  const otherTag = hasTag || chart === undefined ? undefined : appVersion(chart);
  const names = [
    registry === undefined ? undefined : "registry",
    keyOf(node, repository),
    tagNode === version ? "version" : "tag",
  ];
  finder.addParts(
    repository,
    { registry, tag: tagNode, digest },
    {
      role: names.filter((name) => name !== undefined).join(" + "),
      ...(otherTag && { otherTag, via: ["Chart.yaml appVersion"] }),
    },
  );
  return true;
}

function keyOf(node: YAMLMap, repository: Scalar): string {
  return members(node).find(({ value }) => value === repository)?.key ?? "repository";
}

function scalarAt(finder: YamlFinder, node: YAMLMap, key: string): Scalar | undefined {
  const scalar = finder.resolved(member(node, key));
  return isScalar(scalar) && textOf(scalar) !== "" ? scalar : undefined;
}

function addScalar(finder: YamlFinder, node: YAMLMap, name: string): void {
  const value = member(node, name);
  const text = textOf(finder.resolved(value)) ?? "";
  if (looksLikeImage(text)) finder.addImage(value);
}

function appVersion(chart: SourceText) {
  const read = yamlDocuments(chart);
  const [document] = "documents" in read ? read.documents : [];
  const version = document && member(document.root, "appVersion");
  return document && isScalar(version) ? document.text.valueOf(version) : undefined;
}

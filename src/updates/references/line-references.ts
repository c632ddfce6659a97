import { type ImageReference, looksLikeImage, type ReferenceKind, wholeReference } from "./image-reference.ts";
import { PlacedText, type SourceText } from "./placed-text.ts";

// The first group is all before the image.
const patterns: Partial<Record<ReferenceKind, RegExp>> = {
  "helm-template": /^([ \t-]*(?:image|reference)[ \t]*:[ \t]*["']?)([A-Za-z0-9][A-Za-z0-9._/:@[\]-]*)/,
  jenkins: /^(.*?\b(?:image|docker\.image)[ \t]*\(?[ \t]*["'])([A-Za-z0-9][A-Za-z0-9._/:@[\]-]*)(?=["'])/,
  devcontainer: /^((?:[ \t]*\{)?[ \t]*"image"[ \t]*:[ \t]*")([A-Za-z0-9][A-Za-z0-9._/:@[\]-]*)(?=")/,
  terraform: /^([ \t]*(?:image|name)[ \t]*=[ \t]*")([A-Za-z0-9][A-Za-z0-9._/:@[\]-]*)(?=")/,
  nomad: /^([ \t]*image[ \t]*=[ \t]*")([A-Za-z0-9][A-Za-z0-9._/:@[\]-]*)(?=")/,
};
const comment = /^[ \t]*(?:#|\/\/|\{\{-?[ \t]*\/\*)/;
const longestLine = 4096;

/** Images in formats that are read line by line, since they are templates or programs. */
export function lineReferences(kind: ReferenceKind, source: SourceText): readonly ImageReference[] {
  const pattern = patterns[kind];
  if (!pattern) return [];
  const found: ImageReference[] = [];
  for (const [index, start] of source.lineStarts.entries()) {
    const end = source.lineStarts[index + 1] ?? source.text.length;
    if (end - start > longestLine) continue;
    const line = source.text.slice(start, end).trimEnd();
    const [, before, image] = comment.test(line) ? [] : (pattern.exec(line) ?? []);
    if (before === undefined || image === undefined || !isImage(kind, image, line)) continue;
    const value = PlacedText.of(source, start + before.length, start + before.length + image.length);
    const written = value.span();
    if (written) found.push(wholeReference(value, { kind, source, written }));
  }
  return found;
}

function isImage(kind: ReferenceKind, image: string, line: string): boolean {
  // The rest of an image that a template completes is not known.
  if (kind === "helm-template") return looksLikeImage(image) && !/\{\{/.test(line);
  return looksLikeImage(image);
}

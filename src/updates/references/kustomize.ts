import { addHelmValues } from "./helm-values.ts";
import { addOverride } from "./image-override.ts";
import type { ImageReference } from "./image-reference.ts";
import { addPods } from "./kubernetes.ts";
import type { SourceText } from "./placed-text.ts";
import { YamlFinder } from "./yaml-finder.ts";
import { isScalar, isSeq, items, member, nestedYaml, textOf, type YamlDocument } from "./yaml-text.ts";

/** The images that a kustomization sets: `images`, inline patches, and values of its charts. */
export function kustomizeReferences(source: SourceText, documents: readonly YamlDocument[]): readonly ImageReference[] {
  return documents.flatMap((document) => {
    const finder = new YamlFinder("kustomize", document, source);
    for (const image of items(member(document.root, "images"))) addOverride(finder, image);
    for (const chart of items(member(document.root, "helmCharts"))) {
      addHelmValues(finder, member(chart, "valuesInline"), undefined);
    }
    const patches = ["patches", "patchesStrategicMerge", "patchesJson6902"].flatMap((key) =>
      items(member(document.root, key)).map((patch) => (isScalar(patch) ? patch : member(patch, "patch"))),
    );
    const nested = patches.flatMap((patch) => patchReferences(source, document, patch));
    return [...finder.found, ...nested].sort((a, b) => a.start - b.start);
  });
}

/** The images in a patch that is written as text: JSON 6902 operations, or parts of objects. */
function patchReferences(source: SourceText, document: YamlDocument, patch: unknown): readonly ImageReference[] {
  if (!isScalar(patch)) return [];
  const read = nestedYaml(document.text.valueOf(patch));
  if ("error" in read) return [];
  return read.documents.flatMap((inner) => {
    const finder = new YamlFinder("kustomize", inner, source);
    if (!isSeq(inner.root)) addPods(finder, inner.root);
    for (const operation of items(inner.root)) {
      const isImage = textOf(member(operation, "path"))?.endsWith("/image") === true;
      if (isImage) finder.addImage(member(operation, "value"), { role: "inline patch" });
    }
    return finder.found;
  });
}

import { addHelmValues } from "./helm-values.ts";
import { addOverride } from "./image-override.ts";
import { type ImageReference, looksLikeImage } from "./image-reference.ts";
import type { SourceText } from "./placed-text.ts";
import { YamlFinder } from "./yaml-finder.ts";
import { isMap, isSeq, items, member, members, textOf, type YamlDocument } from "./yaml-text.ts";

const deepest = 100;
const containerLists = new Set(["containers", "initContainers", "ephemeralContainers", "steps", "sidecars"]);
// API groups of Kubernetes itself, whose images are in pods only.
const ownGroup = /^(?:apps|batch|extensions|autoscaling|policy|(?:[a-z.]+\.)?k8s\.io)$/;

/** The images of the Kubernetes objects in YAML or JSON. */
export function kubernetesReferences(
  source: SourceText,
  documents: readonly YamlDocument[],
): readonly ImageReference[] {
  return documents.flatMap((document) => {
    const finder = new YamlFinder("kubernetes", document, source);
    addObject(finder, document.root, 0);
    return finder.found;
  });
}

/** True for a mapping with `apiVersion` and `kind`. */
export function isKubernetesObject(node: unknown): boolean {
  return textOf(member(node, "apiVersion")) !== undefined && textOf(member(node, "kind")) !== undefined;
}

/** Adds the images of pods anywhere in a tree, such as an incomplete object in a patch. */
export function addPods(finder: YamlFinder, node: unknown): void {
  new PodWalker(finder, false).walk(node, 0);
}

function addObject(finder: YamlFinder, node: unknown, depth: number): void {
  const apiVersion = textOf(member(node, "apiVersion"));
  if (apiVersion === undefined) return;
  const kind = textOf(member(node, "kind")) ?? "";
  if (kind.endsWith("List") && depth === 0) {
    for (const item of items(member(node, "items"))) addObject(finder, item, depth + 1);
    return;
  }
  const group = apiVersion.includes("/") ? apiVersion.slice(0, apiVersion.indexOf("/")) : "";
  if (kind === "HelmRelease") addHelmValues(finder, member(member(node, "spec"), "values"), undefined);
  else if (group === "kustomize.toolkit.fluxcd.io") {
    for (const image of items(member(member(node, "spec"), "images"))) addOverride(finder, image);
  } else if (kind === "Application" || kind === "ApplicationSet") addSources(finder, node, 0);
  else new PodWalker(finder, group !== "" && !ownGroup.test(group)).walk(node, 0);
}

/** The images that Argo CD sets in a source: `kustomize.images`, as `[NAME=]IMAGE`, and `helm.valuesObject`. */
function addSources(finder: YamlFinder, node: unknown, depth: number): void {
  if (depth > deepest) return;
  if (isSeq(node)) for (const item of node.items) addSources(finder, item, depth + 1);
  for (const image of items(member(member(node, "kustomize"), "images"))) {
    const text = textOf(image) ?? "";
    const skip = text.slice(0, text.indexOf("=") + 1);
    if (looksLikeImage(text.slice(skip.length))) finder.addImage(image, { skip, role: "Argo CD source" });
  }
  addHelmValues(finder, member(member(node, "helm"), "valuesObject"), undefined);
  for (const { value } of members(node)) addSources(finder, value, depth + 1);
}

/** Walks an object; in objects of unknown kinds, keys that end with `image` count too. */
class PodWalker {
  readonly #finder: YamlFinder;
  readonly #isUnknownKind: boolean;

  constructor(finder: YamlFinder, isUnknownKind: boolean) {
    this.#finder = finder;
    this.#isUnknownKind = isUnknownKind;
  }

  walk(node: unknown, depth: number): void {
    if (depth > deepest) return;
    if (isSeq(node)) for (const item of node.items) this.walk(item, depth + 1);
    if (!isMap(node)) return;
    for (const { key, value } of members(node)) {
      if (key === "metadata" && depth === 0) continue;
      if (containerLists.has(key) && isSeq(value)) this.#containers(value.items);
      else if (key === "volumes") this.#volumes(items(value));
      else if (this.#isUnknownKind && /image$/i.test(key)) this.#unknown(value);
      if (isMap(value) || isSeq(value)) this.walk(value, depth + 1);
    }
  }

  #containers(containers: readonly unknown[]): void {
    for (const item of containers) {
      const container = this.#finder.resolved(item);
      const name = textOf(member(container, "name"));
      this.#finder.addImage(member(container, "image"), name === undefined ? {} : { usedBy: [name] });
    }
  }

  #volumes(volumes: readonly unknown[]): void {
    for (const volume of volumes) {
      this.#finder.addImage(member(member(volume, "image"), "reference"), { role: "image volume" });
    }
  }

  #unknown(node: unknown): void {
    const text = textOf(this.#finder.resolved(node)) ?? "";
    if (looksLikeImage(text)) this.#finder.addImage(node, { role: "custom resource" });
    else if (isMap(node)) addHelmValues(this.#finder, node, undefined);
  }
}

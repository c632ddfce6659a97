import { RE2JS } from "re2js";
import { isJsonObject, type JsonObject } from "../../../model/objects/json-object.ts";
import { parseReference } from "../../../model/packages/reference.ts";
import { objectAt, textAt } from "./json-path.ts";
import type { Kustomization } from "./kustomization.ts";
import { withMetadata, withSelectors } from "./kustomize-metadata.ts";

// What belongs to no namespace.
const clusterKinds =
  /^(?:Namespace|Node|PersistentVolume|ClusterRole|ClusterRoleBinding|CustomResourceDefinition|StorageClass|PriorityClass|IngressClass|RuntimeClass|APIService|CSIDriver|CSINode|VolumeAttachment|ClusterIssuer|PodSecurityPolicy|CertificateSigningRequest|(?:Mutating|Validating)(?:WebhookConfiguration|AdmissionPolicy(?:Binding)?)|Cilium\w*Clusterwide\w*)$/;
const deepest = 60;

/** A resource with the images, names, labels and the namespace that a kustomization gives it. */
export function transform(object: JsonObject, kustomization: Kustomization): JsonObject {
  const { images, namespace, namePrefix, nameSuffix, labels, annotations } = kustomization;
  let result = images.length > 0 ? (withImages(object, { images, depth: 0 }) as JsonObject) : object;
  for (const { pairs, inSelectors, inTemplates } of labels) {
    result = withMetadata(result, "labels", { pairs, inTemplates });
    if (inSelectors) result = withSelectors(result, pairs);
  }
  if (Object.keys(annotations).length > 0) {
    result = withMetadata(result, "annotations", { pairs: annotations, inTemplates: true });
  }
  const kind = textAt(object, "kind") ?? "";
  const metadata = objectAt(result, "metadata");
  const name = textAt(metadata, "name");
  const isRenamed = namePrefix + nameSuffix !== "" && kind !== "CustomResourceDefinition" && kind !== "Namespace";
  return {
    ...result,
    metadata: {
      ...metadata,
      ...(name !== undefined && isRenamed ? { name: `${namePrefix}${name}${nameSuffix}` } : {}),
      ...(namespace !== undefined && !clusterKinds.test(kind) ? { namespace } : {}),
      ...(namespace !== undefined && kind === "Namespace" ? { name: namespace } : {}),
    },
  };
}

/** Whether a patch with this target is for a resource. Names and kinds are expressions that have to fit as a whole. */
export function isTarget(object: JsonObject, target: JsonObject): boolean {
  const metadata = objectAt(object, "metadata");
  const [version = "", group = ""] = (textAt(object, "apiVersion") ?? "").split("/").reverse();
  const actual: Record<string, unknown> = {
    group,
    version,
    kind: object["kind"],
    name: metadata["name"],
    namespace: metadata["namespace"] ?? "default",
  };
  const fits = Object.entries(actual).every(([key, value]) => {
    const wanted = textAt(target, key);
    return wanted === undefined || wanted === "" || fitsWhole(wanted, String(value ?? ""));
  });
  return (
    fits &&
    fitsSelector(textAt(target, "labelSelector"), objectAt(metadata, "labels")) &&
    fitsSelector(textAt(target, "annotationSelector"), objectAt(metadata, "annotations"))
  );
}

function fitsWhole(expression: string, text: string): boolean {
  if (expression === text) return true;
  try {
    return RE2JS.compile(expression).matches(text);
  } catch {
    return false;
  }
}

function fitsSelector(selector: string | undefined, labels: JsonObject): boolean {
  if (selector === undefined) return true;
  return selector.split(",").every((part) => {
    const [, key = "", operator, value] = /^\s*([^\s=!]+)\s*(?:(==?|!=)\s*(\S+)\s*)?$/.exec(part) ?? [];
    const actual = Object.hasOwn(labels, key) ? String(labels[key]) : undefined;
    if (operator === undefined) return actual !== undefined;
    return operator === "!=" ? actual !== value : actual === value;
  });
}

function withImages(value: unknown, { images, depth }: { images: readonly JsonObject[]; depth: number }): unknown {
  if (depth > deepest) return value;
  if (Array.isArray(value)) return value.map((item) => withImages(item, { images, depth: depth + 1 }));
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => {
      const isList = key === "containers" || key === "initContainers" || key === "ephemeralContainers";
      if (!isList || !Array.isArray(item)) return [key, withImages(item, { images, depth: depth + 1 })];
      return [
        key,
        item.map((container) =>
          isJsonObject(container) && typeof container["image"] === "string"
            ? { ...container, image: newImage(container["image"], images) }
            : container,
        ),
      ];
    }),
  );
}

function newImage(image: string, images: readonly JsonObject[]): string {
  const tagged = parseReference(image);
  const name = image.replace(/@.*/s, "").replace(/:[^/:]*$/, "");
  const change = images.find((one) => one["name"] === name);
  if (!change) return image;
  const repository = textAt(change, "newName") ?? name;
  const digest = textAt(change, "digest");
  if (digest !== undefined) return `${repository}@${digest}`;
  const newTag = change["newTag"];
  if (newTag !== undefined && newTag !== null) return `${repository}:${String(newTag)}`;
  if (tagged?.digest !== undefined) return `${repository}@${tagged.digest}`;
  return tagged?.tag === undefined ? repository : `${repository}:${tagged.tag}`;
}

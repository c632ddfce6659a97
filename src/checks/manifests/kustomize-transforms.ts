import { RE2JS } from "re2js";
import { isJsonObject, type JsonObject } from "../../model/json-object.ts";
import { parseReference } from "../../model/reference.ts";
import { objectAt, textAt } from "./json-path.ts";
import type { Kustomization } from "./kustomization.ts";

// What belongs to no namespace.
const clusterKinds =
  /^(?:Namespace|Node|PersistentVolume|ClusterRole|ClusterRoleBinding|CustomResourceDefinition|StorageClass|PriorityClass|IngressClass|RuntimeClass|APIService|CSIDriver|CSINode|VolumeAttachment|ClusterIssuer|PodSecurityPolicy|CertificateSigningRequest|(?:Mutating|Validating)(?:WebhookConfiguration|AdmissionPolicy(?:Binding)?)|Cilium\w*Clusterwide\w*)$/;
const selectingKinds: ReadonlySet<string> = new Set(["DaemonSet", "Deployment", "ReplicaSet", "StatefulSet"]);
const templateKinds: ReadonlySet<string> = new Set([...selectingKinds, "Job", "ReplicationController"]);
const deepest = 60;

/** A resource with the images, names, labels and the namespace that a kustomization gives it. */
export function transform(object: JsonObject, kustomization: Kustomization): JsonObject {
  const { images, namespace, namePrefix, nameSuffix, labels, annotations } = kustomization;
  let result = images.length > 0 ? (withImages(object, { images, depth: 0 }) as JsonObject) : object;
  for (const { pairs, inSelectors, inTemplates } of labels) {
    result = withLabels(result, { pairs, inSelectors, inTemplates });
  }
  if (Object.keys(annotations).length > 0) result = withAnnotations(result, annotations);
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

/** Adds annotations to an object and, of a workload, to the pods and jobs that it makes. */
function withAnnotations(object: JsonObject, annotations: JsonObject): JsonObject {
  const kind = textAt(object, "kind") ?? "";
  if (kind === "CronJob") {
    const spec = objectAt(object, "spec");
    const jobTemplate = withTemplateAnnotations(objectAt(spec, "jobTemplate"), annotations);
    return annotated({ ...object, spec: { ...spec, jobTemplate: annotated(jobTemplate, annotations) } }, annotations);
  }
  return annotated(templateKinds.has(kind) ? withTemplateAnnotations(object, annotations) : object, annotations);
}

function withTemplateAnnotations(object: JsonObject, annotations: JsonObject): JsonObject {
  const spec = objectAt(object, "spec");
  return { ...object, spec: { ...spec, template: annotated(objectAt(spec, "template"), annotations) } };
}

function annotated(object: JsonObject, annotations: JsonObject): JsonObject {
  const metadata = objectAt(object, "metadata");
  const merged = { ...objectAt(metadata, "annotations"), ...annotations };
  return { ...object, metadata: { ...metadata, annotations: merged } };
}

function withLabels(
  object: JsonObject,
  { pairs, inSelectors, inTemplates }: { pairs: JsonObject; inSelectors: boolean; inTemplates: boolean },
): JsonObject {
  const kind = textAt(object, "kind") ?? "";
  const metadata = objectAt(object, "metadata");
  const labelled = { ...object, metadata: { ...metadata, labels: { ...objectAt(metadata, "labels"), ...pairs } } };
  const spec = objectAt(object, "spec");
  const template = objectAt(spec, "template");
  const templateMetadata = objectAt(template, "metadata");
  const hasTemplate = inTemplates && isJsonObject(template["spec"]);
  const isService = inSelectors && kind === "Service" && isJsonObject(spec["selector"]);
  const isSelecting = inSelectors && selectingKinds.has(kind);
  if (!hasTemplate && !isService && !isSelecting) return labelled;
  const selector = objectAt(spec, "selector");
  return {
    ...labelled,
    spec: {
      ...spec,
      ...(isService ? { selector: { ...selector, ...pairs } } : {}),
      ...(isSelecting
        ? { selector: { ...selector, matchLabels: { ...objectAt(selector, "matchLabels"), ...pairs } } }
        : {}),
      ...(hasTemplate
        ? {
            template: {
              ...template,
              metadata: { ...templateMetadata, labels: { ...objectAt(templateMetadata, "labels"), ...pairs } },
            },
          }
        : {}),
    },
  };
}

import { isJsonObject, type JsonObject } from "../../../model/objects/json-object.ts";
import { objectAt, objectsAt, textAt, textsAt } from "./json-path.ts";
import { isEmpty, withKnownFields } from "./kustomization-fields.ts";

// Source: https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/.

/** What a `kustomization.yaml` asks for, of what is done here. */
export interface Kustomization {
  readonly kind: unknown;
  /** Files and folders, as written. */
  readonly resources: readonly string[];
  readonly patches: readonly KustomizationPatch[];
  readonly images: readonly JsonObject[];
  readonly namespace: string | undefined;
  readonly namePrefix: string;
  readonly nameSuffix: string;
  readonly labels: readonly {
    readonly pairs: JsonObject;
    readonly inSelectors: boolean;
    readonly inTemplates: boolean;
  }[];
  readonly annotations: JsonObject;
  /** Config maps and secrets that are made from literals. */
  readonly generated: readonly JsonObject[];
  /** What it asks for that is not done here. */
  readonly beyond: readonly string[];
}

/** A patch: in a file, or written out. */
export interface KustomizationPatch {
  readonly path?: string;
  readonly text?: string;
  /** Which resources it is for; without it, what it names itself. */
  readonly target?: JsonObject;
}

// Fields that are rendered here, and those that change nothing that a check reads.
const understood = new Set([
  ...["apiVersion", "kind", "metadata", "buildMetadata", "generatorOptions", "replicas", "sortOptions"],
  ...["resources", "bases", "components", "patches", "patchesStrategicMerge", "patchesJson6902"],
  ...["images", "namespace", "namePrefix", "nameSuffix", "commonAnnotations", "commonLabels", "labels"],
  ...["configMapGenerator", "secretGenerator"],
]);

/** Whether a file is one, by its name. */
export function isKustomizationName(name: string): boolean {
  return name === "kustomization.yaml" || name === "kustomization.yml" || name === "Kustomization";
}

/** What an object of kind Kustomization, or Component, asks for. */
export function readKustomization(written: JsonObject): Kustomization {
  const { object, unknown } = withKnownFields(written, understood);
  const resources = [...textsAt(object, "resources"), ...textsAt(object, "bases"), ...textsAt(object, "components")];
  const patches = [
    ...objectsAt(object, "patches").map(([, patch]) => patchOf(patch)),
    ...textsAt(object, "patchesStrategicMerge").map((text) => (text.includes("\n") ? { text } : { path: text })),
    ...objectsAt(object, "patchesJson6902").map(([, patch]) => patchOf(patch)),
  ];
  const common = objectAt(object, "commonLabels");
  return {
    kind: object["kind"] ?? "Kustomization",
    resources,
    patches,
    images: objectsAt(object, "images").map(([, image]) => image),
    namespace: textAt(object, "namespace"),
    namePrefix: textAt(object, "namePrefix") ?? "",
    nameSuffix: textAt(object, "nameSuffix") ?? "",
    labels: [
      ...(Object.keys(common).length > 0 ? [{ pairs: common, inSelectors: true, inTemplates: true }] : []),
      ...objectsAt(object, "labels").map(([, label]) => ({
        pairs: objectAt(label, "pairs"),
        inSelectors: label["includeSelectors"] === true,
        inTemplates: label["includeTemplates"] === true || label["includeSelectors"] === true,
      })),
    ],
    annotations: objectAt(object, "commonAnnotations"),
    generated: [
      ...objectsAt(object, "configMapGenerator").map(([, made]) => generatedObject("ConfigMap", made)),
      ...objectsAt(object, "secretGenerator").map(([, made]) => generatedObject("Secret", made)),
    ],
    beyond: [
      ...unknown,
      ...["configMapGenerator", "secretGenerator"].flatMap((key) =>
        objectsAt(object, key).some(([, made]) => generatorSources.some((source) => !isEmpty(made[source])))
          ? `files of ${key}`
          : [],
      ),
    ],
  };
}

const generatorSources = ["files", "envs", "env"];

function patchOf(patch: JsonObject): KustomizationPatch {
  const path = textAt(patch, "path");
  const text = textAt(patch, "patch");
  const { target } = patch;
  return {
    ...(path === undefined ? {} : { path }),
    ...(text === undefined ? {} : { text }),
    ...(isJsonObject(target) ? { target } : {}),
  };
}

function generatedObject(kind: "ConfigMap" | "Secret", made: JsonObject): JsonObject {
  const pairs = textsAt(made, "literals").map((literal) => {
    const at = literal.indexOf("=");
    return at < 0 ? [literal, ""] : [literal.slice(0, at), literal.slice(at + 1)];
  });
  return {
    apiVersion: "v1",
    kind,
    metadata: {
      name: textAt(made, "name") ?? "",
      ...(textAt(made, "namespace") ? { namespace: textAt(made, "namespace") } : {}),
    },
    [kind === "Secret" ? "stringData" : "data"]: Object.fromEntries(pairs),
  };
}

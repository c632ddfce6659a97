import { isJsonObject, type JsonObject } from "../../../model/objects/json-object.ts";
import { type JsonPath, objectAt, objectsAt, valueAt } from "../kustomize/json-path.ts";

/** A container of a pod. */
export interface PodContainer {
  /** Empty when it does not have a name. */
  readonly name: string;
  readonly kind: "init" | "main" | "ephemeral";
  /** From the root of the resource. */
  readonly path: JsonPath;
  readonly spec: JsonObject;
  /** Its own `securityContext`, empty when it is missing: settings of the pod are not in it. */
  readonly securityContext: JsonObject;
}

/** A pod, or what pods are made from. */
export interface PodTemplate {
  readonly metadata: JsonObject;
  /** Path of `metadata`, from the root of the resource. */
  readonly metadataPath: JsonPath;
  readonly spec: JsonObject;
  /** Path of `spec`, from the root of the resource. */
  readonly path: JsonPath;
  /** The pod's own `securityContext`, empty when it is missing. */
  readonly securityContext: JsonObject;
  /** Init containers, the main ones, then those added for debugging. */
  readonly containers: readonly PodContainer[];
  /** True when it says that it runs on Windows. */
  readonly isWindows: boolean;
}

const specTemplate: JsonPath = ["spec", "template"];
const templatePaths: ReadonlyMap<string, JsonPath> = new Map([
  ["Pod", []],
  ["PodTemplate", ["template"]],
  ["CronJob", ["spec", "jobTemplate", "spec", "template"]],
  ...["DaemonSet", "Deployment", "Job", "ReplicaSet", "ReplicationController", "StatefulSet"].map(
    (kind): [string, JsonPath] => [kind, specTemplate],
  ),
]);
// Unknown kinds embed a template at one of these places, if at all.
const usualTemplatePaths: readonly JsonPath[] = [
  specTemplate,
  ["spec", "podTemplate"],
  ["spec", "jobTemplate", "spec", "template"],
];

/**
 * The pod that a resource is, or makes: of a Pod itself, of a PodTemplate its template, of a CronJob its job's, of
 * every other kind, also one of a custom resource, what stands at `spec.template` or `spec.podTemplate` and has
 * containers. Undefined when there is none.
 */
export function podTemplateOf(resource: JsonObject): PodTemplate | undefined {
  const kind = typeof resource["kind"] === "string" ? resource["kind"] : "";
  const known = templatePaths.get(kind);
  for (const path of known ? [known] : usualTemplatePaths) {
    const template = valueAt(resource, path);
    if (!isJsonObject(template) || !isJsonObject(template["spec"])) continue;
    if (!known && !Array.isArray(template["spec"]["containers"])) continue;
    return podTemplate(template, path);
  }
  return undefined;
}

/** A pod template from an object with `metadata` and `spec` that stands at a path. */
export function podTemplate(template: JsonObject, path: JsonPath): PodTemplate {
  const spec = objectAt(template, "spec");
  const specPath = [...path, "spec"];
  return {
    metadata: objectAt(template, "metadata"),
    metadataPath: [...path, "metadata"],
    spec,
    path: specPath,
    securityContext: objectAt(spec, "securityContext"),
    containers: [
      ...containers(spec, { key: "initContainers", kind: "init", specPath }),
      ...containers(spec, { key: "containers", kind: "main", specPath }),
      ...containers(spec, {
        key: "ephemeralContainers",
        kind: "ephemeral",
        specPath,
      }),
    ],
    isWindows: objectAt(spec, "os")["name"] === "windows",
  };
}

function containers(
  spec: JsonObject,
  { key, kind, specPath }: { key: string; kind: PodContainer["kind"]; specPath: JsonPath },
): PodContainer[] {
  return objectsAt(spec, key).map(([index, container]) => ({
    name: typeof container["name"] === "string" ? container["name"] : "",
    kind,
    path: [...specPath, key, index],
    spec: container,
    securityContext: objectAt(container, "securityContext"),
  }));
}

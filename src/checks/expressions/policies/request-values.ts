import type { JsonObject } from "../../../model/objects/json-object.ts";
import { objectAt, valueAt } from "../../manifests/kustomize/json-path.ts";
import type { ManifestResource } from "../../manifests/manifest-resource.ts";
import { ClusterValue } from "../values/cluster-value.ts";
import { AbortFault } from "../values/fault.ts";
import { LazyMap, valueFromJson } from "../values/json-value.ts";
import type { Value } from "../values/value.ts";
import type { MatchedObject } from "./match-resource.ts";
import { groupVersion, resourceName } from "./resource-name.ts";

const clusterKinds: ReadonlySet<string> = new Set(
  (
    "Namespace Node PersistentVolume ClusterRole ClusterRoleBinding CustomResourceDefinition StorageClass IngressClass RuntimeClass " +
    "PriorityClass CSIDriver CSINode VolumeAttachment APIService CertificateSigningRequest FlowSchema PriorityLevelConfiguration " +
    "ValidatingWebhookConfiguration MutatingWebhookConfiguration ValidatingAdmissionPolicy ValidatingAdmissionPolicyBinding " +
    "MutatingAdmissionPolicy MutatingAdmissionPolicyBinding ComponentStatus ClusterTrustBundle PodSecurityPolicy"
  ).split(" "),
);

/** Resources that were given together, and the values that policies see when one of them is created. */
export class GivenResources {
  readonly #resources: readonly ManifestResource[];
  readonly #namespaces = new Map<string, JsonObject>();

  constructor(resources: readonly ManifestResource[]) {
    this.#resources = resources;
    for (const { kind, apiVersion, name, object } of resources) {
      if (kind === "Namespace" && apiVersion === "v1") this.#namespaces.set(name, object);
    }
  }

  /** As the rules of a policy see it when it is created. */
  matched(resource: ManifestResource): MatchedObject {
    const namespace = namespaceOf(resource);
    return {
      apiVersion: resource.apiVersion,
      kind: resource.kind,
      name: resource.name,
      namespace,
      operation: "CREATE",
      labels: objectAt(objectAt(resource.object, "metadata"), "labels"),
      namespaceLabels: objectAt(objectAt(this.namespace(namespace), "metadata"), "labels"),
    };
  }

  /** True when the manifest of a namespace was given, so that its labels are known. */
  knowsNamespace(name: string): boolean {
    return this.#namespaces.has(name);
  }

  /** A namespace with the label that every API server gives it. */
  namespace(name: string): JsonObject {
    const object = this.#namespaces.get(name) ?? { apiVersion: "v1", kind: "Namespace" };
    const metadata = objectAt(object, "metadata");
    const labels = { "kubernetes.io/metadata.name": name, ...objectAt(metadata, "labels") };
    return { ...object, metadata: { ...metadata, name, labels } };
  }

  /** Objects of a kind, for parameters. */
  ofKind({ apiVersion, kind }: { apiVersion: string; kind: string }): ManifestResource[] {
    return this.#resources.filter((resource) => resource.kind === kind && resource.apiVersion === apiVersion);
  }

  /** The variables of a request that creates an object; `judged` is it, or what a policy looks at in its place. */
  values(resource: ManifestResource, judged: JsonObject): Record<string, unknown> {
    const namespace = namespaceOf(resource);
    return {
      object: withNamespace(judged, namespace),
      oldObject: null,
      request: requestOf(resource, namespace),
      params: null,
      namespaceObject: namespace === "" ? null : this.namespace(namespace),
      authorizer: unknownMap({}, { authorizer: "user permissions are unknown" }),
      resource: this.#clusterAround(resource),
    };
  }

  /** What a cluster holds when it is asked to create an object: all others. */
  #clusterAround(created: ManifestResource): ClusterValue {
    return new ClusterValue(({ apiVersion, resource, namespace, name }) => {
      // An API server gives every object in every version of its group.
      const { group } = groupVersion(apiVersion);
      const found = this.#resources.filter(
        (one) =>
          one !== created &&
          groupVersion(one.apiVersion).group === group &&
          resourceName(one.kind) === resource.toLowerCase() &&
          (name === undefined || one.name === name) &&
          (namespace === "" || namespaceOf(one) === namespace),
      );
      if (found.length === 0 && name !== undefined) {
        throw new AbortFault(`${resource} "${name}" in "${namespace}" is not among the given objects`);
      }
      return found.map(({ object }) => object);
    });
  }
}

function namespaceOf({ kind, namespace }: ManifestResource): string {
  if (clusterKinds.has(kind)) return "";
  return namespace === "" ? "default" : namespace;
}

// An API server sets the namespace before it asks policies.
function withNamespace(object: JsonObject, namespace: string): JsonObject {
  const metadata = objectAt(object, "metadata");
  return namespace === "" || "namespace" in metadata ? object : { ...object, metadata: { ...metadata, namespace } };
}

function requestOf(resource: ManifestResource, namespace: string): LazyMap {
  const { group, version } = groupVersion(resource.apiVersion);
  const kind = { group, version, kind: resource.kind };
  const plural = { group, version, resource: resourceName(resource.kind) };
  const generated = valueAt(resource.object, ["metadata", "generateName"]);
  return unknownMap(
    {
      kind,
      resource: plural,
      subResource: "",
      requestKind: kind,
      requestResource: plural,
      requestSubResource: "",
      name: resource.name === "" && typeof generated === "string" ? generated : resource.name,
      namespace,
      operation: "CREATE",
      dryRun: false,
    },
    { userInfo: "the user of the request is unknown", options: "the options of the request are unknown" },
  );
}

/** A map of known values, and of unknown ones: an evaluation that needs an unknown value does not have an answer. */
function unknownMap(known: JsonObject, unknown: Readonly<Record<string, string>>): LazyMap {
  return new LazyMap([...Object.keys(known), ...Object.keys(unknown)], (name): Value => {
    const reason = unknown[name];
    if (reason !== undefined) throw new AbortFault(reason);
    return valueFromJson(known[name]);
  });
}

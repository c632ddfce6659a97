import { isJsonObject, type JsonObject } from "../../../model/objects/json-object.ts";
import { objectAt, objectsAt, textAt, textsAt } from "../kustomize/json-path.ts";
import { SelectorIndex } from "../label-selector.ts";
import type { ManifestFacts, ManifestResource } from "../manifest-resource.ts";
import type { PodTemplate } from "../pods/pod-template.ts";

// Cilium: https://docs.cilium.io/en/stable/network/kubernetes/policy/ and pkg/policy/api of its sources.

/** A direction of traffic, seen from the pod. */
export type Direction = "ingress" | "egress";

/** A policy, and which pods it limits in which directions. */
export interface NetworkPolicy {
  /** Empty for those of the whole cluster. */
  readonly namespace: string;
  readonly selector: JsonObject;
  readonly directions: ReadonlySet<Direction>;
  /** True when an expression excludes namespaces by their labels, so that these have to be known. */
  readonly excludesNamespaces: boolean;
}

const podNamespace = "io.kubernetes.pod.namespace";
const namespaceLabel = "io.cilium.k8s.namespace.labels.";
const serviceAccount = "io.cilium.k8s.policy.serviceaccount";
const cache = new WeakMap<ManifestFacts, NetworkPolicies>();

/** The network policies among resources: those of Kubernetes, and of Cilium. */
export class NetworkPolicies {
  readonly #kubernetes = new SelectorIndex<NetworkPolicy>();
  readonly #cilium = new SelectorIndex<NetworkPolicy>();
  readonly #namespaces = new Map<string, ManifestResource>();
  readonly #covered = new Set<string>();

  /** Those of the same facts are read once. */
  static of(facts: ManifestFacts): NetworkPolicies {
    const known = cache.get(facts);
    if (known) return known;
    const made = new NetworkPolicies(facts.resources);
    cache.set(facts, made);
    return made;
  }

  constructor(resources: readonly ManifestResource[]) {
    let hasClusterwide = false;
    for (const resource of resources) {
      if (resource.kind === "Namespace") this.#namespaces.set(resource.name, resource);
      if (resource.kind === "NetworkPolicy") {
        const policy = kubernetesPolicy(resource);
        this.#kubernetes.add(policy, policy);
        this.#covered.add(policy.namespace);
      }
      for (const policy of ciliumPolicies(resource)) {
        this.#cilium.add(policy, policy);
        if (policy.namespace === "") hasClusterwide = true;
        else this.#covered.add(policy.namespace);
      }
    }
    if (!hasClusterwide) return;
    for (const resource of resources) {
      if (resource.pod && this.#clusterwide(this.#podLabels(resource.pod, resource), resource.namespace).length > 0)
        this.#covered.add(resource.namespace || "default");
    }
  }

  /** The policies that select a pod. */
  forPod(pod: PodTemplate, resource: ManifestResource): readonly NetworkPolicy[] {
    const namespace = resource.namespace || "default";
    const labels = this.#podLabels(pod, resource);
    return [
      ...this.#kubernetes.matching(namespace, objectAt(pod.metadata, "labels")),
      ...this.#known(this.#cilium.matching(namespace, labels), namespace),
      ...this.#clusterwide(labels, namespace),
    ];
  }

  /**
   * Whether a namespace has a policy: one of its own, or one of the cluster that selects it as a whole or one of its
   * pods.
   */
  coversNamespace({ name }: ManifestResource): boolean {
    return this.#covered.has(name) || this.#clusterwide(this.#namespaceLabels(name), name).length > 0;
  }

  #clusterwide(labels: JsonObject, namespace: string): NetworkPolicy[] {
    return this.#known(this.#cilium.matching("", labels), namespace || "default");
  }

  /** Without the policies that may exclude a namespace whose labels are not known. */
  #known(policies: NetworkPolicy[], namespace: string): NetworkPolicy[] {
    return this.#namespaces.has(namespace) ? policies : policies.filter((policy) => !policy.excludesNamespaces);
  }

  /** The labels by which Cilium knows a pod. */
  #podLabels(pod: PodTemplate, resource: ManifestResource): JsonObject {
    const account = textAt(pod.spec, "serviceAccountName") || textAt(pod.spec, "serviceAccount") || "default";
    return {
      ...objectAt(pod.metadata, "labels"),
      ...this.#namespaceLabels(resource.namespace || "default"),
      [serviceAccount]: account,
    };
  }

  #namespaceLabels(name: string): JsonObject {
    const metadata = objectAt(this.#namespaces.get(name)?.object ?? {}, "metadata");
    // An API server adds the name as a label.
    const labels = { ...objectAt(metadata, "labels"), "kubernetes.io/metadata.name": name };
    const entries = Object.entries(labels).map(([key, value]) => [namespaceLabel + key, value] as const);
    return { ...Object.fromEntries(entries), [podNamespace]: name };
  }
}

function kubernetesPolicy({ namespace, object }: ManifestResource): NetworkPolicy {
  const spec = objectAt(object, "spec");
  return {
    namespace: namespace || "default",
    selector: objectAt(spec, "podSelector"),
    directions: directionsOf(spec),
    excludesNamespaces: false,
  };
}

function ciliumPolicies({ kind, namespace, object }: ManifestResource): NetworkPolicy[] {
  if (kind !== "CiliumNetworkPolicy" && kind !== "CiliumClusterwideNetworkPolicy") return [];
  const specs = [objectAt(object, "spec"), ...objectsAt(object, "specs").map(([, spec]) => spec)];
  return specs.flatMap((spec) => {
    // A policy with a nodeSelector is about hosts.
    if (!isJsonObject(spec["endpointSelector"])) return [];
    const selector = ciliumSelector(spec["endpointSelector"]);
    return [
      {
        namespace: kind === "CiliumNetworkPolicy" ? namespace || "default" : "",
        selector,
        directions: new Set((["ingress", "egress"] as const).filter((direction) => limitsByCilium(spec, direction))),
        excludesNamespaces: objectsAt(selector, "matchExpressions").some(
          ([, { key, operator }]) =>
            typeof key === "string" && key.startsWith(namespaceLabel) && operator !== "In" && operator !== "Exists",
        ),
      },
    ];
  });
}

/** A selector without the sources of its labels: `k8s:app` and `any:app` are `app`. */
function ciliumSelector(selector: JsonObject): JsonObject {
  const labels = Object.entries(objectAt(selector, "matchLabels"));
  const expressions = objectsAt(selector, "matchExpressions");
  return {
    matchLabels: Object.fromEntries(labels.map(([key, value]) => [withoutSource(key), value])),
    matchExpressions: expressions.map(([, expression]) => ({
      ...expression,
      key: withoutSource(textAt(expression, "key") ?? ""),
    })),
  };
}

function withoutSource(key: string): string {
  return key.replace(/^(?:k8s|any):/, "");
}

/** Cilium denies by default in the directions that a policy has rules for, unless the policy says otherwise. */
function limitsByCilium(spec: JsonObject, direction: Direction): boolean {
  const byDefault = objectAt(spec, "enableDefaultDeny")[direction];
  if (typeof byDefault === "boolean") return byDefault;
  return [spec[direction], spec[`${direction}Deny`]].some((rules) => Array.isArray(rules) && rules.length > 0);
}

/** What a policy of Kubernetes limits: what it says, or else ingress always and egress when it has rules for it. */
function directionsOf(spec: JsonObject): ReadonlySet<Direction> {
  const types = textsAt(spec, "policyTypes");
  if (types.length === 0) return new Set(spec["egress"] === undefined ? ["ingress"] : ["ingress", "egress"]);
  const directions = new Set<Direction>();
  if (types.includes("Ingress")) directions.add("ingress");
  if (types.includes("Egress")) directions.add("egress");
  return directions;
}

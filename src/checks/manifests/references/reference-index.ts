import { isJsonObject } from "../../../model/objects/json-object.ts";
import type { ManifestFacts, ManifestResource } from "../manifest-resource.ts";

/**
 * Whether what a reference names is among the resources: `found`; `missing` where the resources define others of the
 * kind in the namespace, or one of the name in another namespace; `unknown` where it may well come from elsewhere.
 */
export type Resolution = "found" | "missing" | "unknown";

/** What a reference names. */
export interface Reference {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

const cache = new WeakMap<ManifestFacts, ReferenceIndex>();
// They name labels of pods, and make none.
const watchersOfPods: ReadonlySet<string> = new Set(["PodMonitor", "PrometheusRule", "ServiceMonitor"]);
const deepestText = 40;

/**
 * Resources by kind, namespace and name. A resource without a namespace can be applied to any, so it is found from
 * every namespace, and finds the resources of all.
 */
export class ReferenceIndex {
  readonly #names = new Set<string>();
  readonly #namesAnywhere = new Set<string>();
  readonly #kinds = new Set<string>();
  readonly #namespaces = new Set<string>();
  readonly #resources: readonly ManifestResource[];
  #textsOfOperators: ReadonlySet<string> | undefined;

  /** That of the same facts is made once. */
  static of(facts: ManifestFacts): ReferenceIndex {
    const known = cache.get(facts);
    if (known) return known;
    const made = new ReferenceIndex(facts.resources);
    cache.set(facts, made);
    return made;
  }

  constructor(resources: readonly ManifestResource[]) {
    this.#resources = resources;
    for (const { kind, namespace, name } of resources) {
      this.#names.add(`${kind}/${namespace}/${name}`);
      this.#namesAnywhere.add(`${kind}/${name}`);
      this.#kinds.add(`${kind}/${namespace}`);
      this.#namespaces.add(kind === "Namespace" ? name : namespace);
    }
  }

  /** Whether what a reference names is among the resources. */
  resolve({ kind, namespace, name }: Reference): Resolution {
    const isAnywhere = this.#namesAnywhere.has(`${kind}/${name}`);
    if (namespace === "" && isAnywhere) return "found";
    if (this.#names.has(`${kind}/${namespace}/${name}`) || this.#names.has(`${kind}//${name}`)) return "found";
    if (this.isNamedByOperator(name)) return "unknown";
    return isAnywhere || this.defines(kind, namespace) ? "missing" : "unknown";
  }

  /** Whether a resource of the kind is in the namespace. */
  defines(kind: string, namespace: string): boolean {
    return this.#kinds.has(`${kind}/${namespace}`);
  }

  /** Whether any resource is in the namespace, or is the namespace. */
  hasNamespace(namespace: string): boolean {
    return this.#namespaces.has(namespace);
  }

  /** Whether a custom resource has a text: its operator may make an object of that name, or pods with that label. */
  isNamedByOperator(text: string): boolean {
    this.#textsOfOperators ??= textsOf(this.#resources.filter(isCustom).map(({ object }) => object));
    return this.#textsOfOperators.has(text);
  }
}

function isCustom({ apiVersion, kind }: ManifestResource): boolean {
  const [group = "", version] = apiVersion.split("/");
  return version !== undefined && group.includes(".") && !group.endsWith(".k8s.io") && !watchersOfPods.has(kind);
}

function textsOf(values: readonly unknown[]): ReadonlySet<string> {
  const texts = new Set<string>();
  const collect = (value: unknown, depth: number): void => {
    if (typeof value === "string") texts.add(value);
    if (depth > deepestText) return;
    if (Array.isArray(value)) for (const item of value) collect(item, depth + 1);
    else if (isJsonObject(value)) for (const item of Object.values(value)) collect(item, depth + 1);
  };
  for (const value of values) collect(value, 0);
  return texts;
}

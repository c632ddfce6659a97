import { isJsonObject, type JsonObject } from "../../../model/objects/json-object.ts";
import type { Check, Observation } from "../../check.ts";
import { objectAt, textAt } from "../../manifests/kustomize/json-path.ts";
import { selects } from "../../manifests/label-selector.ts";
import { type ManifestFacts, type ManifestResource, resourceTitle } from "../../manifests/manifest-resource.ts";
import { type RunOptions, usualRunLimit } from "../expression.ts";
import { evaluatePolicy, type PolicyDecision } from "./evaluate-policy.ts";
import { isAboutPodsOnly, matchesResources, selectedLabels } from "./match-resource.ts";
import type { Policy, PolicyBinding } from "./policy.ts";
import { readBinding, readPolicy } from "./read-policy.ts";
import { GivenResources } from "./request-values.ts";

const longestSubject = 200;
const tooMuch = "the policy exceeds the cost limit: this resource and later ones were not evaluated";

/** Policies that were read, their bindings, and the other objects of the same files, which may be their parameters. */
export interface PolicySet {
  readonly policies: readonly Policy[];
  readonly bindings: readonly PolicyBinding[];
  readonly others: readonly ManifestResource[];
}

/** The policies among resources that were read from files, see `readManifests`. */
export function policiesFrom(resources: readonly ManifestResource[]): PolicySet {
  const policies: Policy[] = [];
  const bindings: PolicyBinding[] = [];
  const others: ManifestResource[] = [];
  for (const resource of resources) {
    const policy = readPolicy(resource);
    const binding = readBinding(resource);
    if (policy) policies.push(policy);
    else if (binding) bindings.push(binding);
    else others.push(resource);
  }
  return { policies, bindings, others };
}

/**
 * Each policy as a check of manifests, with the name of the policy as its id: every resource is judged as if it was
 * created. A policy without a binding applies everywhere. A resource that the policy is not about gives no observation.
 * An expression without a value is a `fail` where the policy says so (`failurePolicy: Fail`), else a `warn`; facts that
 * a manifest does not state (the sender, objects that were not given) are a `warn`.
 */
export function policyChecks(
  { policies, bindings, others }: PolicySet,
  { costLimit = usualRunLimit }: RunOptions = {},
): Check<ManifestFacts>[] {
  return policies.map((policy) => ({
    id: policy.name,
    title: policy.title,
    severity: policy.severity,
    why: policy.why,
    remediation: "Change the object as described in the message of the policy",
    mappings: [],
    needs: [],
    evaluate: ({ resources }: ManifestFacts) => {
      const own = bindings.filter(({ policyName }) => policyName === policy.name);
      const given = new GivenResources([...others, ...resources]);
      return new PolicyRun(policy, { bindings: own, given, costLimit }).observe(resources);
    },
  }));
}

class PolicyRun {
  readonly #policy: Policy;
  readonly #bindings: readonly PolicyBinding[];
  readonly #given: GivenResources;
  #left: number;

  constructor(
    policy: Policy,
    { bindings, given, costLimit }: { bindings: readonly PolicyBinding[]; given: GivenResources; costLimit: number },
  ) {
    this.#left = costLimit;
    this.#policy = policy;
    this.#bindings = bindings;
    this.#given = given;
  }

  *observe(resources: readonly ManifestResource[]): Iterable<Observation> {
    const { mistakes } = this.#policy;
    if (mistakes.length > 0) {
      yield { state: "warn", evidence: [], reason: `the policy cannot be evaluated: ${mistakes.join("; ")}` };
      return;
    }
    for (const resource of resources) {
      if (this.#left <= 0) {
        yield { ...placeOf(resource), state: "warn", evidence: [], reason: tooMuch };
        return;
      }
      yield* this.#judge(resource);
    }
  }

  *#judge(resource: ManifestResource): Iterable<Observation> {
    const judged = this.#judgedObject(resource);
    if (!judged) return;
    const bindings: readonly (PolicyBinding | undefined)[] = this.#bindings.length > 0 ? this.#bindings : [undefined];
    for (const binding of bindings) {
      if (binding && !matchesResources(binding.matchResources, this.#given.matched(resource))) continue;
      const unknown = this.#unknownLabel(resource, binding);
      if (unknown !== undefined) {
        yield { ...placeOf(resource), state: "warn", evidence: [], reason: unknown };
        continue;
      }
      for (const decision of this.#decisions({ resource, judged, binding })) {
        this.#left -= decision.cost;
        const observation = observationOf(resource, decision);
        if (observation) yield observation;
      }
    }
  }

  /** What the policy looks at: the resource, or the pod that it makes; undefined when it is about neither. */
  #judgedObject(resource: ManifestResource): JsonObject | undefined {
    const { matchConstraints, controllers } = this.#policy;
    const matched = this.#given.matched(resource);
    if (matchesResources(matchConstraints, matched)) return resource.object;
    const { pod } = resource;
    if (!pod || !controllers.has(resource.kind) || !isAboutPodsOnly(matchConstraints)) return undefined;
    const isFitting = matchesResources(matchConstraints, {
      ...matched,
      apiVersion: "v1",
      kind: "Pod",
      labels: objectAt(pod.metadata, "labels"),
    });
    return isFitting ? { apiVersion: "v1", kind: "Pod", metadata: pod.metadata, spec: pod.spec } : undefined;
  }

  #unknownLabel(resource: ManifestResource, binding: PolicyBinding | undefined): string | undefined {
    const { namespace } = this.#given.matched(resource);
    if (namespace === "" || this.#given.knowsNamespace(namespace)) return undefined;
    const wanted = [...selectedLabels(this.#policy.matchConstraints), ...selectedLabels(binding?.matchResources ?? {})];
    const unknown = wanted.find((key) => key !== "kubernetes.io/metadata.name");
    return unknown === undefined
      ? undefined
      : `the label ${unknown} of the namespace ${namespace} is unknown: the manifest of the namespace was not given`;
  }

  *#decisions({
    resource,
    judged,
    binding,
  }: {
    resource: ManifestResource;
    judged: JsonObject;
    binding: PolicyBinding | undefined;
  }): Iterable<PolicyDecision> {
    const values = this.#given.values(resource, judged);
    if (!this.#policy.paramKind) {
      yield evaluatePolicy(this.#policy, { values });
      return;
    }
    const params = this.#params(this.#policy.paramKind, { resource, binding });
    for (const { object } of params) yield evaluatePolicy(this.#policy, { values: { ...values, params: object } });
    if (params.length === 0 && binding?.paramRef?.["parameterNotFoundAction"] !== "Allow") {
      const error = `no ${this.#policy.paramKind.kind} with the parameters of the policy was found`;
      yield { outcome: "unknown", failures: [], errors: [error], cost: 0 };
    }
  }

  #params(
    paramKind: NonNullable<Policy["paramKind"]>,
    { resource, binding }: { resource: ManifestResource; binding: PolicyBinding | undefined },
  ): ManifestResource[] {
    const all = this.#given.ofKind(paramKind);
    const ref = binding?.paramRef;
    if (!ref) return all;
    const name = textAt(ref, "name");
    const namespace = textAt(ref, "namespace") ?? this.#given.matched(resource).namespace;
    const selector = ref["selector"];
    return all.filter(
      (param) =>
        (name === undefined || param.name === name) &&
        (param.namespace === "" || namespace === "" || param.namespace === namespace) &&
        (!isJsonObject(selector) || selects(selector, objectAt(objectAt(param.object, "metadata"), "labels"))),
    );
  }
}

function observationOf(resource: ManifestResource, decision: PolicyDecision): Observation | undefined {
  const { outcome, failures, errors } = decision;
  if (outcome === "skipped") return undefined;
  if (outcome === "denied") {
    return {
      ...placeOf(resource),
      state: "fail",
      evidence: failures.map(({ expression, message }) => ({ subject: shortened(expression), value: message })),
      reason: failures.map(({ message }) => message).join("; "),
    };
  }
  if (errors.length === 0) return { resource: resourceTitle(resource), state: "pass", evidence: [] };
  return { ...placeOf(resource), state: "warn", evidence: [], reason: errors.join("; ") };
}

// To find a place the file is read once more: not worth it for what passes.
function placeOf(resource: ManifestResource): Pick<Observation, "resource" | "location"> {
  const location = resource.locate(["metadata", "name"]);
  return { resource: resourceTitle(resource), ...(location ? { location } : {}) };
}

function shortened(expression: string): string {
  const line = expression.replace(/\s+/g, " ").trim();
  return line.length > longestSubject ? `${line.slice(0, longestSubject - 1)}…` : line;
}

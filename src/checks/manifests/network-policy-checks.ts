import { isJsonObject, type JsonObject } from "../../model/json-object.ts";
import type { Check } from "../check.ts";
import { cis, cwe, mitre, nsa } from "../mappings.ts";
import { objectAt, objectsAt, textsAt } from "./json-path.ts";
import { SelectorIndex } from "./label-selector.ts";
import { kindCheck, podCheck } from "./manifest-check.ts";
import type { ManifestFacts, ManifestResource } from "./manifest-resource.ts";
import type { PodTemplate } from "./pod-template.ts";

type Direction = "ingress" | "egress";

/** A policy, and which pods it limits in which directions. */
interface Policy {
  readonly resource: ManifestResource;
  /** Empty for those of the whole cluster. */
  readonly namespace: string;
  readonly selector: JsonObject;
  readonly directions: ReadonlySet<Direction>;
}

/** Who may talk to pods, and to whom they may. */
export const networkPolicyChecks: readonly Check<ManifestFacts>[] = [
  podCheck(
    {
      id: "manifests/network-policy",
      title: "A network policy is about every pod",
      severity: "medium",
      why: "Without one, every pod of the cluster can reach the pod, and the pod can reach all.",
      remediation: "Add a NetworkPolicy that selects the pod, and allows what it needs.",
      mappings: [cis("5.3.2"), nsa("Network separation"), mitre("T1046"), cwe("923")],
    },
    (pod, { resource, facts }) =>
      policiesFor(pod, { resource, facts }).length > 0
        ? []
        : [
            {
              places: [{ path: [...pod.metadataPath, "labels"] }],
              reason: "no network policy in what was read selects it",
            },
          ],
  ),
  podCheck(
    {
      id: "manifests/network-policy-directions",
      title: "Network policies limit every pod in both directions",
      severity: "low",
      why: "A policy for what comes in does not hinder an intruder from sending out what he found.",
      remediation: "Add a NetworkPolicy with both policyTypes, Ingress and Egress.",
      mappings: [cis("5.3.2"), nsa("Network separation"), mitre("T1041"), cwe("923")],
    },
    (pod, { resource, facts }) => {
      const policies = policiesFor(pod, { resource, facts });
      const missing = (["ingress", "egress"] as const).filter(
        (direction) => !policies.some(({ directions }) => directions.has(direction)),
      );
      if (missing.length === 0) return [];
      const reason = `no network policy in what was read limits its ${missing.join(" and ")}`;
      return [{ places: [{ path: [...pod.metadataPath, "labels"] }], reason }];
    },
  ),
  kindCheck(
    {
      id: "manifests/network-policy-namespace",
      title: "Every namespace has a network policy",
      severity: "medium",
      why: "Without one, every pod of the cluster can reach the pods of the namespace.",
      remediation:
        "Add a NetworkPolicy that selects all pods of the namespace and allows nothing, and others that allow what is needed.",
      mappings: [cis("5.3.2"), nsa("Network separation"), mitre("T1046"), cwe("923")],
    },
    ["Namespace"],
    {
      examine({ name }, facts) {
        const { namespaces } = policiesOf(facts);
        const isCovered = namespaces.has(name) || namespaces.has("");
        return isCovered ? [] : [{ places: [{ path: ["metadata", "name"] }] }];
      },
    },
  ),
  kindCheck(
    {
      id: "manifests/network-policy-selector",
      title: "Network policies say which pods they are about",
      severity: "low",
      why: "Without a selector a policy is refused, or is about all pods, which may not be meant.",
      remediation: "Set spec.podSelector; an empty one is about all pods of the namespace.",
      mappings: [nsa("Network separation"), cwe("1188")],
    },
    ["NetworkPolicy"],
    {
      examine: ({ object }) =>
        isJsonObject(objectAt(object, "spec")["podSelector"]) ? [] : [{ places: [{ path: ["spec", "podSelector"] }] }],
    },
  ),
  kindCheck(
    {
      id: "manifests/network-policy-open",
      title: "Network policies do not allow everything",
      severity: "medium",
      why: "A rule without peers and ports lets pass all that the policy is there to stop.",
      remediation: "Name in each rule who may talk, and to which ports.",
      mappings: [cis("5.3.2"), nsa("Network separation"), cwe("923")],
    },
    ["NetworkPolicy"],
    {
      *examine({ object }) {
        for (const direction of ["ingress", "egress"] as const) {
          for (const [index, rule] of objectsAt(objectAt(object, "spec"), direction)) {
            const key = direction === "ingress" ? "from" : "to";
            const peers = objectsAt(rule, key);
            const anyone = peers.findIndex(([, peer]) => isAnyone(peer));
            if (peers.length === 0 && objectsAt(rule, "ports").length === 0) {
              yield { places: [{ path: ["spec", direction, index] }] };
            } else if (anyone >= 0) {
              yield {
                places: [{ path: ["spec", direction, index, key, anyone] }],
              };
            }
          }
        }
      },
    },
  ),
];

function isAnyone(peer: JsonObject): boolean {
  const block = objectAt(peer, "ipBlock");
  return (block["cidr"] === "0.0.0.0/0" || block["cidr"] === "::/0") && textsAt(block, "except").length === 0;
}

function policiesFor(
  pod: PodTemplate,
  { resource, facts }: { resource: ManifestResource; facts: ManifestFacts },
): readonly Policy[] {
  const { index } = policiesOf(facts);
  const labels = objectAt(pod.metadata, "labels");
  return [...index.matching(resource.namespace || "default", labels), ...index.matching("", labels)];
}

interface Policies {
  readonly index: SelectorIndex<Policy>;
  /** The namespaces that have some; empty for all. */
  readonly namespaces: ReadonlySet<string>;
}

const cache = new WeakMap<ManifestFacts, Policies>();

function policiesOf(facts: ManifestFacts): Policies {
  const known = cache.get(facts);
  if (known) return known;
  const index = new SelectorIndex<Policy>();
  const policies = facts.resources.flatMap(readPolicies);
  for (const policy of policies) index.add(policy, policy);
  const made = { index, namespaces: new Set(policies.map(({ namespace }) => namespace)) };
  cache.set(facts, made);
  return made;
}

function readPolicies(resource: ManifestResource): Policy[] {
  const { kind, object } = resource;
  const namespace = resource.namespace || "default";
  if (kind === "NetworkPolicy") {
    const spec = objectAt(object, "spec");
    return [
      {
        resource,
        namespace,
        selector: objectAt(spec, "podSelector"),
        directions: directionsOf(spec),
      },
    ];
  }
  // Those of Cilium limit the directions that they have rules for.
  if (kind !== "CiliumNetworkPolicy" && kind !== "CiliumClusterwideNetworkPolicy") return [];
  const specs = [objectAt(object, "spec"), ...objectsAt(object, "specs").map(([, spec]) => spec)];
  return specs
    .filter((spec) => Object.keys(spec).length > 0)
    .map((spec) => ({
      resource,
      namespace: kind === "CiliumNetworkPolicy" ? namespace : "",
      selector: objectAt(spec, "endpointSelector"),
      directions: new Set<Direction>([
        ...(spec["ingress"] !== undefined || spec["ingressDeny"] !== undefined ? (["ingress"] as const) : []),
        ...(spec["egress"] !== undefined || spec["egressDeny"] !== undefined ? (["egress"] as const) : []),
      ]),
    }));
}

/** What a policy of Kubernetes limits: what it says, or else ingress always and egress when it has rules for it. */
function directionsOf(spec: JsonObject): ReadonlySet<Direction> {
  const types = textsAt(spec, "policyTypes");
  if (types.length > 0) {
    return new Set(
      [types.includes("Ingress") && "ingress", types.includes("Egress") && "egress"].filter((one) => one !== false),
    ) as Set<Direction>;
  }
  return new Set<Direction>(spec["egress"] === undefined ? ["ingress"] : ["ingress", "egress"]);
}

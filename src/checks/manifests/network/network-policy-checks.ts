import { isJsonObject, type JsonObject } from "../../../model/objects/json-object.ts";
import type { Check } from "../../check.ts";
import { cis, cwe, mitre, nsa } from "../../mappings.ts";
import { objectAt, objectsAt, textsAt } from "../kustomize/json-path.ts";
import { kindCheck, podCheck } from "../manifest-check.ts";
import type { ManifestFacts } from "../manifest-resource.ts";
import { NetworkPolicies } from "./network-policies.ts";

/** Allowed sources and destinations of pod traffic. */
export const networkPolicyChecks: readonly Check<ManifestFacts>[] = [
  podCheck(
    {
      id: "manifests/network-policy",
      title: { pass: "Pod is selected by a network policy", fail: "Pod is not selected by any network policy" },
      severity: "medium",
      why: "Without a policy, every pod of the cluster can connect to the pod, and the pod can connect to everything.",
      remediation: "Add a NetworkPolicy that selects the pod and allows only the traffic that it needs.",
      mappings: [cis("5.3.2"), nsa("Network separation"), mitre("T1046"), cwe("923")],
    },
    (pod, { resource, facts }) =>
      NetworkPolicies.of(facts).forPod(pod, resource).length > 0
        ? []
        : [
            {
              places: [{ path: [...pod.metadataPath, "labels"] }],
              reason: "no network policy in the checked resources selects the pod",
            },
          ],
  ),
  podCheck(
    {
      id: "manifests/network-policy-directions",
      title: {
        pass: "Network policies limit the pod in both directions",
        fail: "Network policies limit the pod in one direction only",
      },
      severity: "low",
      why: "A policy for ingress alone does not stop an attacker from sending data out.",
      remediation: "Add a NetworkPolicy with both policyTypes, Ingress and Egress.",
      mappings: [cis("5.3.2"), nsa("Network separation"), mitre("T1041"), cwe("923")],
    },
    (pod, { resource, facts }) => {
      const policies = NetworkPolicies.of(facts).forPod(pod, resource);
      const missing = (["ingress", "egress"] as const).filter(
        (direction) => !policies.some(({ directions }) => directions.has(direction)),
      );
      if (missing.length === 0) return [];
      const reason = `no network policy in the checked resources limits the ${missing.join(" and ")} of the pod`;
      return [{ places: [{ path: [...pod.metadataPath, "labels"] }], reason }];
    },
  ),
  kindCheck(
    {
      id: "manifests/network-policy-namespace",
      title: { pass: "Namespace has a network policy", fail: "Namespace has no network policy" },
      severity: "medium",
      why: "Without a policy, every pod of the cluster can connect to the pods of the namespace.",
      remediation:
        "Add a NetworkPolicy that selects all pods and allows nothing, and others that allow the traffic that is needed.",
      mappings: [cis("5.3.2"), nsa("Network separation"), mitre("T1046"), cwe("923")],
    },
    ["Namespace"],
    {
      examine: (namespace, facts) =>
        NetworkPolicies.of(facts).coversNamespace(namespace) ? [] : [{ places: [{ path: ["metadata", "name"] }] }],
    },
  ),
  kindCheck(
    {
      id: "manifests/network-policy-selector",
      title: { pass: "Network policy has a pod selector", fail: "Network policy has no pod selector" },
      severity: "low",
      why: "Without a selector, the policy is rejected or applies to all pods, which may not be intended.",
      remediation: "Set spec.podSelector; an empty selector applies to all pods of the namespace.",
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
      title: { pass: "Network policy does not allow all traffic", fail: "Network policy allows all traffic" },
      severity: "medium",
      why: "A rule without peers and ports allows everything that the policy would block.",
      remediation: "Set the allowed peers and ports in each rule.",
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

import type { KubernetesComponent, KubernetesNodeFacts } from "../../model/checks/kubernetes-facts.ts";
import type { Observation } from "../check.ts";
import { componentOf } from "./find-setting.ts";

/** What k3s does about the connection to etcd; undefined where its options or a log decide. */
export function k3sStore(component: KubernetesComponent, facts: KubernetesNodeFacts): Observation | undefined {
  const { source, incomplete, argv, name } = component;
  if (source !== "embedded" || incomplete !== undefined || argv.some((flag) => flag.startsWith("--etcd-")))
    return undefined;
  if (componentOf(facts, "etcd")) {
    const evidence = [{ subject: "etcd", value: "run by k3s, which connects with a certificate", expected: "TLS" }];
    return { state: "pass", resource: name, evidence };
  }
  return {
    state: "not-applicable",
    resource: name,
    reason: "k3s stores objects in a database instead of etcd",
    evidence: [],
  };
}

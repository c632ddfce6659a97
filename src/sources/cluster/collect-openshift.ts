import type { ClusterClient } from "../../engines/kubernetes/cluster-client.ts";
import { listPages } from "../../engines/kubernetes/list-pages.ts";
import { readDocument } from "../../io/documents/read-document.ts";
import type { Fact } from "../../model/checks/fact.ts";
import type { KubernetesComponent, OpenShiftFacts } from "../../model/checks/kubernetes-facts.ts";
import { PlimsollError } from "../../model/error.ts";
import { objectIn, objectsIn, textIn, textsIn } from "../../model/objects/json-members.ts";
import { isJsonObject, type JsonObject } from "../../model/objects/json-object.ts";
import { factOf } from "../fact-of.ts";
import { hideInArguments, hideInJson } from "../host/hide-secrets.ts";
import { hideInObject } from "./hide-in-object.ts";
import { openShiftArguments } from "./openshift-arguments.ts";

const operators = ["kubeapiservers", "kubecontrollermanagers", "kubeschedulers", "etcds", "openshiftapiservers"];
const mostConstraints = 10_000;

/**
 * Reads what the operators of OpenShift make of its control plane. Only the three ConfigMaps that hold configurations
 * are requested. What the account may not read is an unavailable fact. Errors: `engine-unreachable`, `cancelled`.
 */
export async function collectOpenShift(
  client: ClusterClient,
  { pods, signal }: { readonly pods: Fact<readonly JsonObject[]>; readonly signal: AbortSignal },
): Promise<OpenShiftFacts> {
  const configMap = async (namespace: string, [name, key]: readonly [string, string]): Promise<JsonObject> => {
    const answer = await client.get(`/api/v1/namespaces/${namespace}/configmaps/${name}`, { signal });
    const text = answer === "gone" ? "" : textIn(objectIn(answer, "data"), key);
    const document = readDocument(text);
    if ("value" in document && isJsonObject(document.value)) return document.value;
    throw new PlimsollError("engine-failed", `the ConfigMap ${namespace}/${name} contains no configuration`);
  };
  const attempt = <T>(read: () => Promise<T>): Promise<Fact<T>> => factOf(read, { signal, codes: ["engine-failed"] });
  const components = await attempt(async (): Promise<readonly KubernetesComponent[]> => {
    const server = await configMap("openshift-kube-apiserver", ["config", "config.yaml"]);
    const policy = await attempt(() =>
      configMap("openshift-kube-apiserver", ["kube-apiserver-audit-policies", "policy.yaml"]),
    );
    const manager = await configMap("openshift-kube-controller-manager", ["config", "config.yaml"]);
    const documents = { "audit-policy-file": "value" in policy ? { value: hidden(policy.value) } : policy };
    return [
      { ...configured("kube-apiserver", server), documents },
      configured("kube-controller-manager", manager),
      ...etcdOf("value" in pods ? pods.value : []),
    ];
  });
  const overrides = await attempt(async () => {
    const found: Record<string, JsonObject | null> = {};
    for (const operator of operators) {
      const answer = await client.get(`/apis/operator.openshift.io/v1/${operator}/cluster`, { signal });
      const value = answer === "gone" ? undefined : objectIn(answer, "spec")["unsupportedConfigOverrides"];
      found[operator] = isJsonObject(value) && Object.keys(value).length > 0 ? hidden(value) : null;
    }
    return found;
  });
  const path = "/apis/security.openshift.io/v1/securitycontextconstraints";
  let count = 0;
  const constraints = await attempt(() =>
    listPages(client, { path, signal }, (item) => {
      if (++count > mostConstraints) throw new PlimsollError("engine-failed", "there are too many constraints");
      return hideInObject({ kind: "SecurityContextConstraints", ...item });
    }),
  );
  return { components, overrides, constraints };
}

function configured(name: "kube-apiserver" | "kube-controller-manager", config: JsonObject): KubernetesComponent {
  const argv = [name, ...hideInArguments(openShiftArguments(config))];
  return { name, source: "api", place: `ConfigMap openshift-${name}/config`, argv, environment: {}, documents: {} };
}

/** etcd with the flags in the script of its container; members are set up alike, so that one stands for all. */
function etcdOf(pods: readonly JsonObject[]): KubernetesComponent[] {
  for (const pod of pods) {
    const metadata = objectIn(pod, "metadata");
    if (textIn(metadata, "namespace") !== "openshift-etcd") continue;
    const container = objectsIn(objectIn(pod, "spec"), "containers").find((one) => textIn(one, "name") === "etcd");
    const script = container ? [...textsIn(container, "command"), ...textsIn(container, "args")].join("\n") : "";
    const flags = [...script.slice(0, 65_536).matchAll(/(?<=\s)--[a-z][a-z-]{0,63}=\S{0,4096}/g)].map(([flag]) =>
      flag.replace(/["']/g, ""),
    );
    if (flags.length === 0) continue;
    const place = `Pod openshift-etcd/${textIn(metadata, "name")}`;
    return [{ name: "etcd", source: "api", place, argv: ["etcd", ...flags], environment: {}, documents: {} }];
  }
  return [];
}

function hidden(value: JsonObject): JsonObject {
  return hideInJson(value) as JsonObject;
}

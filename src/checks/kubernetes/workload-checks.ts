import type { Evidence } from "../../model/check.ts";
import { objectIn, objectsIn, textIn, textsIn } from "../../model/json-members.ts";
import { isJsonObject, type JsonObject } from "../../model/json-object.ts";
import type { KubernetesClusterFacts } from "../../model/kubernetes-facts.ts";
import type { Check, Observation } from "../check.ts";
import type { ManifestResource } from "../manifests/manifest-resource.ts";
import { clusterCheck, objectsOf, someOf, systemNamespaces } from "./cluster-objects.ts";
import type { CheckTexts } from "./setting-check.ts";

interface Container {
  readonly name: string;
  readonly spec: JsonObject;
  readonly context: JsonObject;
}

/** What is wrong with one pod; empty when nothing is. */
type Look = (pod: { readonly spec: JsonObject; readonly containers: readonly Container[] }) => readonly Evidence[];

/** Checks of the pods that run, one observation for each workload; pods of the system's own namespaces are left out. */
export const workloadChecks: readonly Check<KubernetesClusterFacts>[] = [
  tokenCheck({
    name: "pod-token-mount",
    title: "Pods mount a service account token only where they use it",
    severity: "low",
    why: "An intruder finds the token in every container, and asks the API server with it.",
    remediation: "Set automountServiceAccountToken: false on pods or accounts that do not ask the API server.",
  }),
  podCheck(
    {
      name: "pod-privileged",
      title: "No container is privileged",
      severity: "critical",
      why: "A privileged container is root on its node.",
      remediation: "Remove privileged: true and grant single capabilities where one is needed.",
    },
    perContainer(({ context }) => (context["privileged"] === true ? ["privileged", "true"] : undefined)),
  ),
  hostCheck("hostPID", {
    name: "pod-host-pid",
    title: "No pod sees the processes of its node",
    severity: "high",
    why: "It can read the environment of every process of the node, and send signals.",
    remediation: "Remove hostPID: true.",
  }),
  hostCheck("hostIPC", {
    name: "pod-host-ipc",
    title: "No pod shares memory with its node",
    severity: "high",
    why: "It can read what processes of the node share with one another.",
    remediation: "Remove hostIPC: true.",
  }),
  hostCheck("hostNetwork", {
    name: "pod-host-network",
    title: "No pod is in the network of its node",
    severity: "high",
    why: "It reaches services that listen on the node itself, past every network policy.",
    remediation: "Remove hostNetwork: true.",
  }),
  podCheck(
    {
      name: "pod-privilege-escalation",
      title: "No container may gain privileges",
      severity: "medium",
      why: "A set-uid program in the image makes root of any user.",
      remediation: "Set allowPrivilegeEscalation: false.",
    },
    perContainer(({ context }) =>
      context["allowPrivilegeEscalation"] === false
        ? undefined
        : [
            "allowPrivilegeEscalation",
            context["allowPrivilegeEscalation"] === true ? "true" : "not set: true (the default)",
          ],
    ),
  ),
  podCheck(
    {
      name: "pod-root",
      title: "No container may run as root",
      severity: "medium",
      why: "Whoever breaks out of a container is then root on its node.",
      remediation: "Set runAsNonRoot: true, and a user above 0 in the image or in runAsUser.",
    },
    ({ spec, containers }) =>
      containers.flatMap(({ name, context }): Evidence[] => {
        const pod = objectIn(spec, "securityContext");
        const user = context["runAsUser"] ?? pod["runAsUser"];
        const isSafe =
          (context["runAsNonRoot"] ?? pod["runAsNonRoot"]) === true || (typeof user === "number" && user > 0);
        if (isSafe && user !== 0) return [];
        const value = user === 0 ? "runAsUser: 0" : "runAsNonRoot is not set";
        return [{ subject: `container ${name}`, value, expected: "runAsNonRoot: true" }];
      }),
  ),
  podCheck(
    {
      name: "pod-net-raw",
      title: "No container may send packets of its own making",
      severity: "low",
      why: "With NET_RAW a container can pretend to be another one in its network.",
      remediation: "Drop ALL or NET_RAW.",
    },
    perContainer(({ context }) => {
      const { added, dropped } = capabilitiesOf(context);
      if (added.includes("NET_RAW")) return ["capabilities.add", "NET_RAW"];
      return dropped.includes("ALL") || dropped.includes("NET_RAW") ? undefined : ["capabilities.drop", "not NET_RAW"];
    }),
  ),
  podCheck(
    {
      name: "pod-added-capabilities",
      title: "No container has more capabilities than the runtime gives",
      severity: "high",
      why: "Many capabilities lead to root on the node.",
      remediation: "Remove capabilities.add.",
    },
    perContainer(({ context }) => {
      const { added } = capabilitiesOf(context);
      return added.length === 0 ? undefined : ["capabilities.add", someOf(added)];
    }),
  ),
  podCheck(
    {
      name: "pod-capabilities",
      title: "Every container drops all capabilities",
      severity: "low",
      why: "Most programs need none, and each is a way further for an intruder.",
      remediation: "Set capabilities.drop: [ALL] and add those that are needed.",
    },
    perContainer(({ context }) => {
      const { dropped } = capabilitiesOf(context);
      return dropped.includes("ALL") ? undefined : ["capabilities.drop", someOf(dropped) || "nothing"];
    }),
  ),
  podCheck(
    {
      name: "pod-windows-host-process",
      title: "No Windows container is a process of its host",
      severity: "high",
      why: "Such a container may do on its node what its user may.",
      remediation: "Remove windowsOptions.hostProcess.",
    },
    ({ spec, containers }) => {
      const isSet = (context: JsonObject): boolean => objectIn(context, "windowsOptions")["hostProcess"] === true;
      const found = containers.filter(({ context }) => isSet(context)).map(({ name }) => `container ${name}`);
      if (isSet(objectIn(spec, "securityContext"))) found.push("pod");
      return found.map((subject) => ({ subject, value: "hostProcess: true", expected: "not set" }));
    },
  ),
  podCheck(
    {
      name: "pod-host-path",
      title: "No pod mounts folders of its node",
      severity: "high",
      why: "With a folder of the node an intruder reads credentials there, or leaves a program that root runs.",
      remediation: "Use volumes of the cluster in place of hostPath.",
    },
    ({ spec }) =>
      objectsIn(spec, "volumes").flatMap((volume) =>
        isJsonObject(volume["hostPath"])
          ? [
              {
                subject: `volume ${textIn(volume, "name")}`,
                value: textIn(volume["hostPath"], "path"),
                expected: "no hostPath",
              },
            ]
          : [],
      ),
  ),
  podCheck(
    {
      name: "pod-host-ports",
      title: "No container listens on a port of its node",
      severity: "medium",
      why: "Such a port is reached past the services and policies of the cluster.",
      remediation: "Use a service in place of hostPort.",
    },
    ({ containers }) =>
      containers.flatMap(({ name, spec }) =>
        objectsIn(spec, "ports").flatMap(({ hostPort }) =>
          typeof hostPort === "number" && hostPort !== 0
            ? [{ subject: `container ${name}`, value: `hostPort ${hostPort}`, expected: "none" }]
            : [],
        ),
      ),
  ),
  podCheck(
    {
      name: "pod-secret-variables",
      title: "Secrets reach containers as files",
      severity: "low",
      why: "Variables are written to logs and crash reports, and every child process inherits them.",
      remediation: "Mount the secret as a volume.",
    },
    ({ containers }) =>
      containers.flatMap(({ name, spec }) => {
        const single = objectsIn(spec, "env").filter((variable) =>
          isJsonObject(objectIn(variable, "valueFrom")["secretKeyRef"]),
        );
        const all = objectsIn(spec, "envFrom").filter((source) => isJsonObject(source["secretRef"]));
        const names = [...single.map((variable) => textIn(variable, "name")), ...all.map(() => "all of a secret")];
        return names.length === 0
          ? []
          : [{ subject: `container ${name}`, value: someOf(names), expected: "no secrets" }];
      }),
  ),
  podCheck(
    {
      name: "pod-seccomp",
      title: "Every container runs under a seccomp profile",
      severity: "medium",
      why: "Without a profile a container may use every system call of the kernel.",
      remediation: "Set seccompProfile.type: RuntimeDefault.",
    },
    ({ spec, containers }) =>
      containers.flatMap(({ name, context }): Evidence[] => {
        const pod = objectIn(objectIn(spec, "securityContext"), "seccompProfile");
        const type = textIn(objectIn(context, "seccompProfile"), "type") || textIn(pod, "type");
        if (type === "RuntimeDefault" || type === "Localhost") return [];
        return [{ subject: `container ${name}`, value: type || "not set", expected: "RuntimeDefault or Localhost" }];
      }),
  ),
  podCheck(
    {
      name: "pod-security-context",
      title: "Every container says under which security settings it runs",
      severity: "low",
      why: "What is not said is decided by the image and the runtime.",
      remediation: "Give the pod or its containers a securityContext.",
    },
    ({ spec, containers }) => {
      const hasPod = Object.keys(objectIn(spec, "securityContext")).length > 0;
      const without = containers.filter(({ context }) => Object.keys(context).length === 0);
      if (hasPod || without.length === 0) return [];
      return without.map(({ name }) => ({
        subject: `container ${name}`,
        value: "no securityContext",
        expected: "one",
      }));
    },
  ),
];

function podCheck(texts: CheckTexts, look: Look): Check<KubernetesClusterFacts> {
  return clusterCheck(texts, ["pods"], (facts) => observeWorkloads(facts, (pod) => look(partsOf(pod))));
}

function tokenCheck(texts: CheckTexts): Check<KubernetesClusterFacts> {
  return clusterCheck(texts, ["pods", "serviceAccounts"], (facts) => {
    const accounts = objectsOf(facts, "serviceAccounts");
    const silent = new Set(
      accounts
        .filter(({ object }) => object["automountServiceAccountToken"] === false)
        .map(({ namespace, name }) => `${namespace}/${name}`),
    );
    return observeWorkloads(facts, (pod) => {
      const { spec } = partsOf(pod);
      const own = spec["automountServiceAccountToken"];
      const account = textIn(spec, "serviceAccountName") || "default";
      if (own === false || (own !== true && silent.has(`${pod.namespace}/${account}`))) return [];
      const value = own === true ? "true" : "not set: true (the default)";
      return [{ subject: "automountServiceAccountToken", value, expected: "false" }];
    });
  });
}

function hostCheck(key: string, texts: CheckTexts): Check<KubernetesClusterFacts> {
  return podCheck(texts, ({ spec }) =>
    spec[key] === true ? [{ subject: key, value: "true", expected: "false" }] : [],
  );
}

function perContainer(look: (container: Container) => readonly [string, string] | undefined): Look {
  return ({ containers }) =>
    containers.flatMap((container) => {
      const found = look(container);
      return found ? [{ subject: `container ${container.name}`, value: found.join(": ") }] : [];
    });
}

/** One observation for each workload: pods of one controller are alike. */
function observeWorkloads(
  facts: KubernetesClusterFacts,
  look: (pod: ManifestResource) => readonly Evidence[],
): readonly Observation[] {
  const workloads = new Map<string, readonly Evidence[]>();
  const isSystem = systemNamespaces(facts);
  for (const pod of objectsOf(facts, "pods")) {
    if (isSystem(pod.namespace)) continue;
    const title = workloadOf(pod);
    const found = look(pod);
    if (found.length > 0 || !workloads.has(title)) workloads.set(title, found);
  }
  return [...workloads].map(([resource, evidence]) => ({
    state: evidence.length === 0 ? "pass" : "fail",
    resource,
    evidence: evidence.slice(0, 50),
  }));
}

/** `Deployment shop/api`: the topmost owner that a pod itself tells. */
function workloadOf({ object, namespace, name }: ManifestResource): string {
  const metadata = objectIn(object, "metadata");
  const owner = objectsIn(metadata, "ownerReferences").find((reference) => reference["controller"] === true);
  if (!owner) return `Pod ${namespace}/${name}`;
  const hash = textIn(objectIn(metadata, "labels"), "pod-template-hash");
  const ownerName = textIn(owner, "name");
  if (textIn(owner, "kind") === "ReplicaSet" && hash !== "" && ownerName.endsWith(`-${hash}`)) {
    return `Deployment ${namespace}/${ownerName.slice(0, -hash.length - 1)}`;
  }
  return `${textIn(owner, "kind")} ${namespace}/${ownerName}`;
}

function partsOf(pod: ManifestResource): Parameters<Look>[0] {
  const spec = objectIn(pod.object, "spec");
  const containers = ["initContainers", "containers", "ephemeralContainers"].flatMap((key) => objectsIn(spec, key));
  return {
    spec,
    containers: containers.map((container) => ({
      name: textIn(container, "name"),
      spec: container,
      context: objectIn(container, "securityContext"),
    })),
  };
}

function capabilitiesOf(context: JsonObject): {
  readonly added: readonly string[];
  readonly dropped: readonly string[];
} {
  const capabilities = objectIn(context, "capabilities");
  const plain = (names: readonly string[]): readonly string[] =>
    names.map((name) => name.toUpperCase().replace(/^CAP_/, ""));
  return { added: plain(textsIn(capabilities, "add")), dropped: plain(textsIn(capabilities, "drop")) };
}

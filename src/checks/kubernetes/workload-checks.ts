import type { Evidence } from "../../model/checks/check.ts";
import type { KubernetesClusterFacts } from "../../model/checks/kubernetes-facts.ts";
import { objectIn, objectsIn, textIn, textsIn } from "../../model/objects/json-members.ts";
import { isJsonObject, type JsonObject } from "../../model/objects/json-object.ts";
import type { Check, Observation } from "../check.ts";
import type { ManifestResource } from "../manifests/manifest-resource.ts";
import { clusterCheck, objectsOf, someOf, systemNamespaces } from "./cluster-objects.ts";
import type { CheckTexts } from "./setting-check.ts";

interface Container {
  readonly name: string;
  readonly spec: JsonObject;
  readonly context: JsonObject;
}

/** The faults of one pod; empty for a pod without faults. */
type Look = (pod: { readonly spec: JsonObject; readonly containers: readonly Container[] }) => readonly Evidence[];

/** Checks of running pods, one observation for each workload. Pods of system namespaces are excluded. */
export const workloadChecks: readonly Check<KubernetesClusterFacts>[] = [
  tokenCheck({
    name: "pod-token-mount",
    title: {
      pass: "Pod does not mount a service account token automatically",
      fail: "Pod mounts a service account token automatically",
    },
    severity: "low",
    why: "An attacker in a container can use the token for requests to the API server.",
    remediation: "Set automountServiceAccountToken: false on pods or accounts that do not use the API server.",
  }),
  podCheck(
    {
      name: "pod-privileged",
      title: { pass: "Pod has no privileged containers", fail: "Pod has privileged containers" },
      severity: "critical",
      why: "A privileged container is root on its node.",
      remediation: "Remove privileged: true, and add individual capabilities where needed.",
    },
    perContainer(({ context }) => (context["privileged"] === true ? ["privileged", "true"] : undefined)),
  ),
  hostCheck("hostPID", {
    name: "pod-host-pid",
    title: {
      pass: "Pod does not share the PID namespace of its node",
      fail: "Pod shares the PID namespace of its node",
    },
    severity: "high",
    why: "The pod can read the environment of every process of the node, and send signals to them.",
    remediation: "Remove hostPID: true.",
  }),
  hostCheck("hostIPC", {
    name: "pod-host-ipc",
    title: {
      pass: "Pod does not share the IPC namespace of its node",
      fail: "Pod shares the IPC namespace of its node",
    },
    severity: "high",
    why: "The pod can read and write shared memory of processes of the node.",
    remediation: "Remove hostIPC: true.",
  }),
  hostCheck("hostNetwork", {
    name: "pod-host-network",
    title: { pass: "Pod does not use the network of its node", fail: "Pod uses the network of its node" },
    severity: "high",
    why: "The pod can reach services that listen on localhost of the node, and bypasses network policies.",
    remediation: "Remove hostNetwork: true.",
  }),
  podCheck(
    {
      name: "pod-privilege-escalation",
      title: { pass: "Containers do not allow privilege escalation", fail: "Container allows privilege escalation" },
      severity: "medium",
      why: "A set-uid program in the image can turn any user into root.",
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
      title: { pass: "Containers cannot run as root", fail: "Container can run as root" },
      severity: "medium",
      why: "A root process that escapes its container is root on its node.",
      remediation: "Set runAsNonRoot: true, and set a non-root user in the image or in runAsUser.",
    },
    ({ spec, containers }) =>
      containers.flatMap(({ name, context }): Evidence[] => {
        const pod = objectIn(spec, "securityContext");
        const user = context["runAsUser"] ?? pod["runAsUser"];
        const isSafe =
          (context["runAsNonRoot"] ?? pod["runAsNonRoot"]) === true || (typeof user === "number" && user > 0);
        if (isSafe && user !== 0) return [];
        const value = user === 0 ? "runAsUser: 0" : "runAsNonRoot: not set";
        return [{ subject: `container ${name}`, value, expected: "runAsNonRoot: true" }];
      }),
  ),
  podCheck(
    {
      name: "pod-net-raw",
      title: { pass: "Containers drop the NET_RAW capability", fail: "Container has the NET_RAW capability" },
      severity: "low",
      why: "With NET_RAW, a container can spoof packets of other pods.",
      remediation: "Drop ALL or NET_RAW.",
    },
    perContainer(({ context }) => {
      const { added, dropped } = capabilitiesOf(context);
      if (added.includes("NET_RAW")) return ["capabilities.add", "NET_RAW"];
      return dropped.includes("ALL") || dropped.includes("NET_RAW")
        ? undefined
        : ["capabilities.drop", "does not include NET_RAW"];
    }),
  ),
  podCheck(
    {
      name: "pod-added-capabilities",
      title: { pass: "Containers add no capabilities", fail: "Container adds capabilities" },
      severity: "high",
      why: "Several capabilities allow a process to become root on the node.",
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
      title: { pass: "Containers drop all capabilities", fail: "Container does not drop all capabilities" },
      severity: "low",
      why: "Most programs need no capabilities, and each one helps an attacker.",
      remediation: "Set capabilities.drop: [ALL], and add only those that are needed.",
    },
    perContainer(({ context }) => {
      const { dropped } = capabilitiesOf(context);
      return dropped.includes("ALL") ? undefined : ["capabilities.drop", someOf(dropped) || "nothing"];
    }),
  ),
  podCheck(
    {
      name: "pod-windows-host-process",
      title: { pass: "Pod has no Windows host process containers", fail: "Pod has a Windows host process container" },
      severity: "high",
      why: "Such a container has all permissions of its user on the node.",
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
      title: { pass: "Pod mounts no host paths", fail: "Pod mounts host paths" },
      severity: "high",
      why: "Through a host path, an attacker can read credentials or place a program that root runs.",
      remediation: "Replace hostPath volumes with other volume types.",
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
      title: { pass: "Containers use no host ports", fail: "Container uses host ports" },
      severity: "medium",
      why: "A host port can be reached without the services and network policies of the cluster.",
      remediation: "Use a service instead of hostPort.",
    },
    ({ containers }) =>
      containers.flatMap(({ name, spec }) =>
        objectsIn(spec, "ports").flatMap(({ hostPort }) =>
          typeof hostPort === "number" && hostPort !== 0
            ? [{ subject: `container ${name}`, value: `hostPort ${hostPort}`, expected: "no host port" }]
            : [],
        ),
      ),
  ),
  podCheck(
    {
      name: "pod-secret-variables",
      title: {
        pass: "Containers do not read secrets from environment variables",
        fail: "Container reads secrets from environment variables",
      },
      severity: "low",
      why: "Environment variables are written to logs and crash reports, and child processes inherit them.",
      remediation: "Mount the secret as a volume.",
    },
    ({ containers }) =>
      containers.flatMap(({ name, spec }) => {
        const single = objectsIn(spec, "env").filter((variable) =>
          isJsonObject(objectIn(variable, "valueFrom")["secretKeyRef"]),
        );
        const all = objectsIn(spec, "envFrom").filter((source) => isJsonObject(source["secretRef"]));
        const names = [...single.map((variable) => textIn(variable, "name")), ...all.map(() => "all keys of a secret")];
        return names.length === 0
          ? []
          : [{ subject: `container ${name}`, value: `from secrets: ${someOf(names)}`, expected: "secrets as files" }];
      }),
  ),
  podCheck(
    {
      name: "pod-seccomp",
      title: { pass: "Containers run with a seccomp profile", fail: "Container has no seccomp profile" },
      severity: "medium",
      why: "Without a profile, a container can use every system call of the kernel.",
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
      title: { pass: "Pod or containers set a security context", fail: "Container has no security context" },
      severity: "low",
      why: "Settings that are not specified depend on the image and the runtime.",
      remediation: "Set a securityContext for the pod or its containers.",
    },
    ({ spec, containers }) => {
      const hasPod = Object.keys(objectIn(spec, "securityContext")).length > 0;
      const without = containers.filter(({ context }) => Object.keys(context).length === 0);
      if (hasPod || without.length === 0) return [];
      return without.map(({ name }) => ({
        subject: `securityContext of container ${name}`,
        value: "not set",
        expected: "a securityContext",
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

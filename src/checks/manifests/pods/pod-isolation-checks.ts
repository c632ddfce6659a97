import { posix } from "node:path";
import { trimEnd } from "../../../model/text/trim-end.ts";
import type { Check } from "../../check.ts";
import type { CheckTitle } from "../../check-title.ts";
import { cis, cwe, mitre, nsa } from "../../mappings.ts";
import { objectAt, objectsAt, textAt } from "../kustomize/json-path.ts";
import { containerCheck, type ManifestPlace, podCheck } from "../manifest-check.ts";
import type { ManifestFacts } from "../manifest-resource.ts";
import type { PodTemplate } from "./pod-template.ts";

const engineSockets: readonly string[] = [
  "/var/run/docker.sock",
  "/run/docker.sock",
  "/var/run/docker",
  "/run/docker",
  "/run/containerd/containerd.sock",
  "/var/run/containerd/containerd.sock",
  "/run/k3s/containerd/containerd.sock",
  "/run/crio/crio.sock",
  "/var/run/crio/crio.sock",
  "/run/podman/podman.sock",
  "/var/run/podman/podman.sock",
  "/var/run/cri-dockerd.sock",
  "/run/cri-dockerd.sock",
];
const credentialPaths: readonly string[] = [
  "/root/.aws",
  "/root/.azure",
  "/root/.config/gcloud",
  "/root/.docker",
  "/root/.kube",
  "/root/.ssh",
  "/.aws",
  "/.azure",
  "/.docker/config.json",
  "/.kube",
  "/etc/kubernetes",
  "/etc/shadow",
  "/var/lib/kubelet",
  "/var/lib/etcd",
  "/var/lib/rancher",
  "/gcloud/application_default_credentials.json",
  "/home",
];
const wholeHost: ReadonlySet<string> = new Set([
  "/",
  "/etc",
  "/var",
  "/root",
  "/proc",
  "/sys",
  "/dev",
  "/boot",
  "/usr",
  "/var/run",
  "/run",
]);

/** Whether pods keep apart from the host that they run on. */
export const podIsolationChecks: readonly Check<ManifestFacts>[] = [
  containerCheck(
    {
      id: "manifests/privileged",
      title: { pass: "Container is not privileged", fail: "Container is privileged" },
      severity: "critical",
      why: "A privileged container has every capability and device of the host and no confinement: an attacker in it controls the host.",
      remediation: "Remove privileged, and add only the capability or device that the program needs.",
      mappings: [cis("5.2.2"), nsa("Pod security"), mitre("T1611"), mitre("T1610"), cwe("250")],
    },
    ({ path, securityContext }) =>
      securityContext["privileged"] === true
        ? [
            {
              path: [...path, "securityContext", "privileged"],
              expected: "false",
            },
          ]
        : [],
  ),
  hostNamespace("hostNetwork", {
    id: "manifests/host-network",
    title: { pass: "Pod does not use the host network", fail: "Pod uses the host network" },
    why: "The pod can reach services that listen only on the host, see the traffic of the host, and bypass network policies.",
    mappings: [cis("5.2.5"), nsa("Pod security"), mitre("T1611"), cwe("653")],
  }),
  hostNamespace("hostPID", {
    id: "manifests/host-pid",
    title: { pass: "Pod does not share the host PID namespace", fail: "Pod shares the host PID namespace" },
    why: "The container can see the processes of the host, read their environment and memory, and send them signals.",
    mappings: [cis("5.2.3"), nsa("Pod security"), mitre("T1611"), cwe("653")],
  }),
  hostNamespace("hostIPC", {
    id: "manifests/host-ipc",
    title: { pass: "Pod does not share the host IPC namespace", fail: "Pod shares the host IPC namespace" },
    why: "The container can access shared memory and message queues of programs on the host.",
    mappings: [cis("5.2.4"), nsa("Pod security"), mitre("T1611"), cwe("653")],
  }),
  hostPathCheck(
    {
      id: "manifests/host-path",
      title: { pass: "Pod mounts no host directory", fail: "Pod mounts a host directory" },
      severity: "high",
      why: "A host directory ties the pod to a node, and exposes its content to an attacker in the pod.",
      remediation: "Use another volume type: a persistent volume claim, ConfigMap, Secret or emptyDir.",
      mappings: [cis("5.2.11"), nsa("Pod security"), mitre("T1611"), cwe("668")],
    },
    () => true,
  ),
  hostPathCheck(
    {
      id: "manifests/host-path-sensitive",
      title: { pass: "Pod mounts no sensitive host directory", fail: "Pod mounts a sensitive host directory" },
      severity: "critical",
      why: "Configuration, devices and state of the host are enough to take control of it.",
      remediation: "Mount only the file or subdirectory that is needed, read-only.",
      mappings: [cis("5.2.11"), nsa("Pod security"), mitre("T1611"), cwe("668")],
    },
    (path) => wholeHost.has(path),
  ),
  hostPathCheck(
    {
      id: "manifests/host-path-credentials",
      title: {
        pass: "Pod mounts no host directory with credentials",
        fail: "Pod mounts a host directory with credentials",
      },
      severity: "high",
      why: "Cloud, cluster and user credentials have well-known locations on a host.",
      remediation: "Give the pod its own identity: a service account with only the permissions that it needs.",
      mappings: [nsa("Pod security"), mitre("T1552"), cwe("522")],
    },
    (path) =>
      !isPluginPath(path) &&
      credentialPaths.some((place) => path === place || path.startsWith(`${place}/`) || isInHome(path)),
  ),
  hostPathCheck(
    {
      id: "manifests/engine-socket",
      title: { pass: "Container engine socket is not mounted", fail: "Container engine socket is mounted" },
      severity: "critical",
      why: "A process with access to the socket can start a privileged container, which is equivalent to root on the host.",
      remediation:
        "Remove the mount. Build images with a tool that needs no engine, and get container data from the API server.",
      mappings: [cis("5.2.11"), nsa("Pod security"), mitre("T1611"), mitre("T1610"), cwe("250")],
    },
    (path) => engineSockets.includes(path),
  ),
  podCheck(
    {
      id: "manifests/host-path-writable",
      title: { pass: "Host directories are mounted read-only", fail: "Host directory is mounted writable" },
      severity: "high",
      why: "An attacker can place files there that the host or another pod executes.",
      remediation: "Set readOnly to true for the mount.",
      mappings: [cis("5.2.11"), nsa("Pod security"), mitre("T1611"), cwe("732")],
    },
    function* (pod) {
      for (const { places } of hostPathMounts(pod, () => true)) {
        for (const { container, index, isReadOnly } of places) {
          if (isReadOnly) continue;
          yield {
            container,
            places: [
              {
                path: [...container.path, "volumeMounts", index, "readOnly"],
                expected: "true",
              },
            ],
          };
        }
      }
    },
  ),
  containerCheck(
    {
      id: "manifests/host-port",
      title: { pass: "Pod uses no host port", fail: "Pod uses a host port" },
      severity: "medium",
      why: "The port is open to everyone who can reach the node, is not covered by network policies, and limits where the pod can run.",
      remediation: "Remove hostPort, and expose the port through a Service.",
      mappings: [cis("5.2.12"), nsa("Network separation"), cwe("668")],
    },
    ({ path, spec }) =>
      objectsAt(spec, "ports")
        .filter(([, port]) => port["hostPort"] !== undefined && port["hostPort"] !== null && port["hostPort"] !== 0)
        .map(([index]) => ({ path: [...path, "ports", index, "hostPort"] })),
  ),
  containerCheck(
    {
      id: "manifests/mount-propagation",
      title: {
        pass: "Mounts of the container do not propagate to the host",
        fail: "Mounts of the container propagate to the host",
      },
      severity: "high",
      why: "With bidirectional propagation, the container can change what the host and other containers see.",
      remediation: "Remove mountPropagation, or set it to HostToContainer.",
      mappings: [nsa("Pod security"), mitre("T1611"), cwe("668")],
    },
    ({ path, spec }) =>
      objectsAt(spec, "volumeMounts")
        .filter(([, mount]) => mount["mountPropagation"] === "Bidirectional")
        .map(([index]) => ({
          path: [...path, "volumeMounts", index, "mountPropagation"],
          expected: "HostToContainer",
        })),
  ),
  podCheck(
    {
      id: "manifests/shared-process-namespace",
      title: {
        pass: "Containers of a pod have separate process namespaces",
        fail: "Containers of a pod share a process namespace",
      },
      severity: "low",
      why: "A sidecar container can read the environment and files of the main container.",
      remediation: "Remove shareProcessNamespace, unless a container must signal another.",
      mappings: [cwe("653")],
    },
    (pod) =>
      pod.spec["shareProcessNamespace"] === true
        ? [
            {
              places: [
                {
                  path: [...pod.path, "shareProcessNamespace"],
                  expected: "false",
                },
              ],
            },
          ]
        : [],
  ),
];

function hostNamespace(
  field: string,
  description: {
    id: string;
    title: CheckTitle;
    why: string;
    mappings: Check<ManifestFacts>["mappings"];
  },
): Check<ManifestFacts> {
  const remediation = `Remove ${field}, or set it to false.`;
  return podCheck({ ...description, severity: "high", remediation }, (pod) =>
    pod.spec[field] === true ? [{ places: [{ path: [...pod.path, field], expected: "false" }] }] : [],
  );
}

function hostPathCheck(
  description: Parameters<typeof podCheck>[0],
  isBad: (path: string) => boolean,
): Check<ManifestFacts> {
  return podCheck(description, function* (pod) {
    for (const { index, path, places } of hostPathMounts(pod, isBad)) {
      const mounts: ManifestPlace[] = places.map(({ container, index: at, mountPath, isReadOnly }) => ({
        path: [...container.path, "volumeMounts", at],
        value: `${mountPath}${isReadOnly ? ", read-only" : ""}`,
      }));
      yield {
        places: [{ path: [...pod.path, "volumes", index], value: `hostPath ${path}` }, ...mounts],
      };
    }
  });
}

/** The volumes that are paths of the host, and where containers mount them. */
function hostPathMounts(
  pod: PodTemplate,
  isBad: (path: string) => boolean,
): {
  index: number;
  path: string;
  places: {
    container: PodTemplate["containers"][number];
    index: number;
    mountPath: string;
    isReadOnly: boolean;
  }[];
}[] {
  return objectsAt(pod.spec, "volumes").flatMap(([index, volume]) => {
    if (volume["hostPath"] === undefined || volume["hostPath"] === null) return [];
    const path = normalized(textAt(objectAt(volume, "hostPath"), "path") ?? "");
    if (!isBad(path)) return [];
    const places = pod.containers.flatMap((container) =>
      objectsAt(container.spec, "volumeMounts")
        .filter(([, mount]) => mount["name"] === volume["name"])
        .map(([at, mount]) => ({
          container,
          index: at,
          mountPath: textAt(mount, "mountPath") ?? "",
          isReadOnly: mount["readOnly"] === true,
        })),
    );
    return [{ index, path, places }];
  });
}

/** In its shortest form, without a slash at its end. */
function normalized(path: string): string {
  if (path === "") return path;
  const short = posix.normalize(path).replace(/^\/\//, "/");
  return trimEnd(short, "/") || short.slice(0, 1);
}

/** A folder of the kubelet that holds sockets of plug-ins only. Mounted volumes lie below `plugins/kubernetes.io`. */
function isPluginPath(path: string): boolean {
  return /^\/var\/lib\/kubelet\/(?:plugins_registry|device-plugins|plugins\/(?!kubernetes\.io)[^/]+)$/.test(path);
}

function isInHome(path: string): boolean {
  return /^\/home\/[^/]+\/\.(?:aws|azure|config\/gcloud|docker|kube|ssh)(?:\/|$)/.test(path);
}

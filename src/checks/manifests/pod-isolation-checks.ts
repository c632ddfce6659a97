import { posix } from "node:path";
import { trimEnd } from "../../model/trim-end.ts";
import type { Check } from "../check.ts";
import { cis, cwe, mitre, nsa } from "../mappings.ts";
import { objectAt, objectsAt, textAt } from "./json-path.ts";
import { containerCheck, type ManifestPlace, podCheck } from "./manifest-check.ts";
import type { ManifestFacts } from "./manifest-resource.ts";
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
      title: "No container is privileged",
      severity: "critical",
      why: "A privileged container has every capability and device of its host and no confinement: whoever takes it over has the host.",
      remediation: "Remove privileged, and add the single capability or device that the program needs.",
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
    title: "Pods do not use the network of their host",
    why: "On the host's network a pod reaches services that listen for the host alone, sees its traffic, and passes by network policies.",
    mappings: [cis("5.2.5"), nsa("Pod security"), mitre("T1611"), cwe("653")],
  }),
  hostNamespace("hostPID", {
    id: "manifests/host-pid",
    title: "Pods do not see the processes of their host",
    why: "Among the host's processes a container can read their environment and memory, and send them signals.",
    mappings: [cis("5.2.3"), nsa("Pod security"), mitre("T1611"), cwe("653")],
  }),
  hostNamespace("hostIPC", {
    id: "manifests/host-ipc",
    title: "Pods do not share the memory segments of their host",
    why: "Shared memory and message queues of the host's programs are open to a container in their namespace.",
    mappings: [cis("5.2.4"), nsa("Pod security"), mitre("T1611"), cwe("653")],
  }),
  hostPathCheck(
    {
      id: "manifests/host-path",
      title: "Pods mount no directory of their host",
      severity: "high",
      why: "A directory of the host ties a pod to a node, and hands what lies there to whoever takes the pod over.",
      remediation: "Use a volume that is meant for the data: a claim, a config map, a secret or an empty directory.",
      mappings: [cis("5.2.11"), nsa("Pod security"), mitre("T1611"), cwe("668")],
    },
    () => true,
  ),
  hostPathCheck(
    {
      id: "manifests/host-path-sensitive",
      title: "Pods mount none of the host's system directories",
      severity: "critical",
      why: "Configuration, devices and state of the host are enough to take the host over.",
      remediation: "Mount the one file or directory below that is needed, and read-only.",
      mappings: [cis("5.2.11"), nsa("Pod security"), mitre("T1611"), cwe("668")],
    },
    (path) => wholeHost.has(path),
  ),
  hostPathCheck(
    {
      id: "manifests/host-path-credentials",
      title: "Pods mount no place of their host where credentials lie",
      severity: "high",
      why: "Keys of the cloud, of the cluster and of people lie in well-known places of a host.",
      remediation: "Give the pod an identity of its own: a service account that is bound to what it may do.",
      mappings: [nsa("Pod security"), mitre("T1552"), cwe("522")],
    },
    (path) =>
      !isPluginPath(path) &&
      credentialPaths.some((place) => path === place || path.startsWith(`${place}/`) || isInHome(path)),
  ),
  hostPathCheck(
    {
      id: "manifests/engine-socket",
      title: "Pods do not mount the socket of a container engine",
      severity: "critical",
      why: "Whoever may talk to the engine can start a privileged container: it is the same as root on the host.",
      remediation:
        "Remove the mount; build images with a tool that needs no engine, and ask the API server about containers.",
      mappings: [cis("5.2.11"), nsa("Pod security"), mitre("T1611"), mitre("T1610"), cwe("250")],
    },
    (path) => engineSockets.includes(path),
  ),
  podCheck(
    {
      id: "manifests/host-path-writable",
      title: "Directories of the host are mounted read-only",
      severity: "high",
      why: "Whoever can write to a directory of the host can leave there what the host, or another pod, will run.",
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
      title: "Pods take no port of their host",
      severity: "medium",
      why: "A port of the host is open to whoever reaches the host, past the network policies, and binds the pod to free hosts.",
      remediation: "Remove hostPort, and offer the port through a Service.",
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
      title: "Mounts made in a container do not reach its host",
      severity: "high",
      why: "With mounts that go both ways a container changes what the host, and other containers, see.",
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
      title: "The containers of a pod do not see each other's processes",
      severity: "low",
      why: "In one namespace a helper container reads the environment and files of the main one.",
      remediation: "Remove shareProcessNamespace where no container has to signal another.",
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
    title: string;
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
      const mounts: ManifestPlace[] = places.map(({ container, index: at }) => ({
        path: [...container.path, "volumeMounts", at],
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

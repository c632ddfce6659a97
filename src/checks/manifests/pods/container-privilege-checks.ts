import { isJsonObject, type JsonObject } from "../../../model/objects/json-object.ts";
import type { Check } from "../../check.ts";
import { cis, cwe, mitre, nsa } from "../../mappings.ts";
import { type JsonPath, objectAt, textAt, textsAt } from "../kustomize/json-path.ts";
import { containerCheck, type ManifestPlace, podCheck } from "../manifest-check.ts";
import type { ManifestFacts } from "../manifest-resource.ts";
import type { PodContainer, PodTemplate } from "./pod-template.ts";

const lowestOwnId = 10_000;

/** The privileges of processes in containers, and their users. */
export const containerPrivilegeChecks: readonly Check<ManifestFacts>[] = [
  containerCheck(
    {
      id: "manifests/privilege-escalation",
      title: { pass: "Container does not allow privilege escalation", fail: "Container allows privilege escalation" },
      severity: "medium",
      why: "Setuid programs and file capabilities can make an attacker root in the container.",
      remediation: "Set securityContext.allowPrivilegeEscalation to false.",
      mappings: [cis("5.2.6"), nsa("Pod security"), mitre("T1548"), cwe("269")],
    },
    ({ path, securityContext }, { pod }) =>
      pod.isWindows || securityContext["allowPrivilegeEscalation"] === false
        ? []
        : [
            {
              path: [...path, "securityContext", "allowPrivilegeEscalation"],
              expected: "false",
            },
          ],
  ),
  containerCheck(
    {
      id: "manifests/run-as-root",
      title: { pass: "Container does not run as root", fail: "Container may run as root" },
      severity: "medium",
      why: "A process that escapes a container as root is root on the host; in the container, it owns all files.",
      remediation: "Set runAsNonRoot to true, or runAsUser to a number other than 0, for the pod.",
      mappings: [cis("5.2.7"), nsa("Pod security"), cwe("250")],
    },
    (container, { pod }) => (pod.isWindows || pod.spec["hostUsers"] === false ? [] : rootPlaces(container, pod)),
  ),
  containerCheck(
    {
      id: "manifests/run-as-root-group",
      title: { pass: "Container does not run with the root group", fail: "Container may run with the root group" },
      severity: "low",
      why: "Group 0 has access to many sensitive files.",
      remediation: "Set runAsGroup to a number other than 0.",
      mappings: [nsa("Pod security"), cwe("250")],
    },
    (container, { pod }) => {
      if (pod.isWindows || pod.spec["hostUsers"] === false) return [];
      const { value, path } = inherited(container, pod, "runAsGroup");
      return value === undefined || value === 0 ? [{ path, expected: "a number other than 0" }] : [];
    },
  ),
  podCheck(
    {
      id: "manifests/supplemental-root-group",
      title: { pass: "Pod has no supplemental root group", fail: "Pod has the root group as a supplemental group" },
      severity: "medium",
      why: "Group 0 has access to many sensitive files.",
      remediation: "Remove 0 from supplementalGroups, and do not set fsGroup to 0.",
      mappings: [nsa("Pod security"), cwe("250")],
    },
    (pod) => {
      const path = [...pod.path, "securityContext"];
      const groups = pod.securityContext["supplementalGroups"];
      const places = [
        ...(Array.isArray(groups) && groups.includes(0) ? [{ path: [...path, "supplementalGroups"] }] : []),
        ...(pod.securityContext["fsGroup"] === 0 ? [{ path: [...path, "fsGroup"] }] : []),
      ];
      return places.length > 0 ? [{ places }] : [];
    },
  ),
  lowId("runAsUser", "user", "manifests/low-user-id"),
  lowId("runAsGroup", "group", "manifests/low-group-id"),
  containerCheck(
    {
      id: "manifests/writable-root-file-system",
      title: { pass: "Root file system is read-only", fail: "Root file system is writable" },
      severity: "low",
      why: "On a read-only file system, an attacker cannot install tools or replace programs.",
      remediation: "Set readOnlyRootFilesystem to true, and mount an emptyDir where the program writes.",
      mappings: [nsa("Pod security"), mitre("T1036"), cwe("732")],
    },
    ({ path, securityContext }, { pod }) =>
      pod.isWindows || securityContext["readOnlyRootFilesystem"] === true
        ? []
        : [
            {
              path: [...path, "securityContext", "readOnlyRootFilesystem"],
              expected: "true",
            },
          ],
  ),
  containerCheck(
    {
      id: "manifests/seccomp-profile",
      title: { pass: "Container has a seccomp profile", fail: "Container has no seccomp profile" },
      severity: "medium",
      why: "Unless the cluster sets a default, a container without a profile can use every system call of the kernel.",
      remediation: "Set securityContext.seccompProfile.type to RuntimeDefault for the pod.",
      mappings: [cis("5.6.2"), nsa("Pod security"), mitre("T1611"), cwe("693")],
    },
    seccompPlaces,
  ),
  podCheck(
    {
      id: "manifests/app-armor",
      title: { pass: "AppArmor is not disabled", fail: "AppArmor is disabled" },
      severity: "medium",
      why: "Without a profile, only the user and the capabilities limit a compromised process.",
      remediation: "Remove the setting to use the default profile of the runtime, or set a custom profile.",
      mappings: [nsa("Pod security"), cwe("693")],
    },
    function* (pod) {
      const annotations = Object.entries(objectAt(pod.metadata, "annotations"));
      for (const [key, value] of annotations) {
        if (!key.startsWith("container.apparmor.security.beta.kubernetes.io/")) continue;
        const isNamed = value === "runtime/default" || (typeof value === "string" && value.startsWith("localhost/"));
        const path = [...pod.metadataPath, "annotations", key];
        if (!isNamed && value !== "") yield { places: [{ path, expected: "runtime/default" }] };
      }
      for (const { path, context } of contexts(pod)) {
        if (objectAt(context, "appArmorProfile")["type"] !== "Unconfined") continue;
        yield {
          places: [
            {
              path: [...path, "appArmorProfile", "type"],
              expected: "RuntimeDefault",
            },
          ],
        };
      }
    },
  ),
  podCheck(
    {
      id: "manifests/selinux-options",
      title: {
        pass: "SELinux options keep the default confinement",
        fail: "SELinux options weaken the default confinement",
      },
      severity: "medium",
      why: "Another SELinux type, user or role removes the protection of host files.",
      remediation: "Remove seLinuxOptions, or set only a type for containers, such as container_t.",
      mappings: [nsa("Pod security"), cwe("693")],
    },
    function* (pod) {
      for (const { path, context } of contexts(pod)) {
        const options = objectAt(context, "seLinuxOptions");
        const type = textAt(options, "type") ?? "";
        const bad = [
          ...(type === "" || /^container(?:_init|_kvm|_engine)?_t$/.test(type) ? [] : ["type"]),
          ...["user", "role"].filter((field) => (options[field] ?? "") !== ""),
        ];
        if (bad.length > 0)
          yield {
            places: bad.map((field) => ({
              path: [...path, "seLinuxOptions", field],
            })),
          };
      }
    },
  ),
  containerCheck(
    {
      id: "manifests/security-context",
      title: { pass: "Container or pod has a security context", fail: "Container and pod have no security context" },
      severity: "low",
      why: "Without a security context, the permissive defaults of the cluster and the image apply.",
      remediation: "Set a securityContext for the pod or the container.",
      mappings: [cis("5.6.3"), nsa("Pod security"), cwe("1188")],
    },
    ({ path, spec }, { pod }) =>
      isSet(spec["securityContext"]) || isSet(pod.spec["securityContext"])
        ? []
        : [{ path: [...path, "securityContext"] }],
  ),
  containerCheck(
    {
      id: "manifests/sudo",
      title: { pass: "Container is not started with sudo", fail: "Container is started with sudo" },
      severity: "medium",
      why: "A program that sudo starts runs as root, whichever user the container has.",
      remediation: "Start the program directly, as a user with the permissions that it needs.",
      mappings: [mitre("T1548"), cwe("250")],
    },
    ({ path, spec }) =>
      ["command", "args"].flatMap((key) =>
        textsAt(spec, key).flatMap((text, index) =>
          /(?:^|[\s;&|(/])sudo(?:\s|$)/.test(text) ? [{ path: [...path, key, index], value: "sudo" }] : [],
        ),
      ),
  ),
];

function lowId(field: "runAsUser" | "runAsGroup", word: string, id: string): Check<ManifestFacts> {
  return containerCheck(
    {
      id,
      title: {
        pass: `Container runs with a high ${word} ID`,
        fail: `Container may run with a low ${word} ID`,
      },
      severity: "low",
      why: `The host can use a low ID for its own ${word}s: a process that escapes the container can access their files.`,
      remediation: `Set ${field} to ${lowestOwnId} or more.`,
      mappings: [nsa("Pod security"), cwe("250")],
    },
    (container, { pod }) => {
      if (pod.isWindows || pod.spec["hostUsers"] === false) return [];
      const { value, path } = inherited(container, pod, field);
      return typeof value === "number" && value >= lowestOwnId ? [] : [{ path, expected: `${lowestOwnId} or more` }];
    },
  );
}

/** What a container's security context says of a field, or else its pod's; and where to set it. */
function inherited(container: PodContainer, pod: PodTemplate, field: string): { value: unknown; path: JsonPath } {
  const own = container.securityContext[field];
  if (isSet(own)) return { value: own, path: [...container.path, "securityContext", field] };
  const ofPod = pod.securityContext[field];
  if (isSet(ofPod)) return { value: ofPod, path: [...pod.path, "securityContext", field] };
  return {
    value: undefined,
    path: [...container.path, "securityContext", field],
  };
}

function rootPlaces(container: PodContainer, pod: PodTemplate): ManifestPlace[] {
  const nonRoot = inherited(container, pod, "runAsNonRoot");
  const user = inherited(container, pod, "runAsUser");
  // The kubelet refuses to start a container as root then.
  if (nonRoot.value === true) return user.value === 0 ? [{ path: user.path, expected: "a number other than 0" }] : [];
  if (typeof user.value === "number" && user.value > 0) return [];
  if (user.value === 0) return [{ path: user.path, expected: "a number other than 0" }];
  return [{ path: nonRoot.path, expected: "true" }];
}

function seccompPlaces(container: PodContainer, { pod }: { pod: PodTemplate }): ManifestPlace[] {
  if (pod.isWindows) return [];
  const annotations = objectAt(pod.metadata, "annotations");
  const profile = isJsonObject(container.securityContext["seccompProfile"])
    ? { context: container.securityContext, path: container.path }
    : {
        context: pod.securityContext,
        path: isJsonObject(pod.securityContext["seccompProfile"]) ? pod.path : container.path,
      };
  const type = textAt(objectAt(profile.context, "seccompProfile"), "type");
  if (type === "RuntimeDefault" || type === "Localhost") return [];
  const path = [...profile.path, "securityContext", "seccompProfile", "type"];
  if (type !== undefined) return [{ path, expected: "RuntimeDefault" }];
  for (const key of [
    `container.seccomp.security.alpha.kubernetes.io/${container.name}`,
    "seccomp.security.alpha.kubernetes.io/pod",
  ]) {
    const value = textAt(annotations, key);
    if (value === undefined) continue;
    const isConfined = value === "runtime/default" || value === "docker/default" || value.startsWith("localhost/");
    return isConfined
      ? []
      : [
          {
            path: [...pod.metadataPath, "annotations", key],
            expected: "runtime/default",
          },
        ];
  }
  return [{ path, expected: "RuntimeDefault" }];
}

/** The security contexts of a pod and of its containers. */
function contexts(pod: PodTemplate): { path: JsonPath; context: JsonObject }[] {
  return [
    { path: [...pod.path, "securityContext"], context: pod.securityContext },
    ...pod.containers.map(({ path, securityContext }) => ({
      path: [...path, "securityContext"],
      context: securityContext,
    })),
  ];
}

function isSet(value: unknown): boolean {
  return value !== undefined && value !== null;
}

import type { Check } from "../../check.ts";
import { cis, cwe, mitre, nsa } from "../../mappings.ts";
import { type JsonPath, objectAt, textsAt } from "../kustomize/json-path.ts";
import { containerCheck } from "../manifest-check.ts";
import type { ManifestFacts } from "../manifest-resource.ts";
import type { PodContainer } from "./pod-template.ts";

// With these a process leaves its container, reads the memory of others, or changes the host.
const dangerousCapabilities: ReadonlySet<string> = new Set([
  "ALL",
  "AUDIT_CONTROL",
  "BPF",
  "CHECKPOINT_RESTORE",
  "DAC_READ_SEARCH",
  "IPC_LOCK",
  "IPC_OWNER",
  "LEASE",
  "LINUX_IMMUTABLE",
  "MAC_ADMIN",
  "MAC_OVERRIDE",
  "MKNOD",
  "NET_ADMIN",
  "NET_BROADCAST",
  "NET_RAW",
  "PERFMON",
  "SETPCAP",
  "SYSLOG",
  "SYS_ADMIN",
  "SYS_BOOT",
  "SYS_MODULE",
  "SYS_NICE",
  "SYS_PACCT",
  "SYS_PTRACE",
  "SYS_RAWIO",
  "SYS_RESOURCE",
  "SYS_TIME",
  "SYS_TTY_CONFIG",
  "WAKE_ALARM",
]);

/** The capabilities of processes in containers. */
export const containerCapabilityChecks: readonly Check<ManifestFacts>[] = [
  containerCheck(
    {
      id: "manifests/capability-added",
      title: { pass: "Container has no added capability", fail: "Container has an added capability" },
      severity: "medium",
      why: "Each capability is a part of root's privileges. A capability that the program does not need helps only an attacker.",
      remediation: "Remove the capability, or drop ALL and add only what the program needs.",
      mappings: [cis("5.2.9"), nsa("Pod security"), cwe("250")],
    },
    (container) => capabilities(container, "add").map(({ path }) => ({ path })),
  ),
  containerCheck(
    {
      id: "manifests/capability-dangerous",
      title: { pass: "Container has no dangerous capability", fail: "Container has a dangerous capability" },
      severity: "high",
      why: "With the capability, a process can escape the container, observe others, or change the host.",
      remediation: "Remove the capability, and isolate the workload that needs it from exposed services.",
      mappings: [cis("5.2.9"), nsa("Pod security"), mitre("T1611"), cwe("250")],
    },
    (container) =>
      capabilities(container, "add")
        .filter(({ name }) => dangerousCapabilities.has(name))
        .map(({ path }) => ({ path })),
  ),
  containerCheck(
    {
      id: "manifests/capability-sys-admin",
      title: { pass: "Container does not have SYS_ADMIN", fail: "Container has SYS_ADMIN" },
      severity: "critical",
      why: "SYS_ADMIN can mount file systems and change namespaces: it is close to a privileged container.",
      remediation: "Remove SYS_ADMIN and ALL from capabilities.add.",
      mappings: [cis("5.2.9"), nsa("Pod security"), mitre("T1611"), cwe("250")],
    },
    (container) =>
      capabilities(container, "add")
        .filter(({ name }) => name === "SYS_ADMIN" || name === "ALL")
        .map(({ path }) => ({ path })),
  ),
  containerCheck(
    {
      id: "manifests/capabilities-not-dropped",
      title: { pass: "Container drops all capabilities", fail: "Container does not drop all capabilities" },
      severity: "low",
      why: "Runtimes grant about a dozen capabilities by default, and most programs need none of them.",
      remediation: "Set securityContext.capabilities.drop to [ALL].",
      mappings: [cis("5.2.9"), nsa("Pod security"), cwe("250")],
    },
    (container, { pod }) =>
      pod.isWindows || capabilities(container, "drop").some(({ name }) => name === "ALL")
        ? []
        : [
            {
              path: [...container.path, "securityContext", "capabilities", "drop"],
              expected: "[ALL]",
            },
          ],
  ),
  containerCheck(
    {
      id: "manifests/capability-net-raw",
      title: { pass: "Container does not have NET_RAW", fail: "Container has NET_RAW" },
      severity: "medium",
      why: "With NET_RAW, a default capability of most runtimes, a container can spoof packets of other containers.",
      remediation: "Drop ALL or NET_RAW, and do not add NET_RAW.",
      mappings: [cis("5.2.8"), nsa("Pod security"), mitre("T1557"), cwe("250")],
    },
    (container, { pod }) => {
      if (pod.isWindows) return [];
      const added = capabilities(container, "add").filter(({ name }) => name === "NET_RAW" || name === "ALL");
      if (added.length > 0) return added.map(({ path }) => ({ path }));
      const isDropped = capabilities(container, "drop").some(({ name }) => name === "NET_RAW" || name === "ALL");
      const path = [...container.path, "securityContext", "capabilities", "drop"];
      return isDropped ? [] : [{ path, expected: "[NET_RAW] or [ALL]" }];
    },
  ),
];

/** Names of capabilities, without the prefix `CAP_` and in capitals, with their places. */
function capabilities(container: PodContainer, key: "add" | "drop"): { name: string; path: JsonPath }[] {
  return textsAt(objectAt(container.securityContext, "capabilities"), key).map((name, index) => ({
    name: name.toUpperCase().replace(/^CAP_/, ""),
    path: [...container.path, "securityContext", "capabilities", key, index],
  }));
}

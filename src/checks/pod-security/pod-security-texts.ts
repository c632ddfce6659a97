import type { CheckDescription } from "../check.ts";
import { cis, cwe, mitre, nsa, podSecurity } from "../mappings.ts";
import type { PodSecurityCheckId } from "./pod-security-rules.ts";

/** What each check is about, in our own words. */
export const podSecurityTexts: Readonly<Record<PodSecurityCheckId, Omit<CheckDescription, "id">>> = {
  appArmorProfile: {
    title: { pass: "AppArmor is not disabled", fail: "AppArmor is disabled" },
    severity: "medium",
    why: "Without a profile, only the user and the capabilities limit a compromised process.",
    remediation: "Remove the profile type to use the default of the runtime, or set it to RuntimeDefault or Localhost.",
    mappings: [podSecurity("baseline"), nsa("Pod security"), cwe("693")],
  },
  capabilities_baseline: {
    title: {
      pass: "Container adds only default capabilities",
      fail: "Container adds capabilities beyond the defaults",
    },
    severity: "high",
    why: "Capabilities are parts of root's privileges on the host; some are enough to escape the container.",
    remediation:
      "Remove the capability from capabilities.add, or run the program that needs it in a separate namespace.",
    mappings: [podSecurity("baseline"), cis("5.2.9"), nsa("Pod security"), mitre("T1611"), cwe("250")],
  },
  hostNamespaces: {
    title: { pass: "Pod shares no host namespace", fail: "Pod shares a host namespace" },
    severity: "high",
    why: "In a host namespace, a container can access the processes, shared memory or network traffic of the host.",
    remediation: "Remove hostNetwork, hostPID and hostIPC, or set them to false.",
    mappings: [
      podSecurity("baseline"),
      cis("5.2.3"),
      cis("5.2.4"),
      cis("5.2.5"),
      nsa("Pod security"),
      mitre("T1611"),
      cwe("653"),
    ],
  },
  hostPathVolumes: {
    title: { pass: "Pod mounts no host directory", fail: "Pod mounts a host directory" },
    severity: "high",
    why: "Writing host files or reading host credentials is often enough to take control of the host.",
    remediation: "Use another volume type: a persistent volume claim, ConfigMap, Secret or emptyDir.",
    mappings: [podSecurity("baseline"), cis("5.2.11"), nsa("Pod security"), mitre("T1611"), cwe("668")],
  },
  hostPorts: {
    title: { pass: "Pod uses no host port", fail: "Pod uses a host port" },
    severity: "medium",
    why: "The port is open to everyone who can reach the node, is not covered by network policies, and only one pod can use it.",
    remediation: "Remove hostPort, and expose the port through a Service.",
    mappings: [podSecurity("baseline"), cis("5.2.12"), nsa("Network separation"), cwe("668")],
  },
  hostProbesAndHostLifecycle: {
    title: {
      pass: "Probes and lifecycle handlers connect only to the pod",
      fail: "Probe or lifecycle handler connects to another host",
    },
    severity: "medium",
    why: "The kubelet runs probes from the node, so a probe with another host sends requests on behalf of the node.",
    remediation: "Remove host from the probe or handler: the default is the address of the pod.",
    mappings: [podSecurity("baseline"), cwe("918")],
  },
  privileged: {
    title: { pass: "Container is not privileged", fail: "Container is privileged" },
    severity: "critical",
    why: "A privileged container has every capability and device of the host and no confinement: it is root on the host.",
    remediation: "Remove privileged, and add only the capability or device that the program needs.",
    mappings: [podSecurity("baseline"), cis("5.2.2"), nsa("Pod security"), mitre("T1611"), mitre("T1610"), cwe("250")],
  },
  procMount: procMount("baseline"),
  procMount_restricted: procMount("restricted"),
  seLinuxOptions: {
    title: {
      pass: "SELinux options keep the default confinement",
      fail: "SELinux options weaken the default confinement",
    },
    severity: "medium",
    why: "Another SELinux type, user or role removes the protection of host files.",
    remediation: "Remove seLinuxOptions, or set only a type for containers, such as container_t.",
    mappings: [podSecurity("baseline"), nsa("Pod security"), cwe("693")],
  },
  seccompProfile_baseline: {
    title: { pass: "Seccomp is not disabled", fail: "Seccomp is disabled" },
    severity: "medium",
    why: "Without a filter, the container can use every system call of the kernel, including rarely tested ones.",
    remediation: "Set seccompProfile.type to RuntimeDefault, or to Localhost with a custom profile.",
    mappings: [podSecurity("baseline"), cis("5.6.2"), nsa("Pod security"), mitre("T1611"), cwe("693")],
  },
  sysctls: {
    title: { pass: "Pod sets only safe sysctls", fail: "Pod sets unsafe sysctls" },
    severity: "medium",
    why: "Unsafe sysctls affect the whole host or disable its protection.",
    remediation: "Remove the sysctl, or set it on the nodes that need it.",
    mappings: [podSecurity("baseline"), nsa("Pod security"), cwe("668")],
  },
  windowsHostProcess: {
    title: {
      pass: "Container is not a Windows HostProcess container",
      fail: "Container is a Windows HostProcess container",
    },
    severity: "critical",
    why: "The container has the file system and network of the host, without isolation.",
    remediation: "Remove windowsOptions.hostProcess.",
    mappings: [podSecurity("baseline"), cis("5.2.10"), mitre("T1611"), cwe("250")],
  },
  allowPrivilegeEscalation: {
    title: { pass: "Container does not allow privilege escalation", fail: "Container allows privilege escalation" },
    severity: "medium",
    why: "Setuid programs and file capabilities can make an attacker root in the container.",
    remediation: "Set securityContext.allowPrivilegeEscalation to false in every container.",
    mappings: [podSecurity("restricted"), cis("5.2.6"), nsa("Pod security"), mitre("T1548"), cwe("269")],
  },
  capabilities_restricted: {
    title: { pass: "Container drops all capabilities", fail: "Container does not drop all capabilities" },
    severity: "medium",
    why: "Most programs need none of the default capabilities, and a compromised program cannot use dropped capabilities.",
    remediation: "Set securityContext.capabilities.drop to [ALL] in every container, and add only NET_BIND_SERVICE.",
    mappings: [podSecurity("restricted"), cis("5.2.8"), cis("5.2.9"), nsa("Pod security"), cwe("250")],
  },
  restrictedVolumes: {
    title: { pass: "Pod uses only allowed volume types", fail: "Pod uses a volume type that is not allowed" },
    severity: "medium",
    why: "Other volume types let users who can create pods mount the host or any network storage.",
    remediation: "Use a persistent volume claim instead.",
    mappings: [podSecurity("restricted"), nsa("Pod security"), cwe("668")],
  },
  runAsNonRoot: {
    title: { pass: "Pod is required to run as non-root", fail: "Pod is not required to run as non-root" },
    severity: "medium",
    why: "A process that escapes a container as root is root on the host.",
    remediation: "Set securityContext.runAsNonRoot to true for the pod, and set a numeric user in the image.",
    mappings: [podSecurity("restricted"), cis("5.2.7"), nsa("Pod security"), cwe("250")],
  },
  runAsUser: {
    title: { pass: "Container is not set to run as user 0", fail: "Container is set to run as user 0" },
    severity: "medium",
    why: "A process that escapes a container as root is root on the host.",
    remediation: "Set runAsUser to a number other than 0, or remove it.",
    mappings: [podSecurity("restricted"), cis("5.2.7"), nsa("Pod security"), cwe("250")],
  },
  seccompProfile_restricted: {
    title: { pass: "Container has a seccomp profile", fail: "Container has no seccomp profile" },
    severity: "medium",
    why: "Unless the cluster sets a default, a container without a profile can use every system call of the kernel.",
    remediation: "Set securityContext.seccompProfile.type to RuntimeDefault for the pod.",
    mappings: [podSecurity("restricted"), cis("5.6.2"), nsa("Pod security"), mitre("T1611"), cwe("693")],
  },
};

function procMount(level: "baseline" | "restricted"): Omit<CheckDescription, "id"> {
  return {
    title: { pass: `/proc mount is masked (${level})`, fail: `/proc mount is not masked (${level})` },
    severity: "medium",
    why: "Without the masks, the container can read and change kernel settings in /proc.",
    remediation: "Remove procMount, or set it to Default.",
    mappings: [podSecurity(level), nsa("Pod security"), cwe("668")],
  };
}

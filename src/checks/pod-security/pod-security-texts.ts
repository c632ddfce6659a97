import type { CheckDescription } from "../check.ts";
import { cis, cwe, mitre, nsa } from "../mappings.ts";
import type { PodSecurityCheckId } from "./pod-security-rules.ts";

/** What each check is about, in our own words. */
export const podSecurityTexts: Readonly<Record<PodSecurityCheckId, Omit<CheckDescription, "id">>> = {
  appArmorProfile: {
    title: "AppArmor is not switched off",
    severity: "medium",
    why: "Without a profile, a process that was taken over may do whatever its user and capabilities allow.",
    remediation:
      "Remove the profile type, so that the runtime's default holds, or set it to RuntimeDefault or Localhost.",
    mappings: [nsa("Pod security"), cwe("693")],
  },
  capabilities_baseline: {
    title: "No capability beyond those that a runtime gives by default is added",
    severity: "high",
    why: "Capabilities are parts of what root may do on the host; several of them are enough to leave the container.",
    remediation:
      "Remove from capabilities.add what the program can do without, and run what cannot in a namespace of its own.",
    mappings: [cis("5.2.9"), nsa("Pod security"), mitre("T1611"), cwe("250")],
  },
  hostNamespaces: {
    title: "The pod does not share the namespaces of its host",
    severity: "high",
    why: "In the host's namespaces a container sees the host's processes, shared memory or network, and what passes there.",
    remediation: "Remove hostNetwork, hostPID and hostIPC, or set them to false.",
    mappings: [cis("5.2.3"), cis("5.2.4"), cis("5.2.5"), nsa("Pod security"), mitre("T1611"), cwe("653")],
  },
  hostPathVolumes: {
    title: "The pod mounts no directory of its host",
    severity: "high",
    why: "Whoever can write to the host's files, or read its credentials, is soon on the host.",
    remediation: "Use a volume that is meant for the data: a claim, a config map, a secret or an empty directory.",
    mappings: [cis("5.2.11"), nsa("Pod security"), mitre("T1611"), cwe("668")],
  },
  hostPorts: {
    title: "The pod takes no port of its host",
    severity: "medium",
    why: "A port of the host is open to whoever reaches the host, past the network policies, and only one pod can have it.",
    remediation: "Remove hostPort and offer the port through a Service.",
    mappings: [cis("5.2.12"), nsa("Network separation"), cwe("668")],
  },
  hostProbesAndHostLifecycle: {
    title: "Probes and lifecycle handlers ask the pod itself only",
    severity: "medium",
    why: "The kubelet runs probes from the host: with a host of one's choice, it asks others in the name of the node.",
    remediation: "Remove host from the probe or handler: the address of the pod is the default.",
    mappings: [cwe("918")],
  },
  privileged: {
    title: "No container is privileged",
    severity: "critical",
    why: "A privileged container has all capabilities and all devices of its host, and no confinement: it is root on the host.",
    remediation: "Remove privileged, and add the one capability or device that the program needs.",
    mappings: [cis("5.2.2"), nsa("Pod security"), mitre("T1611"), mitre("T1610"), cwe("250")],
  },
  procMount: procMount("baseline"),
  procMount_restricted: procMount("restricted"),
  seLinuxOptions: {
    title: "SELinux confines the pod with a type for containers, and no user or role of its own",
    severity: "medium",
    why: "With another type, user or role a container leaves the domain that keeps it away from the host's files.",
    remediation: "Remove seLinuxOptions, or set only a type that is meant for containers, as container_t.",
    mappings: [nsa("Pod security"), cwe("693")],
  },
  seccompProfile_baseline: {
    title: "Seccomp is not switched off",
    severity: "medium",
    why: "Without a filter every system call of the kernel is open to the container, with the errors of those rarely used.",
    remediation: "Set seccompProfile.type to RuntimeDefault, or to Localhost with a profile of one's own.",
    mappings: [cis("5.6.2"), nsa("Pod security"), mitre("T1611"), cwe("693")],
  },
  sysctls: {
    title: "Only kernel settings that stay within the pod are changed",
    severity: "medium",
    why: "Other settings reach the whole host, or switch off what protects it.",
    remediation: "Remove the setting, or set it on the nodes that need it.",
    mappings: [nsa("Pod security"), cwe("668")],
  },
  windowsHostProcess: {
    title: "No container runs as a process of its Windows host",
    severity: "critical",
    why: "Such a container is not contained at all: it has the host's file system and network.",
    remediation: "Remove windowsOptions.hostProcess.",
    mappings: [cis("5.2.10"), mitre("T1611"), cwe("250")],
  },
  allowPrivilegeEscalation: {
    title: "No process can gain more privileges than the one that started it",
    severity: "medium",
    why: "Set-user-ID programs and file capabilities are how a foothold becomes root within the container.",
    remediation: "Set securityContext.allowPrivilegeEscalation to false in every container.",
    mappings: [cis("5.2.6"), nsa("Pod security"), mitre("T1548"), cwe("269")],
  },
  capabilities_restricted: {
    title: "All capabilities are dropped, and at most NET_BIND_SERVICE is added",
    severity: "medium",
    why: "Most programs need none of the default capabilities, and what is taken over cannot use what it does not have.",
    remediation: "Set securityContext.capabilities.drop to [ALL] in every container, and remove other entries of add.",
    mappings: [cis("5.2.8"), cis("5.2.9"), nsa("Pod security"), cwe("250")],
  },
  restrictedVolumes: {
    title: "Only volumes that reach neither the host nor storage of one's choice are used",
    severity: "medium",
    why: "Volumes written out in a pod let whoever may create pods mount storage, and the host, as they like.",
    remediation: "Use a persistent volume claim in place of the volume that is written out.",
    mappings: [nsa("Pod security"), cwe("668")],
  },
  runAsNonRoot: {
    title: "The pod must run as a user other than root",
    severity: "medium",
    why: "Root in a container is root on the host wherever the container's walls have a hole.",
    remediation: "Set securityContext.runAsNonRoot to true for the pod, and give the image a numeric user.",
    mappings: [cis("5.2.7"), nsa("Pod security"), cwe("250")],
  },
  runAsUser: {
    title: "No container is set to run as user 0",
    severity: "medium",
    why: "Root in a container is root on the host wherever the container's walls have a hole.",
    remediation: "Set runAsUser to a number other than 0, or remove it.",
    mappings: [cis("5.2.7"), nsa("Pod security"), cwe("250")],
  },
  seccompProfile_restricted: {
    title: "A seccomp profile is set",
    severity: "medium",
    why: "Unless a cluster has a default, a pod without a profile runs with every system call of the kernel open to it.",
    remediation: "Set securityContext.seccompProfile.type to RuntimeDefault for the pod.",
    mappings: [cis("5.6.2"), nsa("Pod security"), mitre("T1611"), cwe("693")],
  },
};

function procMount(level: string): Omit<CheckDescription, "id"> {
  return {
    title: `/proc keeps its masks (${level})`,
    severity: "medium",
    why: "Unmasked, /proc shows the container what belongs to the kernel, and lets it write there.",
    remediation: "Remove procMount, or set it to Default.",
    mappings: [nsa("Pod security"), cwe("668")],
  };
}

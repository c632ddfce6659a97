import type { DockerDaemonFact, UnitFact } from "../../model/checks/host-facts.ts";
import { trimEnd } from "../../model/text/trim-end.ts";

/** Paths whose type, owner and mode belong to the facts of every host. */
export const usualPaths: readonly string[] = [
  ...["passwd", "passwd-", "group", "group-", "shadow", "shadow-", "gshadow", "gshadow-", "shells"].map(
    (name) => `/etc/${name}`,
  ),
  ...[
    "/etc/security/opasswd",
    "/etc/ssh/sshd_config",
    "/etc/crontab",
    "/etc/sudoers",
    "/etc/sysctl.conf",
    "/root",
    "/tmp",
  ],
  ...["/etc/subuid", "/etc/subgid", "/boot/grub/grub.cfg", "/boot/grub2/grub.cfg"],
  ...["/etc/docker", "/etc/docker/daemon.json", "/etc/docker/key.json", "/etc/default/docker", "/etc/sysconfig/docker"],
  ...[
    "/etc/containerd",
    "/etc/containerd/config.toml",
    "/etc/containers",
    "/etc/crio",
    "/etc/kubernetes",
    "/etc/cni/net.d",
  ],
  ...[
    "/run/docker.sock",
    "/var/run/docker.sock",
    "/run/containerd",
    "/run/containerd/containerd.sock",
    "/run/podman/podman.sock",
  ],
  ...[
    "/run/crio/crio.sock",
    "/run/runc",
    "/var/lib/docker",
    "/var/lib/containerd",
    "/var/lib/containers",
    "/var/lib/kubelet",
  ],
  ...["dockerd", "docker", "docker-init", "docker-proxy", "containerd", "containerd-shim", "containerd-shim-runc-v1"]
    .concat("containerd-shim-runc-v2", "runc", "crun", "podman", "crio", "kubelet")
    .flatMap((name) =>
      ["/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin"].map((folder) => `${folder}/${name}`),
    ),
  ...["auditd", "auditctl"].flatMap((name) => [`/sbin/${name}`, `/usr/sbin/${name}`]),
];

/** Folders whose entries are looked at one by one, how deep, and how many at most. */
export const usualFolders: readonly { readonly path: string; readonly depth: number }[] = [
  { path: "/etc/docker/certs.d", depth: 2 },
  { path: "/etc/ssh", depth: 1 },
  { path: "/etc/audit/rules.d", depth: 1 },
];

const configMembers = ["tlscacert", "tlscert", "tlskey", "data-root", "seccomp-profile"];

/** The paths that running daemons and installed units name: sockets, certificates, configuration files, folders. */
export function namedPaths(daemons: readonly DockerDaemonFact[], units: readonly UnitFact[]): string[] {
  const paths = units.flatMap(({ paths: own, settings }) => [...own, ...(settings["Socket.ListenStream"] ?? [])]);
  for (const { argv, config, configPath } of daemons) {
    paths.push(configPath, configPath.slice(0, configPath.lastIndexOf("/")));
    const members = "value" in config ? config.value : {};
    for (const name of configMembers) paths.push(String(members[name] ?? ""));
    const hosts = Array.isArray(members["hosts"]) ? members["hosts"].map(String) : [];
    for (const word of [
      ...argv.flatMap((argument) => [argument, argument.slice(argument.indexOf("=") + 1)]),
      ...hosts,
    ]) {
      paths.push(word.replace(/^unix:\/\//, ""));
    }
  }
  return paths.filter((path) => /^\/[^\s]/.test(path) && path.length < 1024).map((path) => trimEnd(path, "/") || "/");
}

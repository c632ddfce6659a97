import type { FileFact, HostFacts, MountFact, UserFact } from "../../model/host-facts.ts";
import type { Fact } from "../check.ts";

const paths = [
  ...[
    "passwd",
    "passwd-",
    "group",
    "group-",
    "shadow",
    "shadow-",
    "gshadow",
    "gshadow-",
    "shells",
    "subuid",
    "subgid",
  ].map((name) => `/etc/${name}`),
  ...[
    "/etc/security/opasswd",
    "/etc/ssh/sshd_config",
    "/etc/ssh/ssh_host_ed25519_key",
    "/root",
    "/usr/bin/runc",
    "/etc/containerd",
  ],
];
const modules = [
  ...["cramfs", "freevxfs", "hfs", "hfsplus", "jffs2", "udf", "usb-storage", "dccp", "tipc", "rds", "sctp"],
  ...["ax25", "netrom", "rose", "can", "n_hdlc"],
];

/** A file as a fact. */
export function fileFact(change: Partial<FileFact> = {}): Fact<FileFact> {
  return { value: { kind: "file", uid: 0, gid: 0, user: "root", group: "root", mode: "0600", size: 1, ...change } };
}

/** A host on which every check of hosts passes. */
export function closedHost(): HostFacts {
  return {
    osRelease: { value: { ID: "debian" } },
    kernel: { value: { release: "6.12.85+deb13-amd64", commandLine: ["quiet"] } },
    sysctls: { value: Object.fromEntries(closedSettings.map(([name, value]) => [name, { value }])) },
    mounts: {
      value: ["/", "/tmp", "/dev/shm", "/var", "/var/tmp"].map((path) => mount(path, ["nodev", "nosuid", "noexec"])),
    },
    modules: {
      value: Object.fromEntries(
        modules.map((name) => [
          name,
          { loaded: false, builtIn: false, present: true, blacklisted: true, install: "/bin/false" },
        ]),
      ),
    },
    securityModules: { value: ["yama", "apparmor", "selinux"] },
    appArmor: { value: { profiles: [{ name: "docker-default", mode: "enforce" }] } },
    seLinux: { value: { mode: "enforcing" } },
    seccomp: { value: { actions: ["errno", "allow"] } },
    cgroups: { value: { version: "2", controllers: ["cpu", "memory", "pids"] } },
    userNamespaces: { value: { supported: true, subordinateUsers: [{ user: "ann", start: 100_000, count: 65_536 }] } },
    files: { value: Object.fromEntries(paths.map((path) => [path, fileFact()])) },
    processes: { value: [{ pid: 7, parent: 1, uid: 0, name: "auditd" }] },
    listeners: { value: [] },
    users: { value: [user("root", 0), user("ann", 1000)] },
    groups: { value: [{ name: "root", gid: 0, members: [] }] },
    auditRules: { value: [...paths.map((path) => `-w ${path} -p wa -k watched`), "-e 2"] },
    units: { value: {} },
    sshd: {
      value: {
        permitrootlogin: ["no"],
        maxauthtries: ["4"],
        logingracetime: ["60"],
        usepam: ["yes"],
        loglevel: ["VERBOSE"],
      },
    },
    runtimes: {
      value: [
        { name: "runc", version: "1.3.3", source: "/usr/bin/runc --version" },
        { name: "containerd", version: "2.1.9", source: "/usr/bin/containerd --version" },
        { name: "docker", version: "29.5.1", source: "/usr/bin/dockerd --version" },
      ],
    },
    dockerDaemons: { value: [] },
  };
}

/** A host on which every check of hosts fails. */
export function openHost(): HostFacts {
  return {
    ...closedHost(),
    kernel: { value: { release: "4.19.0", commandLine: ["cgroup_disable=memory"] } },
    sysctls: {
      value: Object.fromEntries(
        closedSettings.map(([name, value]) => [name, { value: openValues[name] ?? (value === "0" ? "1" : "0") }]),
      ),
    },
    mounts: { value: ["/", "/tmp", "/dev/shm", "/var", "/var/tmp"].map((path) => mount(path, ["rw"])) },
    modules: {
      value: Object.fromEntries(
        modules.map((name) => [name, { loaded: name === "rds", builtIn: false, present: true, blacklisted: false }]),
      ),
    },
    appArmor: { value: { profiles: [{ name: "docker-default", mode: "complain" }] } },
    seLinux: { value: { mode: "permissive" } },
    seccomp: { value: { actions: [] } },
    cgroups: { value: { version: "1", controllers: [] } },
    userNamespaces: {
      value: {
        supported: false,
        subordinateUsers: [
          { user: "ann", start: 1000, count: 65_536 },
          { user: "bob", start: 2000, count: 65_536 },
        ],
      },
    },
    files: {
      value: Object.fromEntries(paths.map((path) => [path, fileFact({ mode: "0577", uid: 1000, user: "ann" })])),
    },
    processes: { value: [] },
    users: {
      value: [
        user("root", 0),
        { ...user("toor", 0), password: "empty" },
        { ...user("toor", 0), password: "in-passwd" },
        user("ann", 1000),
      ],
    },
    auditRules: { value: ["-e 1"] },
    sshd: {
      value: {
        permitrootlogin: ["yes"],
        permitemptypasswords: ["yes"],
        permituserenvironment: ["yes"],
        hostbasedauthentication: ["yes"],
        ignorerhosts: ["no"],
        maxauthtries: ["6"],
        logingracetime: ["0"],
        loglevel: ["QUIET"],
        usepam: ["no"],
      },
    },
    runtimes: {
      value: [
        { name: "runc", version: "1.1.11", source: "/usr/bin/runc --version" },
        { name: "containerd", version: "1.6.0", source: "/usr/bin/containerd --version" },
        { name: "docker", version: "20.10.8", source: "/usr/bin/dockerd --version" },
      ],
    },
  };
}

const all = (family: string, name: string, value: string): [string, string][] =>
  ["all", "default"].map((which) => [`net.${family}.conf.${which}.${name}`, value]);
const closedSettings: readonly (readonly [name: string, value: string])[] = [
  ["kernel.kptr_restrict", "2"],
  ["kernel.dmesg_restrict", "1"],
  ["kernel.unprivileged_bpf_disabled", "2"],
  ["kernel.yama.ptrace_scope", "1"],
  ["kernel.randomize_va_space", "2"],
  ["kernel.perf_event_paranoid", "3"],
  ["kernel.io_uring_disabled", "2"],
  ["kernel.kexec_load_disabled", "1"],
  ["kernel.apparmor_restrict_unprivileged_userns", "1"],
  ["fs.suid_dumpable", "0"],
  ["fs.protected_hardlinks", "1"],
  ["fs.protected_symlinks", "1"],
  ["fs.protected_fifos", "1"],
  ["fs.protected_regular", "2"],
  ["user.max_user_namespaces", "10000"],
  ["vm.unprivileged_userfaultfd", "0"],
  ["vm.mmap_min_addr", "65536"],
  ["dev.tty.ldisc_autoload", "0"],
  ["net.core.bpf_jit_harden", "2"],
  ["net.bridge.bridge-nf-call-iptables", "1"],
  ["net.ipv4.tcp_syncookies", "1"],
  ["net.ipv4.icmp_echo_ignore_broadcasts", "1"],
  ["net.ipv4.icmp_ignore_bogus_error_responses", "1"],
  ...all("ipv4", "route_localnet", "0"),
  ...all("ipv4", "rp_filter", "1"),
  ...all("ipv4", "accept_redirects", "0"),
  ...all("ipv4", "secure_redirects", "0"),
  ...all("ipv4", "send_redirects", "0"),
  ...all("ipv4", "accept_source_route", "0"),
  ...all("ipv4", "log_martians", "1"),
  ...all("ipv6", "accept_redirects", "0"),
  ...all("ipv6", "accept_source_route", "0"),
  ...all("ipv6", "accept_ra", "0"),
];
const openValues: Readonly<Record<string, string>> = { "user.max_user_namespaces": "10000" };

function mount(path: string, options: readonly string[]): MountFact {
  return { source: "/dev/sda1", device: "8:1", path, type: "ext4", options };
}

function user(name: string, uid: number): UserFact {
  return { name, uid, gid: uid, home: `/home/${name}`, shell: "/bin/sh", password: "locked" };
}

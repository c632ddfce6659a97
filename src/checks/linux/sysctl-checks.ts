import type { HostFacts } from "../../model/checks/host-facts.ts";
import type { Check, Observation } from "../check.ts";
import type { CheckTitle } from "../check-title.ts";
import { evidence, shellWord } from "../evidence.ts";
import { appendLine } from "../fix-commands.ts";
import { known } from "../known.ts";
import { type HostControls, hostCheck } from "./host-check.ts";

interface SettingRule {
  readonly name: string;
  readonly settings: readonly string[];
  readonly title: CheckTitle;
  readonly why: string;
  readonly severity: "low" | "medium" | "high";
  /** Values that pass; the first one is what the remedy sets. */
  readonly accepted: readonly number[] | { readonly atLeast: number };
  /** A kernel without the setting lacks the protection. */
  readonly mustExist?: boolean;
  readonly cis?: HostControls;
}

const both = (id: string): HostControls => ({ ubuntu: [id], redHat: [id] });
const interfaces = (family: "ipv4" | "ipv6", name: string): string[] =>
  ["all", "default"].map((which) => `net.${family}.conf.${which}.${name}`);

const rules: readonly SettingRule[] = [
  {
    name: "kernel-pointers",
    settings: ["kernel.kptr_restrict"],
    accepted: { atLeast: 1 },
    severity: "medium",
    title: {
      pass: "Kernel addresses are hidden from unprivileged users",
      fail: "Kernel addresses are visible to unprivileged users",
    },
    why: "An exploit from inside a container needs to know kernel addresses.",
  },
  {
    name: "kernel-log",
    settings: ["kernel.dmesg_restrict"],
    accepted: [1],
    severity: "medium",
    title: { pass: "Kernel log is restricted to administrators", fail: "Kernel log is readable by unprivileged users" },
    why: "The kernel log shows addresses and activity of other containers.",
  },
  {
    name: "unprivileged-bpf",
    settings: ["kernel.unprivileged_bpf_disabled"],
    accepted: [1, 2],
    severity: "high",
    title: { pass: "Unprivileged BPF is disabled", fail: "Unprivileged BPF is enabled" },
    why: "Vulnerabilities in the BPF verifier have repeatedly given root to ordinary users.",
  },
  {
    name: "bpf-jit",
    settings: ["net.core.bpf_jit_harden"],
    accepted: { atLeast: 1 },
    severity: "low",
    title: { pass: "BPF JIT compiler is hardened", fail: "BPF JIT compiler is not hardened" },
    why: "An attacker can use the unhardened compiler to place chosen code in the kernel.",
  },
  {
    name: "ptrace",
    settings: ["kernel.yama.ptrace_scope"],
    accepted: { atLeast: 1 },
    severity: "medium",
    mustExist: true,
    cis: both("1.5.2"),
    title: {
      pass: "Processes can trace only their own children",
      fail: "Processes can trace any process of the same user",
    },
    why: "A compromised program can read the secrets of all other programs of its user.",
  },
  {
    name: "address-randomization",
    settings: ["kernel.randomize_va_space"],
    accepted: [2],
    severity: "high",
    mustExist: true,
    cis: { ubuntu: ["1.5.1"], redHat: ["1.5.1.1"] },
    title: {
      pass: "Address space randomization is fully enabled",
      fail: "Address space randomization is not fully enabled",
    },
    why: "Exploits are more reliable when code is at a predictable address.",
  },
  {
    name: "set-uid-dumps",
    settings: ["fs.suid_dumpable"],
    accepted: [0, 2],
    severity: "low",
    cis: { ubuntu: ["1.5.3"] },
    title: {
      pass: "Core dumps of set-uid programs are protected",
      fail: "Core dumps of set-uid programs are readable by users",
    },
    why: "A core dump contains the memory of the program, including secrets.",
  },
  {
    name: "protected-hardlinks",
    settings: ["fs.protected_hardlinks"],
    accepted: [1],
    severity: "medium",
    title: {
      pass: "Hard links to files of other users are restricted",
      fail: "Hard links to files of other users are allowed",
    },
    why: "Such links can redirect writes of privileged programs to other files.",
  },
  {
    name: "protected-symlinks",
    settings: ["fs.protected_symlinks"],
    accepted: [1],
    severity: "medium",
    title: {
      pass: "Symbolic links in shared directories are restricted",
      fail: "Symbolic links in shared directories are not restricted",
    },
    why: "Such links can redirect writes of privileged programs to other files.",
  },
  {
    name: "protected-fifos",
    settings: ["fs.protected_fifos"],
    accepted: { atLeast: 1 },
    severity: "low",
    title: { pass: "FIFOs in shared directories are protected", fail: "FIFOs in shared directories are not protected" },
    why: "Another user can create a FIFO and read the data that a program writes to it instead of a file.",
  },
  {
    name: "protected-files",
    settings: ["fs.protected_regular"],
    accepted: { atLeast: 1 },
    severity: "low",
    title: {
      pass: "Regular files in shared directories are protected",
      fail: "Regular files in shared directories are not protected",
    },
    why: "Another user can prepare a file that a program then trusts.",
  },
  {
    name: "performance-events",
    settings: ["kernel.perf_event_paranoid"],
    accepted: { atLeast: 2 },
    severity: "low",
    title: {
      pass: "Performance events of the kernel are restricted to administrators",
      fail: "Performance events of the kernel are available to all users",
    },
    why: "The interface is large and had vulnerabilities that gave root.",
  },
  {
    name: "user-fault-handling",
    settings: ["vm.unprivileged_userfaultfd"],
    accepted: [0],
    severity: "low",
    title: { pass: "Unprivileged userfaultfd is disabled", fail: "Unprivileged userfaultfd is enabled" },
    why: "userfaultfd makes race conditions in the kernel easy to exploit.",
  },
  {
    name: "io-uring",
    settings: ["kernel.io_uring_disabled"],
    accepted: { atLeast: 1 },
    severity: "low",
    title: { pass: "io_uring is restricted", fail: "io_uring is available to all users" },
    why: "io_uring bypasses seccomp profiles and had many vulnerabilities.",
  },
  {
    name: "kexec",
    settings: ["kernel.kexec_load_disabled"],
    accepted: [1],
    severity: "low",
    title: {
      pass: "Loading another kernel with kexec is disabled",
      fail: "Loading another kernel with kexec is enabled",
    },
    why: "An attacker with root can start a modified kernel unnoticed.",
  },
  {
    name: "line-disciplines",
    settings: ["dev.tty.ldisc_autoload"],
    accepted: [0],
    severity: "low",
    title: {
      pass: "TTY line disciplines are not loaded automatically",
      fail: "TTY line disciplines are loaded automatically",
    },
    why: "Old line disciplines have vulnerabilities, and a container with a terminal can request them.",
  },
  {
    name: "lowest-address",
    settings: ["vm.mmap_min_addr"],
    accepted: { atLeast: 65_536 },
    severity: "medium",
    title: { pass: "Low memory addresses cannot be mapped", fail: "Low memory addresses can be mapped" },
    why: "Null pointer bugs of the kernel can be exploited with mapped data.",
  },
  {
    name: "bridge-filter",
    settings: ["net.bridge.bridge-nf-call-iptables"],
    accepted: [1],
    severity: "medium",
    title: { pass: "Bridged traffic is filtered by iptables", fail: "Bridged traffic is not filtered by iptables" },
    why: "Firewall rules that isolate containers do not apply to traffic on one bridge without this setting.",
  },
  {
    name: "local-routes",
    settings: interfaces("ipv4", "route_localnet"),
    accepted: [0],
    severity: "medium",
    title: { pass: "Loopback addresses are not routed", fail: "Loopback addresses are routed" },
    why: "Containers and hosts on the same network can reach services that listen on 127.0.0.1.",
  },
  {
    name: "reverse-path",
    settings: interfaces("ipv4", "rp_filter"),
    accepted: [1, 2],
    severity: "low",
    cis: both("3.3.7"),
    title: {
      pass: "Packets with spoofed source addresses are dropped",
      fail: "Packets with spoofed source addresses are accepted",
    },
    why: "Containers and hosts on the same network can use the addresses of other hosts.",
  },
  {
    name: "redirects",
    settings: [...interfaces("ipv4", "accept_redirects"), ...interfaces("ipv6", "accept_redirects")],
    accepted: [0],
    severity: "low",
    cis: both("3.3.5"),
    title: { pass: "ICMP redirects are ignored", fail: "ICMP redirects are accepted" },
    why: "A host on the same network can use redirects to route traffic through itself.",
  },
  {
    name: "secure-redirects",
    settings: interfaces("ipv4", "secure_redirects"),
    accepted: [0],
    severity: "low",
    cis: both("3.3.6"),
    title: { pass: "ICMP redirects from gateways are ignored", fail: "ICMP redirects from gateways are accepted" },
    why: "A compromised gateway can use redirects to route traffic elsewhere.",
  },
  {
    name: "sent-redirects",
    settings: interfaces("ipv4", "send_redirects"),
    accepted: [0],
    severity: "low",
    cis: both("3.3.2"),
    title: { pass: "ICMP redirects are not sent", fail: "ICMP redirects are sent" },
    why: "Only routers need to send redirects.",
  },
  {
    name: "source-routes",
    settings: [...interfaces("ipv4", "accept_source_route"), ...interfaces("ipv6", "accept_source_route")],
    accepted: [0],
    severity: "low",
    cis: both("3.3.8"),
    title: { pass: "Source-routed packets are rejected", fail: "Source-routed packets are accepted" },
    why: "Senders can use source routes to bypass the firewall.",
  },
  {
    name: "strange-packets",
    settings: interfaces("ipv4", "log_martians"),
    accepted: [1],
    severity: "low",
    cis: both("3.3.9"),
    title: {
      pass: "Packets with impossible addresses are logged",
      fail: "Packets with impossible addresses are not logged",
    },
    why: "Such packets are a sign of attempts to bypass network rules.",
  },
  {
    name: "broadcast-echo",
    settings: ["net.ipv4.icmp_echo_ignore_broadcasts"],
    accepted: [1],
    severity: "low",
    cis: both("3.3.4"),
    title: { pass: "ICMP broadcast requests are ignored", fail: "ICMP broadcast requests are answered" },
    why: "Attackers can use the replies to flood another host.",
  },
  {
    name: "bogus-answers",
    settings: ["net.ipv4.icmp_ignore_bogus_error_responses"],
    accepted: [1],
    severity: "low",
    cis: both("3.3.3"),
    title: { pass: "Bogus ICMP error messages are ignored", fail: "Bogus ICMP error messages are logged" },
    why: "The messages fill the log.",
  },
  {
    name: "syn-cookies",
    settings: ["net.ipv4.tcp_syncookies"],
    accepted: [1],
    severity: "low",
    cis: both("3.3.10"),
    title: { pass: "TCP SYN cookies are enabled", fail: "TCP SYN cookies are not enabled for overload" },
    why: "Without SYN cookies, a SYN flood fills the queue of new connections.",
  },
  {
    name: "router-advertisements",
    settings: interfaces("ipv6", "accept_ra"),
    accepted: [0],
    severity: "low",
    cis: both("3.3.11"),
    title: { pass: "IPv6 router advertisements are ignored", fail: "IPv6 router advertisements are accepted" },
    why: "A container with NET_RAW, or a host on the same network, can route traffic through itself.",
  },
];

/** Kernel settings. Checks use the current value, not the value that a file sets at the next boot. */
export const sysctlChecks: readonly Check<HostFacts>[] = rules.map((rule) =>
  hostCheck(
    rule.name,
    {
      title: rule.title,
      severity: rule.severity,
      why: rule.why,
      remediation: `Set the value in a file in /etc/sysctl.d, and load the file with sysctl --system: ${rule.settings.join(", ")} = ${remedyOf(rule)}.`,
      ...(rule.cis && { cis: rule.cis }),
    },
    { needs: ["sysctls"], evaluate: (facts) => [observe(rule, known(facts.sysctls))] },
  ),
);

function observe(rule: SettingRule, values: Extract<HostFacts["sysctls"], { value: unknown }>["value"]): Observation {
  const expected = Array.isArray(rule.accepted) ? rule.accepted.join(" or ") : `${remedyOf(rule)} or more`;
  const seen = rule.settings.map((name) => {
    const fact = Object.hasOwn(values, name) ? values[name] : undefined;
    return { name, fact: fact ?? { unavailable: `the facts have no data for ${name}` } };
  });
  const reasons = seen.flatMap(({ fact }) => ("unavailable" in fact ? [fact.unavailable] : []));
  const shown = seen.map(({ name, fact }) => evidence(name, "value" in fact ? fact.value : undefined, expected));
  const failed = seen.filter(({ fact }) => "value" in fact && !accepts(rule, fact.value)).map(({ name }) => name);
  if (failed.length > 0) {
    const commands = failed.flatMap((name) => [
      appendLine("/etc/sysctl.d/zz-plimsoll.conf", `${name} = ${remedyOf(rule)}`),
      `sysctl -w ${shellWord(`${name}=${remedyOf(rule)}`)}`,
    ]);
    return { state: "fail", evidence: shown, commands };
  }
  const absent = seen.every(
    ({ fact }) => "unavailable" in fact && fact.unavailable.startsWith("this kernel does not have the setting"),
  );
  if (absent) return { state: rule.mustExist ? "fail" : "not-applicable", evidence: shown, reason: reasons.join("; ") };
  const unread = reasons.filter((reason) => !reason.startsWith("this kernel does not have the setting"));
  if (unread.length > 0) return { state: "warn", evidence: shown, reason: unread.join("; ") };
  return { state: "pass", evidence: shown };
}

function accepts({ accepted }: SettingRule, text: string): boolean {
  if (!/^-?\d{1,15}$/.test(text)) return false;
  const value = Number(text);
  return "atLeast" in accepted ? value >= accepted.atLeast : accepted.includes(value);
}

function remedyOf({ accepted }: SettingRule): number {
  return "atLeast" in accepted ? accepted.atLeast : (accepted[0] ?? 0);
}

import type { HostFacts } from "../../model/host-facts.ts";
import type { Check, Observation } from "../check.ts";
import { evidence, shellWord } from "../evidence.ts";
import { appendLine } from "../fix-commands.ts";
import { known } from "../known.ts";
import { type HostControls, hostCheck } from "./host-check.ts";

interface SettingRule {
  readonly name: string;
  readonly settings: readonly string[];
  readonly title: string;
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
    title: "The kernel hides its addresses",
    why: "An exploit from inside a container needs to know where the kernel's code lies.",
  },
  {
    name: "kernel-log",
    settings: ["kernel.dmesg_restrict"],
    accepted: [1],
    severity: "medium",
    title: "Only the administrator reads the kernel's log",
    why: "The log shows addresses and what other containers do.",
  },
  {
    name: "unprivileged-bpf",
    settings: ["kernel.unprivileged_bpf_disabled"],
    accepted: [1, 2],
    severity: "high",
    title: "Only the administrator loads BPF programs",
    why: "Flaws of the BPF verifier gave root from an ordinary user more than once.",
  },
  {
    name: "bpf-jit",
    settings: ["net.core.bpf_jit_harden"],
    accepted: { atLeast: 1 },
    severity: "low",
    title: "The BPF compiler is hardened",
    why: "It otherwise helps to place chosen code in the kernel.",
  },
  {
    name: "ptrace",
    settings: ["kernel.yama.ptrace_scope"],
    accepted: { atLeast: 1 },
    severity: "medium",
    mustExist: true,
    cis: both("1.5.2"),
    title: "A process may look into its own children only",
    why: "Otherwise a program that was taken over reads the secrets of every other one of its user.",
  },
  {
    name: "address-randomization",
    settings: ["kernel.randomize_va_space"],
    accepted: [2],
    severity: "high",
    mustExist: true,
    cis: { ubuntu: ["1.5.1"], redHat: ["1.5.1.1"] },
    title: "Addresses of processes are random",
    why: "Exploits work more surely when code lies where it always lies.",
  },
  {
    name: "set-uid-dumps",
    settings: ["fs.suid_dumpable"],
    accepted: [0, 2],
    severity: "low",
    cis: { ubuntu: ["1.5.3"] },
    title: "Programs that change their user leave no dump to others",
    why: "A dump holds what the program had in memory, secrets among it.",
  },
  {
    name: "protected-hardlinks",
    settings: ["fs.protected_hardlinks"],
    accepted: [1],
    severity: "medium",
    title: "Hard links to files of others cannot be made",
    why: "They make privileged programs write where they should not.",
  },
  {
    name: "protected-symlinks",
    settings: ["fs.protected_symlinks"],
    accepted: [1],
    severity: "medium",
    title: "Links in shared folders are followed for their owner only",
    why: "They make privileged programs write where they should not.",
  },
  {
    name: "protected-fifos",
    settings: ["fs.protected_fifos"],
    accepted: { atLeast: 1 },
    severity: "low",
    title: "Pipes of others in shared folders are not opened for writing",
    why: "Somebody else could read what a program meant to write into a file.",
  },
  {
    name: "protected-files",
    settings: ["fs.protected_regular"],
    accepted: { atLeast: 1 },
    severity: "low",
    title: "Files of others in shared folders are not opened for writing",
    why: "Somebody else could prepare the file that a program then trusts.",
  },
  {
    name: "performance-events",
    settings: ["kernel.perf_event_paranoid"],
    accepted: { atLeast: 2 },
    severity: "low",
    title: "Only the administrator measures the kernel",
    why: "The interface is large, and had flaws that gave root.",
  },
  {
    name: "user-fault-handling",
    settings: ["vm.unprivileged_userfaultfd"],
    accepted: [0],
    severity: "low",
    title: "Only the administrator handles page faults of the kernel",
    why: "It makes races in the kernel easy to win.",
  },
  {
    name: "io-uring",
    settings: ["kernel.io_uring_disabled"],
    accepted: { atLeast: 1 },
    severity: "low",
    title: "io_uring is for chosen users only",
    why: "It goes around seccomp profiles, and had many flaws.",
  },
  {
    name: "kexec",
    settings: ["kernel.kexec_load_disabled"],
    accepted: [1],
    severity: "low",
    title: "The running kernel cannot be replaced",
    why: "Whoever gets root could start a kernel of their own without a trace.",
  },
  {
    name: "line-disciplines",
    settings: ["dev.tty.ldisc_autoload"],
    accepted: [0],
    severity: "low",
    title: "Line disciplines are not loaded by ordinary users",
    why: "Old ones have flaws, and a container with a terminal can ask for them.",
  },
  {
    name: "lowest-address",
    settings: ["vm.mmap_min_addr"],
    accepted: { atLeast: 65_536 },
    severity: "medium",
    title: "The lowest addresses cannot be used",
    why: "Null pointers of the kernel otherwise lead to data of the attacker.",
  },
  {
    name: "bridge-filter",
    settings: ["net.bridge.bridge-nf-call-iptables"],
    accepted: [1],
    severity: "medium",
    title: "Traffic on bridges passes the firewall",
    why: "Rules that keep containers apart do not hold for traffic that stays on a bridge.",
  },
  {
    name: "local-routes",
    settings: interfaces("ipv4", "route_localnet"),
    accepted: [0],
    severity: "medium",
    title: "Addresses of the host's own loop cannot be reached from outside",
    why: "Services that listen on 127.0.0.1 are then open to containers and neighbours.",
  },
  {
    name: "reverse-path",
    settings: interfaces("ipv4", "rp_filter"),
    accepted: [1, 2],
    severity: "low",
    cis: both("3.3.7"),
    title: "Packets with a wrong sender are dropped",
    why: "Containers and neighbours could pretend to be somebody else.",
  },
  {
    name: "redirects",
    settings: [...interfaces("ipv4", "accept_redirects"), ...interfaces("ipv6", "accept_redirects")],
    accepted: [0],
    severity: "low",
    cis: both("3.3.5"),
    title: "Nobody on the network changes the host's routes",
    why: "A neighbour could lead traffic through itself.",
  },
  {
    name: "secure-redirects",
    settings: interfaces("ipv4", "secure_redirects"),
    accepted: [0],
    severity: "low",
    cis: both("3.3.6"),
    title: "Not even gateways change the host's routes",
    why: "A gateway that was taken over could lead traffic elsewhere.",
  },
  {
    name: "sent-redirects",
    settings: interfaces("ipv4", "send_redirects"),
    accepted: [0],
    severity: "low",
    cis: both("3.3.2"),
    title: "The host changes nobody's routes",
    why: "A host that is no router has no reason to.",
  },
  {
    name: "source-routes",
    settings: [...interfaces("ipv4", "accept_source_route"), ...interfaces("ipv6", "accept_source_route")],
    accepted: [0],
    severity: "low",
    cis: both("3.3.8"),
    title: "Senders do not choose the way of their packets",
    why: "They could go around the firewall.",
  },
  {
    name: "strange-packets",
    settings: interfaces("ipv4", "log_martians"),
    accepted: [1],
    severity: "low",
    cis: both("3.3.9"),
    title: "Packets with impossible addresses are logged",
    why: "They are a sign that somebody tries to go around the network's rules.",
  },
  {
    name: "broadcast-echo",
    settings: ["net.ipv4.icmp_echo_ignore_broadcasts"],
    accepted: [1],
    severity: "low",
    cis: both("3.3.4"),
    title: "The host does not answer calls to everybody",
    why: "It could be used to flood somebody else.",
  },
  {
    name: "bogus-answers",
    settings: ["net.ipv4.icmp_ignore_bogus_error_responses"],
    accepted: [1],
    severity: "low",
    cis: both("3.3.3"),
    title: "False error messages are not logged",
    why: "They fill the log.",
  },
  {
    name: "syn-cookies",
    settings: ["net.ipv4.tcp_syncookies"],
    accepted: [1],
    severity: "low",
    cis: both("3.3.10"),
    title: "Floods of new connections do not stop the host",
    why: "Without cookies, a flood fills the list of open connections.",
  },
  {
    name: "router-advertisements",
    settings: interfaces("ipv6", "accept_ra"),
    accepted: [0],
    severity: "low",
    cis: both("3.3.11"),
    title: "Nobody on the network becomes the host's router",
    why: "A container with NET_RAW, or a neighbour, could lead traffic through itself.",
  },
];

/** Settings of the kernel. What counts is the value now, not what a file says about the next start. */
export const sysctlChecks: readonly Check<HostFacts>[] = rules.map((rule) =>
  hostCheck(
    rule.name,
    {
      title: rule.title,
      severity: rule.severity,
      why: rule.why,
      remediation: `Set it in a file in /etc/sysctl.d and load that: ${rule.settings.join(", ")} = ${remedyOf(rule)}.`,
      ...(rule.cis && { cis: rule.cis }),
    },
    { needs: ["sysctls"], evaluate: (facts) => [observe(rule, known(facts.sysctls))] },
  ),
);

function observe(rule: SettingRule, values: Extract<HostFacts["sysctls"], { value: unknown }>["value"]): Observation {
  const expected = Array.isArray(rule.accepted) ? rule.accepted.join(" or ") : `${remedyOf(rule)} or more`;
  const seen = rule.settings.map((name) => {
    const fact = Object.hasOwn(values, name) ? values[name] : undefined;
    return { name, fact: fact ?? { unavailable: `the facts do not tell about ${name}` } };
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

import type { AccessRule, Rule } from "../language/syntax.ts";
import { wordValue } from "../language/words.ts";
import type { LoadedPolicy, LoadedProfile } from "../policy/load-policy.ts";
import { placeOf, quoteRule, type Remark } from "./lint-finding.ts";

/** What one capability alone gives to a process in a container. */
const dangerousCapabilities: Readonly<Record<string, string>> = {
  sys_admin: "mounts, namespaces and many device controls",
  sys_module: "kernel modules can be loaded",
  sys_rawio: "memory and ports of the machine can be written",
  sys_ptrace: "other processes can be read and changed",
  sys_boot: "the machine can be restarted",
  dac_read_search: "files can be opened by handle, past directories and mounts",
  mac_admin: "AppArmor profiles can be changed",
  mac_override: "AppArmor can be bypassed",
  bpf: "BPF programs can be loaded",
  perfmon: "the kernel and other processes can be traced",
  syslog: "the kernel log can be read",
};

/** The rules of a profile that are not about files, and its flags. */
export function lintRules(profile: LoadedProfile, policy: LoadedPolicy): readonly Remark[] {
  const remarks: Remark[] = [];
  const at = { file: undefined, line: profile.line };
  const mode = profile.flags.find((flag) => ["complain", "unconfined", "default_allow", "prompt"].includes(flag));
  if (mode !== undefined) {
    remarks.push({
      severity: mode === "complain" ? "advice" : "warning",
      code: "not-enforced",
      message: `the profile is in ${mode} mode: ${modeEffects[mode] ?? ""}`,
      hint: `Remove ${mode} from the flags when the profile is complete.`,
      at,
    });
  }
  const seen = new Set<string>();
  for (const loaded of profile.rules) {
    const { rule } = loaded;
    const text = quoteRule(rule);
    if (seen.has(text) && loaded.file === undefined) {
      const hint = "Remove one of them.";
      remarks.push({
        severity: "advice",
        code: "duplicate",
        message: `${text} is given twice`,
        hint,
        at: placeOf(loaded),
      });
    }
    seen.add(text);
    const abi = policy.abi;
    if (abi?.startsWith("abi/3.") && newerThan3(rule)) {
      remarks.push({
        severity: "warning",
        code: "abi-too-old",
        message: `${text} is not enforced with ABI ${abi}`,
        hint: "Declare abi <abi/4.0>, on systems with AppArmor 4.",
        at: placeOf(loaded),
      });
    }
    if (rule.prefix.decision === "deny") continue;
    for (const remark of risksOf(rule)) remarks.push({ ...remark, at: placeOf(loaded) });
  }
  return remarks;
}

const modeEffects: Readonly<Record<string, string>> = {
  complain: "violations are logged, but not stopped",
  unconfined: "nothing is stopped except by deny rules",
  default_allow: "everything is allowed that no rule denies",
  prompt: "violations ask the user",
};

function newerThan3(rule: Rule): boolean {
  return rule.kind === "userns" || rule.kind === "mqueue" || rule.kind === "io_uring";
}

function* risksOf(rule: Rule): Generator<Omit<Remark, "at">> {
  const text = quoteRule(rule);
  const warning = (code: string, message: string, hint: string): Omit<Remark, "at"> => {
    return { severity: "warning", code, message, hint };
  };
  switch (rule.kind) {
    case "all":
      yield warning("everything-allowed", `${text} allows everything`, "Allow only what the program needs.");
      return;
    case "capability": {
      if (rule.names.length === 0) {
        yield warning(
          "all-capabilities",
          `${text} allows every capability that the container has`,
          "List the capabilities that the program needs.",
        );
      }
      for (const name of rule.names) {
        const effect = dangerousCapabilities[name];
        if (effect === undefined) continue;
        yield warning(
          "dangerous-capability",
          `capability ${name}: ${effect}`,
          "Remove it unless the program needs it.",
        );
      }
      return;
    }
    case "mount":
    case "remount":
      if (rule.source === undefined && rule.target === undefined && rule.conditions.length === 0) {
        yield warning(
          "any-mount",
          `${text} allows mounting anything anywhere, which bypasses the rules about paths`,
          "Name the file system type, the source and the mount point.",
        );
      }
      return;
    case "change_profile":
      if (rule.target === undefined || wordValue(rule.target) === "**" || wordValue(rule.target) === "unconfined") {
        yield warning(
          "escape-by-profile",
          `${text} allows the process to leave its profile`,
          "Name the profiles that it may change to.",
        );
      }
      return;
    case "ptrace":
    case "signal":
      if (!rule.conditions.some(({ name }) => name === "peer")) yield anyPeer(rule, text);
      return;
    case "network":
      yield* networkRisks(rule, text);
      return;
    case "userns":
      yield {
        severity: "advice",
        code: "user-namespaces",
        message: `${text} allows user namespaces, which open much of the kernel to attacks`,
        hint: "Remove it unless the program has a sandbox of its own.",
      };
  }
}

function anyPeer({ kind, access }: AccessRule, text: string): Omit<Remark, "at"> {
  const passive = access.length > 0 && access.every((word) => ["receive", "readby", "tracedby", "r"].includes(word));
  return {
    severity: kind === "ptrace" && !passive ? "warning" : "advice",
    code: "any-peer",
    message: `${text} applies to processes of every profile`,
    hint: "Add peer=, for example peer=@{profile_name} for the processes of the same profile.",
  };
}

function* networkRisks({ words, conditions }: AccessRule, text: string): Generator<Omit<Remark, "at">> {
  const [family, type] = words;
  if (family === undefined && conditions.length === 0) {
    yield {
      severity: "advice",
      code: "any-network",
      message: `${text} allows sockets of every family, with raw and packet sockets`,
      hint: "Allow what the program uses: network inet stream, network inet6 stream, network unix.",
    };
  }
  const raw = type === "raw" && family !== "netlink" && family !== "unix";
  if (family === "packet" || family === "raw" || raw || type === "packet" || family === "alg") {
    yield {
      severity: "warning",
      code: "raw-network",
      message: `${text} allows ${family === "alg" ? "the kernel's crypto interface" : "forged or captured packets"}`,
      hint: "Remove it unless the program needs it.",
    };
  }
}

import type { Fact } from "../../model/checks/fact.ts";
import type { AppArmorFact, HostFacts, MountFact } from "../../model/checks/host-facts.ts";
import { collectIdRanges } from "./collect-accounts.ts";
import { hideInArguments } from "./hide-secrets.ts";
import type { HostRoot } from "./host-root.ts";
import { sysctlNames } from "./sysctl-names.ts";

const longestSetting = 4096;
const mostMounts = 20_000;
const largestMounts = 16 * 1024 * 1024;
const mostProfiles = 10_000;

/** Release and command line of the running kernel. */
export async function collectKernel(root: HostRoot): Promise<HostFacts["kernel"]> {
  const release = await lineOf(root, "/proc/sys/kernel/osrelease");
  if ("unavailable" in release) return release;
  const commandLine = await lineOf(root, "/proc/cmdline");
  return {
    value: {
      release: release.value,
      commandLine: "value" in commandLine ? hideInArguments(wordsOf(commandLine.value)) : [],
    },
  };
}

/** The settings of {@link sysctlNames} as they are now. */
export async function collectSysctls(root: HostRoot): Promise<HostFacts["sysctls"]> {
  const tree = await root.list("/proc/sys");
  if ("unavailable" in tree) return tree;
  if (tree.value === null || tree.value.length === 0) return { unavailable: "/proc/sys does not exist" };
  const settings: Record<string, Fact<string>> = {};
  for (const name of [...sysctlNames].sort()) {
    const text = await root.readText(`/proc/sys/${name.replaceAll(".", "/")}`, { limit: longestSetting });
    if ("unavailable" in text) settings[name] = text;
    else if (text.value === null) settings[name] = { unavailable: `this kernel does not have the setting ${name}` };
    else settings[name] = { value: text.value.trim() };
  }
  return { value: settings };
}

/**
 * The mounts, as the first process sees them, or this one where that may not be read; the last mount at a path is the
 * one in use.
 *
 * Source: the kernel's documentation, "The proc filesystem", `mountinfo`.
 */
export async function collectMounts(root: HostRoot): Promise<HostFacts["mounts"]> {
  let text = await root.readText("/proc/1/mountinfo", { limit: largestMounts });
  if (!("value" in text) || !text.value) text = await root.readText("/proc/self/mountinfo", { limit: largestMounts });
  if ("unavailable" in text) return text;
  if (text.value === null) return { unavailable: "/proc/self/mountinfo does not exist" };
  const lines = text.value.split("\n").filter((line) => line !== "");
  if (lines.length > mostMounts) return { unavailable: `there are more than ${mostMounts} mounts` };
  return {
    value: lines.map((line): MountFact => {
      const words = line.split(" ");
      // Optional fields stand before a hyphen: their number varies.
      const [type = "", source = "", superOptions = ""] = words.slice(words.indexOf("-", 6) + 1);
      const options = new Set([...(words[5] ?? "").split(","), ...superOptions.split(",")]);
      const common = { source: unescaped(source), device: words[2] ?? "", path: unescaped(words[4] ?? "") };
      return { ...common, type, options: hideInArguments([...options].map(unescaped)) };
    }),
  };
}

/** The enabled security modules: the kernel's own list, or those that can be detected without it. */
export async function collectSecurityModules(root: HostRoot): Promise<HostFacts["securityModules"]> {
  const list = await lineOf(root, "/sys/kernel/security/lsm");
  if ("value" in list) return { value: list.value.split(",").filter((name) => name !== "") };
  const [appArmor, seLinux, yama] = await Promise.all([
    lineOf(root, "/sys/module/apparmor/parameters/enabled"),
    root.find("/sys/fs/selinux/enforce"),
    root.find("/proc/sys/kernel/yama"),
  ]);
  if (!list.unavailable.endsWith("is not there")) return list;
  const found = [
    ...("value" in yama && yama.value ? ["yama"] : []),
    ...("value" in appArmor && appArmor.value === "Y" ? ["apparmor"] : []),
    ...("value" in seLinux && seLinux.value ? ["selinux"] : []),
  ];
  return { value: found };
}

/** The profiles that AppArmor holds; none where it is off. */
export async function collectAppArmor(root: HostRoot): Promise<HostFacts["appArmor"]> {
  const enabled = await lineOf(root, "/sys/module/apparmor/parameters/enabled");
  if (!("value" in enabled) || enabled.value !== "Y") return { unavailable: "AppArmor is not enabled in this kernel" };
  const text = await root.readText("/sys/kernel/security/apparmor/profiles", { limit: 8 * 1024 * 1024 });
  if ("unavailable" in text) return text;
  if (text.value === null) return { unavailable: "/sys/kernel/security/apparmor/profiles does not exist" };
  const profiles: AppArmorFact["profiles"][number][] = [];
  for (const line of text.value.split("\n").slice(0, mostProfiles)) {
    const match = /^(.{1,4096}) \(([a-z]{1,32})\)$/.exec(line);
    if (match?.[1] && match[2]) profiles.push({ name: match[1], mode: match[2] });
  }
  return { value: { profiles } };
}

/** Whether SELinux holds. */
export async function collectSeLinux(root: HostRoot): Promise<HostFacts["seLinux"]> {
  const enforce = await root.readText("/sys/fs/selinux/enforce", { limit: 64 });
  if ("unavailable" in enforce) return enforce;
  if (enforce.value === null) return { value: { mode: "disabled" } };
  return { value: { mode: enforce.value.trim() === "1" ? "enforcing" : "permissive" } };
}

/** What seccomp filters the kernel knows. */
export async function collectSeccomp(root: HostRoot): Promise<HostFacts["seccomp"]> {
  const actions = await lineOf(root, "/proc/sys/kernel/seccomp/actions_avail");
  if ("value" in actions) return { value: { actions: actions.value.split(/\s+/).filter((name) => name !== "") } };
  const status = await root.readText("/proc/self/status");
  if ("unavailable" in status) return status;
  if (status.value === null) return { unavailable: actions.unavailable };
  // Kernels before 4.14 have filters but no list of actions.
  return { value: { actions: /^Seccomp:/m.test(status.value) ? ["kill", "trap", "errno", "trace", "allow"] : [] } };
}

/** Which control groups the host uses, and which controllers the second version has. */
export async function collectCgroups(root: HostRoot): Promise<HostFacts["cgroups"]> {
  const unified = await lineOf(root, "/sys/fs/cgroup/cgroup.controllers");
  if ("value" in unified) return { value: { version: "2", controllers: wordsOf(unified.value) } };
  const mounts = await collectMounts(root);
  if ("unavailable" in mounts) return mounts;
  const first = mounts.value.filter(({ type }) => type === "cgroup");
  const second = mounts.value.find(({ type }) => type === "cgroup2");
  if (first.length === 0 && !second) return { unavailable: "no control groups are mounted" };
  const controllers = second && (await lineOf(root, `${second.path}/cgroup.controllers`));
  return {
    value: {
      version: first.length === 0 ? "2" : second ? "hybrid" : "1",
      controllers: controllers && "value" in controllers ? wordsOf(controllers.value) : [],
    },
  };
}

/** Whether the kernel has user namespaces, and who may map which ids. */
export async function collectUserNamespaces(root: HostRoot): Promise<HostFacts["userNamespaces"]> {
  const [own, ranges] = await Promise.all([root.find("/proc/self/ns/user"), collectIdRanges(root)]);
  if ("unavailable" in ranges) return ranges;
  // The target of the link is not a path, so a kernel without this namespace is recognised by the missing limit.
  const limit = await root.find("/proc/sys/user/max_user_namespaces");
  const supported = ("value" in own && own.value !== null) || ("value" in limit && limit.value !== null);
  return { value: { supported, subordinateUsers: ranges.value } };
}

/** The fields of `os-release`. */
export async function collectOsRelease(root: HostRoot): Promise<HostFacts["osRelease"]> {
  for (const path of ["/etc/os-release", "/usr/lib/os-release"]) {
    const text = await root.readText(path, { limit: 64 * 1024 });
    if ("unavailable" in text) return text;
    if (text.value === null) continue;
    const fields = text.value.split("\n").map((line) => /^([A-Z][A-Z0-9_]{0,63})=(.{0,1024})$/.exec(line.trim()));
    return {
      value: Object.fromEntries(
        fields
          .filter((field) => field !== null)
          .map(([, name, value = ""]) => [name, value.replace(/^(["'])(.*)\1$/, "$2")]),
      ),
    };
  }
  return { unavailable: "no os-release file found" };
}

async function lineOf(root: HostRoot, path: string): Promise<Fact<string>> {
  const text = await root.readText(path, { limit: 64 * 1024 });
  if ("unavailable" in text) return text;
  return text.value === null ? { unavailable: `${path} is not there` } : { value: text.value.trim() };
}

function wordsOf(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== "");
}

/** `mounts` writes spaces and other signs as three octal digits. */
function unescaped(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}

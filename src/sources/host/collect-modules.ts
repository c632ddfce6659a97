import type { HostFacts, ModuleFact } from "../../model/checks/host-facts.ts";
import type { HostRoot } from "./host-root.ts";

/** Modules that a container host seldom needs and that had vulnerabilities more than once. */
const moduleNames: readonly string[] = `
  cramfs freevxfs hfs hfsplus jffs2 squashfs udf usb-storage
  dccp tipc rds sctp ax25 netrom rose can n_hdlc overlay br_netfilter
`
  .trim()
  .split(/\s+/);

const configurationFolders = [
  "/etc/modprobe.d",
  "/run/modprobe.d",
  "/usr/local/lib/modprobe.d",
  "/usr/lib/modprobe.d",
  "/lib/modprobe.d",
];
const largestList = 32 * 1024 * 1024;
const mostFiles = 1000;

/** What the kernel and modprobe's configuration say about a few modules, by their name. */
export async function collectModules(root: HostRoot): Promise<HostFacts["modules"]> {
  const loaded = await root.readText("/proc/modules", { limit: largestList });
  if ("unavailable" in loaded) return loaded;
  const release = await root.readText("/proc/sys/kernel/osrelease", { limit: 4096 });
  const folder = `/lib/modules/${"value" in release && release.value ? release.value.trim() : "none"}`;
  const [builtIn, present] = await Promise.all([
    namesIn(root, `${folder}/modules.builtin`),
    namesIn(root, `${folder}/modules.dep`),
  ]);
  if (typeof builtIn === "string") return { unavailable: builtIn };
  if (typeof present === "string") return { unavailable: present };
  const settings = await modprobeSettings(root);
  if (typeof settings === "string") return { unavailable: settings };
  const now = new Set((loaded.value ?? "").split("\n").map((line) => canonical(line.split(" ")[0] ?? "")));
  const modules: Record<string, ModuleFact> = {};
  for (const name of moduleNames) {
    const key = canonical(name);
    const install = settings.installs.get(key);
    modules[name] = {
      loaded: now.has(key),
      builtIn: builtIn.has(key),
      present: present.has(key),
      blacklisted: settings.blacklist.has(key),
      ...(install !== undefined && { install }),
    };
  }
  return { value: modules };
}

async function modprobeSettings(
  root: HostRoot,
): Promise<{ readonly blacklist: Set<string>; readonly installs: Map<string, string> } | string> {
  const files = new Map<string, string>();
  for (const folder of configurationFolders) {
    const names = await root.list(folder);
    if ("unavailable" in names) return names.unavailable;
    for (const name of names.value ?? []) {
      // A name in an earlier folder stands for the same name in a later one.
      if (name.endsWith(".conf") && !files.has(name)) files.set(name, `${folder}/${name}`);
    }
  }
  const blacklist = new Set<string>();
  const installs = new Map<string, string>();
  for (const name of [...files.keys()].sort().slice(0, mostFiles)) {
    const text = await root.readText(files.get(name) ?? "");
    if ("unavailable" in text) return text.unavailable;
    for (const line of (text.value ?? "").replace(/\\\n/g, " ").split("\n")) {
      const [word, module, ...rest] = line.trim().split(/\s+/);
      if (module === undefined) continue;
      if (word === "blacklist") blacklist.add(canonical(module));
      if (word === "install" && rest[0] !== undefined) installs.set(canonical(module), rest.join(" ").slice(0, 256));
    }
  }
  return { blacklist, installs };
}

/**
 * The modules of a list of paths such as `kernel/fs/udf/udf.ko.zst: …`; a text is the reason why it could not be read.
 */
async function namesIn(root: HostRoot, path: string): Promise<ReadonlySet<string> | string> {
  const text = await root.readText(path, { limit: largestList });
  if ("unavailable" in text) return text.unavailable;
  const names = (text.value ?? "").matchAll(/^(?:[^\s:]*\/)?([^\s:/]+)\.ko(?:\.[a-z]+)?(?::|$)/gm);
  return new Set(Array.from(names, ([, name = ""]) => canonical(name)));
}

/** modprobe takes a hyphen and an underscore for the same. */
function canonical(name: string): string {
  return name.replaceAll("-", "_");
}

import type { Fact } from "../../model/checks/fact.ts";
import type { HostFacts, UnitFact } from "../../model/checks/host-facts.ts";
import { hideInText } from "./hide-secrets.ts";
import type { HostRoot } from "./host-root.ts";

const unitNames = [
  "docker.service",
  "docker.socket",
  "containerd.service",
  "auditd.service",
  "apparmor.service",
  "kubelet.service",
];
const unitFolders = [
  "/etc/systemd/system",
  "/run/systemd/system",
  "/usr/local/lib/systemd/system",
  "/usr/lib/systemd/system",
  "/lib/systemd/system",
];
const keptSettings: ReadonlySet<string> = new Set([
  ...["Service.ExecStart", "Service.User", "Service.EnvironmentFile", "Service.Delegate", "Service.NoNewPrivileges"],
  ...["Socket.ListenStream", "Socket.SocketMode", "Socket.SocketUser", "Socket.SocketGroup"],
]);
const mostValues = 100;

/** The units of container runtimes as systemd reads them: the first file that is found, and every drop-in after it. */
export async function collectUnits(root: HostRoot): Promise<HostFacts["units"]> {
  const units: Record<string, Fact<UnitFact | null>> = {};
  for (const name of unitNames) units[name] = await collectUnit(root, name);
  return { value: units };
}

async function collectUnit(root: HostRoot, name: string): Promise<Fact<UnitFact | null>> {
  let path: string | undefined;
  for (const folder of unitFolders) {
    const found = await root.find(`${folder}/${name}`);
    if ("unavailable" in found) return found;
    if (found.value === null) continue;
    if (found.value.path === "/dev/null") return { value: null };
    path = `${folder}/${name}`;
    break;
  }
  if (path === undefined) return { value: null };
  const dropIns = new Map<string, string>();
  for (const folder of unitFolders) {
    const names = await root.list(`${folder}/${name}.d`);
    if ("unavailable" in names) return names;
    for (const file of names.value ?? []) {
      if (file.endsWith(".conf") && !dropIns.has(file)) dropIns.set(file, `${folder}/${name}.d/${file}`);
    }
  }
  const paths = [path, ...[...dropIns.keys()].sort().map((file) => dropIns.get(file) ?? "")].slice(0, mostValues);
  const settings: Record<string, string[]> = {};
  for (const file of paths) {
    const text = await root.readText(file);
    if ("unavailable" in text) return text;
    readSettings(text.value ?? "", settings);
  }
  return { value: { paths, settings } };
}

/** An assignment of nothing empties a list, as in systemd. */
function readSettings(text: string, settings: Record<string, string[]>): void {
  let section = "";
  for (const line of text.replace(/\\\n/g, " ").split("\n")) {
    const trimmed = line.trim();
    if (trimmed.startsWith("[") && trimmed.endsWith("]")) section = trimmed.slice(1, -1);
    const separator = trimmed.indexOf("=");
    if (separator < 1 || /^[#;]/.test(trimmed)) continue;
    const key = `${section}.${trimmed.slice(0, separator).trim()}`;
    if (!keptSettings.has(key)) continue;
    const value = trimmed.slice(separator + 1).trim();
    const values = settings[key] ?? [];
    settings[key] = value === "" ? [] : [...values, hideInText(value)].slice(-mostValues);
  }
}

import type { Fact } from "../../model/checks/fact.ts";
import type { HostView } from "../../model/checks/host-view.ts";
import type {
  KubernetesComponent,
  KubernetesComponentName,
  KubernetesFile,
  KubernetesFileRole,
} from "../../model/checks/kubernetes-facts.ts";
import { isJsonObject } from "../../model/objects/json-object.ts";
import { compareText } from "../../model/text/compare-text.ts";
import { flagValue } from "./collect-documents.ts";
import { type FolderRole, manifestFolders, manifestRoles, usualFiles, usualFolders } from "./node-paths.ts";
import { pathOnHost } from "./path-on-host.ts";

const mostFiles = 20_000;
const deepest = 16;

/** Flags that name a file with a role. */
const roleFlags: readonly (readonly [KubernetesComponentName, string, KubernetesFileRole])[] = [
  ["kube-scheduler", "kubeconfig", "scheduler-kubeconfig"],
  ["kube-controller-manager", "kubeconfig", "controller-manager-kubeconfig"],
  ["kubelet", "kubeconfig", "kubelet-kubeconfig"],
  ["kubelet", "client-ca-file", "kubelet-ca"],
  ["kubelet", "config", "kubelet-config"],
  ["kube-proxy", "kubeconfig", "proxy-kubeconfig"],
];

/** Owner and mode of the files of a node: those that flags and settings name, and those at usual places. */
export async function collectNodeFiles(
  host: HostView,
  components: readonly KubernetesComponent[],
): Promise<Fact<readonly KubernetesFile[]>> {
  const wanted = new Map<string, { readonly role: KubernetesFileRole; readonly path: string }>();
  const want = (role: KubernetesFileRole, path: string): void => {
    if (path.startsWith("/")) wanted.set(`${role} ${path}`, { role, path });
  };
  for (const [role, name, path] of namedFiles(components)) want(role, await pathOnHost(host, { name, path }));
  const named = new Set([...wanted.values()].map(({ role }) => role));
  for (const [role, paths] of Object.entries(usualFiles) as [KubernetesFileRole, readonly string[]][]) {
    // Files of another installation that is no longer in use are not examined.
    if (!named.has(role)) for (const path of paths) want(role, path);
  }
  for (const folder of manifestFolders) {
    for (const [name, role] of Object.entries(manifestRoles)) {
      for (const ending of [".yaml", ".yml", ".manifest", ".json"]) want(role, `${folder}/${name}${ending}`);
    }
  }
  const files: KubernetesFile[] = [];
  for (const { role, path } of wanted.values()) {
    const status = await host.status(path);
    if (status !== undefined && "unavailable" in status) return status;
    if (status) files.push(fileOf(role, { path, status }));
  }
  for (const folder of usualFolders) {
    const error = await addFolder(host, { ...folder, files });
    if (error !== undefined) return { unavailable: error };
  }
  files.sort((a, b) => compareText(a.role, b.role) || compareText(a.path, b.path));
  return { value: withoutTwins(files) };
}

type NamedFile = readonly [role: KubernetesFileRole, component: KubernetesComponentName, path: string];

function namedFiles(components: readonly KubernetesComponent[]): NamedFile[] {
  const found: NamedFile[] = [];
  for (const component of components) {
    for (const [name, flag, role] of roleFlags) {
      const path = component.name === name ? flagValue(component.argv, flag) : undefined;
      if (path) found.push([role, name, path]);
    }
    const config = component.documents["config"];
    const settings = config && "value" in config ? config.value : {};
    if (component.name === "kubelet") {
      const path = textAt(settings, ["authentication", "x509", "clientCAFile"]);
      if (path !== undefined) found.push(["kubelet-ca", "kubelet", path]);
    }
    if (component.name === "kube-proxy") {
      const path = textAt(settings, ["clientConnection", "kubeconfig"]);
      if (path !== undefined) found.push(["proxy-kubeconfig", "kube-proxy", path]);
    }
    if (component.name === "etcd") {
      const file = component.documents["config-file"];
      const path = file
        ? textAt("value" in file ? file.value : {}, ["data-dir"])
        : flagValue(component.argv, "data-dir") || component.environment["ETCD_DATA_DIR"];
      found.push(["etcd-data", "etcd", path || "/var/lib/etcd"]);
    }
  }
  return found;
}

async function addFolder(
  host: HostView,
  {
    role,
    path,
    deep,
    files,
  }: { readonly role: FolderRole; readonly path: string; readonly deep: boolean; readonly files: KubernetesFile[] },
): Promise<string | undefined> {
  const waiting = [{ path, depth: 0 }];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const status = await host.status(next.path);
    if (status === undefined) continue;
    if ("unavailable" in status) return status.unavailable;
    if (files.length > mostFiles) return `there are more than ${mostFiles} files below ${path}`;
    const { kind } = status;
    if (kind !== "directory" || role === "pki") files.push(fileOf(role, { path: next.path, status }));
    if (kind === "file" && role === "pki") {
      if (next.path.endsWith(".crt")) files.push(fileOf("pki-certificate", { path: next.path, status }));
      if (next.path.endsWith(".key")) files.push(fileOf("pki-key", { path: next.path, status }));
    }
    if (kind !== "directory" || (!deep && next.depth > 0) || next.depth >= deepest) continue;
    const names = await host.list(next.path);
    if (names !== undefined && "unavailable" in names) return names.unavailable;
    const { path: folder, depth } = next;
    waiting.push(...(names ?? []).map((name) => ({ path: `${folder}/${name}`, depth: depth + 1 })));
  }
  return undefined;
}

function fileOf(
  role: KubernetesFileRole,
  {
    path,
    status,
  }: {
    readonly path: string;
    readonly status: Exclude<Awaited<ReturnType<HostView["status"]>>, undefined | { readonly unavailable: string }>;
  },
): KubernetesFile {
  return {
    role,
    path,
    directory: status.kind === "directory",
    mode: status.mode.toString(8).padStart(4, "0"),
    user: status.user ?? String(status.uid),
    group: status.group ?? String(status.gid),
  };
}

/** `/lib` is `/usr/lib` on many hosts: of two paths to one file the shorter is left out. */
function withoutTwins(files: readonly KubernetesFile[]): readonly KubernetesFile[] {
  const paths = new Set(files.map(({ role, path }) => `${role} ${path}`));
  return files.filter(({ role, path }) => !(path.startsWith("/lib/") && paths.has(`${role} /usr${path}`)));
}

function textAt(value: unknown, path: readonly string[]): string | undefined {
  let current = value;
  for (const key of path) current = isJsonObject(current) ? current[key] : undefined;
  return typeof current === "string" && current !== "" ? current : undefined;
}

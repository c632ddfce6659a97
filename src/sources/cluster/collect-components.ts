import { readDocument } from "../../io/documents/read-document.ts";
import type { Fact } from "../../model/checks/fact.ts";
import type { HostProcess, HostView } from "../../model/checks/host-view.ts";
import type { KubernetesComponent, KubernetesComponentName } from "../../model/checks/kubernetes-facts.ts";
import { isJsonObject, type JsonObject } from "../../model/objects/json-object.ts";
import { hideInArguments, isSecretName, looksSecret } from "../host/hide-secrets.ts";
import { collectDocuments, flagValue, readSettings } from "./collect-documents.ts";
import { type K3sVersion, k3sComponents } from "./k3s-components.ts";
import { manifestFolders, programNames } from "./node-paths.ts";
import { openShiftArguments } from "./openshift-arguments.ts";
import { pathOnHost } from "./path-on-host.ts";

type Found = Omit<KubernetesComponent, "documents">;

/**
 * The components of a node: running ones; for the others, those that static pods describe; and those that run inside
 * k3s and MicroK8s, with their configured arguments.
 */
export async function collectComponents(
  host: HostView,
  options: { readonly k3sVersion?: K3sVersion },
): Promise<Fact<readonly KubernetesComponent[]>> {
  const processes = await host.processes();
  const running = "unavailable" in processes ? [] : await runningComponents(host, processes);
  const described = await describedComponents(host);
  const embedded = [
    ...(await k3sComponents(host, { ...options, processes: "unavailable" in processes ? [] : processes })),
    ...(await microK8sComponents(host)),
  ];
  const found = [...running.map((component) => withVersion(component, described))];
  for (const component of [...described, ...embedded]) {
    if (!found.some(({ name }) => name === component.name)) found.push(component);
  }
  if (found.length === 0 && "unavailable" in processes) return processes;
  const components: KubernetesComponent[] = [];
  for (const one of found) {
    const component = await withOpenShiftConfig(host, one);
    components.push({ ...component, documents: await collectDocuments(host, component) });
  }
  return { value: components };
}

async function runningComponents(host: HostView, processes: readonly HostProcess[]): Promise<Found[]> {
  const found: Found[] = [];
  for (const { pid, argv } of processes) {
    const name = componentOf(argv);
    if (name === undefined || found.some((other) => other.name === name)) continue;
    const environment = name === "etcd" ? await environmentOf(host, pid) : {};
    found.push({ name, source: "process", place: `process ${pid}`, argv: hideInArguments(argv), environment });
  }
  return found;
}

/** The component that a command line runs; undefined for every other program. */
function componentOf(argv: readonly string[]): KubernetesComponentName | undefined {
  const [program = "", first = ""] = argv;
  const base = program.slice(program.lastIndexOf("/") + 1);
  const named = base === "hyperkube" ? first.replace(/^\//, "") : base;
  return Object.hasOwn(programNames, named) ? programNames[named] : undefined;
}

async function environmentOf(host: HostView, pid: number): Promise<Readonly<Record<string, string>>> {
  const variables = await host.environment(pid);
  if ("unavailable" in variables) return {};
  const known: Record<string, string> = {};
  for (const variable of variables) {
    const [, name, value] = /^(ETCD_[A-Z0-9_]{1,128})=([\s\S]*)$/.exec(variable) ?? [];
    if (name === undefined || value === undefined || isSecretName(name) || looksSecret(value)) continue;
    known[name] = value;
  }
  return known;
}

/** What the manifests of static pods run. */
async function describedComponents(host: HostView): Promise<Found[]> {
  const found: Found[] = [];
  for (const folder of manifestFolders) {
    const names = await host.list(folder);
    if (names === undefined || "unavailable" in names) continue;
    for (const name of names.filter((file) => /\.(?:ya?ml|json|manifest)$/.test(file)).slice(0, 100)) {
      const path = `${folder}/${name}`;
      const text = await host.read(path);
      const document = typeof text === "string" ? readDocument(text) : undefined;
      if (document && "value" in document) found.push(...componentsOfPod(document.value, path));
    }
  }
  return found;
}

function componentsOfPod(pod: unknown, place: string): Found[] {
  const spec = isJsonObject(pod) ? pod["spec"] : undefined;
  const containers = isJsonObject(spec) ? spec["containers"] : undefined;
  if (!Array.isArray(containers)) return [];
  return containers.filter(isJsonObject).flatMap((container) => {
    const argv = [...textsIn(container, "command"), ...textsIn(container, "args")];
    const name = componentOf(argv);
    if (name === undefined) return [];
    const version = /:v?(\d{1,4}\.\d{1,4}\.\d{1,4})(?:[-+@]|$)/.exec(String(container["image"] ?? ""))?.[1];
    // The version of etcd is its own, not that of Kubernetes.
    const told = version !== undefined && name !== "etcd" ? { version } : {};
    return [{ name, source: "manifest" as const, place, argv: hideInArguments(argv), environment: {}, ...told }];
  });
}

function withVersion(component: Found, described: readonly Found[]): Found {
  const version = described.find(({ name }) => name === component.name)?.version;
  return version === undefined ? component : { ...component, version };
}

/** The arguments of the components of MicroK8s, which reads them from files. */
async function microK8sComponents(host: HostView): Promise<Found[]> {
  const found: Found[] = [];
  for (const name of [
    "kube-apiserver",
    "kube-controller-manager",
    "kube-scheduler",
    "kubelet",
    "kube-proxy",
  ] as const) {
    const path = `/var/snap/microk8s/current/args/${name}`;
    const text = await host.read(path);
    if (typeof text !== "string") continue;
    const flags = text
      .split("\n")
      .map((line) => line.trim())
      .filter((line) => line.startsWith("-"));
    found.push({ name, source: "manifest", place: path, argv: hideInArguments([name, ...flags]), environment: {} });
  }
  return found;
}

/** A component of OpenShift with the arguments that its configuration file holds. */
async function withOpenShiftConfig(host: HostView, component: Found): Promise<Found> {
  const { name, argv } = component;
  const path = flagValue(argv, "openshift-config");
  if (path === undefined || path === "") return component;
  const config = await readSettings(host, await pathOnHost(host, { name, path }));
  if ("unavailable" in config) return { ...component, incomplete: config.unavailable };
  return { ...component, argv: [...argv, ...hideInArguments(openShiftArguments(config.value))] };
}

function textsIn(object: JsonObject, key: string): string[] {
  const value = object[key];
  if (typeof value === "string") return [value];
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}

import { readDocument } from "../../io/read-document.ts";
import type { Fact } from "../../model/fact.ts";
import type { HostView } from "../../model/host-view.ts";
import { isJsonObject, type JsonObject } from "../../model/json-object.ts";
import type { KubernetesComponent } from "../../model/kubernetes-facts.ts";
import { hideInJson } from "../host/hide-secrets.ts";

/** Flags that name a file with settings. */
const documentFlags: readonly string[] = [
  "config",
  "authentication-config",
  "authorization-config",
  "admission-control-config-file",
  "audit-policy-file",
  "encryption-provider-config",
];
const mostDropIns = 200;
const deepest = 40;

/** The files that the flags of a component name, parsed, with secrets shown as their shape. */
export async function collectDocuments(
  host: HostView,
  { name, argv }: Pick<KubernetesComponent, "name" | "argv">,
): Promise<Readonly<Record<string, Fact<JsonObject>>>> {
  const documents: Record<string, Fact<JsonObject>> = {};
  for (const flag of documentFlags) {
    const path = flagValue(argv, flag);
    // The configuration of etcd and of all else that calls its file so has other keys, which no check reads.
    if (path === undefined || path === "") continue;
    documents[flag] = await readConfig(host, (await placeOf(host, { name, path })) ?? path);
  }
  const folder = name === "kubelet" ? flagValue(argv, "config-dir") : undefined;
  if (folder !== undefined && folder !== "") {
    documents["config"] = await mergedDropIns(host, { folder, config: documents["config"] });
  }
  return documents;
}

/** The value of a flag, the last one where it is there several times; undefined when it is not. Underscores are dashes. */
export function flagValue(argv: readonly string[], flag: string): string | undefined {
  let value: string | undefined;
  for (const [index, argument] of argv.entries()) {
    const [, name, given] = /^--?([A-Za-z][\w-]{0,127})(?:=([\s\S]*))?$/.exec(argument) ?? [];
    if (name === undefined || name.replaceAll("_", "-") !== flag) continue;
    const next = argv[index + 1];
    value = given ?? (next !== undefined && !next.startsWith("-") ? next : "");
  }
  return value;
}

/** kube-proxy runs in a pod: its configuration lies among the volumes of that pod. */
async function placeOf(
  host: HostView,
  { name, path }: { readonly name: string; readonly path: string },
): Promise<string | undefined> {
  if (name !== "kube-proxy" || (await host.status(path)) !== undefined) return path;
  const pods = await host.list("/var/lib/kubelet/pods");
  if (pods === undefined || "unavailable" in pods) return undefined;
  for (const pod of pods.slice(0, 1000)) {
    const folder = `/var/lib/kubelet/pods/${pod}/volumes/kubernetes.io~configmap/kube-proxy`;
    const file = `${folder}/${path.slice(path.lastIndexOf("/") + 1)}`;
    if ((await host.status(file)) !== undefined) return file;
  }
  return undefined;
}

async function readConfig(host: HostView, path: string): Promise<Fact<JsonObject>> {
  const text = await host.read(path);
  if (text === undefined) return { unavailable: `${path} is not there, or only inside of a container` };
  if (typeof text === "object") return text;
  const document = readDocument(text);
  if ("error" in document) return { unavailable: `${path} cannot be read: ${document.error}` };
  if (!isJsonObject(document.value)) return { unavailable: `${path} holds no settings` };
  return { value: hideInJson(document.value) as JsonObject };
}

/** Drop-ins in order of their names: objects are merged, all else takes the place of what was there. Source: the kubelet's `--config-dir`. */
async function mergedDropIns(
  host: HostView,
  { folder, config }: { readonly folder: string; readonly config: Fact<JsonObject> | undefined },
): Promise<Fact<JsonObject>> {
  if (config && "unavailable" in config) return config;
  const names = await host.list(folder);
  if (names !== undefined && "unavailable" in names) return names;
  let merged: JsonObject = config?.value ?? {};
  const files = (names ?? []).filter((name) => name.endsWith(".conf"));
  if (files.length > mostDropIns) return { unavailable: `${folder} holds more than ${mostDropIns} files` };
  for (const name of files) {
    const document = await readConfig(host, `${folder}/${name}`);
    if ("unavailable" in document) return document;
    merged = mergeObjects(merged, { over: document.value, depth: 0 });
  }
  return { value: merged };
}

function mergeObjects(
  base: JsonObject,
  { over, depth }: { readonly over: JsonObject; readonly depth: number },
): JsonObject {
  if (depth > deepest) return over;
  const merged: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(over)) {
    const below = merged[key];
    merged[key] =
      isJsonObject(below) && isJsonObject(value) ? mergeObjects(below, { over: value, depth: depth + 1 }) : value;
  }
  return merged;
}

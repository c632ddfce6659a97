import { readDocument } from "../../io/documents/read-document.ts";
import type { Fact } from "../../model/checks/fact.ts";
import type { HostView, Unreadable } from "../../model/checks/host-view.ts";
import type { KubernetesComponent } from "../../model/checks/kubernetes-facts.ts";
import { isJsonObject, type JsonObject } from "../../model/objects/json-object.ts";
import { hideInJson } from "../host/hide-secrets.ts";
import { pathOnHost } from "./path-on-host.ts";

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
const mostNames = 1000;
const deepestFolder = 8;
const deepest = 40;

/** The files that the flags of a component name, parsed, with secrets shown as their shape. */
export async function collectDocuments(
  host: HostView,
  { name, argv, environment }: Pick<KubernetesComponent, "name" | "argv" | "environment">,
): Promise<Readonly<Record<string, Fact<JsonObject>>>> {
  const documents: Record<string, Fact<JsonObject>> = {};
  for (const flag of documentFlags) {
    const path = flagValue(argv, flag);
    if (path === undefined || path === "") continue;
    documents[flag] = await readSettings(host, await pathOnHost(host, { name, path }));
  }
  if (name === "etcd") {
    const path = flagValue(argv, "config-file") || environment["ETCD_CONFIG_FILE"];
    if (path) documents["config-file"] = await readSettings(host, path);
  }
  const folder = name === "kubelet" ? flagValue(argv, "config-dir") : undefined;
  if (folder !== undefined && folder !== "") {
    documents["config"] = await mergedDropIns(host, { folder, config: documents["config"] });
  }
  return documents;
}

/**
 * The value of a flag, the last one where it is there several times; undefined when it is not. Underscores are dashes.
 */
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

/** A file in YAML or JSON with settings. */
export async function readSettings(host: HostView, path: string): Promise<Fact<JsonObject>> {
  const text = await host.read(path);
  if (text === undefined) return { unavailable: `${path} does not exist, or only inside a container` };
  if (typeof text === "object") return text;
  const document = readDocument(text);
  if ("error" in document) return { unavailable: `${path} cannot be read: ${document.error}` };
  if (!isJsonObject(document.value)) return { unavailable: `${path} has no settings` };
  return { value: hideInJson(document.value) as JsonObject };
}

/**
 * Drop-ins in order of their names: objects are merged, all else takes the place of what was there. Source: the
 * kubelet's `--config-dir`.
 */
async function mergedDropIns(
  host: HostView,
  { folder, config }: { readonly folder: string; readonly config: Fact<JsonObject> | undefined },
): Promise<Fact<JsonObject>> {
  if (config && "unavailable" in config) return config;
  const files = await filesBelow(host, folder);
  if ("unavailable" in files) return files;
  let merged: JsonObject = config?.value ?? {};
  for (const path of files) {
    const document = await readSettings(host, path);
    if ("unavailable" in document) return document;
    merged = mergeObjects(merged, { over: document.value, depth: 0 });
  }
  return { value: merged };
}

/** Files with the ending of a drop-in in a folder and those below it, in the order in which the kubelet walks them. */
async function filesBelow(host: HostView, folder: string): Promise<readonly string[] | Unreadable> {
  const found: string[] = [];
  const waiting = [{ path: folder, depth: 0 }];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const { path, depth } = next;
    const names = await host.list(path);
    if (names === undefined) {
      if (path.endsWith(".conf")) found.push(path);
      if (found.length > mostDropIns) return { unavailable: `${folder} contains more than ${mostDropIns} files` };
      continue;
    }
    if ("unavailable" in names) return names;
    if (depth > deepestFolder || names.length > mostNames) return { unavailable: `${folder} holds too much` };
    waiting.push(...[...names].reverse().map((name) => ({ path: `${path}/${name}`, depth: depth + 1 })));
  }
  return found;
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

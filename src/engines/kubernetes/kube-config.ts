import { dirname, resolve } from "node:path";
import { PlimsollError } from "../../model/error.ts";
import { isJsonObject, type JsonObject } from "../../model/objects/json-object.ts";

/*
 * A kubeconfig is YAML, or JSON, which is YAML:
 *
 *   current-context: NAME
 *   contexts: [{name, context: {cluster: NAME, user: NAME, namespace}}]
 *   clusters: [{name, cluster: {server, certificate-authority(-data), tls-server-name, proxy-url, …}}]
 *   users:    [{name, user: {token, tokenFile, client-certificate(-data), exec, …}}]
 *
 * Several files, as `KUBECONFIG` lists them, are one: the first that has a name wins, with all that it says under that
 * name, and so does the first `current-context`. Paths are relative to the folder of the file that they stand in.
 *
 * Source: Kubernetes, "Organizing Cluster Access Using kubeconfig Files", and
 * `k8s.io/client-go/tools/clientcmd/api/v1`.
 */

/** An entry of a kubeconfig, and the file that it comes from. */
export interface KubeEntry {
  readonly file: string;
  readonly values: JsonObject;
}

/** One or more kubeconfigs as one. */
export interface KubeConfig {
  readonly currentContext: string | undefined;
  readonly contexts: ReadonlyMap<string, KubeEntry>;
  readonly clusters: ReadonlyMap<string, KubeEntry>;
  readonly users: ReadonlyMap<string, KubeEntry>;
}

/** The files together; each with what its YAML says. Error: `file-malformed` for one that is not a kubeconfig. */
export function mergeKubeConfigs(files: readonly { readonly file: string; readonly content: unknown }[]): KubeConfig {
  let currentContext: string | undefined;
  const contexts = new Map<string, KubeEntry>();
  const clusters = new Map<string, KubeEntry>();
  const users = new Map<string, KubeEntry>();
  for (const { file, content } of files) {
    if (content === null || content === undefined) continue;
    if (!isJsonObject(content)) throw malformed(file, "it is not a kubeconfig");
    currentContext ??= filledText(content, "current-context");
    collect(contexts, { file, list: content["contexts"], member: "context" });
    collect(clusters, { file, list: content["clusters"], member: "cluster" });
    collect(users, { file, list: content["users"], member: "user" });
  }
  return { currentContext, contexts, clusters, users };
}

/** A text of an entry; undefined when it is absent, empty or of another type. */
export function filledText(values: JsonObject, key: string): string | undefined {
  const value = values[key];
  return typeof value === "string" && value !== "" ? value : undefined;
}

/**
 * A truth value of an entry; false when it is absent. kubectl reads YAML 1.1, where `yes` and `on` are such values,
 * too. Error: `file-malformed` for what is none.
 */
export function truthIn({ file, values }: KubeEntry, key: string): boolean {
  const value = values[key] ?? false;
  const word = typeof value === "string" ? value.toLowerCase() : value;
  if (word === true || word === "yes" || word === "on" || word === "y") return true;
  if (word === false || word === "no" || word === "off" || word === "n") return false;
  throw malformed(file, `its ${key} is neither true nor false`);
}

/** The absolute path that an entry gives under a key. */
export function pathIn({ file, values }: KubeEntry, key: string): string | undefined {
  const path = filledText(values, key);
  return path === undefined ? undefined : resolve(dirname(file), path);
}

/** `file-malformed`, saying of which kubeconfig. */
export function malformed(file: string, why: string): PlimsollError {
  return new PlimsollError("file-malformed", `the kubeconfig ${file} cannot be used: ${why}`, {
    hint: "Check that kubectl config view can read the file, or use another file with --kubeconfig.",
  });
}

function collect(
  entries: Map<string, KubeEntry>,
  { file, list, member }: { readonly file: string; readonly list: unknown; readonly member: string },
): void {
  if (list === undefined || list === null) return;
  if (!Array.isArray(list)) throw malformed(file, `its ${member}s are not a list`);
  for (const item of list) {
    const name = isJsonObject(item) ? item["name"] : undefined;
    const values = isJsonObject(item) ? (item[member] ?? {}) : undefined;
    if (typeof name !== "string" || !isJsonObject(values)) throw malformed(file, `one of its ${member}s has no name`);
    if (!entries.has(name)) entries.set(name, { file, values });
  }
}

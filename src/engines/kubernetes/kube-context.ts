import { hasBadEscape } from "../../io/http/proxy-variables.ts";
import { oneLine } from "../../io/one-line.ts";
import { PlimsollError } from "../../model/error.ts";
import { isJsonObject, type JsonObject } from "../../model/objects/json-object.ts";
import type { ClusterAccess, ClusterTls, ClusterUser } from "./cluster-access.ts";
import { type ExecPlugin, execCommand } from "./exec-credential.ts";
import { impersonationOf } from "./impersonation.ts";
import { filledText, type KubeConfig, type KubeEntry, malformed, pathIn, truthIn } from "./kube-config.ts";
import { readNamedFile } from "./read-kube-config.ts";

/**
 * The cluster and the user of a context, by default of the current one, with the files that they name.
 *
 * What stands in the kubeconfig itself (`…-data`) goes before a file, a readable `tokenFile` before `token`, and either
 * before a user name. A plug-in is used where there is none of these and no client's certificate. Errors: `usage` for a
 * context that is not there or a file that cannot be read, `file-malformed`.
 */
export async function readKubeContext(config: KubeConfig, wanted: string | undefined): Promise<ClusterAccess> {
  const name = wanted ?? config.currentContext;
  if (name === undefined) throw noContext("the kubeconfig has no current context", config);
  const context = config.contexts.get(name);
  if (!context) throw noContext(`the kubeconfig has no context ${JSON.stringify(oneLine(name))}`, config);
  const cluster = entryOf(context, "cluster", config.clusters);
  const user = filledText(context.values, "user") === undefined ? undefined : entryOf(context, "user", config.users);
  const server = serverOf(cluster);
  const namespace = filledText(context.values, "namespace");
  const proxy = proxyOf(cluster);
  const tls = await readTls(cluster);
  return {
    name,
    server,
    tls,
    user: user ? await readUser(user, { cluster, tls }) : {},
    ...(namespace !== undefined && { namespace }),
    ...(proxy !== undefined && { proxy }),
  };
}

function noContext(message: string, { contexts }: KubeConfig): PlimsollError {
  const names = [...contexts.keys()].slice(0, 20).map(oneLine).join(", ");
  return new PlimsollError("usage", message, {
    hint: names === "" ? "Use another file with --kubeconfig." : `Select a context with --context: ${names}.`,
  });
}

function entryOf(context: KubeEntry, kind: "cluster" | "user", entries: ReadonlyMap<string, KubeEntry>): KubeEntry {
  const name = filledText(context.values, kind) ?? "";
  const entry = entries.get(name);
  if (!entry)
    throw malformed(
      context.file,
      `a context refers to the ${kind} ${JSON.stringify(oneLine(name))}, which does not exist`,
    );
  return entry;
}

function serverOf({ file, values }: KubeEntry): URL {
  const text = filledText(values, "server") ?? "";
  const url = URL.parse(text.includes("://") ? text : `http://${text}`);
  if (!url || !/^https?:$/.test(url.protocol) || url.username !== "" || url.password !== "" || url.hostname === "") {
    throw malformed(file, "the server of a cluster is not an http or https address");
  }
  return url;
}

function proxyOf({ file, values }: KubeEntry): string | undefined {
  const text = filledText(values, "proxy-url");
  if (text === undefined) return undefined;
  const url = URL.parse(text);
  if (!url || !/^https?:$/.test(url.protocol)) {
    throw malformed(file, "the proxy-url of a cluster is not an http or https address; SOCKS is not supported");
  }
  if (hasBadEscape(url)) {
    throw malformed(file, "the user or the password in the proxy-url of a cluster has an unescaped %; use %25");
  }
  return text;
}

async function readTls(cluster: KubeEntry): Promise<ClusterTls> {
  const authorities = await dataOrFile(cluster, "certificate-authority");
  const serverName = filledText(cluster.values, "tls-server-name");
  return {
    verify: !truthIn(cluster, "insecure-skip-tls-verify"),
    // As client-go has it, an empty file names none.
    ...(authorities !== undefined && authorities !== "" && { authorities }),
    ...(serverName !== undefined && { serverName }),
  };
}

async function readUser(
  user: KubeEntry,
  { cluster, tls }: { readonly cluster: KubeEntry; readonly tls: ClusterTls },
): Promise<ClusterUser> {
  const { values } = user;
  const [certificate, key] = [await dataOrFile(user, "client-certificate"), await dataOrFile(user, "client-key")];
  if ((certificate === undefined) !== (key === undefined)) {
    throw malformed(user.file, "a user has only one of client-certificate and client-key");
  }
  const token = await tokenOf(user);
  const [username, password] = [filledText(values, "username"), filledText(values, "password")];
  const asksForMore = token === undefined && username === undefined && certificate === undefined;
  const exec =
    asksForMore && isJsonObject(values["exec"])
      ? execOf({ ...user, values: values["exec"] }, { cluster, tls })
      : undefined;
  if (asksForMore && !exec && isJsonObject(values["auth-provider"])) {
    throw malformed(user.file, "a user has an auth-provider, which Kubernetes replaced with exec plug-ins");
  }
  const impersonation = impersonationOf(user);
  return {
    ...(token !== undefined && { token }),
    ...(token === undefined && username !== undefined && { basic: { username, password: password ?? "" } }),
    ...(certificate !== undefined && key !== undefined && { certificate, key }),
    ...(exec && { exec }),
    ...(impersonation && { impersonation }),
  };
}

async function tokenOf(user: KubeEntry): Promise<string | undefined> {
  const own = filledText(user.values, "token");
  const path = pathIn(user, "tokenFile");
  if (path !== undefined) {
    const text = await readNamedFile(path).catch((error: unknown) => {
      if (own === undefined) throw error;
      return "";
    });
    if (text.trim() !== "") return text.trim();
  }
  const provider = user.values["auth-provider"];
  const settings = isJsonObject(provider) && provider["name"] === "oidc" ? provider["config"] : undefined;
  return own ?? (isJsonObject(settings) ? filledText(settings, "id-token") : undefined);
}

/** PEM: base64 under `KEY-data`, or the file under `KEY`. */
async function dataOrFile(entry: KubeEntry, key: string): Promise<string | undefined> {
  const data = filledText(entry.values, `${key}-data`);
  if (data !== undefined) return Buffer.from(data, "base64").toString("utf8");
  const path = pathIn(entry, key);
  return path === undefined ? undefined : readNamedFile(path);
}

function execOf(
  { file, values }: KubeEntry,
  { cluster, tls }: { readonly cluster: KubeEntry; readonly tls: ClusterTls },
): ExecPlugin {
  const command = filledText(values, "command");
  if (command === undefined) throw malformed(file, "the exec plug-in of a user has no command");
  const apiVersion = filledText(values, "apiVersion");
  if (apiVersion !== "client.authentication.k8s.io/v1" && apiVersion !== "client.authentication.k8s.io/v1beta1") {
    throw malformed(file, "the exec plug-in of a user supports neither client.authentication.k8s.io/v1 nor v1beta1");
  }
  if (values["interactiveMode"] === "Always") {
    throw malformed(
      file,
      "the exec plug-in of a user requires a terminal (interactiveMode: Always), which is not supported",
    );
  }
  const args = listIn(values, "args").filter((item) => typeof item === "string");
  const env = listIn(values, "env")
    .filter(isJsonObject)
    .map(({ name, value }) => [name, value]);
  const installHint = filledText(values, "installHint");
  return {
    command: execCommand(command, file),
    args,
    env: Object.fromEntries(env.filter((pair) => pair.every((text) => typeof text === "string"))) as Record<
      string,
      string
    >,
    apiVersion,
    ...(installHint !== undefined && { installHint }),
    ...(truthIn({ file, values }, "provideClusterInfo") && { cluster: clusterInfo(cluster, tls) }),
  };
}

function clusterInfo(cluster: KubeEntry, { authorities }: ClusterTls): JsonObject {
  const { values } = cluster;
  const extension = listIn(values, "extensions")
    .filter(isJsonObject)
    .find(({ name }) => name === "client.authentication.k8s.io/exec");
  const told = ["server", "tls-server-name", "insecure-skip-tls-verify", "proxy-url"].filter((key) => key in values);
  return {
    ...Object.fromEntries(told.map((key) => [key, values[key]])),
    ...(authorities !== undefined && { "certificate-authority-data": Buffer.from(authorities).toString("base64") }),
    ...(extension && { config: extension["extension"] }),
  };
}

function listIn(values: JsonObject, key: string): readonly unknown[] {
  const list = values[key];
  return Array.isArray(list) ? list : [];
}

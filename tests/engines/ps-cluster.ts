import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { TLSSocket } from "node:tls";

/** Why no certificates can be made here; undefined when they can. */
export const obstacle: string | undefined =
  spawnSync("openssl", ["version"]).status === 0 ? undefined : "openssl is not installed";

/** An API server that answers lists as Kubernetes does, in pages, to those who prove who they are. */
export interface FakeCluster {
  readonly port: number;
  /** The name in its certificate; `127.0.0.1` is not in it. */
  readonly serverName: string;
  /** The folder with `ca.crt`, `client.crt` and `client.key`. */
  readonly folder: string;
  /** The path and query of every request. */
  readonly requests: string[];
  /** The headers of the last request. */
  headers: IncomingMessage["headers"];
  /** Lists by their path. Set by the test. */
  lists: Readonly<Record<string, readonly object[]>>;
  /** Lists that nobody may read. */
  forbidden: readonly string[];
  /** How many continued requests are answered with 410. */
  expiring: number;
  /** Who is let in by a token. */
  token: string;
  /** What is answered in place of what is asked for: a status, the body as it is sent, and headers. */
  refusal: ((request: IncomingMessage) => Refusal | undefined) | undefined;
  close(): void;
}

type Refusal = readonly [status: number, body: string, headers?: Readonly<Record<string, string>>];

/** Starts the server on 127.0.0.1, with a certificate of its own authority, made in `folder`. */
export async function startCluster(folder: string): Promise<FakeCluster> {
  const serverName = "kubernetes.default.svc";
  makeCertificates(folder, serverName);
  const read = (name: string): string => readFileSync(join(folder, name), "utf8");
  const server = createServer(
    {
      key: read("server.key"),
      cert: read("server.crt"),
      ca: read("ca.crt"),
      requestCert: true,
      rejectUnauthorized: false,
    },
    (request, response) => answer(cluster, request, response),
  );
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const cluster: FakeCluster = {
    port: (server.address() as AddressInfo).port,
    serverName,
    folder,
    requests: [],
    headers: {},
    lists: {},
    forbidden: [],
    expiring: 0,
    token: "t0ken-of-a-service-account",
    refusal: undefined,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
  return cluster;
}

/** Writes a kubeconfig of one context beside the certificates; `user` and `more`, of the cluster, are YAML. */
export function writeKubeconfig(
  { folder, port, serverName }: FakeCluster,
  name: string,
  { user, more = "" }: { readonly user: string; readonly more?: string },
): string {
  const path = join(folder, name);
  writeFileSync(
    path,
    `apiVersion: v1
kind: Config
current-context: dev
contexts:
- name: dev
  context: { cluster: dev, user: me }
clusters:
- name: dev
  cluster:
    server: https://127.0.0.1:${port}
    certificate-authority: ca.crt
    tls-server-name: ${serverName}
${more}
users:
- name: me
  user:
${user.replace(/^/gm, "    ")}
`,
  );
  return path;
}

function answer(cluster: FakeCluster, request: IncomingMessage, response: ServerResponse): void {
  cluster.requests.push(request.url ?? "");
  cluster.headers = request.headers;
  const url = new URL(request.url ?? "", "https://cluster");
  const send = (...[code, body, headers = {}]: Refusal): void => {
    response.writeHead(code, { "content-type": "application/json", ...headers }).end(body);
  };
  const refusal = cluster.refusal?.(request);
  if (refusal) {
    send(...refusal);
    return;
  }
  const [code, body] = replyTo(cluster, request, url);
  send(code, JSON.stringify(body));
}

function replyTo(cluster: FakeCluster, request: IncomingMessage, url: URL): readonly [number, object] {
  if (!isKnown(cluster, request)) return [401, status(401, "Unauthorized", "Unauthorized")];
  const resource = url.pathname.split("/").at(-1) ?? "";
  if (cluster.forbidden.includes(url.pathname)) {
    const why = `${resource} is forbidden: User "system:serviceaccount:shop:viewer" cannot list resource "${resource}" in API group "" at the cluster scope`;
    return [403, status(403, "Forbidden", why)];
  }
  const all = cluster.lists[url.pathname];
  if (!all) return [404, status(404, "NotFound", "the server could not find the requested resource")];
  const token = url.searchParams.get("continue");
  if (token !== null && cluster.expiring > 0) {
    cluster.expiring -= 1;
    return [
      410,
      status(410, "Expired", "The provided continue parameter is too old to display a consistent list result."),
    ];
  }
  const limit = Number(url.searchParams.get("limit") ?? all.length);
  const start = token === null ? 0 : Number(JSON.parse(Buffer.from(token, "base64").toString()).start);
  const end = start + limit;
  const more = end < all.length;
  const next = Buffer.from(JSON.stringify({ v: "meta.k8s.io/v1", rv: 8421, start: end })).toString("base64");
  const onlyMetadata = request.headers.accept?.includes("PartialObjectMetadataList") === true;
  const items = all.slice(start, end);
  const list = {
    kind: onlyMetadata ? "PartialObjectMetadataList" : "List",
    apiVersion: onlyMetadata ? "meta.k8s.io/v1" : "v1",
    metadata: { resourceVersion: "8421", ...(more && { continue: next, remainingItemCount: all.length - end }) },
    items: onlyMetadata ? items.map((item) => ({ metadata: (item as { metadata: object }).metadata })) : items,
  };
  return [200, list];
}

function isKnown({ token }: FakeCluster, { headers, socket }: IncomingMessage): boolean {
  if ((socket as TLSSocket).authorized) return true;
  const basic = `Basic ${Buffer.from("admin:pa55word").toString("base64")}`;
  return headers.authorization === `Bearer ${token}` || headers.authorization === basic;
}

function status(code: number, reason: string, message: string): object {
  return { kind: "Status", apiVersion: "v1", metadata: {}, status: "Failure", message, reason, code };
}

function makeCertificates(folder: string, serverName: string): void {
  const openssl = (...args: string[]): void => void execFileSync("openssl", args, { cwd: folder, stdio: "ignore" });
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  openssl("req", "-x509", ...key, "-days", "2", "-subj", "/CN=test-ca", "-keyout", "ca.key", "-out", "ca.crt");
  for (const [name, subject] of [
    ["server", `/CN=${serverName}`],
    ["client", "/O=system:masters/CN=admin"],
  ] as const) {
    writeFileSync(join(folder, `${name}.ext`), `subjectAltName=DNS:${serverName}`);
    openssl("req", ...key, "-subj", subject, "-keyout", `${name}.key`, "-out", `${name}.csr`);
    const signing = ["-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2", "-extfile", `${name}.ext`];
    openssl("x509", "-req", "-in", `${name}.csr`, "-out", `${name}.crt`, ...signing);
  }
}

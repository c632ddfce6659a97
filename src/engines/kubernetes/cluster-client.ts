import { type Agent as HttpAgent, request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest, type RequestOptions } from "node:https";
import { setTimeout as delay } from "node:timers/promises";
import { basicAuthorization } from "../../io/http/basic-authorization.ts";
import type { TunnelRequest } from "../../io/http/proxy-tunnel.ts";
import { proxyChoice } from "../../io/http/proxy-variables.ts";
import { PlimsollError } from "../../model/error.ts";
import { isJsonObject, type JsonObject, parseJson } from "../../model/objects/json-object.ts";
import { trimEnd } from "../../model/text/trim-end.ts";
import { toolVersion } from "../../model/tool-version.ts";
import type { ClusterAccess } from "./cluster-access.ts";
import { ClusterConnections } from "./cluster-agent.ts";
import { ClusterSilence, clusterFailed, connectionFailed, refusedBy } from "./cluster-failure.ts";
import { ClusterSecrets } from "./cluster-secrets.ts";
import { type ExecSurroundings, runExecPlugin } from "./exec-credential.ts";
import type { PartialLists } from "./partial-lists.ts";

/**
 * Asks the API server of one cluster. Nothing is ever changed there: only GET is sent, and no redirect is followed,
 * because the request carries credentials. A server that has no time now and says after how many seconds it has is
 * asked again then, by one client ten times and for a minute at most.
 *
 * Every method throws `engine-unreachable` when there is no connection, `engine-failed` when the server refuses
 * ({@link ClusterRefusal}) or answers wrongly, or a plug-in gives no credentials, `usage` for a proxy of the
 * environment that cannot be used, and `cancelled` when the signal aborts. Secrets that the server or a proxy repeats
 * are hidden in them. Source: Kubernetes, "API Concepts"; client-go `rest/with_retry.go`.
 */
export interface ClusterClient extends Disposable {
  /** As {@link ClusterAccess.name}. */
  readonly name: string;
  /** Present where lists may be of some namespaces only: it lists, and knows what is missing. */
  readonly partial?: PartialLists;
  /** The answer in JSON; `gone` when it is 410: what the request refers to has expired. `accept` is a media type. */
  get(path: string, options: { readonly accept?: string; readonly signal: AbortSignal }): Promise<JsonObject | "gone">;
}

/** How long is waited, in milliseconds, what plug-ins are run with, and how lists are read. */
export interface ClusterClientOptions {
  /** Its variables also name the proxy of a cluster over TLS whose kubeconfig names none: {@link proxyChoice}. */
  readonly exec: ExecSurroundings;
  /** As {@link ClusterClient.partial}. */
  readonly partial?: PartialLists;
  /** 10 s unless given. */
  readonly connectTimeout?: number;
  /** For an answer to be complete; 60 s unless given. The time that a plug-in takes is not counted. */
  readonly answerTimeout?: number;
}

const largestAnswer = 64 * 1024 * 1024;
const largestRefusal = 64 * 1024;
const mostWaits = 10;
const longestWait = 60_000;

/** Opens a client; nothing is sent yet. A plug-in runs when the first request is sent, and once. */
export function openCluster(access: ClusterAccess, options: ClusterClientOptions): ClusterClient {
  const { connectTimeout = 10_000, answerTimeout = 60_000 } = options;
  const { name, server } = access;
  let prepared: Promise<Prepared> | undefined;
  let [waits, waited] = [0, 0];

  async function get(
    path: string,
    { accept = "application/json", signal }: { readonly accept?: string; readonly signal: AbortSignal },
  ): Promise<JsonObject | "gone"> {
    try {
      signal.throwIfAborted();
      prepared ??= prepare(access, { ...options.exec, signal });
      const { hide, ...ready } = await prepared;
      const headers = { ...ready.headers, accept };
      for (;;) {
        const answer = await exchange(path, { ...ready, hide, headers, signal });
        const wait = waits < mostWaits ? waitOf(answer) : undefined;
        if (wait === undefined || waited + wait > longestWait) return contentOf(answer, { name, path, hide });
        waits += 1;
        waited += wait;
        await delay(wait, undefined, { signal });
      }
    } catch (error) {
      throw signal.aborted ? cancelled(signal) : error;
    }
  }

  async function exchange(path: string, { proxy, hide, signal, connections, headers }: Exchange): Promise<Answer> {
    const deadline = AbortSignal.timeout(answerTimeout);
    const url = new URL(trimEnd(server.pathname, "/") + path, server);
    const options = { headers, signal: AbortSignal.any([signal, deadline]), connectTimeout };
    try {
      const agent = connections?.agent;
      const response = await send(url, { ...options, agent }).catch((error: unknown) => {
        if (!agent || !connections?.trustsMore(error, agent)) throw error;
        return send(url, { ...options, agent: connections.agent });
      });
      const status = response.statusCode ?? 0;
      const text = await readText(response, status === 200 ? largestAnswer : largestRefusal);
      return { status, text, retryAfter: response.headers["retry-after"] };
    } catch (error) {
      if (deadline.aborted) throw new ClusterSilence(name, answerTimeout / 1000);
      throw connectionFailed(name, error, { address: server.host, proxy: proxy?.host, hide });
    }
  }

  return {
    name,
    ...(options.partial && { partial: options.partial }),
    get,
    [Symbol.dispose]() {
      prepared?.then(
        ({ connections }) => connections?.close(),
        () => undefined,
      );
    },
  };
}

interface Prepared {
  /** Undefined for a server without TLS. */
  readonly connections: ClusterConnections | undefined;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly proxy: URL | undefined;
  /** As {@link ClusterSecrets.hide}. */
  readonly hide: (text: string) => string;
}

interface Exchange extends Prepared {
  readonly signal: AbortSignal;
}

async function prepare(
  { name, server, tls, user, ...access }: ClusterAccess,
  exec: ExecSurroundings & { readonly signal: AbortSignal },
): Promise<Prepared> {
  const secure = server.protocol === "https:";
  const ofEnvironment = access.proxy === undefined && secure ? proxyChoice(exec.environment)(server) : undefined;
  const proxy = access.proxy === undefined ? ofEnvironment : new URL(access.proxy);
  const secrets = new ClusterSecrets({ user, ...(proxy && { proxy: proxy.href }) });
  const given = user.exec && secure ? await runExecPlugin(user.exec, exec) : {};
  secrets.add(given);
  const token = given.token ?? user.token;
  const hasSecret = token !== undefined || user.basic !== undefined;
  if (!secure && (hasSecret || user.exec || user.certificate !== undefined)) {
    throw clusterFailed(name, `uses plain http (${server.host}), which would expose the credentials`, {
      hint: "Use an https server in the kubeconfig, or a context without a user (as for kubectl proxy).",
    });
  }
  return {
    proxy,
    hide: (text) => secrets.hide(text),
    headers: {
      ...user.impersonation,
      ...(token !== undefined
        ? { authorization: `Bearer ${headerValue(name, token)}` }
        : user.basic && { authorization: basicAuthorization(user.basic) }),
    },
    connections: secure ? new ClusterConnections({ tls, proxy }, { ...user, ...given }) : undefined,
  };
}

interface Answer {
  readonly status: number;
  /** Undefined beyond the limit. */
  readonly text: string | undefined;
  readonly retryAfter: string | undefined;
}

/** For how many milliseconds the server asks to be left alone; undefined when it does not. */
function waitOf({ status, retryAfter = "" }: Answer): number | undefined {
  const isBusy = status === 429 || status >= 500;
  return isBusy && /^\d{1,6}$/.test(retryAfter) ? Number(retryAfter) * 1000 : undefined;
}

function contentOf(
  { status, text }: Answer,
  { name, path, hide }: { readonly name: string; readonly path: string } & Pick<Prepared, "hide">,
): JsonObject | "gone" {
  if (status === 410) return "gone";
  if (status !== 200) throw refusedBy(name, { status, text: text ?? "", path, hide });
  const body = text === undefined ? undefined : parseJson(text);
  if (isJsonObject(body)) return body;
  const what = text === undefined ? `sent more than ${largestAnswer} bytes` : "did not respond with JSON";
  throw clusterFailed(name, what, { hint: "Check that the server in the kubeconfig is the address of an API server." });
}

/** A token with a line break would make Node quote it in an error. */
function headerValue(cluster: string, token: string): string {
  if (/^[\x21-\x7e]+$/.test(token)) return token;
  throw clusterFailed(cluster, "cannot be used: the token in the kubeconfig is not valid", {
    hint: "Log in to the cluster again.",
  });
}

function send(
  url: URL,
  {
    agent,
    headers,
    signal,
    connectTimeout,
  }: Pick<Exchange, "headers" | "signal"> & {
    readonly agent: HttpAgent | undefined;
    readonly connectTimeout: number;
  },
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const options: RequestOptions & TunnelRequest = {
      headers: { "user-agent": `plimsoll/${toolVersion}`, ...headers } as Record<string, string | string[]>,
      signal,
      tunnelSignal: signal,
      tunnelTimeout: connectTimeout,
      ...(agent && { agent }),
    };
    const request = (url.protocol === "https:" ? httpsRequest : httpRequest)(url, options);
    const timer = setTimeout(() => {
      fail(Object.assign(new Error(`no connection within ${connectTimeout} ms`), { code: "ETIMEDOUT" }));
    }, connectTimeout);
    const abort = (): void => fail(signal.reason);
    signal.addEventListener("abort", abort, { once: true });
    request.once("socket", (socket) => {
      // A socket that is used again fires no more such events.
      if (!socket.connecting && !isUnproved(socket)) clearTimeout(timer);
      else socket.once(url.protocol === "https:" ? "secureConnect" : "connect", () => clearTimeout(timer));
    });
    request.once("response", (response) => {
      settle();
      resolve(response);
    });
    request.on("error", fail);
    request.end();

    // A request that waits for a proxy emits no event when it is destroyed.
    function fail(error: unknown): void {
      settle();
      reject(error);
      request.destroy();
    }
    function settle(): void {
      clearTimeout(timer);
      signal.removeEventListener("abort", abort);
    }
  });
}

/** True for a connection over TLS, such as through a tunnel, whose server has not yet proved who it is. */
function isUnproved(socket: object): boolean {
  return "secureConnecting" in socket && socket.secureConnecting === true;
}

/** Undefined beyond the limit. */
async function readText(response: IncomingMessage, limit: number): Promise<string | undefined> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Uint8Array>) {
    size += chunk.length;
    if (size > limit) {
      response.destroy();
      return undefined;
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function cancelled({ reason }: AbortSignal): PlimsollError {
  if (reason instanceof PlimsollError) return reason;
  return new PlimsollError("cancelled", "the request to the cluster was cancelled", { cause: reason });
}

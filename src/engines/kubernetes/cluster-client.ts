import { type Agent as HttpAgent, request as httpRequest, type IncomingMessage } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import { basicAuthorization } from "../../io/basic-authorization.ts";
import { PlimsollError } from "../../model/error.ts";
import { isJsonObject, type JsonObject, parseJson } from "../../model/json-object.ts";
import { toolVersion } from "../../model/tool-version.ts";
import { trimEnd } from "../../model/trim-end.ts";
import type { ClusterAccess } from "./cluster-access.ts";
import { clusterFailed, connectionFailed, refusedBy } from "./cluster-failure.ts";
import { ClusterSecrets } from "./cluster-secrets.ts";
import { type ExecSurroundings, runExecPlugin } from "./exec-credential.ts";

/**
 * Asks the API server of one cluster. Nothing is ever changed there: only GET is sent, and no redirect is followed,
 * because the request carries credentials.
 *
 * Every method throws `engine-unreachable` when there is no connection, `engine-failed` when the server refuses or
 * answers wrongly, and `cancelled` when the signal aborts. Secrets that the server or a proxy repeats are hidden in
 * them.
 * Source: Kubernetes, "API Concepts".
 */
export interface ClusterClient extends Disposable {
  /** As {@link ClusterAccess.name}. */
  readonly name: string;
  /** The answer in JSON; `gone` when it is 410: what the request refers to has expired. `accept` is a media type. */
  get(path: string, options: { readonly accept?: string; readonly signal: AbortSignal }): Promise<JsonObject | "gone">;
}

/** How long is waited, in milliseconds, and what plug-ins are run with. */
export interface ClusterClientOptions {
  readonly exec: ExecSurroundings;
  /** 10 s unless given. */
  readonly connectTimeout?: number;
  /** For an answer to be complete; 60 s unless given. */
  readonly answerTimeout?: number;
}

const largestAnswer = 64 * 1024 * 1024;
const largestRefusal = 64 * 1024;

/** Opens a client; nothing is sent yet. A plug-in runs when the first request is sent, and once. */
export function openCluster(access: ClusterAccess, options: ClusterClientOptions): ClusterClient {
  const { name, server, proxy } = access;
  const { connectTimeout = 10_000, answerTimeout = 60_000 } = options;
  const secrets = new ClusterSecrets(access);
  const hide = (text: string): string => secrets.hide(text);
  let prepared: Promise<Prepared> | undefined;

  async function get(
    path: string,
    { accept = "application/json", signal }: { readonly accept?: string; readonly signal: AbortSignal },
  ): Promise<JsonObject | "gone"> {
    const deadline = AbortSignal.timeout(answerTimeout);
    try {
      signal.throwIfAborted();
      prepared ??= prepare(access, { ...options.exec, secrets, signal });
      const { agent, headers } = await prepared;
      const response = await send(new URL(trimEnd(server.pathname, "/") + path, server), {
        agent,
        headers: { ...headers, accept },
        signal: AbortSignal.any([signal, deadline]),
        connectTimeout,
      });
      const status = response.statusCode ?? 0;
      const text = await readText(response, status === 200 ? largestAnswer : largestRefusal);
      if (status === 410) return "gone";
      if (status !== 200) throw refusedBy(name, { status, text: text ?? "", path, hide });
      const body = text === undefined ? undefined : parseJson(text);
      if (isJsonObject(body)) return body;
      throw clusterFailed(
        name,
        text === undefined ? `answers with more than ${largestAnswer} bytes` : "does not answer in JSON",
        {
          hint: "Is the server of the kubeconfig the address of an API server?",
        },
      );
    } catch (error) {
      if (signal.aborted) throw cancelled(signal);
      if (deadline.aborted)
        throw clusterFailed(name, `gave no answer in ${answerTimeout / 1000} s`, { hint: "Try again later." });
      if (error instanceof PlimsollError) throw error;
      throw connectionFailed(name, error, { address: server.host, proxy: proxy && URL.parse(proxy)?.host, hide });
    }
  }

  return {
    name,
    get,
    [Symbol.dispose]() {
      prepared?.then(
        ({ agent }) => agent?.destroy(),
        () => undefined,
      );
    },
  };
}

interface Prepared {
  readonly agent: HttpsAgent | undefined;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
}

async function prepare(
  { name, server, tls, proxy, user }: ClusterAccess,
  { secrets, ...exec }: ExecSurroundings & { readonly secrets: ClusterSecrets; readonly signal: AbortSignal },
): Promise<Prepared> {
  const secure = server.protocol === "https:";
  const given = user.exec && secure ? await runExecPlugin(user.exec, exec) : {};
  secrets.add(given);
  const token = given.token ?? user.token;
  const hasSecret = token !== undefined || user.basic !== undefined;
  if (!secure && (hasSecret || user.exec || user.certificate !== undefined)) {
    throw clusterFailed(
      name,
      `is reached over plain http (${server.host}), where credentials would be readable by others`,
      {
        hint: "Use an https server in the kubeconfig, or a context without a user (as for kubectl proxy).",
      },
    );
  }
  const certificate = given.certificate ?? user.certificate;
  const key = given.key ?? user.key;
  return {
    headers: {
      ...user.impersonation,
      ...(token !== undefined
        ? { authorization: `Bearer ${headerValue(name, token)}` }
        : user.basic && { authorization: basicAuthorization(user.basic) }),
    },
    agent: secure
      ? new HttpsAgent({
          keepAlive: true,
          maxSockets: 4,
          rejectUnauthorized: tls.verify,
          ...(tls.authorities !== undefined && { ca: tls.authorities }),
          ...(tls.serverName !== undefined && { servername: tls.serverName }),
          ...(certificate !== undefined && { cert: certificate }),
          ...(key !== undefined && { key }),
          ...(proxy !== undefined && { proxyEnv: { HTTPS_PROXY: proxy } }),
        })
      : undefined,
  };
}

/** A token with a line break would make Node quote it in an error. */
function headerValue(cluster: string, token: string): string {
  if (/^[\x21-\x7e]+$/.test(token)) return token;
  throw clusterFailed(cluster, "cannot be asked: the token of the kubeconfig is none", {
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
  }: Prepared & { readonly signal: AbortSignal; readonly connectTimeout: number },
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const options = {
      headers: { "user-agent": `plimsoll/${toolVersion}`, ...headers } as Record<string, string | string[]>,
      signal,
      // After it Node gives up a proxy that leads nowhere.
      timeout: connectTimeout,
      ...(agent && { agent: agent as HttpAgent }),
    };
    const request = (url.protocol === "https:" ? httpsRequest : httpRequest)(url, options);
    const timer = setTimeout(() => {
      fail(Object.assign(new Error(`no connection within ${connectTimeout} ms`), { code: "ETIMEDOUT" }));
    }, connectTimeout);
    const abort = (): void => fail(signal.reason);
    signal.addEventListener("abort", abort, { once: true });
    request.once("socket", (socket) => {
      // A socket that is used again fires no more such events.
      if (!socket.connecting) clearTimeout(timer);
      else socket.once(url.protocol === "https:" ? "secureConnect" : "connect", () => clearTimeout(timer));
    });
    request.once("response", (response) => {
      settle();
      resolve(response);
    });
    request.on("error", fail);
    request.end();

    // A request that waits for a proxy tells nobody that it was destroyed.
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

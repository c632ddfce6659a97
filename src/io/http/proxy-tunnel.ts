import type { OutgoingHttpHeaders } from "node:http";
import type { Agent as HttpsAgent, RequestOptions } from "node:https";
import { isIP, type Socket } from "node:net";
import type { SecureContext } from "node:tls";
import { toolVersion } from "../../model/tool-version.ts";
import { basicAuthorization, credentialIn } from "./basic-authorization.ts";
import { nodeHttp, nodeHttps } from "./node-http.ts";
import { tunnelFailed, tunnelRefused, tunnelSilent } from "./proxy-failure.ts";

/** Milliseconds after which a proxy is given up that does not lead to where it should. */
const longestWait = 20_000;

/** A proxy, and what it is trusted by when it is spoken with over TLS: what Node trusts unless given. */
export interface ProxyServer {
  readonly proxy: URL;
  readonly secureContext?: SecureContext;
}

/** What a request may say of the tunnel that is opened for it, among its options. */
export interface TunnelRequest {
  /** Ends the waiting for the proxy. */
  readonly tunnelSignal?: AbortSignal | undefined;
  /** Milliseconds to wait for it; 20 s unless given. */
  readonly tunnelTimeout?: number | undefined;
}

/**
 * Makes all connections of an agent lead through tunnels of a proxy, and hands it back. A request that gets none fails
 * with a `ProxyFailure`, or with the reason of its signal; nothing is left open then.
 *
 * Node.js can do so by itself. Then the connection to a proxy that refuses stays open and holds the program, whatever
 * comes before the end of the proxy's answer is kept, and which hosts go through it is decided otherwise than here.
 */
export function throughProxy(agent: HttpsAgent, server: ProxyServer): HttpsAgent {
  const connect = agent.createConnection.bind(agent);
  agent.createConnection = (options: RequestOptions & TunnelRequest, callback = () => undefined) => {
    const { tunnelSignal, tunnelTimeout } = options;
    openTunnel(authorityOf(options), { ...server, tunnelSignal, tunnelTimeout })
      .then((socket) => {
        try {
          return connect({ ...options, socket } as RequestOptions);
        } catch (cause) {
          socket.destroy();
          throw cause;
        }
      })
      .then(
        (secure) => secure && callback(null, secure),
        // An agent takes no connection that comes with an error.
        (error: Error) => callback(error, undefined as never),
      );
    return undefined;
  };
  return agent;
}

/** How a request is sent to a proxy itself: the options of its connection, and the headers that are for it alone. */
export function optionsOf({ proxy, secureContext }: ProxyServer): Omit<RequestOptions, "headers"> & {
  readonly headers: OutgoingHttpHeaders;
} {
  const host = proxy.hostname.replace(/^\[(.*)\]$/, "$1");
  const isSecure = proxy.protocol === "https:";
  const credential = credentialIn(proxy);
  return {
    protocol: proxy.protocol,
    hostname: host,
    port: proxy.port === "" ? (isSecure ? 443 : 80) : Number(proxy.port),
    // Else the name in the header `host` would be looked for in the proxy's certificate.
    ...(isSecure && { servername: isIP(host) === 0 ? host : "", ...(secureContext && { secureContext }) }),
    headers: { ...(credential && { "proxy-authorization": basicAuthorization(credential) }) },
  };
}

/** `host:port`, with brackets around an address of IPv6. */
function authorityOf({ host, port }: RequestOptions): string {
  const name = host ?? "localhost";
  return `${isIP(name) === 6 ? `[${name}]` : name}:${port ?? 443}`;
}

/** Source: RFC 9110, section 9.3.6. */
function openTunnel(
  target: string,
  { tunnelSignal, tunnelTimeout = longestWait, ...server }: ProxyServer & TunnelRequest,
): Promise<Socket> {
  const { proxy } = server;
  const { headers, ...connection } = optionsOf(server);
  return new Promise((resolve, reject) => {
    if (tunnelSignal?.aborted) return reject(tunnelSignal.reason);
    const request = (proxy.protocol === "https:" ? nodeHttps() : nodeHttp()).request({
      ...connection,
      method: "CONNECT",
      path: target,
      agent: false,
      headers: { host: target, "user-agent": `plimsoll/${toolVersion}`, ...headers },
    });
    // Without an agent it would say that the connection ends with the answer.
    request.removeHeader("connection");
    let isSettled = false;
    const settle = (): void => {
      isSettled = true;
      clearTimeout(timer);
      tunnelSignal?.removeEventListener("abort", abort);
    };
    const fail = (error: unknown): void => {
      if (isSettled) return;
      settle();
      reject(error);
      request.destroy();
    };
    const timer = setTimeout(() => fail(tunnelSilent(proxy, tunnelTimeout)), tunnelTimeout);
    const abort = (): void => fail(tunnelSignal?.reason);
    tunnelSignal?.addEventListener("abort", abort, { once: true });
    request
      .on("connect", (response, socket, head) => {
        settle();
        if (response.statusCode === 200) {
          if (head.length > 0) socket.unshift(head);
          resolve(socket);
        } else {
          socket.destroy();
          reject(tunnelRefused(proxy, response));
        }
      })
      .on("error", (error) => fail(tunnelFailed(proxy, error)))
      .end();
  });
}

import type { ProxyEnvironment } from "./http-client.ts";
import { networkWords } from "./network-failure.ts";

/** The code of the failure of a proxy that may be asked for the same without a tunnel, over plain HTTP. */
export const noTunnel = "ERR_PROXY_NO_TUNNEL";

/**
 * There is no way to the proxy or through it: what was asked for was never reached. The message is a clause that names
 * the proxy.
 */
class ProxyFailure extends Error {
  override readonly name = "ProxyFailure";
  /** As Node names what another attempt would meet as well. */
  readonly code: "ERR_PROXY_UNREACHABLE" | typeof noTunnel;

  constructor(message: string, { cause, code }: { readonly cause: Error; readonly code?: typeof noTunnel }) {
    super(message, { cause });
    this.code = code ?? "ERR_PROXY_UNREACHABLE";
  }
}

/**
 * What a proxy answers that knows no `CONNECT`, or allows it for other ports alone; any other status is about the host.
 */
const refusesTunnels: ReadonlySet<number> = new Set([400, 403, 405, 501]);
/** Codes of connections that never came about. */
const unreached: ReadonlySet<string> = new Set(["ECONNREFUSED", "ENOTFOUND", "EHOSTUNREACH", "ENETUNREACH"]);

/**
 * The error of a request, put in the words of the proxy where it is the proxy that cannot be reached, or that refuses:
 * Node tells only the address or the name that it tried. Any other error is handed back as it is.
 */
export function blamingProxy(error: Error, url: URL, proxies: ProxyEnvironment = {}): Error {
  const scheme = url.protocol.slice(0, -1);
  const proxy = URL.parse(proxies[`${scheme}_proxy`] || proxies[`${scheme.toUpperCase()}_PROXY`] || "");
  const { code = "", port, hostname, statusCode } = connectionOf(error);
  if (proxy?.host && code === "ERR_PROXY_TUNNEL" && /timed out/.test(error.message)) {
    return new ProxyFailure(`the proxy ${proxy.host} does not lead there: it gave no answer`, { cause: error });
  }
  if (proxy?.host && code === "ERR_PROXY_TUNNEL" && statusCode !== undefined) {
    if (statusCode === 407)
      return new ProxyFailure(`the proxy ${proxy.host} wants a user and a password (it answered 407)`, {
        cause: error,
      });
    const message = `the proxy ${proxy.host} does not connect to that host: it answered ${statusCode}`;
    return new ProxyFailure(message, { cause: error, ...(refusesTunnels.has(statusCode) && { code: noTunnel }) });
  }
  if (!proxy?.host || !unreached.has(code)) return error;
  const isProxy =
    hostname === undefined
      ? port === portOf(proxy) && port !== portOf(url)
      : hostname === proxy.hostname && hostname !== url.hostname;
  if (!isProxy) return error;
  return new ProxyFailure(`the proxy ${proxy.host} cannot be reached: ${networkWords[code]}`, { cause: error });
}

interface Connection {
  readonly code?: string;
  readonly port?: number;
  readonly hostname?: string;
  /** What a proxy answered to `CONNECT`. */
  readonly statusCode?: number;
}

/** A host with several addresses fails with one error for each. */
function connectionOf(error: Error): Connection {
  const inner: unknown = error instanceof AggregateError ? error.errors[0] : error;
  return inner instanceof Error ? (inner as Connection) : {};
}

function portOf({ port, protocol }: URL): number {
  return port === "" ? (protocol === "https:" ? 443 : 80) : Number(port);
}

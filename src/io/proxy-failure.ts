import type { ProxyEnvironment } from "./http-client.ts";
import { networkWords } from "./network-failure.ts";

/** There is no way to the proxy: what was asked for was never reached. The message is a clause that names the proxy. */
class ProxyFailure extends Error {
  override readonly name = "ProxyFailure";
  /** As Node names what another attempt would meet as well. */
  readonly code = "ERR_PROXY_UNREACHABLE";
}

/** Codes of connections that never came about. */
const unreached: ReadonlySet<string> = new Set(["ECONNREFUSED", "ENOTFOUND", "EHOSTUNREACH", "ENETUNREACH"]);

/**
 * The error of a request, put in the words of the proxy where it is the proxy that cannot be reached: Node tells only
 * the address or the name that it tried. Any other error is handed back as it is.
 */
export function blamingProxy(error: Error, url: URL, proxies: ProxyEnvironment = {}): Error {
  const scheme = url.protocol.slice(0, -1);
  const proxy = URL.parse(proxies[`${scheme}_proxy`] || proxies[`${scheme.toUpperCase()}_PROXY`] || "");
  const { code = "", port, hostname } = connectionOf(error);
  if (proxy?.host && code === "ERR_PROXY_TUNNEL" && /timed out/.test(error.message)) {
    return new ProxyFailure(`the proxy ${proxy.host} does not lead there: it gave no answer`, { cause: error });
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
}

/** A host with several addresses fails with one error for each. */
function connectionOf(error: Error): Connection {
  const inner: unknown = error instanceof AggregateError ? error.errors[0] : error;
  return inner instanceof Error ? (inner as Connection) : {};
}

function portOf({ port, protocol }: URL): number {
  return port === "" ? (protocol === "https:" ? 443 : 80) : Number(port);
}

import type { IncomingMessage } from "node:http";
import { isTlsFailure } from "./is-tls-failure.ts";
import { isNoHttp, isOwnReason, networkCode, networkReason } from "./network-failure.ts";
import { secretsOfAddress } from "./secrets-of-address.ts";
import { withoutSecrets } from "./without-secrets.ts";

/** What another attempt would meet as well; a code as Node has them, which `networkReason` knows. */
const unreachable = "ERR_PROXY_UNREACHABLE";
/** The same, where the proxy may be asked for it without a tunnel, over plain HTTP. */
const noTunnel = "ERR_PROXY_NO_TUNNEL";
/** What may pass. */
const interrupted = "ERR_SOCKET_PROXY";
/** The same, where the proxy may be asked for it without a tunnel. */
const brokenTunnel = "ERR_SOCKET_PROXY_TUNNEL";

/** The codes of failures of a proxy that may be asked for the same without a tunnel, over plain HTTP. */
export const noTunnelCodes: readonly string[] = [noTunnel, brokenTunnel];

type Code = typeof unreachable | typeof noTunnel | typeof interrupted | typeof brokenTunnel;

/**
 * There is no way to the proxy or through it: what was asked for was never reached. The message is a clause that names
 * the proxy; nothing of what the proxy says is in it, nor its user. The cause has that, and Node's code.
 */
export class ProxyFailure extends Error {
  override readonly name = "ProxyFailure";
  /** As Node names what another attempt would meet as well, or what may pass. */
  readonly code: Code;
  declare readonly cause: Error;
  /** What can be done about it, a sentence; undefined where there is no better advice than for any other failure. */
  readonly hint: string | undefined;

  constructor(message: string, { code, cause, hint }: ProxyFailureOptions) {
    super(message, { cause });
    this.code = code;
    this.hint = hint;
  }
}

interface ProxyFailureOptions {
  readonly code: Code;
  readonly cause: Error;
  readonly hint?: string;
}

/** Codes of connections that never came about. */
const unreached: ReadonlySet<string> = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ETIMEDOUT",
]);

const brokenOff: ReadonlySet<string> = new Set(["ECONNRESET", "EPIPE"]);

/**
 * The error of a request that was sent to a proxy over a connection of its own, with the proxy's name. What says
 * nothing of a connection is handed back as it is.
 */
export function blamingProxy(error: Error, proxy: URL): Error {
  const code = networkCode(error);
  if (unreached.has(code) || isTlsFailure(code)) return proxyUnreachable(proxy, error);
  if (isNoHttp(code)) {
    const message = `the proxy ${proxy.host} sent a response that is not HTTP`;
    return new ProxyFailure(message, { code: unreachable, cause: error });
  }
  if (!brokenOff.has(code)) return error;
  const message = `the proxy ${proxy.host}, or a server behind it, closed the connection`;
  return new ProxyFailure(message, { code: interrupted, cause: error });
}

/** Why a tunnel did not come about, by the error of the request for it. */
export function tunnelFailed(proxy: URL, error: Error): ProxyFailure {
  const code = networkCode(error);
  if (isNoHttp(code)) {
    const message = `the proxy ${proxy.host} does not forward the request: its response is not HTTP`;
    return new ProxyFailure(message, { code: unreachable, cause: error });
  }
  if (!brokenOff.has(code)) return proxyUnreachable(proxy, error);
  const message = `the proxy ${proxy.host} does not forward the request: the connection was lost`;
  return new ProxyFailure(message, { code: brokenTunnel, cause: error });
}

/** A proxy that says nothing when it is asked for a tunnel. */
export function tunnelSilent(proxy: URL, milliseconds: number): ProxyFailure {
  const cause = Object.assign(new Error(`no response within ${milliseconds} ms`), { code: "ETIMEDOUT" });
  return new ProxyFailure(`the proxy ${proxy.host} does not forward the request: it did not respond`, {
    code: unreachable,
    cause,
  });
}

/**
 * What a proxy answers that knows no `CONNECT`, or allows it for other ports alone; any other status is about the host.
 */
const refusesTunnels: ReadonlySet<number> = new Set([400, 403, 405, 501]);

/**
 * A proxy that refuses a tunnel. Its own words are in the cause, without the user and the password that it was shown:
 * errors are logged with their causes. They may repeat whatever else was sent.
 */
export function tunnelRefused(proxy: URL, { statusCode = 0, statusMessage = "" }: IncomingMessage): ProxyFailure {
  const words = withoutSecrets(`${statusCode} ${statusMessage}`.trim(), secretsOfAddress(proxy));
  const cause = Object.assign(new Error(words), { code: "ERR_PROXY_TUNNEL" });
  if (statusCode === 407) return wantsUser(proxy, { cause, variable: "HTTPS_PROXY" });
  const message = `the proxy ${proxy.host} does not connect to the host: HTTP status ${statusCode}`;
  return new ProxyFailure(message, { code: refusesTunnels.has(statusCode) ? noTunnel : unreachable, cause });
}

/**
 * The failure that an answer over plain HTTP represents when it comes from the proxy itself; undefined for an answer
 * that the proxy passes on, and when the origin cannot be determined. Source: RFC 9110, section 15.5.8; Squid's
 * documentation of its error pages.
 */
export function ownRefusal(proxy: URL, { statusCode = 0, headers }: IncomingMessage): ProxyFailure | undefined {
  const cause = new Error(`${statusCode}`);
  if (statusCode === 407) return wantsUser(proxy, { cause, variable: "HTTP_PROXY" });
  if (statusCode < 400 || headers["x-squid-error"] === undefined) return undefined;
  const message = `the proxy ${proxy.host} does not forward the request: HTTP status ${statusCode}`;
  return new ProxyFailure(message, { code: unreachable, cause });
}

/** A refusal that may come from the proxy or from the server behind it. */
export function unclearRefusal(proxy: URL, { statusCode = 0 }: IncomingMessage): ProxyFailure {
  const message = `the proxy ${proxy.host}, or a server behind it, refuses the request: HTTP status ${statusCode}`;
  return new ProxyFailure(message, { code: unreachable, cause: new Error(`${statusCode}`) });
}

function wantsUser(
  proxy: URL,
  { cause, variable }: { readonly cause: Error; readonly variable: "HTTP_PROXY" | "HTTPS_PROXY" },
): ProxyFailure {
  const message = `the proxy ${proxy.host} requires a user name and a password (HTTP status 407)`;
  const hint =
    proxy.username === ""
      ? `Set the user name and password in the variable ${variable}: http://USER:PASSWORD@HOST:PORT.`
      : `Check the user name and password in the variable ${variable}: the proxy rejected them.`;
  return new ProxyFailure(message, { code: unreachable, cause, hint });
}

function proxyUnreachable(proxy: URL, error: Error): ProxyFailure {
  const { reason: words, final } = networkReason(error);
  const reason = isOwnReason(error) ? words : withoutSecrets(words, secretsOfAddress(proxy));
  const message = `the proxy ${proxy.host} cannot be reached: ${reason}`;
  return new ProxyFailure(message, { code: final ? unreachable : interrupted, cause: error });
}

import type { IncomingMessage } from "node:http";
import { basicAuthorization, credentialIn } from "./basic-authorization.ts";
import { isTlsFailure } from "./is-tls-failure.ts";
import { networkCode, networkReason } from "./network-failure.ts";
import { secretsIn, withoutSecrets } from "./without-secrets.ts";

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

  constructor(message: string, { code, cause }: { readonly code: Code; readonly cause: Error }) {
    super(message, { cause });
    this.code = code;
  }
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

/**
 * The error of a request that was sent to a proxy over a connection of its own, put in the words of the proxy where it
 * says that there was none. Any other is handed back as it is.
 */
export function blamingProxy(error: Error, proxy: URL): Error {
  const code = networkCode(error);
  return unreached.has(code) || isTlsFailure(code) ? proxyUnreachable(proxy, error) : error;
}

/** Why a tunnel did not come about, by the error of the request for it. */
export function tunnelFailed(proxy: URL, error: Error): ProxyFailure {
  const code = networkCode(error);
  if (code.startsWith("HPE_")) {
    const message = `the proxy ${proxy.host} does not lead there: what it answers is no HTTP`;
    return new ProxyFailure(message, { code: unreachable, cause: error });
  }
  if (code !== "ECONNRESET" && code !== "EPIPE") return proxyUnreachable(proxy, error);
  const message = `the proxy ${proxy.host} does not lead there: the connection broke off`;
  return new ProxyFailure(message, { code: brokenTunnel, cause: error });
}

/** A proxy that says nothing when it is asked for a tunnel. */
export function tunnelSilent(proxy: URL, milliseconds: number): ProxyFailure {
  const cause = Object.assign(new Error(`no answer within ${milliseconds} ms`), { code: "ETIMEDOUT" });
  return new ProxyFailure(`the proxy ${proxy.host} does not lead there: it gave no answer`, {
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
  const credential = credentialIn(proxy);
  const secrets = credential ? secretsIn(basicAuthorization(credential)) : [];
  const words = withoutSecrets(`${statusCode} ${statusMessage}`.trim(), secrets);
  const cause = Object.assign(new Error(words), { code: "ERR_PROXY_TUNNEL" });
  if (statusCode === 407) return wantsUser(proxy, cause);
  const message = `the proxy ${proxy.host} does not connect to that host: it answered ${statusCode}`;
  return new ProxyFailure(message, { code: refusesTunnels.has(statusCode) ? noTunnel : unreachable, cause });
}

/**
 * The failure that an answer over plain HTTP is when it is the proxy's own; undefined for what it passes on, and for
 * what cannot be told from that. Source: RFC 9110, section 15.5.8; Squid's documentation of its error pages.
 */
export function ownRefusal(proxy: URL, { statusCode = 0, headers }: IncomingMessage): ProxyFailure | undefined {
  const cause = new Error(`${statusCode}`);
  if (statusCode === 407) return wantsUser(proxy, cause);
  if (statusCode < 400 || headers["x-squid-error"] === undefined) return undefined;
  const message = `the proxy ${proxy.host} does not pass that on: it answered ${statusCode}`;
  return new ProxyFailure(message, { code: unreachable, cause });
}

/** A refusal of which nobody can tell whether it is the proxy's or that of what is behind it. */
export function unclearRefusal(proxy: URL, { statusCode = 0 }: IncomingMessage): ProxyFailure {
  const message = `the proxy ${proxy.host}, or what is behind it, refuses the request: it answered ${statusCode}`;
  return new ProxyFailure(message, { code: unreachable, cause: new Error(`${statusCode}`) });
}

function wantsUser(proxy: URL, cause: Error): ProxyFailure {
  const message = `the proxy ${proxy.host} wants a user and a password (it answered 407)`;
  return new ProxyFailure(message, { code: unreachable, cause });
}

function proxyUnreachable(proxy: URL, error: Error): ProxyFailure {
  const { reason, final } = networkReason(error);
  const message = `the proxy ${proxy.host} cannot be reached: ${reason}`;
  return new ProxyFailure(message, { code: final ? unreachable : interrupted, cause: error });
}

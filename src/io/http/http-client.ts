import { lookup } from "node:dns";
import type { ClientRequest, Agent as HttpAgent, IncomingMessage, RequestOptions } from "node:http";
import type { LookupFunction } from "node:net";
import { pipeline, Readable } from "node:stream";
import { toolVersion } from "../../model/tool-version.ts";
import { withoutNodeOptions } from "../processes/without-node-options.ts";
import { basicAuthorization, credentialIn } from "./basic-authorization.ts";
import { drainShortBody } from "./drain-short-body.ts";
import { HttpConnections, type HttpWay } from "./http-connections.ts";
import { isPrivateHost } from "./http-private-address.ts";
import { isNoHttp, networkCode } from "./network-failure.ts";
import { blamingProxy, ownRefusal } from "./proxy-failure.ts";
import { type ProxyChoice, type ProxyEnvironment, proxyChoice } from "./proxy-variables.ts";
import type { HttpTls } from "./secure-agents.ts";

const mostRedirects = 5;

/** One request. */
export interface HttpGetOptions {
  /** In lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

/** One request of any method. */
export interface HttpSendOptions extends HttpGetOptions {
  /** `GET` unless given. Redirects of `GET` and `HEAD` are followed, those of others are the answer. */
  readonly method?: string;
  /** Body to send; its length is unknown unless it is one piece or `content-length` is among the headers. */
  readonly body?: Uint8Array | AsyncIterable<Uint8Array>;
  /** Headers that hold secrets, in lower case: they go to the origin of the first address alone. */
  readonly secrets?: Readonly<Record<string, string>>;
  /**
   * True for an address whose host the user named: only such a one may be private, is shown the client's certificate,
   * and may do without a certificate that can be verified. It is asked for the first address too. Without it only the
   * host of the first is one.
   */
  readonly isNamed?: (url: URL) => boolean;
  /**
   * True for an address whose host is not named and yet may be private: `host` is its name, or an IP address of it
   * without brackets. It is asked for such names and addresses alone. Without it none may.
   */
  readonly mayBePrivate?: (url: URL, host: string) => boolean;
  /**
   * Told of each answer of a named host, also of one that redirects, before anything else is asked: `address` is the IP
   * address that it came from and that the host's name stands for. Not told of what a proxy passes on, nor of a host
   * that is written as an address.
   */
  readonly answeredFrom?: (url: URL, address: string) => void;
}

export type { ProxyEnvironment } from "./proxy-variables.ts";
export type { HttpTls } from "./secure-agents.ts";

/** An answer, with what is to be known of where it came from. */
export interface HttpAnswer {
  /** Its body is still to be read or destroyed. */
  readonly response: IncomingMessage;
  /** The address that it came from. */
  readonly url: URL;
  /** The proxy that was sent the request itself, over plain HTTP: the answer may be its own. */
  readonly proxy?: URL;
}

/** Why an address is not asked, or not asked any further: a clause that begins in lower case. */
export class HttpRefusal extends Error {
  override readonly name = "HttpRefusal";
  readonly #parts: readonly [before: string, named: string, after: string];

  /** `named` is text from outside, between our own words. */
  constructor(before: string, named = "", after = "") {
    super(`${before}${named}${after}`);
    this.#parts = [before, named, after];
  }

  /** The message, with the text from outside passed through `redact`. */
  shown(redact: (text: string) => string): string {
    const [before, named, after] = this.#parts;
    return `${before}${named === "" ? "" : redact(named)}${after}`;
  }
}

/**
 * Asks http and https addresses, with connections kept open between requests.
 *
 * Redirects are followed by hand, at most five, only to http and https, never from https to http. A user name and
 * password in the first address go to its origin alone. A redirect does not lead to an address that is not on the
 * public internet, whatever name it has, unless the first address was on that very host or `mayBePrivate` allows it.
 * What a proxy connects to cannot be seen: there only the address as written is checked.
 */
export class HttpClient {
  readonly #proxyOf: ProxyChoice;
  readonly #connections: HttpConnections;
  /** By the names of hosts, what they were looked up as the last time. */
  readonly #found = new Map<string, readonly string[]>();

  /** A variable that names no proxy is an error only of what is to be asked through it. */
  constructor(proxies: ProxyEnvironment = {}, tls: HttpTls = {}) {
    this.#proxyOf = proxyChoice(proxies);
    this.#connections = new HttpConnections(this.#proxyOf, tls);
  }

  /** Whether an address is asked through a proxy. Error: as a {@link ProxyChoice}. */
  isProxied(address: URL): boolean {
    return this.#proxyOf(address) !== undefined;
  }

  /** Error: as a {@link ProxyChoice}, for an address that would be asked through what is not a proxy. */
  checkProxy(address: URL): void {
    this.#proxyOf(address);
  }

  /**
   * The answer, whatever its status, unless it is a redirect; its body is still to be read or destroyed.
   *
   * Errors: {@link HttpRefusal}, those of the network, `ProxyFailure`, `AbortError`, those of a {@link ProxyChoice}.
   */
  async get(address: URL, options: HttpGetOptions): Promise<IncomingMessage> {
    return (await this.send(address, options)).response;
  }

  /** As {@link HttpClient.get}, for any method. */
  async send(address: URL, options: HttpSendOptions): Promise<HttpAnswer> {
    const {
      headers,
      secrets,
      signal,
      method = "GET",
      body,
      isNamed,
      mayBePrivate = () => false,
      answeredFrom,
    } = options;
    const credential = credentialIn(address);
    const own = { ...(credential && { authorization: basicAuthorization(credential) }), ...secrets };
    let url = withoutCredentials(address);
    for (let hop = 0; hop <= mostRedirects; hop++) {
      const named = isNamed?.(url) ?? (hop === 0 || url.hostname === address.hostname);
      const hopUrl = url;
      const isRefused = (host: string): boolean => !named && isPrivateHost(host) && !mayBePrivate(hopUrl, host);
      if (isRefused(url.hostname.replace(/^\[|\]$/g, ""))) throw refusedHost(url.hostname, hop);
      const { response, way } = await this.#request(url, {
        named,
        body,
        options: {
          method,
          headers: {
            "user-agent": `plimsoll/${toolVersion}`,
            ...headers,
            ...(url.origin === address.origin && own),
          },
          signal,
        },
        // What a proxy connects to it looks up itself.
        lookup: named
          ? answeredFrom && this.#rememberedLookup(url.hostname)
          : judgedLookup((found) => (found.some(isRefused) ? refusedHost(hopUrl.hostname, hop) : undefined)),
      });
      const byProxy = way.by === "plain" ? way.proxy : undefined;
      const refusal = byProxy && ownRefusal(byProxy, response);
      if (refusal) {
        await drainShortBody(response);
        throw refusal;
      }
      const from = response.socket.remoteAddress ?? "";
      if (named && !way.proxy && this.#found.get(url.hostname)?.includes(from)) answeredFrom?.(url, from);
      const follows = isRedirect(response) && (method === "GET" || method === "HEAD");
      const location = follows ? response.headers.location : undefined;
      if (location === undefined) return { response, url, ...(byProxy && { proxy: byProxy }) };
      await drainShortBody(response);
      url = nextHop(location, url);
    }
    throw new HttpRefusal(`it redirects more than ${mostRedirects} times`);
  }

  #rememberedLookup(host: string): LookupFunction {
    return judgedLookup((found) => {
      this.#found.set(host, found);
      return undefined;
    });
  }

  /**
   * One exchange; a second one on a connection of its own where what was left on a used one is taken for the answer, or
   * where the system may know the authority that Node does not.
   */
  async #request(url: URL, exchange: Exchange): Promise<Exchanged> {
    const way = this.#connections.wayTo(url, exchange.named);
    try {
      return { response: await this.#exchange(url, { ...exchange, way }), way };
    } catch (cause) {
      const { method } = exchange.options;
      const isStale = cause instanceof LeftoverBytes && (method === "GET" || method === "HEAD");
      if (!isStale && !this.#connections.trustsMore(way, cause)) throw cause;
      const next = isStale ? way : this.#connections.wayTo(url, exchange.named);
      return { response: await this.#exchange(url, { ...exchange, way: next }), way: next };
    }
  }

  #exchange(url: URL, { body, options, lookup, way }: Attempt): Promise<IncomingMessage> {
    const { signal } = options;
    return new Promise((resolve, reject) => {
      // A request that waits for a proxy emits no event when it is aborted.
      const abort = (): void => reject(signal.reason);
      signal.addEventListener("abort", abort, { once: true });
      const blamed = (error: Error): Error =>
        way.proxy && way.by === "plain" ? blamingProxy(error, way.proxy) : error;
      const request = way.node
        .request(url, {
          agent: way.agent,
          ...options,
          ...way.options,
          ...(way.by === "tunnel" && { tunnelSignal: signal }),
          ...(!way.proxy && lookup && { lookup }),
          headers: { ...options.headers, ...way.headers },
        })
        .on("response", (response) => {
          // The rest of a body is not needed once the server has answered.
          response.on("end", () => !request.writableFinished && request.destroy());
          resolve(response);
        })
        .on("upgrade", (_, socket) => {
          socket.destroy();
          reject(new HttpRefusal("it switches to another protocol, which was not requested"));
        })
        .on("close", () => {
          signal.removeEventListener("abort", abort);
          const error = Object.assign(new Error("the connection was lost"), { code: "ECONNRESET" });
          reject(blamed(error));
        })
        .on("error", (error) => {
          if (signal.aborted) return abort();
          error.message = withoutNodeOptions(error.message);
          // What came is what the server chose to say, and may repeat what it was sent.
          if ("rawPacket" in error) delete error.rawPacket;
          if (!request.reusedSocket || !isNoHttp(networkCode(error))) return reject(blamed(error));
          endIdleConnections(way.agent);
          reject(new LeftoverBytes(error));
        });
      if (body === undefined || body instanceof Uint8Array) request.end(body);
      else
        whenSecure(request, () =>
          pipeline(Readable.from(body, { objectMode: false }), request, (error) => error && reject(error)),
        );
    });
  }
}

interface Exchange {
  readonly named: boolean;
  readonly body: HttpSendOptions["body"];
  readonly options: Pick<RequestOptions, "method"> & {
    readonly headers: Readonly<Record<string, string>>;
    readonly signal: AbortSignal;
  };
  /** For a host that is asked directly. */
  readonly lookup: LookupFunction | undefined;
}

interface Attempt extends Exchange {
  readonly way: HttpWay;
}

interface Exchanged {
  readonly response: IncomingMessage;
  readonly way: HttpWay;
}

/** Begins to send a body when the server is trusted: pieces that were taken before could not be sent to it again. */
function whenSecure(request: ClientRequest, send: () => void): void {
  request.once("socket", (socket) => {
    if ("secureConnecting" in socket && socket.secureConnecting) socket.once("secureConnect", send);
    else send();
  });
}

/**
 * What came on a connection that was used before is not an answer: a server had sent more than it should, such as a
 * body with `HEAD`.
 */
class LeftoverBytes extends Error {
  /** As of any connection that was no good any more when it was used again. */
  readonly code = "ECONNRESET";

  constructor(cause: Error) {
    super("it sent invalid data before the request", { cause });
  }
}

/** The others of the same server may hold the same. */
function endIdleConnections({ freeSockets }: HttpAgent): void {
  for (const socket of Object.values(freeSockets).flatMap((sockets) => sockets ?? [])) socket.destroy();
}

/** The URL of an http or https address. Error: {@link HttpRefusal}. */
export function httpAddress(text: string): URL {
  const url = URL.parse(text);
  if (!url || !isHttp(url)) throw new HttpRefusal("it is not an http or https address");
  return url;
}

function isHttp({ protocol }: URL): boolean {
  return protocol === "http:" || protocol === "https:";
}

function isRedirect({ statusCode = 0 }: IncomingMessage): boolean {
  return [301, 302, 303, 307, 308].includes(statusCode);
}

function nextHop(location: string, from: URL): URL {
  const url = URL.parse(location, from.href);
  if (!url || !isHttp(url)) throw new HttpRefusal("it redirects to something that is not http or https");
  if (from.protocol === "https:" && url.protocol === "http:") throw new HttpRefusal("it redirects from https to http");
  if (url.username !== "" || url.password !== "") {
    throw new HttpRefusal("it redirects to an address with a user name or password");
  }
  return url;
}

function refusedHost(hostname: string, hop: number): HttpRefusal {
  const leads = hop > 0 ? "it redirects" : "it leads";
  return new HttpRefusal(`${leads} to `, hostname, ", which is not on the public internet");
}

/** Looks a host up as the system does; what it stands for is judged before it is asked. */
function judgedLookup(judge: (found: readonly string[]) => HttpRefusal | undefined): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, options, (error, address, family) => {
      const found: readonly string[] = Array.isArray(address)
        ? address.map((one: { readonly address: string }) => one.address)
        : [String(address)];
      const refusal = error === null ? judge(found) : undefined;
      if (refusal) callback(refusal, "", 0);
      else callback(error, address, family);
    });
  };
}

function withoutCredentials(address: URL): URL {
  const url = new URL(address);
  url.username = "";
  url.password = "";
  return url;
}

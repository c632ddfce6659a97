import { lookup } from "node:dns";
import type { ClientRequest, Agent as HttpAgent, IncomingMessage, RequestOptions } from "node:http";
import type { AgentOptions } from "node:https";
import type { LookupFunction } from "node:net";
import { pipeline, Readable } from "node:stream";
import { toolVersion } from "../model/tool-version.ts";
import { basicAuthorization, credentialIn } from "./basic-authorization.ts";
import { drainShortBody } from "./drain-short-body.ts";
import { isPrivateHost } from "./http-private-address.ts";
import { nodeHttp, nodeHttps } from "./node-http.ts";
import { blamingProxy } from "./proxy-failure.ts";
import { namesProxy, proxyVariables } from "./proxy-variables.ts";
import { type HttpTls, isOfUnknownAuthority, type SecureAgents, secureAgents } from "./secure-agents.ts";
import { readsIntoOneMemory } from "./socket-reads.ts";
import { withoutNodeOptions } from "./without-node-options.ts";

const mostRedirects = 5;
/** Milliseconds after which Node gives up a proxy that does not lead to where it should. */
const longestTunnel = 20_000;

/** The variables that name proxies, as in an environment: `HTTP_PROXY`, `HTTPS_PROXY`, `NO_PROXY`, in either case. */
export type ProxyEnvironment = Readonly<Record<string, string | undefined>>;

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
  /** What is sent; of unknown length unless it is one piece or `content-length` is among the headers. */
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

export type { HttpTls } from "./secure-agents.ts";

/** Why an address is not asked, or not asked any further: a clause that begins in lower case. */
export class HttpRefusal extends Error {
  override readonly name = "HttpRefusal";
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
  readonly #proxies: ProxyEnvironment | undefined;
  readonly #options: ConnectionOptions;
  readonly #tls: HttpTls;
  readonly #http: HttpAgent;
  /** For hosts that the user did not name: connections that were made to addresses of the public internet. */
  readonly #guardedHttp: HttpAgent;
  #secure: SecureAgents | undefined;
  /** By the names of hosts, what they were looked up as the last time. */
  readonly #found = new Map<string, readonly string[]>();

  /** Error: `usage`, as {@link proxyVariables}. */
  constructor(proxies?: ProxyEnvironment, tls: HttpTls = {}) {
    this.#proxies = proxies && proxyVariables(proxies);
    this.#options =
      this.#proxies && namesProxy(this.#proxies)
        ? { keepAlive: true, proxyEnv: { ...this.#proxies } }
        : { keepAlive: true, onread: readsIntoOneMemory() };
    this.#tls = tls;
    const { Agent: HttpAgent } = nodeHttp();
    this.#http = new HttpAgent(this.#options);
    this.#guardedHttp = new HttpAgent(this.#options);
  }

  /**
   * The answer, whatever its status, unless it is a redirect; its body is still to be read or destroyed.
   *
   * Errors: {@link HttpRefusal}, those of the network, `AbortError`.
   */
  async get(address: URL, options: HttpGetOptions): Promise<IncomingMessage> {
    return (await this.send(address, options)).response;
  }

  /** As {@link HttpClient.get}, for any method; `url` is the address that the answer came from. */
  async send(
    address: URL,
    options: HttpSendOptions,
  ): Promise<{ readonly response: IncomingMessage; readonly url: URL }> {
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
      const response = await this.#request(url, {
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
          ...(!named && {
            lookup: judgedLookup(url.hostname, (found) =>
              found.some(isRefused) ? refusedHost(hopUrl.hostname, hop) : undefined,
            ),
          }),
          ...(named && answeredFrom && { lookup: this.#rememberedLookup(url.hostname) }),
        },
      });
      const from = response.socket.remoteAddress ?? "";
      if (named && this.#found.get(url.hostname)?.includes(from)) answeredFrom?.(url, from);
      const follows = isRedirect(response) && (method === "GET" || method === "HEAD");
      const location = follows ? response.headers.location : undefined;
      if (location === undefined) return { response, url };
      await drainShortBody(response);
      url = nextHop(location, url);
    }
    throw new HttpRefusal(`it redirects more than ${mostRedirects} times`);
  }

  #rememberedLookup(host: string): LookupFunction {
    return judgedLookup(host, (found) => {
      this.#found.set(host, found);
      return undefined;
    });
  }

  /**
   * One exchange; a second one on a connection of its own where what was left on a used one is taken for the answer, or
   * where the system may know the authority that Node does not.
   */
  async #request(url: URL, exchange: Exchange): Promise<IncomingMessage> {
    const secure = url.protocol === "https:" ? this.#secureAgents() : undefined;
    try {
      return await this.#exchange(url, { ...exchange, secure });
    } catch (cause) {
      const { method } = exchange.options;
      const isStale = cause instanceof LeftoverBytes && (method === "GET" || method === "HEAD");
      const other = isStale ? secure : this.#moreTrusting(secure, cause);
      if (!isStale && !other) throw cause;
      return this.#exchange(url, { ...exchange, secure: other });
    }
  }

  /**
   * What may trust a server that was not trusted. From then on the authorities of the system count too, as they do for
   * most programs; Node has its own, and to read those of the system takes a tenth of a second.
   */
  #moreTrusting(secure: SecureAgents | undefined, cause: unknown): SecureAgents | undefined {
    if (!secure || secure.trustsSystem || !isOfUnknownAuthority(cause)) return undefined;
    if (!this.#secure?.trustsSystem) this.#secure = secureAgents(this.#options, { ...this.#tls, trustsSystem: true });
    return this.#secure;
  }

  #secureAgents(): SecureAgents {
    this.#secure ??= secureAgents(this.#options, { ...this.#tls, trustsSystem: false });
    return this.#secure;
  }

  #exchange(url: URL, { named, body, options, secure }: Attempt): Promise<IncomingMessage> {
    const plain = named ? this.#http : this.#guardedHttp;
    const agent = secure ? secure[named ? "named" : "guarded"] : plain;
    const { signal } = options;
    return new Promise((resolve, reject) => {
      // A request that waits for a proxy tells nobody that it was ended.
      const abort = (): void => reject(signal.reason);
      signal.addEventListener("abort", abort, { once: true });
      const request = (secure ? nodeHttps() : nodeHttp())
        .request(url, { agent, ...(this.#proxies && { timeout: longestTunnel }), ...options })
        .on("response", (response) => {
          // What is left of a body that the server has answered already is wanted by nobody.
          response.on("end", () => !request.writableFinished && request.destroy());
          resolve(response);
        })
        .on("upgrade", (_, socket) => {
          socket.destroy();
          reject(new HttpRefusal("it switches to another protocol, which nobody asked for"));
        })
        .on("close", () => {
          signal.removeEventListener("abort", abort);
          reject(new Error("the connection broke off"));
        })
        .on("error", (error) => {
          error.message = withoutNodeOptions(error.message);
          if (!request.reusedSocket || !isNoHttp(error)) return reject(blamingProxy(error, url, this.#proxies));
          endIdleConnections(agent);
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

type ConnectionOptions = AgentOptions & { readonly onread?: ReturnType<typeof readsIntoOneMemory> };

interface Exchange {
  readonly named: boolean;
  readonly body: HttpSendOptions["body"];
  readonly options: RequestOptions & { readonly signal: AbortSignal };
}

/** Begins to send a body when the server is trusted: pieces that were taken before could not be sent to it again. */
function whenSecure(request: ClientRequest, send: () => void): void {
  request.once("socket", (socket) => {
    if ("secureConnecting" in socket && socket.secureConnecting) socket.once("secureConnect", send);
    else send();
  });
}

interface Attempt extends Exchange {
  /** The connections over TLS; undefined for an address without it. */
  readonly secure: SecureAgents | undefined;
}

/**
 * What came on a connection that was used before is no answer: a server had sent more than it should, such as a body
 * with `HEAD`.
 */
class LeftoverBytes extends Error {
  /** As of any connection that was no good any more when it was used again. */
  readonly code = "ECONNRESET";

  constructor(cause: Error) {
    super("what it sent before is no answer", { cause });
  }
}

function isNoHttp(error: NodeJS.ErrnoException): boolean {
  return error.code?.startsWith("HPE_") === true;
}

/** The others of the same server may hold the same. */
function endIdleConnections({ freeSockets }: HttpAgent): void {
  for (const socket of Object.values(freeSockets).flatMap((sockets) => sockets ?? [])) socket.destroy();
}

/** The URL of an http or https address. Error: {@link HttpRefusal}. */
export function httpAddress(text: string): URL {
  const url = URL.parse(text);
  if (!url || !isHttp(url)) throw new HttpRefusal("it is no http or https address");
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
  return new HttpRefusal(`${leads} to ${hostname}, which is not on the public internet`);
}

/** Looks names up as the system does; what `host` stands for is judged before it is asked. */
function judgedLookup(host: string, judge: (found: readonly string[]) => HttpRefusal | undefined): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, options, (error, address, family) => {
      const found: readonly string[] = Array.isArray(address)
        ? address.map((one: { readonly address: string }) => one.address)
        : [String(address)];
      // With a proxy, its name is looked up and not the host's.
      const refusal = error === null && hostname === host ? judge(found) : undefined;
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

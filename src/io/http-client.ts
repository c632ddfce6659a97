import { lookup } from "node:dns";
import type { Agent as HttpAgent, IncomingMessage, RequestOptions } from "node:http";
import type { Agent as HttpsAgent } from "node:https";
import type { LookupFunction } from "node:net";
import { pipeline, Readable } from "node:stream";
import { toolVersion } from "../model/tool-version.ts";
import { basicAuthorization, credentialIn } from "./basic-authorization.ts";
import { drainShortBody } from "./drain-short-body.ts";
import { isPrivateAddress, isPrivateHost } from "./http-private-address.ts";
import { nodeHttp, nodeHttps, nodeTls } from "./node-http.ts";
import { blamingProxy } from "./proxy-failure.ts";
import { namesProxy, proxyVariables } from "./proxy-variables.ts";
import { readsIntoOneMemory } from "./socket-reads.ts";

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
}

/** What TLS needs beside what Node trusts; PEM. */
export interface HttpTls {
  /** Further authorities, for all hosts. */
  readonly ca?: string;
  /** The client's certificate and key, for hosts that the user named. */
  readonly certificate?: string;
  readonly key?: string;
  /** False lets any certificate of a host that the user named pass. */
  readonly verify?: boolean;
}

/** Why an address is not asked, or not asked any further: a clause that begins in lower case. */
export class HttpRefusal extends Error {
  override readonly name = "HttpRefusal";
}

/**
 * Asks http and https addresses, with connections kept open between requests.
 *
 * Redirects are followed by hand, at most five, only to http and https, never from https to http. A user name and
 * password in the first address go to its origin alone. A redirect does not lead to an address that is not on the
 * public internet, whatever name it has, unless the first address was on that very host. What a proxy connects to
 * cannot be seen: there only the address as written is checked.
 */
export class HttpClient {
  readonly #http: HttpAgent;
  /** For hosts that the user named. */
  readonly #https: HttpsAgent;
  /** For other hosts: connections that were made to addresses of the public internet. */
  readonly #guardedHttp: HttpAgent;
  readonly #guardedHttps: HttpsAgent;
  readonly #proxies: ProxyEnvironment | undefined;

  /** Error: `usage`, as {@link proxyVariables}. */
  constructor(proxies?: ProxyEnvironment, { ca, certificate, key, verify }: HttpTls = {}) {
    this.#proxies = proxies && proxyVariables(proxies);
    const options =
      this.#proxies && namesProxy(this.#proxies)
        ? { keepAlive: true, proxyEnv: { ...this.#proxies } }
        : { keepAlive: true, onread: readsIntoOneMemory() };
    const authorities = ca === undefined ? {} : { ca: [...nodeTls().getCACertificates("default"), ca] };
    const { Agent: HttpAgent } = nodeHttp();
    const { Agent: HttpsAgent } = nodeHttps();
    this.#http = new HttpAgent(options);
    this.#https = new HttpsAgent({
      ...options,
      ...authorities,
      ...(certificate !== undefined && { cert: certificate }),
      ...(key !== undefined && { key }),
      ...(verify === false && { rejectUnauthorized: false }),
    });
    this.#guardedHttp = new HttpAgent(options);
    this.#guardedHttps = new HttpsAgent({ ...options, ...authorities });
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
    const { headers, secrets, signal, method = "GET", body, isNamed } = options;
    const credential = credentialIn(address);
    const own = { ...(credential && { authorization: basicAuthorization(credential) }), ...secrets };
    let url = withoutCredentials(address);
    for (let hop = 0; hop <= mostRedirects; hop++) {
      const named = isNamed?.(url) ?? (hop === 0 || url.hostname === address.hostname);
      if (!named && isPrivateHost(url.hostname)) throw refusedHost(url.hostname, hop);
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
          ...(!named && { lookup: guardedLookup(url.hostname, hop) }),
        },
      });
      const follows = isRedirect(response) && (method === "GET" || method === "HEAD");
      const location = follows ? response.headers.location : undefined;
      if (location === undefined) return { response, url };
      await drainShortBody(response);
      url = nextHop(location, url);
    }
    throw new HttpRefusal(`it redirects more than ${mostRedirects} times`);
  }

  /**
   * One exchange; a second one on a connection of its own where what was left on a used one is taken for the answer.
   */
  async #request(url: URL, exchange: Exchange): Promise<IncomingMessage> {
    try {
      return await this.#exchange(url, exchange);
    } catch (cause) {
      const { method } = exchange.options;
      if (!(cause instanceof LeftoverBytes) || (method !== "GET" && method !== "HEAD")) throw cause;
      return this.#exchange(url, exchange);
    }
  }

  #exchange(url: URL, { named, body, options }: Exchange): Promise<IncomingMessage> {
    const secure = url.protocol === "https:";
    const agent = secure ? (named ? this.#https : this.#guardedHttps) : named ? this.#http : this.#guardedHttp;
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
          if (!request.reusedSocket || !isNoHttp(error)) return reject(blamingProxy(error, url, this.#proxies));
          endIdleConnections(agent);
          reject(new LeftoverBytes(error));
        });
      if (body === undefined || body instanceof Uint8Array) request.end(body);
      else pipeline(Readable.from(body, { objectMode: false }), request, (error) => error && reject(error));
    });
  }
}

interface Exchange {
  readonly named: boolean;
  readonly body: HttpSendOptions["body"];
  readonly options: RequestOptions & { readonly signal: AbortSignal };
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

function guardedLookup(host: string, hop: number): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, options, (error, address, family) => {
      const addresses: readonly string[] = Array.isArray(address)
        ? address.map((one: { readonly address: string }) => one.address)
        : [String(address)];
      // With a proxy, its name is looked up and not the host's.
      if (error === null && hostname === host && addresses.some(isPrivateAddress))
        callback(refusedHost(host, hop), "", 0);
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

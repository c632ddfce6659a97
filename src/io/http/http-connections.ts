import type { Agent as HttpAgent, OutgoingHttpHeaders, RequestOptions } from "node:http";
import type { AgentOptions } from "node:https";
import { readsIntoOneMemory } from "../bytes/socket-reads.ts";
import { nodeHttp, nodeHttps } from "./node-http.ts";
import { optionsOf } from "./proxy-tunnel.ts";
import type { ProxyChoice } from "./proxy-variables.ts";
import { type HttpTls, isUnknownAuthorityError, type SecureAgents, secureAgents } from "./secure-agents.ts";

/** How one address is asked. */
export interface HttpWay {
  /** Node's HTTP or HTTPS, as the connection needs it. */
  readonly node: Pick<typeof import("node:http"), "request">;
  readonly agent: HttpAgent;
  /** Those of a request that differ from what its address says. */
  readonly options: RequestOptions;
  /** For this connection alone. */
  readonly headers: OutgoingHttpHeaders;
  /** The proxy that the connection is made to; undefined for one to the host itself. */
  readonly proxy?: URL;
  /** `tunnel` when TLS is spoken with the host, `plain` when the proxy is sent the request itself. */
  readonly by?: "tunnel" | "plain";
  /** As {@link SecureAgents.trustsSystem}; undefined without TLS. */
  readonly trustsSystem?: boolean;
}

/**
 * The connections of one client, kept open between requests. Those to hosts that the user did not name, to proxies and
 * through them are kept apart: what was checked of an address holds for connections to it alone.
 */
export class HttpConnections {
  readonly #proxyOf: ProxyChoice;
  readonly #tls: HttpTls;
  readonly #options: AgentOptions;
  readonly #plain: Readonly<Record<"named" | "guarded" | "proxy", HttpAgent>>;
  #trustsSystem = false;
  #direct: SecureAgents | undefined;
  #tunnels: SecureAgents | undefined;
  #toSecureProxy: HttpAgent | undefined;

  constructor(proxyOf: ProxyChoice, tls: HttpTls) {
    this.#proxyOf = proxyOf;
    this.#tls = tls;
    this.#options = { keepAlive: true, onread: readsIntoOneMemory() } as AgentOptions;
    const { Agent } = nodeHttp();
    const agent = (): HttpAgent => new Agent(this.#options);
    this.#plain = { named: agent(), guarded: agent(), proxy: agent() };
  }

  /** How an address is asked; `named` as the user named its host or not. Error: as a {@link ProxyChoice}. */
  wayTo(url: URL, named: boolean): HttpWay {
    const proxy = this.#proxyOf(url);
    const kind = named ? "named" : "guarded";
    if (url.protocol === "https:") {
      const agents = proxy ? this.#tunnelsOf(proxy) : this.#directly;
      const way = { node: nodeHttps(), agent: agents[kind], options: {}, headers: {} };
      return { ...way, trustsSystem: agents.trustsSystem, ...(proxy && { proxy, by: "tunnel" }) };
    }
    return proxy
      ? this.#plainThrough(proxy, url)
      : { node: nodeHttp(), agent: this.#plain[kind], options: {}, headers: {} };
  }

  /**
   * Whether what was not trusted on this way may be from now on. Then the authorities of the system count too, as they
   * do for most programs; Node has its own, and to read those of the system takes a tenth of a second.
   */
  trustsMore(way: HttpWay, error: unknown): boolean {
    if (way.trustsSystem !== false || !isUnknownAuthorityError(error)) return false;
    if (!this.#trustsSystem) {
      this.#trustsSystem = true;
      this.#direct = undefined;
      this.#tunnels = undefined;
      this.#toSecureProxy = undefined;
    }
    return true;
  }

  get #directly(): SecureAgents {
    this.#direct ??= secureAgents(this.#options, { ...this.#tls, trustsSystem: this.#trustsSystem });
    return this.#direct;
  }

  /** All https addresses that have a proxy have the same. */
  #tunnelsOf(proxy: URL): SecureAgents {
    const { keepAlive = true } = this.#options;
    this.#tunnels ??= secureAgents({ keepAlive }, { ...this.#tls, trustsSystem: this.#trustsSystem, proxy });
    return this.#tunnels;
  }

  /** Source: RFC 9112, section 3.2.2. */
  #plainThrough(proxy: URL, url: URL): HttpWay {
    const isSecure = proxy.protocol === "https:";
    const { authorities, trustsSystem } = isSecure ? this.#directly : {};
    const { headers, ...options } = optionsOf({ proxy, ...(authorities && { secureContext: authorities }) });
    return {
      node: isSecure ? nodeHttps() : nodeHttp(),
      agent: isSecure ? this.#agentToSecureProxy() : this.#plain.proxy,
      options: { ...options, path: `${url.origin}${url.pathname}${url.search}` },
      headers: { host: url.host, ...headers },
      proxy,
      by: "plain",
      ...(trustsSystem !== undefined && { trustsSystem }),
    };
  }

  #agentToSecureProxy(): HttpAgent {
    const { Agent } = nodeHttps();
    this.#toSecureProxy ??= new Agent({ ...this.#options, secureContext: this.#directly.authorities });
    return this.#toSecureProxy;
  }
}

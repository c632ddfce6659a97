import { Agent, type AgentOptions } from "node:https";
import { isIP } from "node:net";
import { checkServerIdentity } from "node:tls";
import { throughProxy } from "../../io/http/proxy-tunnel.ts";
import { isUnknownAuthorityError, secureAgents } from "../../io/http/secure-agents.ts";
import type { ClusterAccess, ClusterUser } from "./cluster-access.ts";

type Cluster = Pick<ClusterAccess, "tls"> & { readonly proxy: URL | undefined };
type Certified = Pick<ClusterUser, "certificate" | "key">;

/**
 * Connections over TLS to an API server, kept open between requests.
 *
 * The authorities of a kubeconfig are the only ones that count, and need not be roots: one that vouches for the
 * server's, or the server's own certificate, is enough, as it is for Go. A kubeconfig without any means those of the
 * system, which Node.js does not read by itself: they count beside its own once a server was not trusted
 * ({@link ClusterConnections.trustsMore}).
 *
 * A server that is to be called by an address is not told that name, which TLS has no room for, and its certificate
 * must have the address. Source: client-go `transport/transport.go`, `rootCertPool`; RFC 6066, section 3.
 */
export class ClusterConnections {
  readonly #cluster: Cluster;
  readonly #user: Certified;
  #trustsSystem = false;
  #agent: Agent | undefined;

  constructor(cluster: Cluster, user: Certified) {
    this.#cluster = cluster;
    this.#user = user;
  }

  /** What a request is sent with. Error: Node's for a certificate or key that it cannot read. */
  get agent(): Agent {
    this.#agent ??= agentOf(this.#cluster, this.#user, { trustsSystem: this.#trustsSystem });
    return this.#agent;
  }

  /** Whether a request that failed with this error, sent with `used`, may succeed with the agent of now. */
  trustsMore(error: unknown, used: Agent): boolean {
    const { authorities, verify } = this.#cluster.tls;
    if (authorities !== undefined || !verify || !isUnknownAuthorityError(error)) return false;
    if (!this.#trustsSystem) {
      this.#trustsSystem = true;
      this.#agent = undefined;
    }
    return used !== this.#agent;
  }

  close(): void {
    this.#agent?.destroy();
  }
}

function agentOf(
  { tls, proxy }: Cluster,
  { certificate, key }: Certified,
  { trustsSystem }: { readonly trustsSystem: boolean },
): Agent {
  const { authorities, serverName, verify } = tls;
  const options: AgentOptions = {
    keepAlive: true,
    maxSockets: 4,
    ...(serverName !== undefined && nameOf(serverName)),
  };
  const own = {
    ...(certificate !== undefined && { certificate }),
    ...(key !== undefined && { key }),
  };
  if (authorities === undefined) return secureAgents(options, { ...own, verify, trustsSystem, proxy }).named;
  const agent = new Agent({
    ...options,
    rejectUnauthorized: verify,
    ca: authorities,
    allowPartialTrustChain: true,
    ...(certificate !== undefined && { cert: certificate }),
    ...(key !== undefined && { key }),
  });
  return proxy ? throughProxy(agent, { proxy }) : agent;
}

function nameOf(serverName: string): Pick<AgentOptions, "servername" | "checkServerIdentity"> {
  if (isIP(serverName) === 0) return { servername: serverName };
  return { servername: "", checkServerIdentity: (_, certificate) => checkServerIdentity(serverName, certificate) };
}

import { Agent, type AgentOptions } from "node:https";
import { isIP } from "node:net";
import { checkServerIdentity } from "node:tls";
import type { ClusterAccess, ClusterUser } from "./cluster-access.ts";

/**
 * Connections over TLS to an API server, kept open between requests.
 *
 * The authorities of a kubeconfig need not be roots: one that vouches for the server's, or the server's own
 * certificate, is enough, as it is for Go. A server that is to be called by an address is not told that name, which TLS
 * has no room for, and its certificate must have the address. Source: RFC 6066, section 3.
 */
export function clusterAgent(
  { tls, proxy }: Pick<ClusterAccess, "tls" | "proxy">,
  { certificate, key }: Pick<ClusterUser, "certificate" | "key">,
): Agent {
  const { authorities, serverName, verify } = tls;
  return new Agent({
    keepAlive: true,
    maxSockets: 4,
    rejectUnauthorized: verify,
    ...(authorities !== undefined && { ca: authorities, allowPartialTrustChain: true }),
    ...(serverName !== undefined && nameOf(serverName)),
    ...(certificate !== undefined && { cert: certificate }),
    ...(key !== undefined && { key }),
    ...(proxy !== undefined && { proxyEnv: { HTTPS_PROXY: proxy } }),
  });
}

function nameOf(serverName: string): Pick<AgentOptions, "servername" | "checkServerIdentity"> {
  if (isIP(serverName) === 0) return { servername: serverName };
  return { servername: "", checkServerIdentity: (_, certificate) => checkServerIdentity(serverName, certificate) };
}

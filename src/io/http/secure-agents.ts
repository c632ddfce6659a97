import type { AgentOptions, Agent as HttpsAgent } from "node:https";
import type { SecureContext } from "node:tls";
import { nodeHttps, nodeTls } from "./node-http.ts";
import { ProxyFailure } from "./proxy-failure.ts";
import { throughProxy } from "./proxy-tunnel.ts";

/** What TLS needs beside what Node trusts; PEM. */
export interface HttpTls {
  /** Further authorities, for all hosts. One need not be a root: what it signed is believed. */
  readonly ca?: string;
  /** The client's certificate and key, for hosts that the user named. */
  readonly certificate?: string;
  readonly key?: string;
  /** False lets any certificate of a host that the user named pass. */
  readonly verify?: boolean;
}

/** Which connections {@link secureAgents} makes. */
export interface SecureAgentsOptions extends HttpTls {
  readonly trustsSystem: boolean;
  /** The proxy that they all go through; it is not shown the client's certificate, and its own is always verified. */
  readonly proxy?: URL | undefined;
}

/** The connections over TLS of one client, all directly or all through one proxy. */
export interface SecureAgents {
  /** To hosts that the user named. */
  readonly named: HttpsAgent;
  /** To others, which are not shown the client's certificate. */
  readonly guarded: HttpsAgent;
  /** What others than named hosts are trusted by: no certificate of the client is in it. */
  readonly authorities: SecureContext;
  /** True when the authorities of the system count beside those of Node. */
  readonly trustsSystem: boolean;
}

/** Makes them. Error: Node's for a certificate or key that it cannot read. */
export function secureAgents(
  options: AgentOptions,
  { ca, certificate, key, verify, trustsSystem, proxy }: SecureAgentsOptions,
): SecureAgents {
  const { createSecureContext, getCACertificates } = nodeTls();
  const more = [...(trustsSystem ? getCACertificates("system") : []), ...(ca === undefined ? [] : [ca])];
  const authorities = {
    // As for other programs, what an administrator trusts need not be a root.
    allowPartialTrustChain: true,
    ...(more.length > 0 && { ca: [...getCACertificates("default"), ...more] }),
  };
  const client = {
    ...(certificate !== undefined && { cert: certificate }),
    ...(key !== undefined && { key }),
  };
  const { Agent } = nodeHttps();
  // To parse hundreds of authorities takes a tenth of a second: once, and not for each connection.
  const guarded = createSecureContext(authorities);
  const named = certificate === undefined ? guarded : createSecureContext({ ...authorities, ...client });
  const made = (own: AgentOptions): HttpsAgent => {
    const agent = new Agent({ ...options, ...own });
    return proxy ? throughProxy(agent, { proxy, secureContext: guarded }) : agent;
  };
  return {
    named: made({ secureContext: named, ...(verify === false && { rejectUnauthorized: false }) }),
    guarded: made({ secureContext: guarded }),
    authorities: guarded,
    trustsSystem,
  };
}

/** Whether an error says that no known authority signed the certificate of the server, or of the proxy before it. */
export function isUnknownAuthorityError(error: unknown): boolean {
  const own = error instanceof ProxyFailure ? error.cause : error;
  const code = own instanceof Error && "code" in own ? own.code : undefined;
  return typeof code === "string" && unknownAuthority.test(code);
}

/** Source: the documentation of Node.js, "X509 certificate error codes". */
const unknownAuthority =
  /^(?:UNABLE_TO_GET_ISSUER_CERT(?:_LOCALLY)?|UNABLE_TO_VERIFY_LEAF_SIGNATURE|SELF_SIGNED_CERT_IN_CHAIN|DEPTH_ZERO_SELF_SIGNED_CERT)$/;

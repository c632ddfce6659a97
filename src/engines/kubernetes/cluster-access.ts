import type { ExecPlugin } from "./exec-credential.ts";

/** Where a cluster's API server is and how one proves to it who one is. It holds secrets and must not be printed. */
export interface ClusterAccess {
  /** As a person calls it: the name of the context, or `in-cluster`. */
  readonly name: string;
  readonly server: URL;
  /** The namespace that the context names. */
  readonly namespace?: string;
  readonly tls: ClusterTls;
  /** The address of a proxy for this cluster, which goes before one of the environment. */
  readonly proxy?: string;
  readonly user: ClusterUser;
}

/** What TLS to an API server needs; PEM. */
export interface ClusterTls {
  /** PEM of who alone vouches for the server, never empty; else the authorities of the system do, and of Node.js. */
  readonly authorities?: string;
  /** The name that the server's certificate must have, when it is not the host's. */
  readonly serverName?: string;
  /** False talks to a server whatever its certificate says. */
  readonly verify: boolean;
}

/** How a user proves who they are. */
export interface ClusterUser {
  readonly token?: string;
  readonly basic?: { readonly username: string; readonly password: string };
  readonly certificate?: string;
  readonly key?: string;
  readonly exec?: ExecPlugin;
  /** Headers that ask to act as another user. */
  readonly impersonation?: Readonly<Record<string, string | readonly string[]>>;
}

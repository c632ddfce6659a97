/** How one registry is reached. */
export interface RegistrySettings {
  /**
   * True: its certificate is not verified, and where it does not use TLS it is reached over plain HTTP. False: TLS that
   * is verified, always. Undefined: the same, except for registries on this machine, which may use plain HTTP.
   */
  readonly insecure?: boolean;
  /** The registry that is `insecure` in the place of this one: the same host with another port, or with none. */
  readonly otherInsecure?: string;
  /**
   * Authorities beside those that the system trusts, for the registry and where it leads; PEM. A registry with
   * authorities uses TLS, also on this machine.
   */
  readonly ca?: string;
  /** The same for all registries, which does not mention this one. */
  readonly sharedCa?: string;
  /** What the registry is shown when it asks for it; PEM. */
  readonly clientCertificate?: { readonly certificate: string; readonly key: string };
  /** Registries that are asked first when something is pulled, as `HOST[:PORT][/PREFIX]`. */
  readonly mirrors?: readonly string[];
  /**
   * Further hosts that the registry may lead to although they are on a private network, such as its token server and
   * where its blobs lie: `HOST`, `HOST:PORT`, or `*.DOMAIN`. Its own host is always one.
   */
  readonly trustedHosts?: readonly string[];
  /**
   * False for a registry from an outside source, such as a notification: it is reached on the public internet alone,
   * without a client certificate, unless it is among the trusted hosts.
   */
  readonly named?: false;
}

/** Bounds on what is asked of registries, and how patiently. */
export interface RegistryLimits {
  /** Requests to one registry at a time; answers that are still being read count. 6. */
  readonly concurrency: number;
  /** Attempts without progress before a request has failed. 5. */
  readonly attempts: number;
  /** Milliseconds before the second attempt, doubled before each further one. 500. */
  readonly retryDelay: number;
  /** The most milliseconds to wait because a registry wishes so. 120,000. */
  readonly longestWait: number;
  /** Milliseconds without a byte after which a registry counts as silent. 60,000. */
  readonly idleTimeout: number;
  /** Milliseconds of waiting, for an answer or at the registry's request, after which the wait is reported. */
  readonly longWait: number;
  /** The largest manifest or index. 4 MiB, as the OCI Distribution Specification has it. */
  readonly manifestBytes: number;
}

/** The default limits. */
export const defaultLimits: RegistryLimits = {
  concurrency: 6,
  attempts: 5,
  retryDelay: 500,
  longestWait: 120_000,
  idleTimeout: 60_000,
  longWait: 10_000,
  manifestBytes: 4 * 1024 * 1024,
};

import type { Purpose } from "../authorization/registry-authorization.ts";
import type { RegistryHost } from "./registry-host.ts";

/** A repository at a registry: the one that was named, or its copy at a mirror. */
export interface RepositoryAt {
  readonly host: RegistryHost;
  readonly repository: string;
}

/** The right to read from a repository. Source: distribution, "Token Scope Documentation". */
export function pullPurpose({ repository }: RepositoryAt): Purpose {
  return { repository, scopes: [`repository:${repository}:pull`] };
}

/** The right to read from a repository and write into it, and to take blobs over from another. */
export function pushPurpose({ repository }: RepositoryAt, from?: string): Purpose {
  const scopes = [`repository:${repository}:pull,push`];
  return { repository, scopes: from === undefined ? scopes : [...scopes, `repository:${from}:pull`] };
}

import { dockerHub } from "../../model/packages/reference.ts";
import type { CredentialFile } from "./credential-files.ts";

/**
 * For which registry, and for which repositories below it, an entry of a file with credentials is.
 *
 * Keys are written in many ways: `host`, `host:port`, `https://host/v1/`, `host/path`. One with a scheme is the address
 * of an API, whatever its path, and for the whole host, but sooner for repositories of that path; without one, an API
 * version at the end says nothing and any other path is that of repositories. Docker Hub's key is
 * `https://index.docker.io/v1/` in Docker's files and `docker.io` in those of Podman.
 *
 * Source: docker/cli `cli/config/credentials`; containers-auth.json(5); containers/image `pkg/docker/config`.
 */
export interface RegistryKey {
  /** As in `ImageReference.registry`, in lower case. */
  readonly registry: string;
  /** The first components of the repositories that it is for; empty for all. */
  readonly path: string;
  /** The path of a key with a scheme, without the version of an API in front; empty for other keys. */
  readonly addressPath: string;
}

/** What Docker writes for Docker Hub, and what credential helpers are asked for it. */
export const dockerHubServer = "https://index.docker.io/v1/";

const dockerHubHosts: ReadonlySet<string> = new Set([dockerHub, "index.docker.io", "registry-1.docker.io"]);

/** What a key is for; undefined for those under which Docker keeps tokens of Docker Hub's website. */
export function parseRegistryKey(text: string): RegistryKey | undefined {
  const address = text.replace(/^https?:\/\//i, "");
  const [host = "", ...rest] = address.split("/");
  const name = host.toLowerCase();
  const registry = dockerHubHosts.has(name) ? dockerHub : name;
  const parts = rest.filter((part) => part !== "");
  const isVersion = parts[0] === "v1" || parts[0] === "v2";
  if (isVersion && parts.length > 1 && registry === dockerHub) return undefined;
  const isAddress = address !== text;
  const isWhole = isAddress || (isVersion && parts.length === 1);
  return {
    registry,
    path: isWhole ? "" : parts.join("/"),
    addressPath: isAddress ? parts.slice(isVersion ? 1 : 0).join("/") : "",
  };
}

/**
 * The entries that are for a registry and, when one is named, its repository: those for the longest path first, among
 * equals the one whose key is written as it is written today, and of keys with a scheme the one whose path fits best.
 */
export function entriesFor<T>(
  entries: readonly (readonly [key: string, value: T])[],
  { registry, repository = "" }: { readonly registry: string; readonly repository?: string | undefined },
): readonly (readonly [key: string, value: T])[] {
  const wanted = parseRegistryKey(registry)?.registry;
  const matching = entries.flatMap(([text, value]) => {
    const key = parseRegistryKey(text);
    if (!key || key.registry !== wanted || !isBelow(repository, key.path)) return [];
    const fit = isBelow(repository, key.addressPath) ? key.addressPath.length : -1;
    return [{ text, value, rank: 2 * key.path.length + (isUsual(text, key) ? 1 : 0), fit }];
  });
  return matching.sort((a, b) => b.rank - a.rank || b.fit - a.fit).map(({ text, value }) => [text, value]);
}

/**
 * The name of a registry that a credential helper is asked for: that of a key with a scheme, as it is written. Docker
 * knows Docker Hub by its address, Podman by its name.
 */
export function serverOf(
  registry: string,
  { key, kind }: { readonly key: string; readonly kind: CredentialFile["kind"] },
): string {
  const isDockerHub = parseRegistryKey(registry)?.registry === dockerHub;
  if (isDockerHub && kind === "docker") return dockerHubServer;
  return key.includes("://") ? key : isDockerHub ? dockerHub : registry;
}

function isBelow(repository: string, path: string): boolean {
  return path === "" || repository === path || repository.startsWith(`${path}/`);
}

function isUsual(text: string, { registry }: RegistryKey): boolean {
  return registry === dockerHub ? text === dockerHubServer : !text.includes("://");
}

import { dockerHub } from "../../model/reference.ts";

/**
 * For which registry, and for which repositories below it, an entry of a file with credentials is.
 *
 * Keys are written in many ways: `host`, `host:port`, `https://host/v1/`, `host/path`. The scheme and an API version at
 * the end say nothing; Docker Hub's key is `https://index.docker.io/v1/` in Docker's files and `docker.io` in those of
 * Podman.
 *
 * Source: docker/cli `cli/config/credentials`; containers-auth.json(5).
 */
export interface RegistryKey {
  /** As in `ImageReference.registry`, in lower case. */
  readonly registry: string;
  /** The first components of the repositories that it is for; empty for all. */
  readonly path: string;
}

/** What Docker writes for Docker Hub, and what credential helpers are asked for it. */
export const dockerHubServer = "https://index.docker.io/v1/";

const dockerHubHosts: ReadonlySet<string> = new Set([dockerHub, "index.docker.io", "registry-1.docker.io"]);

/** What a key is for; undefined for those under which Docker keeps tokens of Docker Hub's website. */
export function parseRegistryKey(text: string): RegistryKey | undefined {
  const [host = "", ...rest] = text.replace(/^https?:\/\//i, "").split("/");
  const name = host.toLowerCase();
  const registry = dockerHubHosts.has(name) ? dockerHub : name;
  const parts = rest.filter((part) => part !== "");
  const isVersion = parts[0] === "v1" || parts[0] === "v2";
  if (isVersion && parts.length > 1 && registry === dockerHub) return undefined;
  return { registry, path: isVersion && parts.length === 1 ? "" : parts.join("/") };
}

/**
 * The entries that are for a registry and, when one is named, its repository: those for the longest path first, and
 * among equals the one whose key is written as it is written today.
 */
export function entriesFor<T>(
  entries: readonly (readonly [key: string, value: T])[],
  { registry, repository = "" }: { readonly registry: string; readonly repository?: string | undefined },
): readonly (readonly [key: string, value: T])[] {
  const wanted = parseRegistryKey(registry)?.registry;
  const matching = entries.flatMap(([text, value]) => {
    const key = parseRegistryKey(text);
    if (!key || key.registry !== wanted || !isBelow(repository, key.path)) return [];
    return [{ text, value, rank: 2 * key.path.length + (isUsual(text, key) ? 1 : 0) }];
  });
  return matching.sort((a, b) => b.rank - a.rank).map(({ text, value }) => [text, value]);
}

/** The name of a registry that a credential helper is asked for: that of a key with a scheme, as it is written. */
export function serverOf(registry: string, key: string): string {
  if (parseRegistryKey(registry)?.registry === dockerHub) return dockerHubServer;
  return key.includes("://") ? key : registry;
}

function isBelow(repository: string, path: string): boolean {
  return path === "" || repository === path || repository.startsWith(`${path}/`);
}

function isUsual(text: string, { registry }: RegistryKey): boolean {
  return registry === dockerHub ? text === dockerHubServer : !text.includes("://");
}

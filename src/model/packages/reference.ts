/**
 * The name of an image in a registry, as people write it: `[HOST[:PORT]/]REPOSITORY[:TAG][@DIGEST]`.
 *
 * The part before the first slash is a registry when it is `localhost` or has a dot, a colon or a capital letter;
 * otherwise the registry is Docker Hub. A repository of Docker Hub with one component is in `library`. Hosts are DNS
 * names, IPv4 addresses, or IPv6 addresses in brackets. Components of a repository are lower-case letters and digits,
 * joined by a dot, one or two underscores, or hyphens; the whole has at most 255 characters. A tag has at most 128
 * characters.
 *
 * Source: the grammar of distribution/reference (`reference.go`, `normalize.go`) and the OCI Distribution Specification
 * 1.1, "Pulling manifests"; the OCI Image Specification 1.1, "Digests".
 */
export interface ImageReference {
  /** `host` or `host:port`, as written; Docker Hub, whatever it was called, is `docker.io`. */
  readonly registry: string;
  /** Without a slash at either end; images of Docker Hub with `library/`. */
  readonly repository: string;
  /** Absent when none was written: what that means, usually `latest`, is for the caller to say. */
  readonly tag?: string;
  /** `sha256:` with 64 or `sha512:` with 128 lower-case hexadecimal digits. */
  readonly digest?: string;
}

/** The registry that a reference without a host names. */
export const dockerHub = "docker.io";

const dockerHubNames: ReadonlySet<string> = new Set([dockerHub, "index.docker.io", "registry-1.docker.io"]);
const longestRepository = 255;
const longestReference = 1024;
const imageId = /^[0-9a-f]{64}$/;
const domainComponent = "[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?";
const host = new RegExp(`^(?:${domainComponent}(?:\\.${domainComponent})*|\\[[0-9a-fA-F:]+\\])(?::([0-9]{1,5}))?$`);
const repositoryComponent = /^[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*$/;
const tagPattern = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;
const digestPattern = /^(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/;

/**
 * The parts of a reference; undefined for what is none. Nothing is trimmed, and a name that looks like an image id is
 * none.
 */
export function parseReference(text: string): ImageReference | undefined {
  if (text.length > longestReference || imageId.test(text)) return undefined;
  const at = text.indexOf("@");
  const digest = at < 0 ? undefined : text.slice(at + 1);
  if (digest !== undefined && !isDigest(digest)) return undefined;
  const name = at < 0 ? text : text.slice(0, at);
  const { registry, rest } = splitRegistry(name);
  const colon = rest.indexOf(":");
  const tag = colon < 0 ? undefined : rest.slice(colon + 1);
  if (tag !== undefined && !isTag(tag)) return undefined;
  const path = colon < 0 ? rest : rest.slice(0, colon);
  const repository = registry === dockerHub && !path.includes("/") ? `library/${path}` : path;
  if (!isRegistry(registry) || !isRepository(repository)) return undefined;
  return { registry, repository, ...(tag !== undefined && { tag }), ...(digest !== undefined && { digest }) };
}

/**
 * The reference as text that {@link parseReference} reads as the same reference. `familiar` leaves away `docker.io/`
 * and `library/`, as people write it, where that keeps its meaning.
 */
export function referenceText(reference: ImageReference, { familiar = false }: { familiar?: boolean } = {}): string {
  const { registry, repository, tag, digest } = reference;
  const full = `${registry}/${repository}`;
  const name = familiar ? familiarName(reference) : full;
  return `${name}${tag === undefined ? "" : `:${tag}`}${digest === undefined ? "" : `@${digest}`}`;
}

/** True for `host` or `host:port` as it can stand in a reference; `[…]` around an IPv6 address. */
export function isRegistry(text: string): boolean {
  const match = text.length <= 300 ? host.exec(text) : null;
  if (!match) return false;
  if (match[1] !== undefined && Number(match[1]) > 65_535) return false;
  return !text.startsWith("[") || URL.canParse(`http://${text}/`);
}

/** True for the path of a repository, without registry, tag and digest. */
export function isRepository(text: string): boolean {
  return text.length <= longestRepository && text.split("/").every((component) => repositoryComponent.test(component));
}

/** True for a tag that the OCI Distribution Specification allows. */
export function isTag(text: string): boolean {
  return tagPattern.test(text);
}

/** True for a SHA-256 or SHA-512 digest as the OCI Image Specification writes it. */
export function isDigest(text: string): boolean {
  return digestPattern.test(text);
}

/**
 * True for text that may hold a user and a password, as addresses have them before a host: an `@` after a colon that no
 * digest follows. No reference is such a text, so that one is not to be repeated in a message.
 */
export function holdsUserInfo(text: string): boolean {
  const colon = text.indexOf(":");
  return colon >= 0 && /@(?!sha(?:256|512):)/i.test(text.slice(colon));
}

/**
 * The host, with its port if it has one, that answers for a registry: Docker Hub's has another name than its
 * references.
 */
export function registryHost(registry: string): string {
  return dockerHubNames.has(registry) ? "registry-1.docker.io" : registry;
}

/**
 * True for a registry on this machine, which is reached over http by default: `localhost` and names below it,
 * 127.0.0.0/8, `[::1]`, with any port. The private address of another machine does not count.
 */
export function isLocalRegistry(registry: string): boolean {
  const name = registry.replace(/:[0-9]+$/, "").toLowerCase();
  if (name === "localhost" || name.endsWith(".localhost")) return true;
  if (name.startsWith("[")) return URL.parse(`http://${name}/`)?.hostname === "[::1]";
  return /^127(?:\.[0-9]{1,3}){3}$/.test(name) && URL.canParse(`http://${name}/`);
}

function splitRegistry(name: string): { readonly registry: string; readonly rest: string } {
  const slash = name.indexOf("/");
  const first = name.slice(0, Math.max(slash, 0));
  if (!looksLikeRegistry(first)) return { registry: dockerHub, rest: name };
  return { registry: dockerHubNames.has(first) ? dockerHub : first, rest: name.slice(slash + 1) };
}

function looksLikeRegistry(component: string): boolean {
  return component === "localhost" || /[.:A-Z]/.test(component);
}

function familiarName({ registry, repository }: ImageReference): string {
  if (registry !== dockerHub) return `${registry}/${repository}`;
  const [first = "", second, ...more] = repository.split("/");
  if (first === "library" && second !== undefined && more.length === 0 && !imageId.test(second)) return second;
  return looksLikeRegistry(first) ? `${registry}/${repository}` : repository;
}

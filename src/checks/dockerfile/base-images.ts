import type { Stage } from "./syntax/build-stages.ts";

/** A base image, divided. */
export interface BaseImage {
  /** `docker.io` when the name gives none. */
  readonly registry: string;
  readonly tag?: string;
  readonly digest?: string;
}

/** Divides the name of an image; `undefined` when it is none. Source: distribution/reference. */
export function divideImage(name: string): BaseImage | undefined {
  const match = /^([^@]{1,600}?)(?::([\w][\w.-]{0,127}))?(?:@([a-z0-9+.-]{1,32}:[0-9a-fA-F]{32,128}))?$/.exec(name);
  const [, path, tag, digest] = match ?? [];
  if (path === undefined) return undefined;
  const slash = path.indexOf("/");
  const host = slash === -1 ? undefined : path.slice(0, slash);
  const hasHost = host !== undefined && (/[.:]/.test(host) || host === "localhost" || host !== host.toLowerCase());
  const registry = hasHost ? host : "docker.io";
  const repository = hasHost ? path.slice(slash + 1) : path;
  if (!isRegistry(registry) || !isRepository(repository)) return undefined;
  return {
    registry,
    ...(tag === undefined ? {} : { tag }),
    ...(digest === undefined ? {} : { digest }),
  };
}

/** True when the stage's image comes from a registry: not from an earlier stage, and not empty. */
export function hasExternalBase(stage: Stage): boolean {
  return stage.parent === undefined && stage.base !== "scratch";
}

// Images whose makers document another user than root or an administrator.
const unprivileged: readonly RegExp[] = [
  /^gcr\.io\/distroless\/[\w./-]+:(?:[\w.]+-)*nonroot(?:-[\w.]+)*(?:@|$)/,
  /^mcr\.microsoft\.com\/windows\/nanoserver(?:[:@]|$)/,
  /^(?:docker\.io\/)?nginxinc\/nginx-unprivileged(?:[:@]|$)/,
];

/** True for a base image that is known to set a user without privileges. */
export function isUnprivileged(name: string): boolean {
  return unprivileged.some((pattern) => pattern.test(name));
}

function isRegistry(host: string): boolean {
  return /^(?:[A-Za-z0-9.-]{1,255}|\[[0-9a-fA-F:]{2,45}\])(?::\d{1,5})?$/.test(host);
}

function isRepository(path: string): boolean {
  return path.split("/").every((part) => part.length <= 255 && isRepositoryPart(part));
}

/** Letters and digits in lower case, parted by one `.`, one or two `_`, or any number of `-`. */
function isRepositoryPart(part: string): boolean {
  if (!/^[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?$/.test(part)) return false;
  return (part.match(/[._-]+/g) ?? []).every((sign) => /^(?:\.|_|__|-+)$/.test(sign));
}

import { PlimsollError } from "../../model/error.ts";
import { type DockerAccess, usualPodmanHosts } from "./engine-access.ts";
import { findInAnyContainerd, folderErrorCodes } from "./find-in-any-containerd.ts";
import { type FoundImage, findDockerImage, openDockerClient } from "./open-docker-image.ts";
import { findInPodman, type OpenStoredImageOptions } from "./open-stored-image.ts";
import { podmanStores } from "./podman-stores.ts";

/** Result of the search for an image whose place is not stated. */
export interface LocalSearch {
  /** Undefined when no place that could be asked has it. */
  readonly found?: { readonly kind: LocalKind; readonly open: FoundImage };
  /** Why the Docker Engine could not be asked; undefined when it was. */
  readonly noDocker?: PlimsollError;
  /** Clauses about other places that are there and could not be asked. */
  readonly closed: readonly string[];
  /** Engines that are expected to answer, so that a report has to name their failure. */
  readonly failed: readonly string[];
  /**
   * The error of the first engine whose socket this user has no permission for. Where Docker could be asked, the socket
   * of its containerd, which belongs to root, is no reason that an image is not found.
   */
  readonly denied?: PlimsollError;
}

type LocalKind = "docker" | "podman" | "containerd";

/**
 * Looks for an image in the Docker Engine, then in Podman, then in containerd. A missing place is skipped, and a place
 * that cannot be asked is reported.
 *
 * Errors: `engine-failed` of the Docker Engine, `engine-unreachable` and `engine-failed` of an engine that the user
 * named, `usage` for what names several images and for a `DOCKER_HOST` that cannot be used, those of an image that is
 * there and damaged, `cancelled`.
 */
export async function findOnThisMachine(
  name: string,
  { fewestIdDigits = fewestDigits, ...given }: FindOptions,
): Promise<LocalSearch> {
  const options = { ...given, fewestIdDigits };
  const { found: open, noDocker } = await findInDocker(name, given);
  const docker = noDocker ? { noDocker } : {};
  let denied = noDocker && isDenied(noDocker) ? noDocker : undefined;
  const [closed, failed]: [string[], string[]] = [[], []];
  if (open) return { found: { kind: "docker", open }, closed, failed };
  const podman = await usablePodman(options, { closed, failed });
  const places = { podman: findInPodman, containerd: findInAnyContainerd } as const;
  for (const kind of ["podman", "containerd"] as const) {
    try {
      const open = await places[kind](name, { ...options, podman });
      return { found: { kind, open }, ...docker, closed, failed };
    } catch (error) {
      if (!(error instanceof PlimsollError) || !isPassedOver(kind, error)) throw error;
      const isNamed = kind === "podman" ? podman.isNamed : options.containerd?.address !== undefined;
      if (isNamed && isEngineError(error)) throw namedEngineFailed(kind, error, name);
      if (!isAbsent(error)) closed.push(clauseOf(kind, error));
      if (isFailure(error)) failed.push(clauseOf(kind, error));
      if (noDocker && isEngineError(error) && isDenied(error)) denied ??= error;
    }
  }
  return { ...docker, closed, failed, ...(denied && { denied }) };
}

type FindOptions = OpenStoredImageOptions & { readonly docker?: DockerAccess };

/** The error of an engine that the user named and that cannot say whether it has the image. */
function namedEngineFailed(kind: LocalKind, error: PlimsollError, name: string): PlimsollError {
  const other = `If another image is meant, specify its source: registry:${name}.`;
  return new PlimsollError(error.code, `no file or folder named ${name}; ${clauseOf(kind, error)}`, {
    hint: [error.hint, other].filter((part) => part !== undefined).join(" "),
    cause: error,
  });
}

/**
 * Fewer digits are more likely a name, and the user did not name Podman, which accepts two for the beginning of an id.
 */
const fewestDigits = 7;

/** Only a client that could be made is asked: what cannot be is not a fault of the engine. */
async function findInDocker(
  name: string,
  { docker, ...options }: FindOptions,
): Promise<{ readonly found?: FoundImage | undefined; readonly noDocker?: PlimsollError }> {
  let isAsked = false;
  try {
    const engine = await openDockerClient(docker, options);
    isAsked = true;
    return { found: await findDockerImage(engine, name, options) };
  } catch (error) {
    if (!(error instanceof PlimsollError) || error.code !== "engine-unreachable") throw error;
    if (isAsked && docker?.isNamed) throw namedEngineFailed("docker", error, name);
    return { noDocker: error };
  }
}

/** Podman without services over SSH and others that cannot be asked, and without a configuration that is damaged. */
async function usablePodman(
  options: FindOptions,
  { closed, failed }: { readonly closed: string[]; readonly failed: string[] },
): Promise<NonNullable<FindOptions["podman"]>> {
  const access = options.podman ?? {};
  const hosts: string[] = [];
  for (const host of access.hosts ?? usualPodmanHosts) {
    try {
      await openDockerClient({ host }, options);
      hosts.push(host);
    } catch (error) {
      if (!(error instanceof PlimsollError)) throw error;
      closed.push(clauseOf("podman", error));
    }
  }
  const { configurations = [], ...others } = access;
  const usable: (typeof configurations)[number][] = [];
  for (const configuration of configurations) {
    try {
      await podmanStores({ ...access, configurations: [configuration] });
      usable.push(configuration);
    } catch (error) {
      if (!(error instanceof PlimsollError)) throw error;
      closed.push(clauseOf("podman", error));
      failed.push(clauseOf("podman", error));
    }
  }
  return { ...others, configurations: usable, hosts, isNamed: access.isNamed === true && hosts.length > 0 };
}

const passedOver: ReadonlySet<string> = new Set([
  ...["image-not-found", "target-not-found", "target-unreadable"],
  ...["engine-unreachable", "engine-failed"],
]);

/** In containerd an image is found before it is opened, so that damage met while looking is not the image's. */
function isPassedOver(kind: LocalKind, { code }: PlimsollError): boolean {
  return passedOver.has(code) || (kind === "containerd" && folderErrorCodes.has(code));
}

/**
 * It is there and broken. A failure to read for lack of permission has the system's error as its cause, and damage does
 * not have a cause.
 */
function isFailure({ code, cause }: PlimsollError): boolean {
  if (code === "target-unreadable") return cause === undefined;
  return code === "engine-failed" || folderErrorCodes.has(code);
}

function isEngineError({ code }: PlimsollError): boolean {
  return code === "engine-unreachable" || code === "engine-failed";
}

/** True where the system refuses to open a socket. */
export function isDenied({ cause }: PlimsollError): boolean {
  return cause instanceof Error && "code" in cause && (cause.code === "EACCES" || cause.code === "EPERM");
}

/** It has no such image, or there is no such engine. */
function isAbsent({ code, cause }: PlimsollError): boolean {
  if (code !== "engine-unreachable") return code === "image-not-found" || code === "target-not-found";
  return cause instanceof Error && "code" in cause && (cause.code === "ENOENT" || cause.code === "ECONNREFUSED");
}

function clauseOf(kind: LocalKind, { message }: PlimsollError): string {
  return `${titles[kind]} cannot be asked: ${message}`;
}

const titles = { docker: "the Docker Engine", podman: "Podman", containerd: "containerd" } as const;

import { PlimsollError } from "../../model/error.ts";
import { objectIn, textIn, textsIn } from "../../model/objects/json-members.ts";
import { isJsonObject, parseJson } from "../../model/objects/json-object.ts";
import type { DockerTls } from "./docker-certificates.ts";
import { parseDockerHost } from "./docker-host.ts";
import { bodyOf, type DockerConnection, get, getText, readRefusal, refusal } from "./docker-request.ts";
import { endpointName, engineFailed } from "./engine-failure.ts";
import { type EngineContainer, listContainers } from "./list-containers.ts";
import { registryDigests } from "./registry-digests.ts";

/** An image as an engine knows it. */
export interface EngineImage {
  /** `sha256:…`: the digest of the config, or of the manifest where the engine stores images with containerd. */
  readonly id: string;
  readonly repoTags: readonly string[];
  /**
   * `name@sha256:…`, for each repository that it was pulled from or pushed to, or `sha256:…` where it is not certain
   * which; Podman's service has one for each name.
   */
  readonly repoDigests: readonly string[];
  readonly architecture: string;
  readonly os: string;
  /** Variant of the architecture, for example `v7`. */
  readonly variant?: string;
  /** The digests of the uncompressed layers, lowest first. */
  readonly rootFsDiffIds: readonly string[];
  /** Bytes, as the engine counts them. */
  readonly size: number;
}

/**
 * A client of one Docker Engine, or of Podman's service with the same API.
 *
 * Every method throws `engine-unreachable` when there is no engine, `engine-failed` when it answers wrongly, and
 * `cancelled` when the signal aborts.
 * Source: Docker Engine API 1.24 and later, `/_ping`, `/info`, `/containers`, `/images/{name}/json`,
 * `/images/{name}/get`.
 */
export interface DockerEngine {
  /** True when the engine is on this machine: a Unix socket or a named pipe. */
  readonly local: boolean;
  /** The socket's path, or `host:port`. */
  readonly address: string;
  /** Resolves when an engine answers. */
  ping(signal: AbortSignal): Promise<void>;
  /** The product that answers: Podman's service identifies itself in its headers. */
  product(signal: AbortSignal): Promise<"docker" | "podman">;
  /** The containers that run, paused and restarting ones among them, in order of their names. */
  listContainers(signal: AbortSignal): Promise<readonly EngineContainer[]>;
  /** Undefined when the engine has no such image. `reference` is a name, an id, or the beginning of an id. */
  inspectImage(reference: string, signal: AbortSignal): Promise<EngineImage | undefined>;
  /**
   * The image as `docker save` writes it: an uncompressed tar in chunks. A name without a tag means `latest`.
   * `platform`, `os/architecture[/variant]`, picks from an image for several; an engine that cannot pick, older than
   * API 1.48, exports what it has.
   *
   * Errors: `image-not-found`; `platform-not-found` from an engine that can pick; `engine-failed` for one that breaks
   * off. An engine that fails in the middle may also end the tar with an error text, which only its reader can notice.
   */
  exportImage(reference: string, options: ExportOptions): AsyncIterable<Uint8Array>;
  /** The folder in which the engine keeps images, on its own machine; undefined when it does not say. */
  storageFolder(signal: AbortSignal): Promise<string | undefined>;
  /**
   * The answer to `GET` of a path of the API, without its version (`/info`), as `JSON.parse` makes it: null for what is
   * not JSON, undefined for what the engine does not have. Names in the path must be encoded.
   */
  read(path: string, signal: AbortSignal): Promise<unknown>;
}

/** How an image is exported. */
export interface ExportOptions {
  readonly platform?: string | undefined;
  readonly signal: AbortSignal;
}

/** How to reach an engine. */
export interface DockerEngineOptions {
  /** A value of `DOCKER_HOST`; without it the engine's usual place on this machine. */
  readonly host?: string;
  /** Makes `tcp://` mean TLS, and names the trusted authorities. */
  readonly tls?: DockerTls;
  /** Milliseconds until a connection must stand; 10 s unless given. */
  readonly connectTimeout?: number;
  /** Milliseconds for a short answer to be complete; 30 s unless given. An export has no limit. */
  readonly answerTimeout?: number;
}

const newestKnownApi = [1, 53] as const;
const largestAnswer = 8 * 1024 * 1024;
const largestPing = 64 * 1024;
const largestList = 32 * 1024 * 1024;
const longestReference = 1024;

/**
 * Opens a client; nothing is sent yet. Throws `usage` when `host` is not an address of an engine, `engine-unreachable`
 * for one over SSH.
 */
export function openDockerEngine(options: DockerEngineOptions = {}): DockerEngine {
  const endpoint = parseDockerHost(options.host ?? "", options.tls !== undefined);
  const connection: DockerConnection = {
    endpoint,
    tls: options.tls,
    connectTimeout: options.connectTimeout ?? 10_000,
    answerTimeout: options.answerTimeout ?? 30_000,
  };
  const address = endpointName(endpoint);
  let negotiated: string | undefined;
  let isPodman = false;

  async function versionPrefix(signal: AbortSignal): Promise<string> {
    if (negotiated !== undefined) return negotiated;
    const { status, headers, text } = await getText(connection, "/_ping", { signal, limit: largestPing });
    if (status !== 200) throw refusal(endpoint, { status, text });
    isPodman = headers["libpod-api-version"] !== undefined;
    negotiated = prefixFor(headers["api-version"]);
    return negotiated;
  }

  async function ask(path: string, signal: AbortSignal): Promise<unknown> {
    const prefix = await versionPrefix(signal);
    const { status, text } = await getText(connection, `${prefix}${path}`, { signal, limit: largestList });
    if (status === 404) return undefined;
    if (status !== 200) throw refusal(endpoint, { status, text });
    // Null is not a description of anything; undefined would say that there is none.
    return parseJson(text) ?? null;
  }

  async function inspectImage(reference: string, signal: AbortSignal): Promise<EngineImage | undefined> {
    if (!isReference(reference)) return undefined;
    const path = `${await versionPrefix(signal)}/images/${encodeReference(reference)}/json`;
    const { status, text } = await getText(connection, path, { signal, limit: largestAnswer });
    if (status === 404) return undefined;
    if (status !== 200) throw refusal(endpoint, { status, text });
    const image = readImage(text);
    if (!image) throw engineFailed(`${address} sent an invalid description of the image ${reference}`);
    return image;
  }

  async function* exportImage(reference: string, { platform, signal }: ExportOptions): AsyncGenerator<Uint8Array> {
    // By id, because a name without a tag would export every tag of that name.
    const image = await inspectImage(reference, signal);
    if (!image) throw imageNotFound(reference, address);
    const prefix = await versionPrefix(signal);
    const query = platformQuery(prefix, platform);
    const path = `${prefix}/images/${encodeReference(image.id)}/get${query}`;
    const response = await get(connection, path, { signal });
    const status = response.statusCode ?? 0;
    if (status === 200) return yield* bodyOf(endpoint, response, { signal });
    const text = await readRefusal(endpoint, response);
    if (status !== 404) throw refusal(endpoint, { status, text });
    throw query === "" || platform === undefined
      ? imageNotFound(reference, address)
      : platformNotFound(image, { reference, platform, address });
  }

  async function storageFolder(signal: AbortSignal): Promise<string | undefined> {
    const info = await ask("/info", signal);
    const folder = isJsonObject(info) ? textIn(info, "DockerRootDir") : "";
    return folder === "" || folder.includes("\0") ? undefined : folder;
  }

  return {
    local: endpoint.kind === "socket",
    address,
    ping: async (signal) => void (await versionPrefix(signal)),
    async product(signal) {
      await versionPrefix(signal);
      return isPodman ? "podman" : "docker";
    },
    async listContainers(signal) {
      const containers = await listContainers((path) => ask(path, signal));
      if (!containers) throw engineFailed(`${address} sent an invalid list of containers`);
      return containers;
    },
    inspectImage,
    exportImage,
    storageFolder,
    read: ask,
  };
}

/** The newest version that both sides know; an engine that names none is asked without a version. */
function prefixFor(header: string | string[] | undefined): string {
  const match = typeof header === "string" ? /^(\d{1,3})\.(\d{1,3})$/.exec(header) : null;
  if (!match) return "";
  const [major, minor] = [Number(match[1]), Number(match[2])];
  const [knownMajor, knownMinor] = newestKnownApi;
  const newer = major > knownMajor || (major === knownMajor && minor > knownMinor);
  return newer ? `/v${knownMajor}.${knownMinor}` : `/v${major}.${minor}`;
}

function platformQuery(prefix: string, platform: string | undefined): string {
  const [, major = 0, minor = 0] = /^\/v(\d+)\.(\d+)$/.exec(prefix)?.map(Number) ?? [];
  const [os, architecture, variant] = platform?.split("/") ?? [];
  if (architecture === undefined || major < 1 || (major === 1 && minor < 48)) return "";
  const wanted = JSON.stringify({ os, architecture, ...(variant !== undefined && { variant }) });
  return `?platform=${encodeURIComponent(wanted)}`;
}

/**
 * Whether the text can name an image at all. Wider than the grammar of references, and narrow enough that no part of it
 * can lead a request to another path.
 */
function isReference(text: string): boolean {
  if (text.length > longestReference || !/^[A-Za-z0-9[][A-Za-z0-9._:@/[\]-]*$/.test(text)) return false;
  return text.split("/").every((part) => part !== "" && part !== "." && part !== "..");
}

function encodeReference(reference: string): string {
  return reference.split("/").map(encodeURIComponent).join("/");
}

function imageNotFound(reference: string, address: string): PlimsollError {
  const name = JSON.stringify(reference.slice(0, longestReference));
  return new PlimsollError("image-not-found", `the Docker Engine at ${address} has no image ${name}`, {
    hint: "Pull or build the image first, or check its name with: docker image ls.",
  });
}

/** The engine has just described the image, so that only the platform can be missing. */
function platformNotFound(
  { os, architecture, variant, repoTags }: EngineImage,
  names: { readonly reference: string; readonly platform: string; readonly address: string },
): PlimsollError {
  const { reference, platform, address } = names;
  const own = [os, architecture, variant].filter((part) => part).join("/");
  const message = `the Docker Engine at ${address} has ${JSON.stringify(repoTags[0] ?? reference)}, but not for ${platform}`;
  return new PlimsollError("platform-not-found", message, {
    hint: `${own === "" ? "" : `The engine has the image for ${own}. `}Pull the image with --platform ${platform}, or remove --platform.`,
  });
}

function readImage(text: string): EngineImage | undefined {
  const body = parseJson(text);
  if (!isJsonObject(body)) return undefined;
  const id = textIn(body, "Id").replace(/^(?=[0-9a-f]{64}$)/, "sha256:");
  if (!/^[a-z0-9]+:[0-9a-f]{64,128}$/.test(id)) return undefined;
  const variant = textIn(body, "Variant");
  const size = body["Size"];
  return {
    id,
    repoTags: textsIn(body, "RepoTags"),
    repoDigests: registryDigests(body, id),
    architecture: textIn(body, "Architecture"),
    os: textIn(body, "Os"),
    ...(variant !== "" && { variant }),
    rootFsDiffIds: textsIn(objectIn(body, "RootFS"), "Layers"),
    size: typeof size === "number" && size >= 0 ? size : 0,
  };
}

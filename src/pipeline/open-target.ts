import { lstatSync, type Stats, statSync } from "node:fs";
import { join } from "node:path";
import { compressionOf } from "../io/decompress.ts";
import { DiskFile, reasonOf } from "../io/random-access.ts";
import { PlimsollError } from "../model/error.ts";
import type { JsonObject } from "../model/json-object.ts";
import { parseReference } from "../model/reference.ts";
import type { Layer, Target, TargetKind } from "../model/report.ts";
import { FolderTree } from "../sources/folder/folder-tree.ts";
import { namesOfFolder } from "../sources/folder/names-of-folder.ts";
import type { Image, ImageLayer, ImageOptions } from "../sources/image/image.ts";
import { openArchive } from "../sources/image/open-archive.ts";
import { isLayoutFolder, openLayoutFolder } from "../sources/image/open-layout-folder.ts";
import { unreadCompression } from "../sources/image/refuse-compression.ts";
import { looksLikeSbom } from "../sources/sbom/looks-like-sbom.ts";
import { largestSbom } from "../sources/sbom/read-sbom.ts";
import type { DockerAccess } from "./engine-access.ts";
import type { InventoryLayer } from "./inventory.ts";
import { openAttachedSbom } from "./open-attached-sbom.ts";
import { type OpenedEngineImage, openDockerClient, openDockerImage } from "./open-docker-image.ts";
import { openRegistryImage } from "./open-registry-image.ts";
import {
  type OpenStoredImageOptions,
  openFromContainerd,
  openFromContainerdFolder,
  openFromContainersStorage,
  openFromPodman,
} from "./open-stored-image.ts";
import type { RegistryClient } from "./registry-access.ts";
import type { SignaturePolicy } from "./signature-trust.ts";
import { type ParsedTarget, parseTarget, refuseForeignScheme } from "./target.ts";

export type { DockerAccess } from "./engine-access.ts";

/** A target whose files can be walked. */
export interface OpenTree extends Disposable {
  readonly form: "tree";
  readonly target: Target;
  /** The config of an image as parsed; a folder has none. */
  readonly config?: JsonObject;
  /** One for each entry of `layers`; a folder has one and no `layers`. */
  readonly trees: readonly InventoryLayer[];
  readonly layers: readonly Omit<Layer, "verified" | "inPart">[];
  /** Names of images that lie beside the one that was opened. */
  readonly unexamined: readonly string[];
}

/** A target that lists its packages itself. */
export interface OpenSbom extends Disposable {
  readonly form: "sbom";
  readonly target: Target;
  readonly bytes: Buffer;
}

/** How to open a target. */
export interface OpenTargetOptions extends Omit<OpenStoredImageOptions, "reference" | "digestsAreTrusted"> {
  /** How to reach a Docker Engine. */
  readonly docker?: DockerAccess;
  /** Whom to ask for images in registries; without it none is asked. */
  readonly registry?: RegistryClient;
  /** Whose SBOM, attached to an image in a registry, is taken in the place of its layers; without it they are always read. */
  readonly attachedSbom?: SignaturePolicy;
}

/**
 * Opens what the user named, recognised by what it is unless a scheme forces a kind: an OCI layout or another folder, an archive or an
 * SBOM, and what is no path is an image of the Docker Engine, else of Podman or containerd, else of a registry.
 *
 * Errors: `usage`, `target-not-found`, `target-unreadable`, `archive-not-recognised`, `archive-malformed`, `layout-malformed`,
 * `image-not-found`, `platform-not-found`, `digest-mismatch`, `limit-exceeded`, `engine-unreachable`, `engine-failed`,
 * `manifest-malformed`, those of every request of a registry client, `cancelled`.
 */
export async function openTarget(text: string, options: OpenTargetOptions): Promise<OpenTree | OpenSbom> {
  const parsed = parseTarget(text);
  const recognised = parsed.kind ?? recognise(parsed.name);
  const kind = options.attachedSbom ? registryKind(recognised, parsed) : recognised;
  switch (kind) {
    case "docker":
      return openFromEngine(parsed, options);
    case "podman":
      return openEngineImage(parsed, kind, await openFromPodman(parsed.name, options));
    case "containers-storage":
      return openEngineImage(parsed, kind, await openFromContainersStorage(parsed.name, options));
    case "containerd":
      return openEngineImage(parsed, kind, await openFromContainerd(parsed.name, options));
    case "registry":
      return openFromRegistry(parsed, options);
    case "dir":
      return openFolder(parsed.name);
    case "oci-dir":
      requirePath(parsed.name);
      return openImage(parsed, kind, openLayoutFolder(parsed.name, imageOptions(parsed, options)));
    case "sbom":
      return openSbom(parsed.name);
    case "archive":
    case "docker-archive":
    case "oci-archive": {
      requirePath(parsed.name);
      const forced = kind === "archive" ? {} : { kind };
      const opened = await openArchive(parsed.name, { ...imageOptions(parsed, options), ...forced });
      return openImage(parsed, opened.kind, opened.image);
    }
  }
}

function recognise(name: string): TargetKind | "archive" {
  const stat = statOf(name);
  if (stat === undefined) {
    if (statOf(name, lstatSync)) {
      throw new PlimsollError("target-not-found", `${name} is a symbolic link to nothing`);
    }
    if (/^[./~]|\.(?:tar|tgz|gz|zst|json)(?::[^:/]*)?$/.test(name)) throw notFound(name);
    return "docker";
  }
  if (stat.isDirectory()) {
    if (isLayoutFolder(name)) return "oci-dir";
    refuseUnpackedImage(name);
    return "dir";
  }
  using file = new DiskFile(name);
  const head = file.read(0, 4096);
  const unread = unreadCompression(head);
  if (unread !== undefined) {
    throw new PlimsollError(
      "archive-not-recognised",
      `${name} is compressed with ${unread}, which Plimsoll does not read`,
      { hint: "Unpack it first, or compress it with gzip or Zstandard." },
    );
  }
  if (compressionOf(head) === "none" && looksLikeSbom(head)) return "sbom";
  if (compressionOf(head) !== "none" || head.subarray(257, 262).toString("latin1") === "ustar") return "archive";
  if (file.size >= 1024 && file.size % 512 === 0) return "archive";
  throw new PlimsollError("archive-not-recognised", `${name} is neither an image archive nor an SBOM`, {
    hint: "Expected a tar (docker save, OCI layout; also compressed), CycloneDX JSON or SPDX JSON.",
  });
}

/**
 * Error: `archive-not-recognised` for an image in the form of `dir:` of skopeo and of `podman save --format docker-dir`: as a folder it
 * would be one without packages. Source: containers/image `directory/directory_transport.go`.
 */
function refuseUnpackedImage(folder: string): void {
  const isImage = statOf(join(folder, "manifest.json"))?.isFile() && statOf(join(folder, "version"))?.isFile();
  if (!isImage) return;
  const mark = Buffer.from("Directory Transport Version:");
  using version = new DiskFile(join(folder, "version"));
  if (!version.read(0, mark.length).equals(mark)) return;
  throw new PlimsollError(
    "archive-not-recognised",
    `${folder} holds an image in the form that skopeo calls dir:, which Plimsoll does not read`,
    { hint: `Copy it to an OCI layout (skopeo copy dir:${folder} oci:IMAGE) and scan oci-dir:IMAGE.` },
  );
}

/** Nothing is attached to an image outside of a registry. */
function registryKind(recognised: TargetKind | "archive", { kind, name }: ParsedTarget): "registry" {
  if (recognised === "registry" || (recognised === "docker" && kind === undefined)) return "registry";
  throw new PlimsollError("usage", `an attached SBOM is wanted, and ${name} is not in a registry`, {
    hint: "Write registry:NAME, or leave --use-attached-sbom away.",
  });
}

function requirePath(name: string): void {
  if (!statOf(name)) throw notFound(name);
}

function statOf(name: string, read: typeof statSync | typeof lstatSync = statSync): Stats | undefined {
  try {
    return read(name, { throwIfNoEntry: false });
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "ENOTDIR") return undefined;
    throw new PlimsollError("target-unreadable", `${name} cannot be read: ${reasonOf(cause)}`, { cause });
  }
}

function notFound(name: string): PlimsollError {
  return new PlimsollError("target-not-found", `${name} does not exist`, {
    hint: "Check the path; to scan an image of the Docker Engine write docker:NAME.",
  });
}

function imageOptions({ reference }: ParsedTarget, options: OpenTargetOptions): ImageOptions {
  return { ...options, ...(reference === undefined ? {} : { reference }) };
}

function openFolder(path: string): OpenTree {
  requirePath(path);
  return {
    form: "tree",
    target: { kind: "dir", name: path },
    trees: [{ tree: new FolderTree(path), name: "", verifies: false, standsAlone: true, above: namesOfFolder(path) }],
    layers: [],
    unexamined: [],
    [Symbol.dispose]: () => undefined,
  };
}

function openSbom(path: string): OpenSbom {
  requirePath(path);
  using file = new DiskFile(path);
  if (file.size > largestSbom) {
    throw new PlimsollError("limit-exceeded", `${path} has ${file.size} bytes, the limit for an SBOM is 256 MiB`);
  }
  return {
    form: "sbom",
    target: { kind: "sbom", name: path },
    bytes: file.read(0, file.size),
    [Symbol.dispose]: () => undefined,
  };
}

async function openFromEngine(parsed: ParsedTarget, options: OpenTargetOptions): Promise<OpenTree | OpenSbom> {
  const { kind, name } = parsed;
  const isForced = kind === "docker";
  let unreachable: PlimsollError | undefined;
  const asking = openDockerClient(options.docker).then((engine) => openDockerImage(engine, name, options));
  const opened = await asking.catch((error: unknown) => {
    if (isForced || !isUnreachable(error)) throw error;
    unreachable = error;
    return undefined;
  });
  if (opened) return openEngineImage(parsed, "docker", opened);
  if (!isForced) {
    const other = await openFromStores(parsed, options);
    if (other) return other;
    refuseForeignScheme(name);
    const asked = unreachable ? whyNotAsked(unreachable) : "no image of the Docker Engine with that name";
    if (mayAskRegistry(name, options)) return openFromRegistry(parsed, options, asked);
  }
  if (unreachable) throw explainUnreachable(name, unreachable, options);
  throw new PlimsollError(
    "image-not-found",
    `neither a file or folder nor an image of the Docker Engine is named ${name}`,
    { hint: otherPlace(name, options) ?? `Pull it first: docker pull ${name}` },
  );
}

/** What to do about a name that nothing local has, where that is not to ask an engine. */
function otherPlace(name: string, { registry, offline }: OpenTargetOptions): string | undefined {
  if (parseReference(name) === undefined && !/^(?:sha256:)?[0-9a-f]{1,64}$/.test(name)) {
    return "Check the path: an image cannot have this name.";
  }
  if (registry === undefined || !offline) return undefined;
  return "No registry was asked, since that is forbidden (--offline or PLIMSOLL_OFFLINE): allow it, or scan a saved image.";
}

/**
 * A clause. An engine that runs and may not be asked may have the very image, and so may one of a context that cannot be used: that is
 * said, one that is not there is not explained.
 */
function whyNotAsked({ message, cause }: PlimsollError): string {
  return cause === undefined || isForbidden(cause) ? message : "no Docker Engine to ask";
}

function isForbidden(cause: unknown): boolean {
  return cause instanceof Error && "code" in cause && (cause.code === "EACCES" || cause.code === "EPERM");
}

function mayAskRegistry(name: string, { registry, offline }: OpenTargetOptions): boolean {
  return registry !== undefined && offline !== true && parseReference(name) !== undefined;
}

/** `asked` is a clause about where else the image was looked for. Errors: those of {@link openRegistryImage}. */
async function openFromRegistry(
  parsed: ParsedTarget,
  options: OpenTargetOptions,
  asked?: string,
): Promise<OpenTree | OpenSbom> {
  const { registry: client, offline, platform, largestLayer, verifyDigests, attachedSbom: policy, signal } = options;
  if (parsed.kind === undefined) refuseForeignScheme(parsed.name);
  if (offline || !client) {
    throw new PlimsollError("usage", `${parsed.name} is in a registry, and no registry may be asked`, {
      hint: offline ? "Leave --offline away, or scan a saved image." : "Give a registry client.",
    });
  }
  try {
    const image = await openRegistryImage(parsed.name, { client, platform, largestLayer, verifyDigests });
    const tree = openImage(parsed, "registry", image);
    return policy ? await openAttachedSbom(tree, image, { client, policy, signal }) : tree;
  } catch (cause) {
    if (!(cause instanceof PlimsollError) || asked === undefined || cause.code === "cancelled") throw cause;
    const message = `there is no file or folder ${parsed.name}, ${asked}, and ${cause.message}`;
    throw new PlimsollError(cause.code, message, { cause, ...(cause.hint !== undefined && { hint: cause.hint }) });
  }
}

/** The image of Podman when its service or a store that may be read has it, or of containerd when its folder may be read. */
async function openFromStores(parsed: ParsedTarget, options: OpenTargetOptions): Promise<OpenTree | undefined> {
  const stores = { podman: openFromPodman, containerd: openFromContainerdFolder } as const;
  // Who asked for no engine does not ask for Podman's service either, wherever that is.
  const unnamed = { ...options, ...(options.podman && { podman: { ...options.podman, isNamed: false } }) };
  for (const kind of ["podman", "containerd"] as const) {
    try {
      return openEngineImage(parsed, kind, await stores[kind](parsed.name, unnamed));
    } catch (error) {
      if (!(error instanceof PlimsollError) || !passedOver.has(error.code)) throw error;
    }
  }
  return undefined;
}

const passedOver: ReadonlySet<string> = new Set(["image-not-found", "target-not-found", "target-unreadable"]);

function openEngineImage(parsed: ParsedTarget, kind: TargetKind, { image, tags }: OpenedEngineImage): OpenTree {
  const opened = openImage(parsed, kind, image);
  return { ...opened, target: { ...opened.target, ...(tags.length === 0 ? {} : { tags }) } };
}

function isUnreachable(error: unknown): error is PlimsollError {
  return error instanceof PlimsollError && error.code === "engine-unreachable";
}

function explainUnreachable(name: string, error: PlimsollError, options: OpenTargetOptions): PlimsollError {
  return new PlimsollError(
    "target-not-found",
    `there is no file or folder ${name}, and no Docker Engine to ask: ${error.message}`,
    {
      cause: error,
      hint:
        (isForbidden(error.cause) ? undefined : otherPlace(name, options)) ??
        error.hint ??
        "Start the engine, or save the image to a file and scan that.",
    },
  );
}

/** An open image as a target of that name. */
export function openImage({ name }: Pick<ParsedTarget, "name">, kind: TargetKind, image: Image): OpenTree {
  return {
    form: "tree",
    target: {
      kind,
      name,
      imageId: image.id,
      ...(image.manifestDigest === undefined ? {} : { manifestDigest: image.manifestDigest }),
      ...(image.tags.length === 0 ? {} : { tags: image.tags }),
      ...(image.platform === undefined ? {} : { platform: image.platform }),
      user: image.user,
    },
    config: image.config,
    trees: image.layers.map(({ tree, size, cacheKey, inPartKey, verifies }, index) => ({
      tree,
      verifies,
      size,
      name: `layer ${index + 1} of ${image.layers.length}`,
      ...(cacheKey === "" ? {} : { cacheKey }),
      ...(inPartKey === undefined ? {} : { inPartKey }),
    })),
    layers: image.layers.map(reportLayer),
    unexamined: image.unexamined,
    [Symbol.dispose]: () => image[Symbol.dispose](),
  };
}

function reportLayer(
  { digest, diffId, size, createdBy, base }: ImageLayer,
  index: number,
): Omit<Layer, "verified" | "inPart"> {
  return {
    index,
    ...(digest === undefined ? {} : { digest }),
    ...(diffId === undefined ? {} : { diffId }),
    size,
    ...(createdBy === undefined ? {} : { createdBy }),
    base,
  };
}

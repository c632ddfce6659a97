import type { Extractor } from "../../extractors/extractor.ts";
import { DiskFile } from "../../io/bytes/random-access.ts";
import { PlimsollError } from "../../model/error.ts";
import type { JsonObject } from "../../model/objects/json-object.ts";
import { usualPlatformName } from "../../model/packages/platform.ts";
import { parseReference } from "../../model/packages/reference.ts";
import { referenceFault } from "../../model/packages/reference-fault.ts";
import type { Layer, Target, TargetKind } from "../../model/reports/report.ts";
import { FolderTree } from "../../sources/folder/folder-tree.ts";
import { namesOfFolder } from "../../sources/folder/names-of-folder.ts";
import type { Image, ImageLayer, ImageOptions } from "../../sources/image/image.ts";
import { openArchive } from "../../sources/image/open-archive.ts";
import { openLayoutFolder } from "../../sources/image/open-layout-folder.ts";
import { DiscardedLayersError } from "../../sources/image-store/discarded-layers.ts";
import { largestSbom } from "../../sources/sbom/read-sbom.ts";
import type { InventoryLayer } from "../inventory/inventory.ts";
import type { DockerAccess } from "./engine-access.ts";
import { afterSearch, type FailedSearch, refuseBareRegistry, refuseId, whyNotAsked } from "./failed-search.ts";
import { findInAnyContainerd } from "./find-in-any-containerd.ts";
import { findOnThisMachine, isDenied } from "./find-on-this-machine.ts";
import { openAttachedSbom } from "./open-attached-sbom.ts";
import { findDockerImage, type OpenedEngineImage, openDockerClient } from "./open-docker-image.ts";
import { openRegistryImage } from "./open-registry-image.ts";
import { openSingleFile } from "./open-single-file.ts";
import { findInPodman, type OpenStoredImageOptions, openFromContainersStorage } from "./open-stored-image.ts";
import { imagesBelow, recogniseTarget, refuseUnpackedImage, requirePath } from "./recognise-target.ts";
import type { RegistryClient } from "./registry-access.ts";
import type { SignaturePolicy } from "./signature-trust.ts";
import { type ParsedTarget, parseTarget, refuseForeignScheme } from "./target.ts";

export type { DockerAccess } from "./engine-access.ts";

/** A target whose files can be walked. */
export interface OpenTree extends Disposable {
  readonly form: "tree";
  readonly target: Target;
  /** The config of an image as parsed; absent for a folder. */
  readonly config?: JsonObject;
  /** One for each entry of `layers`; a folder has one and no `layers`. */
  readonly trees: readonly InventoryLayer[];
  readonly layers: readonly Omit<Layer, "verified" | "inPart">[];
  /** Names of images that lie beside the one that was opened; of a folder those of the folders in it that hold one. */
  readonly unexamined: readonly string[];
  /**
   * Clauses about engines and stores of this machine that failed where they were asked for the image, so that another
   * one of the name may be meant; of a target that was looked for in one place there are none.
   */
  readonly passedOver?: readonly string[];
  /** What reads a target that is one file; without it, those of all other targets. */
  readonly extractors?: readonly Extractor[];
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
  /** The client for images in registries; without it no registry is asked. */
  readonly registry?: RegistryClient;
  /**
   * The policy for SBOMs that are attached to an image in a registry and taken in place of its layers; without it the
   * layers are always read.
   */
  readonly attachedSbom?: SignaturePolicy;
  /** As {@link OpenRegistryImageOptions.lazy}. */
  readonly lazy?: boolean;
}

/**
 * Opens the target that the user named. Its kind is detected from its content unless a scheme forces a kind: an OCI
 * layout or another folder, an archive, an SBOM or another file with packages; a name that is not a path is an image of
 * the Docker Engine, else of Podman or containerd, else of a registry.
 *
 * Errors: `usage`, `target-not-found`, `target-unreadable`, `archive-not-recognised`, `archive-malformed`,
 * `layout-malformed`, `image-not-found`, `platform-not-found`, `digest-mismatch`, `limit-exceeded`,
 * `engine-unreachable`, `engine-failed`, `manifest-malformed`, those of every request of a registry client and of
 * {@link openAttachedSbom}, `cancelled`.
 */
export async function openTarget(text: string, options: OpenTargetOptions): Promise<OpenTree | OpenSbom> {
  const parsed = parseTarget(text);
  const recognised = parsed.kind ?? recogniseTarget(parsed.name);
  const kind = options.attachedSbom ? registryKind(recognised, parsed) : recognised;
  try {
    return await openAs(kind, parsed, options);
  } catch (error) {
    throw mayBeName(parsed) ? withOtherMeaning(text, error) : error;
  }
}

/** True for `NAME:REFERENCE` that would be the name of an image if nothing lay at NAME. */
function mayBeName({ kind, name, reference }: ParsedTarget): boolean {
  return kind === undefined && reference !== undefined && parseReference(`${name}:${reference}`) !== undefined;
}

function withOtherMeaning(text: string, error: unknown): unknown {
  if (!(error instanceof PlimsollError) || error.code !== "image-not-found") return error;
  const { code, message, hint = "", cause } = error;
  const other = `To scan the image ${text} instead, use docker:${text} or registry:${text}.`;
  return new PlimsollError(code, message, { hint: `${hint} ${other}`.trim(), cause });
}

async function openAs(
  kind: TargetKind | "archive",
  parsed: ParsedTarget,
  options: OpenTargetOptions,
): Promise<OpenTree | OpenSbom> {
  if (kind === "dir" || kind === "repo" || kind === "file" || kind === "sbom") refuseReference(kind, parsed);
  switch (kind) {
    case "docker":
      return parsed.kind === undefined ? openFromAnywhere(parsed, options) : openFromDocker(parsed, options);
    case "podman":
      return openEngineImage(parsed, kind, await (await findInPodman(parsed.name, options))());
    case "containers-storage":
      return openEngineImage(parsed, kind, await openFromContainersStorage(parsed.name, options));
    case "containerd":
      return openEngineImage(parsed, kind, await (await findInAnyContainerd(parsed.name, options))());
    case "registry":
      return openFromRegistry(parsed, options);
    case "dir":
      return openFolder(parsed);
    case "repo":
      return openRepository(parsed);
    case "file":
      return openSingleFile(parsed.name);
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

const heldByKind = {
  dir: "a folder of files",
  repo: "a folder of files",
  file: "a file without images",
  sbom: "an SBOM",
} as const;

function refuseReference(kind: keyof typeof heldByKind, { name, reference }: ParsedTarget): void {
  if (reference === undefined) return;
  const what = heldByKind[kind];
  throw new PlimsollError("image-not-found", `${name} is ${what}, so it contains no image named ${reference}`, {
    hint: `Remove :${reference} to scan it.`,
  });
}

/** Nothing is attached to an image outside of a registry. */
function registryKind(recognised: TargetKind | "archive", { kind, name }: ParsedTarget): "registry" {
  if (recognised === "registry" || (recognised === "docker" && kind === undefined)) return "registry";
  throw new PlimsollError("usage", `--use-attached-sbom needs an image in a registry, and ${name} is not in one`, {
    hint: "Use registry:NAME, or remove --use-attached-sbom.",
  });
}

function imageOptions({ reference }: ParsedTarget, options: OpenTargetOptions): ImageOptions {
  return { ...options, ...(reference === undefined ? {} : { reference }) };
}

/**
 * A folder as what is installed in it. A user who wrote `dir:` wants the files alone; otherwise images in the folder
 * are reported. Errors: `target-not-found`, `target-unreadable`, `archive-not-recognised` for what is itself an image.
 */
function openFolder({ kind, name: path }: ParsedTarget): OpenTree {
  return { ...openFiles(path, "dir"), unexamined: kind === undefined ? imagesBelow(path) : [] };
}

/**
 * A folder of source code: what its lock files declare and what is installed in it. The extractors of lock files are
 * loaded here, because other targets do not need them. Errors: those of {@link openFolder}.
 */
async function openRepository({ kind, name: path }: ParsedTarget): Promise<OpenTree> {
  const { repositoryExtractors } = await import("../../extractors/repository-extractors.ts");
  return {
    ...openFiles(path, "repo"),
    extractors: repositoryExtractors,
    unexamined: kind === undefined ? imagesBelow(path) : [],
  };
}

function openFiles(path: string, kind: "dir" | "repo"): OpenTree {
  requirePath(path);
  refuseUnpackedImage(path);
  const tree = new FolderTree(path, { skip: kind === "repo" ? isOfGit : undefined });
  return {
    form: "tree",
    target: { kind, name: path },
    trees: [{ tree, name: "", verifies: false, standsAlone: true, above: namesOfFolder(path) }],
    layers: [],
    unexamined: [],
    [Symbol.dispose]: () => undefined,
  };
}

/** Git's own objects are compressed, and many. */
function isOfGit(folder: string): boolean {
  return folder === ".git" || folder.endsWith("/.git");
}

function openSbom(path: string): OpenSbom {
  requirePath(path);
  using file = new DiskFile(path);
  if (file.size > largestSbom) {
    throw new PlimsollError("limit-exceeded", `${path} is ${file.size} bytes; the limit for an SBOM is 256 MiB`);
  }
  return {
    form: "sbom",
    target: { kind: "sbom", name: path },
    bytes: file.read(0, file.size),
    [Symbol.dispose]: () => undefined,
  };
}

async function openFromDocker(parsed: ParsedTarget, options: OpenTargetOptions): Promise<OpenTree> {
  const { name } = parsed;
  const open = await findDockerImage(await openDockerClient(options.docker, options), name, options);
  if (open) return openEngineImage(parsed, "docker", await open());
  throw noImage(name, options);
}

/** Opens an image of an engine or store of this machine, else of a registry. */
async function openFromAnywhere(parsed: ParsedTarget, options: OpenTargetOptions): Promise<OpenTree | OpenSbom> {
  const { name } = parsed;
  const { found, noDocker, closed, failed, denied } = await findOnThisMachine(name, options);
  if (found) {
    try {
      return { ...openEngineImage(parsed, found.kind, await found.open()), passedOver: failed };
    } catch (error) {
      return withPassedOver(await openDiscarded(error, parsed, options), failed);
    }
  }
  refuseForeignScheme(name);
  const docker = noDocker ? whyNotAsked(noDocker) : "no image of the Docker Engine with that name";
  const asked = [docker, ...closed].join(", ");
  refuseId(name, { asked, denied });
  if (mayAskRegistry(name, options)) {
    refuseBareRegistry(name, asked);
    return withPassedOver(await openFromRegistry(parsed, options, { asked, denied }), failed);
  }
  throw noDocker
    ? explainUnreachable(name, noDocker, { closed, denied, options })
    : noImage(name, options, { closed, denied });
}

function withPassedOver(opened: OpenTree | OpenSbom, passedOver: readonly string[]): OpenTree | OpenSbom {
  return opened.form === "tree" ? { ...opened, passedOver } : opened;
}

/**
 * The very image of which containerd has discarded the layers, from the repository that the user named; `error` itself
 * is thrown when it says something else or that registry may not be asked. Containerd's index has told that it is for
 * the wanted platform; its config, which is all that the registry has to go by, need not.
 */
async function openDiscarded(
  error: unknown,
  parsed: ParsedTarget,
  options: OpenTargetOptions,
): Promise<OpenTree | OpenSbom> {
  if (!(error instanceof DiscardedLayersError)) throw error;
  const { inRegistry = "" } = error;
  const [there, named] = [parseReference(inRegistry), parseReference(parsed.name)];
  const isSame = there?.registry === named?.registry && there?.repository === named?.repository;
  if (!there || !isSame || !mayAskRegistry(inRegistry, options)) throw error;
  const { platform: _, ...anyPlatform } = options;
  return openFromRegistry({ ...parsed, name: inRegistry }, anyPlatform, { asked: error.message });
}

function noImage(
  name: string,
  options: OpenTargetOptions,
  { closed = [], denied }: { readonly closed?: readonly string[]; readonly denied?: PlimsollError | undefined } = {},
): PlimsollError {
  const message = `no file, folder or Docker Engine image named ${name}`;
  return new PlimsollError("image-not-found", [message, ...closed].join(", "), {
    hint: denied?.hint ?? otherPlace(name, options) ?? `Pull it first: docker pull ${name}`,
  });
}

/** What to do about a name that nothing local has, where that is not to ask an engine. */
function otherPlace(name: string, { registry, offline }: OpenTargetOptions): string | undefined {
  if (parseReference(name) === undefined && !/^(?:sha256:)?[0-9a-f]{1,64}$/.test(name)) {
    const fault = referenceFault(name);
    return `Check the path: an image cannot have this name${fault === undefined ? "" : `, because ${fault}`}.`;
  }
  if (registry === undefined || !offline) return undefined;
  return "No registry was tried because of --offline or PLIMSOLL_OFFLINE: remove it, or scan a saved image.";
}

function mayAskRegistry(name: string, { registry, offline }: OpenTargetOptions): boolean {
  return registry !== undefined && offline !== true && parseReference(name) !== undefined;
}

/** `asked` is a clause about where else the image was looked for. Errors: those of {@link openRegistryImage}. */
async function openFromRegistry(
  parsed: ParsedTarget,
  options: OpenTargetOptions,
  search?: FailedSearch,
): Promise<OpenTree | OpenSbom> {
  const { registry: client, offline, platform, verifyDigests, attachedSbom: policy, signal } = options;
  const { largestLayer, lazy } = options;
  if (parsed.kind === undefined) {
    refuseForeignScheme(parsed.name);
    refuseId(parsed.name);
  }
  if (offline || !client) {
    throw new PlimsollError(
      "usage",
      `${parsed.name} is in a registry, and ${offline ? "--offline forbids network access" : "no registry client was given"}`,
      {
        hint: offline ? "Remove --offline, or scan a saved image." : "Give a registry client.",
      },
    );
  }
  try {
    const image = await openRegistryImage(parsed.name, { client, platform, largestLayer, verifyDigests, lazy });
    const tree = openImage(parsed, "registry", image);
    return policy ? await openAttachedSbom(tree, image, { client, policy, signal }) : tree;
  } catch (cause) {
    throw search ? afterSearch(search, parsed.name, cause) : cause;
  }
}

function openEngineImage(
  parsed: ParsedTarget,
  kind: TargetKind,
  { image, tags, namespace }: OpenedEngineImage,
): OpenTree {
  const opened = openImage(parsed, kind, image);
  const target = { ...opened.target, ...(tags.length > 0 && { tags }), ...(namespace !== undefined && { namespace }) };
  return { ...opened, target };
}

function explainUnreachable(
  name: string,
  error: PlimsollError,
  {
    closed,
    denied,
    options,
  }: { readonly closed: readonly string[]; readonly options: OpenTargetOptions } & Pick<FailedSearch, "denied">,
): PlimsollError {
  const why = isDenied(error) ? error.message : `no Docker Engine found: ${error.message}`;
  const message = `no file or folder named ${name}; ${why}`;
  return new PlimsollError("target-not-found", [message, ...closed].join(", "), {
    cause: error,
    hint:
      denied?.hint ??
      otherPlace(name, options) ??
      error.hint ??
      "Start the engine, or save the image to a file and scan that.",
  });
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
      ...(image.platform === undefined ? {} : { platform: usualPlatformName(image.platform) }),
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

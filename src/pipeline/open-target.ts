import { lstatSync, type Stats, statSync } from "node:fs";
import type { DockerEngine } from "../engines/docker/docker-engine.ts";
import { compressionOf } from "../io/decompress.ts";
import { DiskFile, reasonOf } from "../io/random-access.ts";
import { PlimsollError } from "../model/error.ts";
import type { Layer, Target, TargetKind } from "../model/report.ts";
import { FolderTree } from "../sources/folder/folder-tree.ts";
import type { Image, ImageLayer, ImageOptions } from "../sources/image/image.ts";
import { openArchive, openStreamedArchive } from "../sources/image/open-archive.ts";
import { isLayoutFolder, openLayoutFolder } from "../sources/image/open-layout-folder.ts";
import { looksLikeSbom } from "../sources/sbom/looks-like-sbom.ts";
import { largestSbom } from "../sources/sbom/read-sbom.ts";
import type { InventoryLayer } from "./inventory.ts";
import { type ParsedTarget, parseTarget } from "./target.ts";

/** A target whose files can be walked. */
export interface OpenTree extends Disposable {
  readonly form: "tree";
  readonly target: Target;
  /** One for each entry of `layers`; a folder has one and no `layers`. */
  readonly trees: readonly InventoryLayer[];
  readonly layers: readonly Omit<Layer, "verified">[];
  /** Names of images that lie beside the one that was opened. */
  readonly unexamined: readonly string[];
}

/** A target that lists its packages itself. */
export interface OpenSbom extends Disposable {
  readonly form: "sbom";
  readonly target: Target;
  readonly bytes: Buffer;
}

/** How a Docker Engine is reached; without a host at its usual place on this machine. */
export interface DockerAccess {
  /** A value of `DOCKER_HOST`. */
  readonly host?: string;
  /** A folder with `ca.pem`, `cert.pem`, `key.pem`, and whether the engine's certificate is checked. */
  readonly certificates?: { readonly folder: string; readonly verify: boolean };
}

/** How to open a target. */
export interface OpenTargetOptions extends Omit<ImageOptions, "reference" | "digestsAreTrusted"> {
  /** How to reach a Docker Engine. */
  readonly docker?: DockerAccess;
  /** True when nothing may be asked over a network. */
  readonly offline?: boolean;
}

/**
 * Opens what the user named, recognised by what it is unless a scheme forces a kind: an OCI layout or another folder, an archive or an
 * SBOM, and what is no path is an image of the Docker Engine.
 *
 * Errors: `usage`, `target-not-found`, `target-unreadable`, `archive-not-recognised`, `archive-malformed`, `layout-malformed`,
 * `image-not-found`, `platform-not-found`, `digest-mismatch`, `limit-exceeded`, `engine-unreachable`, `engine-failed`, `cancelled`.
 */
export async function openTarget(text: string, options: OpenTargetOptions): Promise<OpenTree | OpenSbom> {
  const parsed = parseTarget(text);
  const kind = parsed.kind ?? recognise(parsed.name);
  switch (kind) {
    case "docker":
      return openFromEngine(parsed, options);
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
    if (/^[./~]|\.(?:tar|tgz|gz|zst|json)$/.test(name)) throw notFound(name);
    return "docker";
  }
  if (stat.isDirectory()) return isLayoutFolder(name) ? "oci-dir" : "dir";
  using file = new DiskFile(name);
  const head = file.read(0, 4096);
  if (compressionOf(head) === "none" && looksLikeSbom(head)) return "sbom";
  if (compressionOf(head) !== "none" || head.subarray(257, 262).toString("latin1") === "ustar") return "archive";
  if (file.size >= 1024 && file.size % 512 === 0) return "archive";
  throw new PlimsollError("archive-not-recognised", `${name} is neither an image archive nor an SBOM`, {
    hint: "Expected a tar (docker save, OCI layout; also compressed), CycloneDX JSON or SPDX JSON.",
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
    trees: [{ tree: new FolderTree(path), name: "", verifies: false, standsAlone: true }],
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

/** The client is loaded only here: with it comes Node's HTTP, which takes longer to load than a small image to scan. */
async function openEngine({ host, certificates }: DockerAccess = {}): Promise<DockerEngine> {
  const { openDockerEngine } = await import("../engines/docker/docker-engine.ts");
  const { readDockerCertificates } = await import("../engines/docker/docker-certificates.ts");
  return openDockerEngine({
    ...(host === undefined ? {} : { host }),
    ...(certificates ? { tls: await readDockerCertificates(certificates.folder, certificates.verify) } : {}),
  });
}

async function openFromEngine({ kind, name }: ParsedTarget, options: OpenTargetOptions): Promise<OpenTree> {
  const engine = await openEngine(options.docker);
  if (options.offline && !engine.local) {
    throw new PlimsollError(
      "usage",
      `the Docker Engine at ${engine.address} is reached over a network, and --offline forbids that`,
    );
  }
  const found = await engine.inspectImage(name, options.signal).catch((error: unknown) => {
    throw kind === "docker" ? error : explainUnreachable(name, error);
  });
  if (!found) {
    throw new PlimsollError(
      "image-not-found",
      `neither a file or folder nor an image of the Docker Engine is named ${name}`,
      {
        hint: `Pull it first: docker pull ${name}`,
      },
    );
  }
  const image = await openStreamedArchive(engine.exportImage(found.id, options.signal), {
    ...options,
    name: `the image ${name}`,
    verifyDigests: true,
    digestsAreTrusted: true,
  });
  const opened = openImage({ name }, "docker", image);
  return { ...opened, target: { ...opened.target, ...(found.repoTags.length === 0 ? {} : { tags: found.repoTags }) } };
}

function explainUnreachable(name: string, error: unknown): unknown {
  if (!(error instanceof PlimsollError) || error.code !== "engine-unreachable") return error;
  return new PlimsollError(
    "target-not-found",
    `there is no file or folder ${name}, and no Docker Engine to ask: ${error.message}`,
    {
      cause: error,
      hint: error.hint ?? "Start the engine, or save the image to a file and scan that.",
    },
  );
}

function openImage({ name }: ParsedTarget, kind: TargetKind, image: Image): OpenTree {
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
    trees: image.layers.map(({ tree, cacheKey, verifies }, index) => ({
      tree,
      verifies,
      name: `layer ${index + 1} of ${image.layers.length}`,
      ...(cacheKey === "" ? {} : { cacheKey }),
    })),
    layers: image.layers.map(reportLayer),
    unexamined: image.unexamined,
    [Symbol.dispose]: () => image[Symbol.dispose](),
  };
}

function reportLayer({ digest, diffId, size, createdBy, base }: ImageLayer, index: number): Omit<Layer, "verified"> {
  return {
    index,
    ...(digest === undefined ? {} : { digest }),
    ...(diffId === undefined ? {} : { diffId }),
    size,
    ...(createdBy === undefined ? {} : { createdBy }),
    base,
  };
}

import { randomUUID } from "node:crypto";
import { createWriteStream } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { DiskFile } from "../../io/bytes/random-access.ts";
import { readRange } from "../../io/bytes/read-range.ts";
import { compressionOf, decompress, magicSize } from "../../io/compression/decompress.ts";
import { TemporaryFolder, temporarySpaceHint } from "../../io/files/temporary-folder.ts";
import { reasonOf } from "../../io/reason-of.ts";
import { PlimsollError } from "../../model/error.ts";
import { asEngineError } from "./as-engine-error.ts";
import { dockerManifestPath, openDockerArchive } from "./docker-archive.ts";
import type { Image, ImageOptions } from "./image.ts";
import { imagesOnlyInIndex } from "./images-only-in-index.ts";
import { imagesOnlyInList } from "./images-only-in-list.ts";
import { holds, identityText, type LayoutFiles } from "./layout-files.ts";
import { ociIndexPath, openOciLayout } from "./oci-layout.ts";
import { TarLayout } from "./tar-layout.ts";

/** The forms that an archive of images comes in. */
export type ArchiveKind = "docker-archive" | "oci-archive";

/** An image of an archive, and the list that led to it. */
interface OpenedArchive {
  readonly kind: ArchiveKind;
  readonly image: Image;
}

/** The most bytes that a compressed archive may unpack to, and that an engine may send: 64 GiB. */
const largestArchive: number = 64 * 1024 * 1024 * 1024;

/**
 * Opens an image in a tar on disk. A compressed tar is unpacked to a temporary file first, which goes with the image.
 * Without `kind` the content decides; `manifest.json` comes before `index.json`, because Docker writes both, unless
 * only the latter has an image for the platform that is asked for. Where both are there and do not lead to the same
 * images, those that only the other one leads to are reported as not examined, also when there is a `kind`.
 *
 * Errors: `target-unreadable`, `output-not-written`, `archive-not-recognised`, `archive-malformed`, `limit-exceeded`,
 * `cancelled`, and those of the two forms.
 */
export async function openArchive(
  path: string,
  options: ImageOptions & { readonly kind?: ArchiveKind },
): Promise<OpenedArchive> {
  const files = await openTarLayout(path, options);
  try {
    const kind = options.kind ?? recogniseArchive(files);
    if (kind === undefined) {
      throw new PlimsollError("archive-not-recognised", `${path} is a tar, but not one of an image`, {
        hint: "Expected manifest.json (docker save) or index.json (OCI layout) in it; unpack other tars and scan the folder.",
      });
    }
    const opened = withOthers(openAs(kind, files, options), files, options);
    files.parsed.forget();
    return opened;
  } catch (error) {
    files[Symbol.dispose]();
    throw error;
  }
}

/**
 * Writes a docker-save stream of at most `largest` bytes, 64 GiB unless given, to a temporary file and opens that as an
 * archive; the file goes with the image. Errors: `target-unreadable` when there is no room, `output-not-written`,
 * `archive-malformed`, `limit-exceeded`, those of the stream and those of the two forms.
 */
export async function openStreamedArchive(
  stream: AsyncIterable<Uint8Array>,
  options: ImageOptions & { readonly name: string; readonly largest?: number },
): Promise<Image> {
  const { name, largest = largestArchive } = options;
  const identity = `stream:${randomUUID()}`;
  let files: TarLayout | undefined;
  try {
    files = await spool(bounded(stream, { name, largest }), {
      name,
      holder: "the engine's export",
      identity,
      signal: options.signal,
    });
    const { image } = openEither(files, options);
    files.parsed.forget();
    return image;
  } catch (error) {
    files?.[Symbol.dispose]();
    throw asEngineError(error);
  }
}

function recogniseArchive(files: LayoutFiles): ArchiveKind | undefined {
  if (holds(files, dockerManifestPath)) return "docker-archive";
  return holds(files, ociIndexPath) ? "oci-archive" : undefined;
}

/**
 * Opens what `docker save` writes. For an image for several platforms containerd's exporter, which Docker uses too,
 * names only one in `manifest.json`; the others stand in `index.json`. Errors: those of the two forms.
 */
function openEither(files: LayoutFiles, options: ImageOptions): OpenedArchive {
  try {
    return { kind: "docker-archive", image: openDockerArchive(files, options) };
  } catch (error) {
    if (!isError(error, "platform-not-found") || !holds(files, ociIndexPath)) throw error;
    try {
      return { kind: "oci-archive", image: openOciLayout(files, options) };
    } catch (other) {
      throw isError(other, "image-not-found") ? error : other;
    }
  }
}

function openAs(
  kind: ArchiveKind,
  files: LayoutFiles,
  options: ImageOptions & { readonly kind?: ArchiveKind },
): OpenedArchive {
  if (kind === "oci-archive") return { kind, image: openOciLayout(files, options) };
  return options.kind ? { kind, image: openDockerArchive(files, options) } : openEither(files, options);
}

/** The same with the images that only the other list of the archive leads to, as targets. */
function withOthers({ kind, image }: OpenedArchive, files: LayoutFiles, options: ImageOptions): OpenedArchive {
  const others =
    kind === "docker-archive"
      ? imagesOnlyInIndex(files, { image, options })
      : imagesOnlyInList(files, { image, options }).map((name) => targetOf(files, name));
  return { kind, image: others.length === 0 ? image : { ...image, unexamined: [...image.unexamined, ...others] } };
}

function targetOf({ name }: LayoutFiles, image: string): string {
  return image === dockerManifestPath ? `docker-archive:${name}` : `docker-archive:${name}:${image}`;
}

function isError(error: unknown, code: PlimsollError["code"]): boolean {
  return error instanceof PlimsollError && error.code === code;
}

async function openTarLayout(path: string, { signal }: ImageOptions): Promise<TarLayout> {
  const file = new DiskFile(path);
  try {
    if (compressionOf(file.read(0, magicSize)) === "none") return await TarLayout.open(file, { name: path, signal });
    const identity = identityText(file.identity);
    const inflated = decompress(readRange({ file, offset: 0, size: file.size }), { signal, limit: largestArchive });
    const layout = await spool(inflated, { name: path, identity, signal });
    file[Symbol.dispose]();
    return layout;
  } catch (error) {
    file[Symbol.dispose]();
    throw namedFor(path, error);
  }
}

async function spool(
  stream: AsyncIterable<Uint8Array>,
  archive: {
    readonly name: string;
    readonly identity: string;
    readonly holder?: string;
    readonly signal: AbortSignal;
  },
): Promise<TarLayout> {
  using folder = new TemporaryFolder("plimsoll-");
  try {
    const path = join(folder.path, "archive.tar");
    await pipeline(stream, createWriteStream(path, { mode: 0o600 }));
    const file = new DiskFile(path);
    try {
      return await TarLayout.open(file, archive);
    } catch (error) {
      file[Symbol.dispose]();
      throw error;
    }
  } catch (error) {
    if (error instanceof PlimsollError) throw error;
    throw new PlimsollError(
      "target-unreadable",
      `${archive.name} cannot be unpacked to ${tmpdir()}: ${reasonOf(error)}`,
      {
        hint: temporarySpaceHint,
        cause: error,
      },
    );
  }
}

async function* bounded(
  stream: AsyncIterable<Uint8Array>,
  { name, largest }: { readonly name: string; readonly largest: number },
): AsyncGenerator<Uint8Array> {
  let length = 0;
  for await (const piece of stream) {
    length += piece.length;
    if (length > largest) {
      throw new PlimsollError("limit-exceeded", `${name} is larger than ${largest} bytes`, {
        hint: "Check the address of the engine, and the size in docker image inspect.",
      });
    }
    yield piece;
  }
}

function namedFor(path: string, error: unknown): unknown {
  if (!(error instanceof PlimsollError) || error.message.includes(path)) return error;
  return new PlimsollError(error.code, `${path}: ${error.message}`, {
    cause: error,
    ...(error.hint === undefined ? {} : { hint: error.hint }),
  });
}

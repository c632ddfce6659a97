import { lstatSync, readdirSync, type Stats, statSync } from "node:fs";
import { join } from "node:path";
import { DiskFile } from "../../io/bytes/random-access.ts";
import { compressionOf } from "../../io/compression/decompress.ts";
import { reasonOf } from "../../io/reason-of.ts";
import { blockSize, isZeroBlock, readHeader } from "../../io/tar/header.ts";
import { PlimsollError } from "../../model/error.ts";
import type { TargetKind } from "../../model/reports/report.ts";
import { isLayoutFolder, isUnpackedArchive } from "../../sources/image/open-layout-folder.ts";
import { unreadCompression } from "../../sources/image/refuse-compression.ts";
import { looksLikeSbom } from "../../sources/sbom/looks-like-sbom.ts";

/** Enough of a file to tell what it is. */
const headSize = 4096;

/**
 * What a target without a scheme is, by what lies at its path: `docker` for what is not a path and may be the name of
 * an image, `file` for any file that is neither an archive nor an SBOM.
 *
 * Errors: `target-not-found`, `target-unreadable`, `archive-not-recognised`.
 */
export function recogniseTarget(name: string): TargetKind | "archive" {
  const stat = statOf(name);
  if (stat === undefined) {
    if (statOf(name, lstatSync)) {
      throw new PlimsollError("target-not-found", `${name} is a broken symbolic link`);
    }
    if (isWrittenAsPath(name)) throw notFound(name);
    return "docker";
  }
  if (stat.isDirectory()) {
    if (isLayoutFolder(name)) return "oci-dir";
    refuseUnpackedImage(name);
    return holdsSystem(name) ? "dir" : "repo";
  }
  using file = new DiskFile(name);
  const head = file.read(0, headSize);
  const unread = unreadCompression(head);
  if (unread !== undefined) {
    throw new PlimsollError("archive-not-recognised", `${name} is compressed with ${unread}, which is not supported`, {
      hint: "Unpack it first, or compress it with gzip or Zstandard.",
    });
  }
  if (compressionOf(head) === "none" && looksLikeSbom(head)) return "sbom";
  return isArchive(head) ? "archive" : "file";
}

/** What lies in the root of a system and in no folder of source code. */
const systemFiles = [
  "etc/os-release",
  "usr/lib/os-release",
  "var/lib/dpkg",
  "lib/apk/db",
  "var/lib/rpm",
  "usr/lib/sysimage/rpm",
  "etc/passwd",
];

/** True for the root of a system, of which a part may be missing; false for a folder of source code. */
function holdsSystem(folder: string): boolean {
  return systemFiles.some((path) => lstatSync(join(folder, path), { throwIfNoEntry: false }) !== undefined);
}

/** Errors: `target-not-found`, `target-unreadable`. */
export function requirePath(name: string): void {
  if (!statOf(name)) throw notFound(name);
}

/**
 * True when `NAME:REFERENCE` means an image in what lies at NAME, and not one whose name is NAME: when NAME is written
 * as a path is, or is an archive or an OCI layout. Error: `target-unreadable`.
 */
export function isPlaceOfImages(name: string): boolean {
  const stat = statOf(name);
  if (stat === undefined) return false;
  if (isWrittenAsPath(name)) return true;
  if (stat.isDirectory()) return isLayoutFolder(name);
  if (!stat.isFile()) return false;
  using file = new DiskFile(name);
  const head = file.read(0, headSize);
  return unreadCompression(head) !== undefined || isArchive(head);
}

/**
 * The folders directly in a folder that hold an image, as `skopeo copy … oci:FOLDER/NAME` and `skopeo sync --dest dir`
 * leave several, sorted by name. A folder that may not be opened does not count: the reader of its files reports it.
 * Error: `target-unreadable`.
 */
export function imagesBelow(folder: string): readonly string[] {
  try {
    const items = readdirSync(folder, { withFileTypes: true });
    const names = items.filter((item) => item.isDirectory()).map(({ name }) => name);
    return names.filter((name) => holdsImage(join(folder, name))).sort();
  } catch (cause) {
    throw new PlimsollError("target-unreadable", `${folder} cannot be read: ${reasonOf(cause)}`, { cause });
  }
}

function holdsImage(folder: string): boolean {
  return ifReadable(() => isLayoutFolder(folder)) === true || ifReadable(() => unpackedForm(folder)) !== undefined;
}

/** Undefined where something may not be looked into. */
function ifReadable<Answer>(look: () => Answer): Answer | undefined {
  try {
    return look();
  } catch (error) {
    if (error instanceof PlimsollError) return undefined;
    throw error;
  }
}

/** A form of images that is read only in a tar or not at all, and what to do about it. */
interface UnpackedForm {
  /** As in "an image in the form …". */
  readonly form: string;
  readonly hint: string;
}

function unpackedForm(folder: string): UnpackedForm | undefined {
  if (isDirectoryTransport(folder)) {
    return {
      form: "that skopeo calls dir:, which is not supported",
      hint: `Copy it to an OCI layout (skopeo copy dir:${folder} oci:IMAGE) and scan oci-dir:IMAGE.`,
    };
  }
  if (!mayBeRead(join(folder, "manifest.json")) || !isUnpackedArchive(folder)) return undefined;
  return {
    form: "of docker save, which is supported only in a tar",
    hint: `Pack it again (tar -C ${folder} -cf image.tar .) and scan image.tar.`,
  };
}

/** False for a path that is not such a folder, or may not be opened: the reader of the folder's files reports it. */
function mayBeRead(path: string): boolean {
  try {
    if (!lstatSync(path, { throwIfNoEntry: false })?.isFile()) return false;
    using _file = new DiskFile(path);
    return true;
  } catch {
    return false;
  }
}

function isDirectoryTransport(folder: string): boolean {
  const isImage = statOf(join(folder, "manifest.json"))?.isFile() && statOf(join(folder, "version"))?.isFile();
  if (!isImage) return false;
  const mark = Buffer.from("Directory Transport Version:");
  using version = new DiskFile(join(folder, "version"));
  return version.read(0, mark.length).equals(mark);
}

/** True for a text that begins or ends as only a path does, with or without a reference behind. */
function isWrittenAsPath(name: string): boolean {
  return /^[./~]|\.(?:tar|tgz|gz|zst|json|jar|war|ear|whl|lock)(?::[^:/]*)?$/.test(name);
}

/** True for what is compressed and for a tar, also an old one without a magic and one that holds nothing. */
function isArchive(head: Buffer): boolean {
  if (compressionOf(head) !== "none") return true;
  if (head.length < 2 * blockSize) return false;
  const isMarked = head.subarray(257, 262).toString("latin1") === "ustar";
  return isMarked || isZeroBlock(head, 0) || readHeader(head, 0) !== undefined;
}

/**
 * Error: `archive-not-recognised` for an image in the form of `dir:` of skopeo and of `podman save --format
 * docker-dir`, and for an unpacked archive of `docker save` or kaniko: as a folder, also as one that was named `dir:`,
 * it would be one without packages. A folder that is an OCI layout too, as Docker writes since version 25, is read as
 * such, and as `dir:` its files are meant. Source: containers/image `directory/directory_transport.go`.
 */
export function refuseUnpackedImage(folder: string): void {
  const unpacked = ifReadable(() => (isLayoutFolder(folder) ? undefined : unpackedForm(folder)));
  if (!unpacked) return;
  throw new PlimsollError("archive-not-recognised", `${folder} contains an image in the format ${unpacked.form}`, {
    hint: unpacked.hint,
  });
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
    hint: "Check the path; to scan an image of the Docker Engine, use docker:NAME.",
  });
}

import { memoryFile } from "../../../io/bytes/memory-file.ts";
import { openZip, type ZipArchive, type ZipEntry, type ZipSource } from "../../../io/compression/zip.ts";
import { PlimsollError } from "../../../model/error.ts";
import type { OpenFile } from "../../../model/images/file.ts";
import type { Context } from "../../../model/plugin.ts";
import type { Extraction } from "../../extractor.ts";

/** Bytes that are unpacked of one file in all: a thousand times what a large application has. */
const unpackedLimit = 256 * 1024 * 1024;
/** Bytes of one wheel or metadata file. */
const largestEntry = 64 * 1024 * 1024;
const entryLimit = 200_000;
const longestFirstLine = 4096;
const metadataEnd = /(?:\.dist-info\/(?:METADATA|PKG-INFO)|\.egg-info\/PKG-INFO|(?:^|\/)EGG-INFO\/PKG-INFO)$/;

/** The metadata of one distribution, and where in the archive it lies. */
export interface PackedMetadata {
  readonly kind: "metadata";
  readonly file: OpenFile;
  /** With `!/` between an archive and what is in it. */
  readonly inside: string;
}

/**
 * The metadata files of what is packed into a Python program in one file: in folders as PEX and shiv lay them out, or
 * in wheels (`pex --no-pre-install-wheels`). A program in another form is reported as not read, such as PyInstaller's
 * archive of modules; a ZIP archive that cannot be read or is over a limit is a problem.
 *
 * Source: Python's `zipapp`; the layouts of PEX ("zipapp") and shiv.
 */
export function* packedMetadata(
  program: OpenFile,
  { problem }: Context,
): Generator<PackedMetadata | Extract<Extraction, { readonly kind: "unread" }>> {
  const { path, size } = program;
  const left = { bytes: unpackedLimit, entries: entryLimit };
  try {
    if (size === 0) return;
    if (openZip(program, path) || isCutOff(program)) yield* metadataIn(program, { name: path, isWheel: false, left });
    else yield { kind: "unread", format: { packagesOf: makerOf(program), kind: "installed", type: "pypi" } };
  } catch (error) {
    if (!(error instanceof PlimsollError)) throw error;
    const code = error.code === "limit-exceeded" ? "limit-exceeded" : "unreadable";
    problem({ code, message: `${path} was not read completely: ${error.message}`, path });
  }
}

/** True for the line that starts a program and the beginning of an archive, which here has no end. */
function isCutOff(program: OpenFile): boolean {
  const start = Buffer.from(program.read(0, longestFirstLine)).toString("latin1");
  return /^#!.*\nPK\x03\x04/.test(start);
}

function makerOf(program: OpenFile): string {
  if (Buffer.from(program.read(0, 4)).toString("latin1") === "PYZ\0") return "PyInstaller";
  if (program.path.endsWith(".whl")) return "a wheel";
  return program.path.endsWith(".pex") ? "PEX" : "zipapp";
}

interface Place {
  /** For messages. */
  readonly name: string;
  readonly isWheel: boolean;
  readonly prefix?: string;
  /** What may still be read of the program. */
  readonly left: { bytes: number; entries: number };
}

function* metadataIn(source: ZipSource, { name, isWheel, prefix = "", left }: Place): Generator<PackedMetadata> {
  const archive = openZip(source, name, { entries: left.entries });
  if (!archive) throw new PlimsollError("file-malformed", `${name} is not a ZIP archive`);
  for (const entry of archive.entries()) {
    left.entries--;
    const inside = `${prefix}${entry.name}`;
    if (metadataEnd.test(entry.name)) {
      yield {
        kind: "metadata",
        file: memoryFile(`${name}!/${entry.name}`, unpacked(archive, entry, { name, left })),
        inside,
      };
    } else if (entry.name.endsWith(".whl") && !isWheel) {
      const wheel = archive.stored(entry) ?? memoryFile(inside, unpacked(archive, entry, { name, left }));
      yield* metadataIn(wheel, { name: `${name}!/${entry.name}`, isWheel: true, prefix: `${inside}!/`, left });
    }
  }
}

function unpacked(archive: ZipArchive, entry: ZipEntry, { name, left }: Pick<Place, "name" | "left">): Buffer {
  const bytes = archive.read(entry, Math.min(left.bytes, largestEntry));
  if (!bytes) {
    throw new PlimsollError(
      "file-malformed",
      `${entry.name} in ${name} is encrypted or uses an unsupported compression method`,
    );
  }
  left.bytes -= bytes.length;
  return bytes;
}

import { memoryFile } from "../../../io/bytes/memory-file.ts";
import { openZip, type ZipArchive, type ZipEntry } from "../../../io/compression/zip.ts";
import { PlimsollError } from "../../../model/error.ts";
import type { OpenFile } from "../../../model/images/file.ts";
import type { Problem } from "../../../model/reports/problem.ts";

const metadataName = "EGG-INFO/PKG-INFO";
/** The longest metadata that is unpacked, in bytes: headers and description. */
const metadataLimit = 4 * 1024 * 1024;
/** The most entries of an egg that are looked through. */
const entryLimit = 100_000;

/**
 * The metadata file inside a zipped egg. Undefined when there is none or the file is not an archive; a problem when the
 * archive cannot be read.
 *
 * Source: setuptools, "The Internal Structure of Python Eggs".
 */
export function readEggMetadata(egg: OpenFile): OpenFile | Problem | undefined {
  const { path } = egg;
  try {
    const archive = openZip(egg, path, { entries: entryLimit });
    const entry = archive && findMetadata(archive);
    if (archive === undefined || entry === undefined) return undefined;
    const bytes = archive.read(entry, metadataLimit);
    if (bytes !== undefined) return memoryFile(path, bytes);
    return {
      code: "unreadable",
      message: `${metadataName} in ${path} is encrypted or uses an unsupported compression method`,
      path,
    };
  } catch (error) {
    if (!(error instanceof PlimsollError)) throw error;
    const code = error.code === "limit-exceeded" ? "limit-exceeded" : "unreadable";
    return { code, message: `${path} was not read: ${error.message}`, path };
  }
}

function findMetadata(archive: ZipArchive): ZipEntry | undefined {
  for (const entry of archive.entries()) if (entry.name === metadataName) return entry;
  return undefined;
}

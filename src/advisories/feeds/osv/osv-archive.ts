import { DiskFile } from "../../../io/bytes/random-access.ts";
import { openZip, type ZipArchive, type ZipEntry } from "../../../io/compression/zip.ts";
import { PlimsollError } from "../../../model/error.ts";
import { feedMalformed } from "../../read-feed-file.ts";

const mostRecords = 3_000_000;
/** Bytes of one record. */
export const largestRecord: number = 64 * 1024 * 1024;

/** A record in an archive. */
export interface ArchivedRecord {
  /** The name of the member: `GHSA-1.json`. */
  readonly name: string;
  /** JSON, not looked at; undefined when it is packed in a way that cannot be read, or is too long. */
  readonly text: string | undefined;
}

/**
 * The records of an ecosystem's archive, sorted by name. Error: `feed-malformed`, also in the midst of it; the records
 * before stay valid.
 */
export function* archivedRecords(path: string, title: string): Generator<ArchivedRecord> {
  try {
    using file = new DiskFile(path);
    const archive = openZip(file, title, { entries: mostRecords, nameLength: 512 });
    if (!archive) throw feedMalformed(title, "it is not a ZIP archive");
    for (const entry of sortedEntries(archive)) {
      // An entry that states less than it holds is not a mistake of the publisher's, and ends the archive.
      const bytes = entry.size > largestRecord ? undefined : archive.read(entry, largestRecord);
      yield { name: entry.name, text: bytes?.toString("utf8") };
    }
  } catch (cause) {
    if (!(cause instanceof PlimsollError) || cause.code === "feed-malformed") throw cause;
    throw feedMalformed(title, cause.message, cause);
  }
}

function sortedEntries(archive: ZipArchive): ZipEntry[] {
  const entries: ZipEntry[] = [];
  for (const entry of archive.entries()) if (entry.name.endsWith(".json")) entries.push(entry);
  return entries.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : a.offset - b.offset));
}

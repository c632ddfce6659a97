import { readFeedArchive } from "../../read-feed-archive.ts";
import { largestDocument } from "./csaf-document.ts";
import { cveOfPath } from "./csaf-listing.ts";

/** Which archive is read. */
export interface ArchivedTimesOptions {
  /** As in {@link readFeedArchive}. */
  readonly title: string;
  readonly signal: AbortSignal;
}

/**
 * When the documents of an archive were changed, by the CVE id that their path names; milliseconds since 1970. A
 * document without such a time in the form of CSAF is left out.
 *
 * Errors: those of {@link readFeedArchive}.
 *
 * Source: CSAF 2.0, section 3.2.1.12.3.
 */
export async function archivedTimes(
  archive: string,
  { title, signal }: ArchivedTimesOptions,
): Promise<ReadonlyMap<string, number>> {
  const times = new Map<string, number>();
  // Unreadable files are reported when the archive is parsed.
  const context = { signal, problem: () => {} };
  const wanted = (path: string): boolean => cveOfPath(path) !== undefined;
  for await (const { path, bytes } of readFeedArchive(archive, { title, wanted, maxFile: largestDocument, context })) {
    const cve = cveOfPath(path);
    const time = timeIn(bytes);
    if (cve !== undefined && time !== undefined) times.set(cve, Math.max(time, times.get(cve) ?? time));
  }
  return times;
}

const key = '"current_release_date"';

/** Some documents are large and all else is passed over, so the text is searched and not parsed. */
function timeIn(bytes: Buffer): number | undefined {
  const at = bytes.indexOf(key);
  if (at < 0) return undefined;
  const text = bytes.toString("latin1", at + key.length, at + key.length + 100);
  const time = Date.parse(/^\s*:\s*"([^"\\]{20,40})"/.exec(text)?.[1] ?? "");
  return Number.isNaN(time) ? undefined : time;
}

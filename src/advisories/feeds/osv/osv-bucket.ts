import { existsSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { fetchToFile } from "../../../io/fetch-to-file.ts";
import { DiskFile, reasonOf } from "../../../io/random-access.ts";
import { PlimsollError } from "../../../model/error.ts";
import type { FeedPart, FetchOptions } from "../../advisory-feed.ts";

// The layout of OSV.dev's bulk export, in a folder or below an address:
//
//   ecosystems.txt           the names of the ecosystems, one a line, without the suffix of a release
//   <Ecosystem>/all.zip      every record of the ecosystem; names hold spaces and brackets
//
// A folder without ecosystems.txt counts every folder in it that has an all.zip.

const listFile = "ecosystems.txt";
const archiveFile = "all.zip";
const longestList = 1024 * 1024;
const largestArchive = 4 * 1024 ** 3;

/** Opens a folder's archives one after the other. Errors: as `AdvisoryFeed.fetch`. */
export async function* openFolder(folder: string, options: FetchOptions): AsyncGenerator<FeedPart> {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
    throw new PlimsollError("feed-unreachable", `${folder} is not a folder`, { hint: layoutHint });
  }
  const list = join(folder, listFile);
  const names = existsSync(list) ? readNames(readList(list), list) : foldersWithArchive(folder);
  for (const name of chooseNames(names, options.ecosystems, folder)) {
    if (options.signal.aborted) throw new PlimsollError("cancelled", `reading ${folder} was cancelled`);
    yield openPart(name, join(folder, name, archiveFile), () => {});
  }
}

/** Fetches a bucket's archives one after the other. Errors: as `AdvisoryFeed.fetch`. */
export async function* openBucket(address: string, options: FetchOptions): AsyncGenerator<FeedPart> {
  const base = address.replace(/\/+$/, "");
  const list = join(options.workFolder, listFile);
  await fetchToFile(`${base}/${listFile}`, list, { signal: options.signal, maxBytes: longestList });
  const names = readNames(readList(list), `${base}/${listFile}`);
  for (const name of chooseNames(names, options.ecosystems, base)) {
    const file = join(options.workFolder, archiveFile);
    const url = `${base}/${encodeURIComponent(name)}/${archiveFile}`;
    await fetchToFile(url, file, { signal: options.signal, maxBytes: largestArchive });
    yield openPart(name, file, () => rmSync(file, { force: true }));
  }
}

const layoutHint = "Give a folder or an address that holds <Ecosystem>/all.zip, as the bulk export of OSV.dev does.";

function openPart(name: string, path: string, dispose: () => void): FeedPart {
  let bytes: DiskFile;
  try {
    bytes = new DiskFile(path);
  } catch (cause) {
    throw new PlimsollError("feed-unreachable", `the advisories of ${name} cannot be read: ${reasonOf(cause)}`, {
      hint: layoutHint,
      cause,
    });
  }
  return {
    name,
    bytes,
    [Symbol.dispose]() {
      bytes[Symbol.dispose]();
      dispose();
    },
  };
}

function readList(path: string): string {
  if (statSync(path).size > longestList) {
    throw new PlimsollError("limit-exceeded", `${path} is longer than ${longestList} bytes`);
  }
  return readFileSync(path, "utf8");
}

/** A name becomes part of a path and of an address, so it may not leave its folder. */
function readNames(text: string, from: string): string[] {
  const names = text.split(/\r?\n/).filter((line) => line !== "");
  const bad = names.find((name) => !/^[\p{L}\p{N} ._+()[\]-]{1,100}$/u.test(name) || /^\.+$/.test(name));
  if (bad !== undefined) {
    throw new PlimsollError(
      "feed-malformed",
      `${from} holds ${JSON.stringify(bad.slice(0, 100))}, which is no ecosystem`,
      {
        hint: layoutHint,
      },
    );
  }
  return names;
}

function foldersWithArchive(folder: string): string[] {
  const names = readdirSync(folder).filter((name) => existsSync(join(folder, name, archiveFile)));
  if (names.length === 0) {
    throw new PlimsollError("feed-malformed", `${folder} holds no <Ecosystem>/all.zip`, { hint: layoutHint });
  }
  return names;
}

/** Sorted by code unit, each once. */
function chooseNames(names: readonly string[], wanted: readonly string[] | undefined, from: string): string[] {
  const missing = wanted?.find((name) => !names.includes(name));
  if (missing !== undefined) {
    throw new PlimsollError("usage", `${from} holds no advisories of ${missing}`, {
      hint: `It holds ${names.length === 0 ? "nothing" : names.join(", ")}.`,
    });
  }
  return [...new Set(wanted ?? names)].sort();
}

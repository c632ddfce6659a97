import { PlimsollError } from "../../../model/error.ts";
import { ecosystemsWithOrder } from "../../../versions/ecosystems.ts";
import type { FeedSource } from "../../feed-source.ts";
import { feedMalformed, readFeedText } from "../../read-feed-file.ts";

const title = "the OSV bucket";
const maxBytes: number = 4 * 1024 * 1024;
const layoutHint =
  "`db build --from` requires a folder or an address that contains <Ecosystem>/all.zip. A mirror has these files at MIRROR/HOST/PATH: MIRROR/storage.googleapis.com/osv-vulnerabilities/<Ecosystem>/all.zip.";

/** The ecosystems to fetch from a bucket. */
export interface ChosenEcosystems {
  /** Sorted by code unit, each once. */
  readonly names: readonly string[];
  /** False when they are only the names of folders, which need not hold records. */
  readonly listed: boolean;
  /** Named ecosystems that the bucket does not have, sorted. */
  readonly missing: readonly string[];
}

/** Which ecosystems are fetched, in any case of letters. */
export interface WantedEcosystems {
  /** All that the bucket has when absent. */
  readonly ecosystems?: readonly string[] | undefined;
  /** The ecosystems among these that must be present. */
  readonly named?: readonly string[] | undefined;
  /** Present when a missing ecosystem is reported, and not thrown. */
  readonly failed?: unknown;
}

/**
 * The ecosystems of a bucket, by its `ecosystems.txt` or, without one, by its folders; only those that are wanted, if
 * any are.
 *
 * Errors: those of {@link FeedSource.fetch}; `usage` when none that is wanted is there, or one is not that has no order
 * of versions.
 */
export async function chooseEcosystems(
  source: FeedSource,
  { ecosystems: wanted, named = [], failed }: WantedEcosystems,
): Promise<ChosenEcosystems> {
  const list = await source.fetch("ecosystems.txt", { maxBytes });
  const listed = list.kind === "file";
  const names = listed ? listedNames(readFeedText(list.path, { title, maxBytes })) : await folderNames(source);
  if (!wanted) return { names: sorted(names), listed, missing: [] };
  const chosen = names.filter((name) => hasName(wanted, name));
  const unknown = wanted.find((name) => !hasName(names, name) && !hasName(ecosystemsWithOrder, name));
  if (unknown === undefined && (chosen.length > 0 || (failed !== undefined && named.length > 0))) {
    return { names: sorted(chosen), listed, missing: sorted(named.filter((name) => !hasName(names, name))) };
  }
  throw lacksEcosystem({ missing: unknown ?? wanted.join(", "), names });
}

/** `usage`: the bucket does not have data for an ecosystem that the user named. */
export function lacksEcosystem({ missing, names }: MissingEcosystem): PlimsollError {
  return new PlimsollError("usage", `${title} has no advisories for ${missing}`, {
    hint: `Available: ${names.length === 0 ? "none" : names.join(", ")}.`,
  });
}

/** An ecosystem that is not there, and those that are. */
export interface MissingEcosystem {
  readonly missing: string;
  readonly names: readonly string[];
}

function sorted(names: readonly string[]): string[] {
  return [...new Set(names)].sort();
}

function hasName(names: readonly string[], name: string): boolean {
  return names.some((one) => one.toLowerCase() === name.toLowerCase());
}

/** A name becomes part of a path and of an address, so it may not leave its folder. */
function isName(text: string): boolean {
  return /^[\p{L}\p{N} ._+()[\]-]{1,100}$/u.test(text) && !/^\.+$/.test(text);
}

function listedNames(text: string): string[] {
  const names = text.split(/\r?\n/).filter((line) => line !== "");
  const bad = names.find((name) => !isName(name));
  if (bad === undefined) return names;
  throw feedMalformed(title, `its list contains ${JSON.stringify(bad.slice(0, 100))}, which is not an ecosystem`);
}

async function folderNames(source: FeedSource): Promise<string[]> {
  const index = await source.fetch("", { maxBytes });
  const text = index.kind === "file" ? readFeedText(index.path, { title, maxBytes }) : "";
  const names = Array.from(text.matchAll(/href="(?:\.\/)?([^"/?#]{1,300})\/"/g), ([, name = ""]) => decoded(name));
  const good = names.filter(isName);
  if (good.length > 0) return good;
  throw new PlimsollError("feed-malformed", `${title} contains no <Ecosystem>/all.zip`, { hint: layoutHint });
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return "";
  }
}

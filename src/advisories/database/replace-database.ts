import { chmodSync, chownSync, lstatSync, readlinkSync, renameSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { refuseOtherFile } from "./database-file.ts";
import { withPlaceLock } from "./place-lock.ts";

const mostLinks = 40;

/** Where a database lies or is to lie: what a symbolic link in its name's place points to, as an absolute path. */
export function placeOf(path: string): string {
  let place = resolve(path);
  for (let links = 0; links < mostLinks && isLink(place); links++) place = resolve(dirname(place), readlinkSync(place));
  return place;
}

/** Which file is at a path: another text when it was replaced or written to. Undefined when there is none. */
export function fileIdentity(path: string): string | undefined {
  const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stat && [stat.dev, stat.ino, stat.size, stat.ctimeNs].join(" ");
}

/** What a finished database takes the place of. */
export interface Replacement {
  /** As {@link placeOf} gives it. */
  readonly place: string;
  /**
   * The identity of the file that the finished one was made from; undefined for none, absent when any may be replaced.
   */
  readonly madeFrom?: { readonly identity: string | undefined };
}

/**
 * Puts a finished database in its place in one step, with the owner, as far as this process may, and the mode of the
 * one that was there. False, and nothing is done, when another file has come there meanwhile than it was made from.
 *
 * Errors: `output-not-written` when something else is there than a database; the file system's.
 */
export function replaceDatabase(finished: string, { place, madeFrom }: Replacement): boolean {
  return withPlaceLock(place, () => {
    refuseOtherFile(place);
    const present = fileIdentity(place);
    if (madeFrom && present !== undefined && present !== madeFrom.identity) return false;
    if (present !== undefined) keepAccess(finished, place);
    renameSync(finished, place);
    return true;
  });
}

function keepAccess(finished: string, place: string): void {
  const { uid, gid, mode } = statSync(place);
  const own = statSync(finished);
  if (uid !== own.uid) tryToGive(finished, { user: uid, group: own.gid });
  if (gid !== own.gid) tryToGive(finished, { user: statSync(finished).uid, group: gid });
  chmodSync(finished, mode & 0o777);
}

function tryToGive(path: string, { user, group }: { readonly user: number; readonly group: number }): void {
  try {
    chownSync(path, user, group);
  } catch {
    // Only root gives files away; then whoever updates a database owns it.
  }
}

function isLink(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;
}

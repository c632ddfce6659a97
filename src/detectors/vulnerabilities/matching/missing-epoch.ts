import type { Affected } from "../../../model/findings/advisory.ts";
import { ecosystemBase } from "../../../model/packages/package-name.ts";

// What a missing epoch of an rpm means, in one place:
//
// - In a package it is 0. The rpm database always tells the epoch, and the tools that write package URLs write the
//   qualifier `epoch` when it is not 0. A source package has the epoch of the packages built from it, which its file
//   name leaves out.
// - In a record it is 0 as well, unless its publisher is known to leave epochs out of everything: SUSE, whose products
//   are named by name-version-release, and Photon OS, whose list has version-release. Then the record says nothing
//   about the epoch, and version and release alone are compared.

/** Publishers that never write an epoch. */
const withoutEpochs: ReadonlySet<string> = new Set(["Photon OS", "SUSE", "openSUSE"]);

/**
 * The version of an rpm to compare with an entry: without its epoch when the entry's publisher leaves epochs out and
 * the entry does not have one.
 */
export function versionForEntry(version: string, entry: Affected): string {
  if (!version.includes(":") || !withoutEpochs.has(ecosystemBase(entry.package?.ecosystem ?? ""))) return version;
  const bounds = (entry.ranges ?? []).flatMap(({ events }) => events.flatMap((event) => Object.values(event)));
  return [...bounds, ...(entry.versions ?? [])].some((bound) => epoch.test(bound))
    ? version
    : version.replace(epoch, "");
}

const epoch = /^\d+:/;

/**
 * Debian's releases by code name, testing and its successors among them.
 *
 * Source: distro-info-data, debian.csv.
 */
export const debianReleases: ReadonlyMap<string, string> = new Map([
  ["potato", "2.2"],
  ["woody", "3.0"],
  ["sarge", "3.1"],
  ["etch", "4"],
  ["lenny", "5"],
  ["squeeze", "6"],
  ["wheezy", "7"],
  ["jessie", "8"],
  ["stretch", "9"],
  ["buster", "10"],
  ["bullseye", "11"],
  ["bookworm", "12"],
  ["trixie", "13"],
  ["forky", "14"],
  ["duke", "15"],
]);

/** They have no number, and no image says that it is one: an image of unstable names testing. */
export const withoutNumber: ReadonlySet<string> = new Set(["sid", "experimental"]);

/**
 * The code name of testing: the one with the highest number among the releases in the tracker. Undefined when the
 * tracker has an unknown release, which may be testing by now.
 */
export function testingAmong(releases: ReadonlySet<string>): string | undefined {
  if ([...releases].some((release) => !debianReleases.has(release) && !withoutNumber.has(release))) return undefined;
  return [...debianReleases.keys()].findLast((release) => releases.has(release));
}

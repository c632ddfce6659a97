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

/** They have no number and no image says that it is one: an image of unstable names testing. What is said of them is left out. */
export const withoutNumber: ReadonlySet<string> = new Set(["sid", "experimental"]);

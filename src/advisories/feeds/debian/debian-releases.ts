/**
 * Debian's releases by code name, testing and its successors among them. `sid` has no number and no image says that it is one: an image of
 * unstable names testing, so what the tracker says of sid is left out.
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

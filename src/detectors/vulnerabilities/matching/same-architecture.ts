/**
 * What tools and package managers call one architecture, each with the word that stands for it here: Go and Debian say
 * `amd64` where rpm says `x86_64`. A 32-bit package of x86 is the same whichever processor it was tuned for.
 */
const words: ReadonlyMap<string, string> = new Map([
  ["amd64", "x86_64"],
  ["x64", "x86_64"],
  ["x86-64", "x86_64"],
  ["arm64", "aarch64"],
  ["arm64v8", "aarch64"],
  ["386", "i386"],
  ["x86", "i386"],
  ["i486", "i386"],
  ["i586", "i386"],
  ["i686", "i386"],
  ["ppc64el", "ppc64le"],
]);

/** Whether two words, in any case, are of one architecture. */
export function isSameArchitecture(one: string, other: string): boolean {
  return one === other || wordFor(one) === wordFor(other);
}

function wordFor(text: string): string {
  const lower = text.toLowerCase();
  return words.get(lower) ?? lower;
}

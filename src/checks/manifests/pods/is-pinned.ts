// Length in hexadecimal digits; other algorithms are not known here.
const digestLengths: ReadonlyMap<string, number> = new Map([
  ["blake3", 64],
  ["sha256", 64],
  ["sha384", 96],
  ["sha512", 128],
]);

/** Whether an image is named by a whole digest, of whatever algorithm. */
export function isPinned(image: string): boolean {
  const [, algorithm = "", digits = ""] =
    /@([A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*):([A-Za-z0-9=_-]+)$/.exec(image) ?? [];
  const length = digestLengths.get(algorithm);
  return length === undefined ? digits !== "" : digits.length === length && /^[0-9a-f]+$/.test(digits);
}

/** A set of bytes, a bit each. */
export type ByteSet = Uint32Array;

/** What a hex string or a regular expression matches: the same tree for both. */
export type Pattern =
  | { readonly kind: "bytes"; readonly set: ByteSet }
  | { readonly kind: "sequence" | "choice"; readonly parts: readonly Pattern[] }
  | {
      readonly kind: "repeat";
      readonly part: Pattern;
      readonly least: number;
      /** Infinity without an end. */
      readonly most: number;
      readonly isLazy: boolean;
    }
  | { readonly kind: "assertion"; readonly what: Assertion };

/** What lies around a position, without a byte of its own. */
export type Assertion = "start" | "end" | "word-boundary" | "no-word-boundary";

/** A set without bytes. */
export function emptySet(): ByteSet {
  return new Uint32Array(8);
}

/** The set of these bytes. */
export function setOf(bytes: Iterable<number>): ByteSet {
  const set = emptySet();
  for (const byte of bytes) addByte(set, byte);
  return set;
}

/** Adds a byte to a set. */
export function addByte(set: ByteSet, byte: number): void {
  set[byte >> 5] = (set[byte >> 5] ?? 0) | (1 << (byte & 31));
}

/** Whether a byte is in a set. */
export function hasByte(set: ByteSet, byte: number): boolean {
  return (((set[byte >> 5] ?? 0) >>> (byte & 31)) & 1) === 1;
}

/** All bytes that are not in a set. */
export function complementOf(set: ByteSet): ByteSet {
  return set.map((bits) => ~bits);
}

/** The bytes of a set, ascending. */
export function bytesOf(set: ByteSet): readonly number[] {
  let bytes = known.get(set);
  if (bytes === undefined) {
    bytes = all.filter((byte) => hasByte(set, byte));
    known.set(set, bytes);
  }
  return bytes;
}

const all: readonly number[] = Array.from({ length: 256 }, (_, byte) => byte);
/** Patterns share sets, and ask for the bytes of one several times. */
const known = new WeakMap<ByteSet, readonly number[]>();

/** The set with both cases of each letter in it. */
export function withBothCases(set: ByteSet): ByteSet {
  const both = set.slice();
  for (let letter = 0x61; letter <= 0x7a; letter++) {
    if (!hasByte(set, letter) && !hasByte(set, letter - 0x20)) continue;
    addByte(both, letter);
    addByte(both, letter - 0x20);
  }
  return both;
}

/** All bytes. */
export const anyByte: ByteSet = complementOf(emptySet());
/** What a dot of an expression matches. */
export const anyByteButNewline: ByteSet = complementOf(setOf([0x0a]));
const single = Array.from({ length: 256 }, (_, byte): Pattern => ({ kind: "bytes", set: setOf([byte]) }));

/** The pattern of one byte. */
export function byte(value: number): Pattern {
  return single[value & 255] ?? { kind: "bytes", set: setOf([value]) };
}

/** Letters, digits and the underscore. */
export function isWordByte(value: number): boolean {
  return isAlphanumeric(value) || value === 0x5f;
}

/** Letters and digits of ASCII. */
export function isAlphanumeric(value: number): boolean {
  return (value >= 0x30 && value <= 0x39) || (value >= 0x41 && value <= 0x5a) || (value >= 0x61 && value <= 0x7a);
}

import { limits } from "../limits.ts";
import { NeedsEngine } from "../syntax/rule-error.ts";
import { atomLength, foldByte } from "./atoms.ts";

const fold = Uint8Array.from({ length: 256 }, (_, byte) => foldByte(byte));
const endsShort = 1;
const endsThree = 2;
const endsFour = 4;
const filterBits = 20;

/**
 * Finds atoms of one to four bytes in one pass: the last two bytes show that an atom may end, a filter over the last
 * four whether one of four bytes does. Its memory does not grow with the number of atoms as an automaton's would, and
 * its tables are made in a moment.
 */
export class AtomSearch {
  readonly #ends = new Uint8Array(65_536);
  readonly #filter = new Uint8Array(1 << filterBits);
  /** By the length of the atoms: the targets of each. */
  readonly #targets: readonly Map<number, number[]>[] = Array.from({ length: atomLength + 1 }, () => new Map());
  #count = 0;

  /** Adds an atom; `hit` of a search is called with the target. Error: {@link NeedsEngine} for too many. */
  add(atom: readonly number[], target: number): void {
    if (++this.#count > limits.atoms) throw new NeedsEngine(`more than ${limits.atoms} atoms in a rule set`);
    let key = 0;
    for (const byte of atom) key = (key << 8) | foldByte(byte);
    const targets = this.#targets[atom.length]?.get(key);
    if (targets) {
      targets.push(target);
      return;
    }
    this.#targets[atom.length]?.set(key, [target]);
    const last = key & 0xffff;
    if (atom.length === 1) for (let first = 0; first < 256; first++) this.#mark((first << 8) | last, endsShort);
    else if (atom.length === 2) this.#mark(last, endsShort);
    else if (atom.length === 3) this.#mark(last, endsThree);
    else {
      this.#mark(last, endsFour);
      this.#filter[hashOf(key)] = 1;
    }
  }

  #mark(pair: number, what: number): void {
    this.#ends[pair] = (this.#ends[pair] ?? 0) | what;
  }

  /** Calls `hit` with a target and the offset behind its atom, in the order of the offsets. */
  search(bytes: Uint8Array, hit: (target: number, end: number) => void): void {
    const [ends, filter] = [this.#ends, this.#filter];
    let last = 0;
    for (let offset = 0; offset < bytes.length; offset++) {
      last = (last << 8) | (fold[bytes[offset] ?? 0] ?? 0);
      const what = ends[last & 0xffff] ?? 0;
      if (what === 0) continue;
      if ((what & endsFour) !== 0 && filter[hashOf(last)] === 1) this.#report(4, last, { end: offset + 1, hit });
      if ((what & endsThree) !== 0) this.#report(3, last & 0xffffff, { end: offset + 1, hit });
      if ((what & endsShort) !== 0) {
        this.#report(2, last & 0xffff, { end: offset + 1, hit });
        this.#report(1, last & 0xff, { end: offset + 1, hit });
      }
    }
  }

  #report(
    length: number,
    key: number,
    { end, hit }: { readonly end: number; readonly hit: (target: number, end: number) => void },
  ): void {
    const targets = this.#targets[length]?.get(key);
    if (targets) for (const target of targets) hit(target, end);
  }
}

function hashOf(key: number): number {
  return Math.imul(key, 0x9e3779b1) >>> (32 - filterBits);
}

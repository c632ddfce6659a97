import { limits } from "../limits.ts";
import { AtomSearch } from "./atom-search.ts";
import { foldByte } from "./atoms.ts";
import { isFullWord, keyAt, type Literal } from "./literals.ts";
import type { ScanBudget } from "./scan-budget.ts";
import { type Chain, literalAtom, type Piece, type SearchString } from "./search-string.ts";

/** Where a string was found: offsets in ascending order, each with the length of its match. */
export interface StringMatches {
  readonly offsets: readonly number[];
  readonly lengths: readonly number[];
  /** Whether there may be more than the limits allow. */
  readonly isCut?: boolean;
}

/** What a hit of an atom may be part of. */
interface Target {
  readonly string: number;
  readonly literal?: Literal;
  readonly chain?: number;
  /** Bytes from the begin of a match to the end of the atom, and from there to the end of a match, at most. */
  readonly before: number;
  readonly after: number;
}

interface Found {
  readonly offsets: number[];
  readonly lengths: number[];
  /** For each chain of the string, the parts of the file in which it may match, as pairs of offsets. */
  readonly windows: number[][];
  isCut: boolean;
}

const none: StringMatches = { offsets: [], lengths: [] };

/** All strings of a rule set, looked for in one pass. */
export class StringSearch {
  readonly #strings: readonly SearchString[];
  readonly #atoms = new AtomSearch();
  readonly #targets: Target[] = [];

  /** Error: `NeedsEngine` for too many strings. */
  constructor(strings: readonly SearchString[]) {
    this.#strings = strings;
    for (const [index, string] of strings.entries()) this.#addString(index, string);
  }

  #addString(string: number, { literals, chains }: SearchString): void {
    for (const literal of literals) {
      const { atom, end } = literalAtom(literal);
      const { lowest, highest } = literal.xor ?? { lowest: 0, highest: 0 };
      const target = this.#targets.push({ string, literal, before: end, after: 0 }) - 1;
      // Two keys may give atoms that differ in the case of letters only.
      const atoms = new Map<string, readonly number[]>();
      for (let key = lowest; key <= highest; key++) {
        const folded = atom.map((byte) => foldByte(byte ^ key));
        atoms.set(folded.join(), folded);
      }
      for (const folded of atoms.values()) this.#atoms.add(folded, target);
    }
    for (const [chain, { atoms = [] }] of chains.entries()) {
      for (const { bytes, before, after } of atoms) {
        const [most, length] = [limits.expressionBytes, bytes.length];
        const reach = { before: Math.min(before, most) + length, after: Math.min(after, most) };
        const target = this.#targets.push({ string, chain, ...reach }) - 1;
        this.#atoms.add(bytes, target);
      }
    }
  }

  /** The strings in these bytes; of a pattern the matches are looked for when they are asked for. */
  search(bytes: Uint8Array, budget: ScanBudget): StringsInFile {
    const found = new Map<number, Found>();
    this.#atoms.search(bytes, (index, end) => {
      const target = this.#targets[index];
      const string = this.#strings[target?.string ?? 0];
      if (target === undefined || string === undefined) return;
      let at = found.get(target.string);
      if (!at) {
        at = { offsets: [], lengths: [], windows: string.chains.map(() => []), isCut: false };
        found.set(target.string, at);
      }
      if (target.literal) {
        const most = string.needsAll ? limits.matches : limits.reportedMatches;
        if (at.offsets.length >= most) {
          budget.spend(1);
          at.isCut ||= string.needsAll;
          return;
        }
        const offset = end - target.before;
        budget.spend(4);
        const key = keyAt(bytes, offset, { literal: target.literal, budget });
        if (key === undefined) return;
        const { length } = target.literal.bytes;
        const place = { offset, end: offset + length, isWide: target.literal.isWide, key };
        if (string.isFullword && !isFullWord(bytes, place)) return;
        at.offsets.push(offset);
        at.lengths.push(length);
      } else {
        budget.spend(1);
        addWindow(at.windows[target.chain ?? 0] ?? [], {
          from: end - target.before,
          to: end + target.after,
          size: bytes.length,
        });
      }
    });
    return new StringsInFile({ strings: this.#strings, bytes, found, budget });
  }
}

/** The strings of a rule set in one file. */
export class StringsInFile {
  readonly #strings: readonly SearchString[];
  readonly #bytes: Uint8Array;
  readonly #found: ReadonlyMap<number, Found>;
  readonly #budget: ScanBudget;
  readonly #known = new Map<number, StringMatches>();
  /** Set when matches are asked for of which some are left out. */
  hasCut = false;

  constructor({
    strings,
    bytes,
    found,
    budget,
  }: {
    readonly strings: readonly SearchString[];
    readonly bytes: Uint8Array;
    readonly found: ReadonlyMap<number, Found>;
    readonly budget: ScanBudget;
  }) {
    this.#strings = strings;
    this.#bytes = bytes;
    this.#found = found;
    this.#budget = budget;
  }

  /** The strings that may match, apart from those that are looked for everywhere. */
  get candidates(): Iterable<number> {
    return this.#found.keys();
  }

  /** Error: `BudgetSpent`. */
  matchesOf(index: number): StringMatches {
    let matches = this.#known.get(index);
    if (!matches) {
      const string = this.#strings[index];
      matches = string ? this.#find(string, this.#found.get(index)) : none;
      this.#known.set(index, matches);
    }
    if (matches.isCut) this.hasCut = true;
    return matches;
  }

  #find(string: SearchString, found: Found | undefined): StringMatches {
    const offsets = found ? [...found.offsets] : [];
    const lengths = found ? [...found.lengths] : [];
    let isCut = found?.isCut ?? false;
    for (const [index, chain] of string.chains.entries()) {
      const windows = chain.atoms ? (found?.windows[index] ?? []) : [0, this.#bytes.length];
      if (windows.length === 0) continue;
      const { add, isEnough } = collector(string, { offsets, lengths });
      const isWhole =
        chain.pieces.length > 1
          ? this.#findChain(string, chain, add)
          : this.#findPiece(string, chain, { windows: joined(windows), add, isEnough });
      if (!isWhole && (string.needsAll || offsets.length === 0)) isCut = true;
    }
    return { ...inOrder(offsets, lengths), isCut };
  }

  /** False when there may be more. */
  #findPiece(
    string: SearchString,
    chain: Chain,
    {
      windows,
      add,
      isEnough,
    }: { readonly windows: readonly number[]; readonly add: Add; readonly isEnough: () => boolean },
  ): boolean {
    const [piece] = chain.pieces;
    let isWhole = true;
    for (let index = 0; piece && index < windows.length; index += 2) {
      const starts = this.#starts(piece, windows[index] ?? 0, windows[index + 1] ?? 0);
      if (starts.length > limits.matches) isWhole = false;
      for (const offset of starts) {
        const end = this.#endOf(piece, offset);
        if (end !== undefined && this.#isAllowed(string, chain, { offset, end })) add(offset, end - offset);
        if (isEnough()) return false;
      }
    }
    return isWhole;
  }

  /**
   * Goes through the pieces from the last to the first: where each can begin, and where the match from there ends.
   * False when there may be more.
   */
  #findChain(string: SearchString, chain: Chain, add: Add): boolean {
    let later: { readonly offset: number; readonly end: number }[] | undefined;
    let gap = { least: 0, most: 0 };
    let isWhole = true;
    for (const piece of chain.pieces.toReversed()) {
      const ways: { readonly offset: number; readonly end: number }[] = [];
      // Downwards, so that the nearest begin of the rest is found in one pass.
      const starts = this.#starts(piece, 0, this.#bytes.length).reverse();
      if (starts.length > limits.matches) isWhole = false;
      for (const offset of starts) {
        const end = this.#endOf(piece, offset);
        if (end === undefined) continue;
        if (later === undefined) {
          ways.push({ offset, end });
          continue;
        }
        const rest = nearest(later, end + gap.least);
        if (rest && rest.offset <= end + gap.most) ways.push({ offset, end: rest.end });
      }
      later = ways.reverse();
      gap = piece.gap;
      if (later.length === 0) return isWhole;
    }
    for (const { offset, end } of later ?? [])
      if (this.#isAllowed(string, chain, { offset, end })) add(offset, end - offset);
    return isWhole;
  }

  /** The offsets of matches within a part of the file, ascending. */
  #starts(piece: Piece, from: number, to: number): number[] {
    const found: number[] = [];
    piece.backward().searchBackwards(this.#bytes, { from: to, to: from, found, budget: this.#budget });
    return found.reverse();
  }

  #endOf(piece: Piece, offset: number): number | undefined {
    const to = Math.min(this.#bytes.length, offset + piece.longest);
    const end = piece.forward().matchAt(this.#bytes, { from: offset, to, budget: this.#budget });
    return end === offset ? undefined : end;
  }

  #isAllowed(
    string: SearchString,
    { isWide }: Chain,
    place: { readonly offset: number; readonly end: number },
  ): boolean {
    return !string.isFullword || isFullWord(this.#bytes, { ...place, isWide, key: 0 });
  }
}

type Add = (offset: number, length: number) => void;

function collector(
  string: SearchString,
  { offsets, lengths }: { readonly offsets: number[]; readonly lengths: number[] },
): { readonly add: Add; readonly isEnough: () => boolean } {
  const most = string.needsAll ? limits.matches : limits.reportedMatches;
  const before = offsets.length;
  const add = (offset: number, length: number): void => {
    offsets.push(offset);
    lengths.push(length);
  };
  return { add, isEnough: () => offsets.length - before >= most };
}

function nearest<Way extends { readonly offset: number }>(ways: readonly Way[], least: number): Way | undefined {
  let [low, high] = [0, ways.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ways[middle]?.offset ?? 0) < least) low = middle + 1;
    else high = middle;
  }
  return ways[low];
}

/** Adds a part of the file; most follow or overlap the one before. Where there are too many, the last one grows. */
function addWindow(
  windows: number[],
  { from, to, size }: { readonly from: number; readonly to: number; readonly size: number },
): void {
  const begin = Math.max(0, from);
  const end = Math.min(size, to);
  const last = windows.length - 1;
  if (last >= 1 && begin <= (windows[last] ?? 0) && begin >= (windows[last - 1] ?? 0)) {
    windows[last] = Math.max(windows[last] ?? 0, end);
  } else if (windows.length >= 2 * limits.windows) {
    windows[last - 1] = Math.min(windows[last - 1] ?? 0, begin);
    windows[last] = Math.max(windows[last] ?? 0, end);
  } else windows.push(begin, end);
}

/** The windows in ascending order, without overlaps. */
function joined(windows: readonly number[]): readonly number[] {
  const pairs: [number, number][] = [];
  for (let index = 0; index < windows.length; index += 2) pairs.push([windows[index] ?? 0, windows[index + 1] ?? 0]);
  pairs.sort(([one], [other]) => one - other);
  const result: number[] = [];
  for (const [from, to] of pairs) {
    const last = result.length - 1;
    if (last >= 1 && from <= (result[last] ?? 0)) result[last] = Math.max(result[last] ?? 0, to);
    else result.push(from, to);
  }
  return result;
}

/** Matches by offset, the first found of each. */
function inOrder(offsets: readonly number[], lengths: readonly number[]): StringMatches {
  let isOrdered = true;
  for (let index = 1; index < offsets.length && isOrdered; index++) {
    isOrdered = (offsets[index - 1] ?? 0) < (offsets[index] ?? 0);
  }
  if (isOrdered) return { offsets, lengths };
  const lengthAt = new Map<number, number>();
  for (const [index, offset] of offsets.entries()) {
    if (!lengthAt.has(offset)) lengthAt.set(offset, lengths[index] ?? 0);
  }
  const ordered = [...lengthAt.keys()].sort((one, other) => one - other);
  return { offsets: ordered, lengths: ordered.map((offset) => lengthAt.get(offset) ?? 0) };
}

// A search for many words at once (Aho and Corasick, 1975), as a table: for each state and each class of bytes the next
// state. Bytes that are in no word share one class; upper and lower case share theirs.

const noWords: readonly number[] = [];

/** Finds words in bytes, in any letter case, also where they overlap, in one pass over the bytes. */
export class KeywordSearch {
  readonly #classes: Uint8Array;
  readonly #width: number;
  readonly #next: Uint16Array;
  readonly #found: readonly (readonly number[])[];
  readonly #ends: Uint8Array;

  /** The words in lower case, of bytes below 128. */
  constructor(words: readonly string[]) {
    this.#classes = classesOf(words);
    this.#width = Math.max(...this.#classes) + 1;
    const { next, found } = automatonOf(words, this.#classes, this.#width);
    this.#next = next;
    this.#found = found;
    this.#ends = Uint8Array.from(found, ({ length }) => (length > 0 ? 1 : 0));
  }

  /** Calls `hit` with the index of a word and the offset behind its last byte, in the order of the offsets. */
  search(bytes: Uint8Array, hit: (word: number, end: number) => void): void {
    const [classes, width, next, ends] = [this.#classes, this.#width, this.#next, this.#ends];
    let state = 0;
    for (let offset = 0; offset < bytes.length; offset++) {
      state = next[state * width + (classes[bytes[offset] ?? 0] ?? 0)] ?? 0;
      if (ends[state] !== 1) continue;
      for (const word of this.#found[state] ?? noWords) hit(word, offset + 1);
    }
  }
}

function classesOf(words: readonly string[]): Uint8Array {
  const classes = new Uint8Array(256);
  let count = 0;
  for (const letter of words.join("")) {
    const code = letter.charCodeAt(0);
    if (classes[code] !== 0) continue;
    classes[code] = ++count;
    if (code >= 0x61 && code <= 0x7a) classes[code - 0x20] = count;
  }
  return classes;
}

interface Automaton {
  readonly next: Uint16Array;
  readonly found: readonly (readonly number[])[];
}

function automatonOf(words: readonly string[], classes: Uint8Array, width: number): Automaton {
  const most = words.reduce((sum, { length }) => sum + length, 1);
  const next = new Uint16Array(most * width);
  const found: number[][] = [[]];
  for (const [index, word] of words.entries()) {
    let state = 0;
    for (const letter of word) {
      const at = state * width + (classes[letter.charCodeAt(0)] ?? 0);
      if (next[at] === 0) next[at] = found.push([]) - 1;
      state = next[at] ?? 0;
    }
    found[state]?.push(index);
  }
  linkFailures({ next, found }, width);
  return { next: next.slice(0, found.length * width), found };
}

/** Where a state has no next one, the next one of the longest ending of its text that is a state. */
function linkFailures({ next, found }: { next: Uint16Array; found: number[][] }, width: number): void {
  const failure = new Uint16Array(found.length);
  const waiting: number[] = [];
  for (let letter = 0; letter < width; letter++) if (next[letter]) waiting.push(next[letter] ?? 0);
  for (let index = 0; index < waiting.length; index++) {
    const state = waiting[index] ?? 0;
    const back = failure[state] ?? 0;
    found[state]?.push(...(found[back] ?? noWords));
    for (let letter = 0; letter < width; letter++) {
      const at = state * width + letter;
      const other = next[back * width + letter] ?? 0;
      const child = next[at] ?? 0;
      if (child === 0) next[at] = other;
      else {
        failure[child] = other;
        waiting.push(child);
      }
    }
  }
}

interface KnownOptions {
  readonly all: ReadonlySet<string>;
  readonly withValue: ReadonlySet<string>;
}

/**
 * The options of a command line in the order of `getopt(3)`: each letter, and behind it its value when it takes one;
 * "?" for a letter that is none, "" where a value is missing. Words with two dashes are passed over; a word that is not
 * an option, and "--", end the options.
 */
export function optionArguments(words: readonly string[], description: string): string[] {
  return readOptions(words, knownOptions(description)).flatMap(({ letter, value }) => {
    if (letter === undefined) return ["?"];
    if (value === undefined) return [letter];
    return value === missing ? [""] : [letter, value];
  });
}

/** The last value of one option, or its letter when it takes none; `undefined` when it does not occur. */
export function optionArgument(words: readonly string[], description: string, letter: string): string | undefined {
  const option = readOptions(words, knownOptions(description)).findLast((candidate) => candidate.letter === letter);
  if (option === undefined) return undefined;
  return option.value === missing ? "" : (option.value ?? letter);
}

const missing = Symbol("missing");

interface FoundOption {
  readonly letter: string | undefined;
  readonly value: string | typeof missing | undefined;
}

function knownOptions(description: string): KnownOptions {
  const all = new Set<string>();
  const withValue = new Set<string>();
  for (let index = 0; index < description.length; index++) {
    const letter = description[index] as string;
    if (letter === ":") continue;
    all.add(letter);
    if (description[index + 1] === ":") withValue.add(letter);
  }
  return { all, withValue };
}

function readOptions(words: readonly string[], { all, withValue }: KnownOptions): FoundOption[] {
  const found: FoundOption[] = [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at] as string;
    if (word.length > 2 && word.startsWith("--")) continue;
    if (word === "--" || word === "-" || !word.startsWith("-")) break;
    for (let index = 1; index < word.length; index++) {
      const letter = word[index] as string;
      if (!all.has(letter)) {
        found.push({ letter: undefined, value: undefined });
      } else if (withValue.has(letter)) {
        const rest = word.slice(index + 1);
        found.push({ letter, value: rest !== "" ? rest : (words[++at] ?? missing) });
        break;
      } else found.push({ letter, value: undefined });
    }
  }
  return found;
}

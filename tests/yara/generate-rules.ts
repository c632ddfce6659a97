/** Generated rules and files; the same for the same seed. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** A whole number from 0, below `limit`. */
  below(limit: number): number {
    this.#state = (Math.imul(this.#state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((this.#state / 0x1_0000_0000) * limit);
  }

  of<Item>(items: readonly Item[]): Item {
    return items[this.below(items.length)] as Item;
  }

  times<Item>(least: number, most: number, make: () => Item): Item[] {
    return Array.from({ length: least + this.below(most - least + 1) }, make);
  }
}

const letters = ["a", "b", "A", "B", "c", "1", "_", " "];

/** A file of few different bytes, so that strings are found. */
export function generatedFile(random: Random): Buffer {
  const parts = random.times(1, 60, (): Buffer => {
    const text = random.times(1, 6, () => random.of(letters)).join("");
    switch (random.below(8)) {
      case 0:
        return Buffer.from(text, "utf16le");
      case 1:
        return Buffer.from(Buffer.from(text.repeat(2)).toString("base64"));
      case 2: {
        const key = random.below(256);
        return Buffer.from(text).map((byte) => byte ^ key) as Buffer;
      }
      case 3:
        return Buffer.from(random.times(1, 4, () => random.of([0, 10, 0x61, 0x62, 0xff])));
      default:
        return Buffer.from(text);
    }
  });
  return Buffer.concat(parts);
}

/** A rule with this name. */
export function generatedRule(random: Random, name: string): string {
  const names = ["$a", "$b", "$c"].slice(0, 1 + random.below(3));
  const strings = names.map((string) => `    ${string} = ${random.of([text, text, hex, regexp, regexp])(random)}`);
  const condition = conditionOf(random, names, 3);
  return [`rule ${name} {`, "  strings:", ...strings, "  condition:", `    ${condition}`, "}", ""].join("\n");
}

function text(random: Random): string {
  const value = random.times(2, 5, () => random.of(letters)).join("");
  const modifiers = random.of([
    ...["", "", "nocase", "wide", "ascii wide", "fullword", "wide fullword", "ascii wide fullword nocase"],
    ...["xor", "xor(1-127)", "xor wide", "xor ascii wide"],
  ]);
  if (random.below(10) === 0)
    return `"${value}ab" ${random.of(["base64", "base64wide", "base64 base64wide", "base64 wide"])}`;
  return `"${value}" ${modifiers}`;
}

function hex(random: Random): string {
  const byte = (): string => random.of(["61", "62", "41", "63", "31", "20", "??", "6?", "?1", "00"]);
  const plain = (): string => random.of(["61", "62", "41", "63", "31", "20", "5f"]);
  const part = (): string =>
    random.of([
      byte,
      byte,
      plain,
      () => `(${plain()} | ${plain()} ${byte()})`,
      () => random.of(["[1]", "[0-2]", "[1-4]", "[2-]", "[-]", "[0-300]"]),
    ])();
  // YARA does not find what two jumps in a row should.
  const separated = random.times(0, 4, part).flatMap((one) => (one.startsWith("[") ? [one, plain()] : [one]));
  return `{ ${[plain(), plain(), ...separated, plain()].join(" ")} }`;
}

function regexp(random: Random): string {
  // YARA refuses greedy and lazy repeats in one expression.
  const lazy = random.of(["", "?"]);
  const atom = (): string =>
    random.of(["a", "b", "c", "A", "1", " ", "_", ".", "[ab]", "[^a]", "\\w", "\\d", "\\s", "[a-c1]", "\\x61"]);
  const part = (depth: number): string =>
    random.of([
      atom,
      atom,
      atom,
      () => atom() + random.of(["*", "+", "?", "{1,3}", "{0,2}", "{2,}"]) + lazy,
      () => (depth === 0 ? "a" : `(${piece(depth - 1)}|${piece(depth - 1)})`),
      () => random.of(["\\b", "^", "$", "\\B", "b"]),
    ])();
  const piece = (depth: number): string => random.times(1, 3, () => part(depth)).join("");
  const fixed = random.times(2, 3, () => random.of(["a", "b", "c", "1"])).join("");
  const modifiers = random.of(["", "", "nocase", "wide", "ascii wide", ...(lazy === "" ? ["fullword"] : [])]);
  return `/${random.of([fixed + piece(2), piece(1) + fixed, piece(1) + fixed + piece(1)])}/${random.of(["", "i", "s"])} ${modifiers}`;
}

function conditionOf(random: Random, names: readonly string[], depth: number): string {
  const name = random.of(names);
  const bare = name.slice(1);
  const all = `(${names.join(",")})`;
  const integer = (): string =>
    random.of([
      `#${bare}`,
      `@${bare}`,
      `@${bare}[${1 + random.below(3)}]`,
      `!${bare}`,
      `!${bare}[${1 + random.below(2)}]`,
      "filesize",
      String(random.below(40)),
      `uint8(${random.below(20)})`,
      `uint16be(@${bare})`,
      `int32(${random.below(40)})`,
      `(#${bare} * 3 - 1)`,
      `(filesize \\ ${1 + random.below(4)})`,
      `(filesize % ${1 + random.below(5)})`,
      `(uint32(0) & 0xff00)`,
      `(uint8(1) << ${random.below(4)})`,
      `~#${bare}`,
      `-#${bare}`,
    ]);
  const simple = [
    () => name,
    () => name,
    () => `(${name} at ${random.below(30)} and #${bare} >= 0)`,
    () => `${name} in (${random.below(20)}..${random.below(80)})`,
    () => `${integer()} ${random.of(["==", "!=", "<", "<=", ">", ">="])} ${integer()}`,
    () => `${random.of(["any", "all", "none", "1", "2", "0", "50%"])} of ${random.of(["them", all])}`,
    () => `any of them in (0..${random.below(60)})`,
    () =>
      `for ${random.of(["any", "all", "2"])} of them : (${random.of(["$", "# > 1", "@ > 10", "$ in (5..60)", "! == 3"])})`,
    () =>
      `for ${random.of(["any", "all"])} i in (1..#${bare}) : (@${bare}[i] + !${bare}[i] ${random.of(["<", ">"])} ${random.below(60)})`,
    () => `for any i in (${random.below(5)}, ${random.below(50)}, 7) : (uint8(i) == 0x61 and i < filesize)`,
    () => `not ${name}`,
    () => `not uint8(${random.below(300)}) == 0x61`,
    () => `defined uint8(${random.below(300)})`,
    () => `math.entropy(0, filesize) > ${random.below(5)}.5`,
    () => `hash.md5(0, filesize) == "d41d8cd98f00b204e9800998ecf8427e"`,
  ];
  if (depth === 0) return random.of(simple)();
  const inner = (): string => conditionOf(random, names, depth - 1);
  const condition = random.of([
    ...[...simple, ...simple].slice(0, 6),
    ...simple,
    () => `(${inner()} and ${inner()})`,
    () => `(${inner()} or ${inner()})`,
    () => `not (${inner()})`,
    () => `(${inner()} or not ${inner()} and ${inner()})`,
  ])();
  return depth === 3 ? usesAll(condition, names) : condition;
}

/** YARA refuses strings that no condition names. */
function usesAll(condition: string, names: readonly string[]): string {
  if (/\bthem\b/.test(condition)) return condition;
  const missing = names.filter((name) => !new RegExp(`[$#@!]${name.slice(1)}\\b`).test(condition));
  return [condition, ...missing.map((name) => `#${name.slice(1)} >= 0`)].join(" and ");
}

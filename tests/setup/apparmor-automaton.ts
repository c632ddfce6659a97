/** What a state of a compiled automaton allows, for the user's own files and for those of others. */
interface Accept {
  readonly own: string;
  readonly other: string;
}

interface Table {
  readonly at: (index: number) => number;
}

const magic = 0x1b5e783d;
const permissionBits: readonly (readonly [bit: number, letter: string])[] = [
  [4, "r"],
  [2, "w"],
  [8, "a"],
  [1, "x"],
  [0x40, "m"],
  [0x20, "k"],
  [0x10, "l"],
];

/**
 * The automaton for files in a compiled profile (`apparmor_parser -S` with the features of ABI 3.0), which is the last
 * in the profile, with the kernel's way of following it.
 */
export function readFileAutomaton(compiled: Buffer): (path: string) => Accept {
  let start = -1;
  for (let at = compiled.indexOf("1b5e783d", 0, "hex"); at >= 0; at = compiled.indexOf("1b5e783d", at + 1, "hex")) {
    start = at;
  }
  if (start < 0 || compiled.readUInt32BE(start) !== magic) throw new Error("no automaton in the compiled profile");
  const tables = new Map<number, Table>();
  const end =
    start + compiled.readUInt32BE(start + 4) + compiled.readUInt32BE(start + 8) - compiled.readUInt32BE(start + 4);
  for (let at = start + compiled.readUInt32BE(start + 4); at + 12 <= end; ) {
    const width = { 1: 1, 2: 2, 4: 4 }[compiled.readUInt16BE(at + 2)] ?? 4;
    const length = compiled.readUInt32BE(at + 8);
    const data = compiled.subarray(at + 12, at + 12 + length * width);
    tables.set(compiled.readUInt16BE(at), { at: (index) => data.readUIntBE(index * width, width) });
    at += Math.ceil((12 + length * width) / 8) * 8;
  }
  const table = (id: number): Table => {
    const found = tables.get(id);
    if (found === undefined) throw new Error(`the automaton has no table ${id}`);
    return found;
  };
  const [accept, base, check, defaults, next] = [table(1), table(2), table(3), table(4), table(8)];
  const classes = tables.get(5);
  return (path) => {
    let state = 1;
    for (const byte of Buffer.from(path)) {
      const position = (base.at(state) & 0xffffff) + (classes?.at(byte) ?? byte);
      state = check.at(position) === state ? next.at(position) : defaults.at(state);
    }
    const bits = accept.at(state);
    return { own: letters(bits), other: letters(bits >>> 14) };
  };
}

function letters(bits: number): string {
  return permissionBits.map(([bit, letter]) => ((bits & bit) === 0 ? "" : letter)).join("");
}

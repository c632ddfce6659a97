import { kernelFlagSets } from "../../../model/events/kernel-event-table.ts";

type FlagSet = readonly (readonly [name: string, value: number])[];
type Spell = (set: FlagSet, value: number) => string;

/** Number of remembered values for one way to spell one set; values are few in practice, and never more than this. */
const remembered = 4096;

/**
 * The names of the bits of a value, with `|` between; empty when none fits. A name takes its bits away from those after
 * it.
 */
export const flagNames: (set: string, value: number) => string = remember((set, value) => {
  const names: string[] = [];
  let rest = value;
  for (const [name, bits] of set) {
    const isSet = bits === 0 ? value === 0 : rest !== 0 && (rest & bits) >>> 0 === bits;
    if (!isSet) continue;
    names.push(name);
    rest = (rest & ~bits) >>> 0;
    if (bits === value) break;
  }
  return names.join("|");
});

/** The names of a value of an enumeration, several of one number with `|` between; empty when none fits. */
export const enumerationNames: (set: string, value: number) => string = remember((set, value) =>
  set
    .filter(([, number]) => number === value)
    .map(([name]) => name)
    .join("|"),
);

/** The names of a file mode: that of the whole value last, after those of the bits that come before it in the set. */
export const modeNames: (set: string, value: number) => string = remember((set, value) => {
  const names: string[] = [];
  let rest = value;
  for (const [name, bits] of set) {
    if (bits === value) {
      names.push(name);
      break;
    }
    if (bits === 0 || rest === 0 || (rest & bits) >>> 0 !== bits) continue;
    names.push(name);
    rest = (rest & ~bits) >>> 0;
  }
  return names.join("|");
});

function remember(spell: Spell): (set: string, value: number) => string {
  const sets = new Map<string, Map<number, string>>();
  return (set, value) => {
    let names = sets.get(set);
    if (names === undefined) {
      names = new Map();
      sets.set(set, names);
    }
    let text = names.get(value);
    if (text === undefined) {
      text = spell(kernelFlagSets[set] ?? [], value);
      if (names.size < remembered) names.set(value, text);
    }
    return text;
  };
}

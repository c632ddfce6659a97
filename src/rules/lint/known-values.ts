import { kernelEventTypes } from "../../model/events/kernel-event-table.ts";
import { descriptorTypeCharacters, descriptorTypeNames } from "../fields/syscall/descriptor-type.ts";
import type { Operand } from "../language/condition.ts";

/** The only values that a field has in the events of a rule. */
export interface KnownValues {
  readonly values: ReadonlySet<string>;
  readonly isAlwaysPresent: boolean;
  /** A clause that says so, when no check of the field can be true. */
  readonly why?: string;
}

/**
 * The codes of the events that rules see now. Events before a system call are not among them when there is one after
 * it, nor are events that are converted to a newer version.
 */
export const currentCodes: ReadonlySet<number> = new Set(
  kernelEventTypes.flatMap(({ name, isExit, flags }, code) => {
    const next = kernelEventTypes[code + 1];
    const hasExit = !isExit && next?.isExit === true && next.name === name;
    const isConverted = flags.includes("OLD_VERSION") && flags.includes("CONVERTER_MANAGED");
    return hasExit || isConverted ? [] : [code];
  }),
);

const types: KnownValues = { values: new Set(descriptorTypeNames), isAlwaysPresent: false };
const typeCharacters: KnownValues = { values: new Set([...descriptorTypeCharacters, "?"]), isAlwaysPresent: false };

/**
 * What a field of a system call can be in events of these codes; `undefined` where any value is possible. Times between
 * the begin and the end of a system call are never known, because the event at its begin is no longer made.
 */
export function knownValues(left: Operand, codes: ReadonlySet<number>): KnownValues | undefined {
  if (left.kind !== "field") return undefined;
  const { name } = left;
  if (name === "evt.dir") return directions(codes);
  if (name === "fd.type") return types;
  if (name === "fd.typechar") return typeCharacters;
  if (/^evt\.(?:latency|wait_latency)(?:\.|$)/.test(name)) {
    return { values: new Set(), isAlwaysPresent: false, why: `${name} never has a value` };
  }
  return undefined;
}

function directions(codes: ReadonlySet<number>): KnownValues {
  const values = new Set<string>();
  for (const code of codes) values.add(kernelEventTypes[code]?.isExit === true ? "<" : ">");
  const [only] = values;
  const why = values.size === 1 ? `evt.dir is always '${only}' in these events` : undefined;
  return { values, isAlwaysPresent: true, ...(why !== undefined && { why }) };
}

import table from "../../../data/seccomp/syscalls.json" with { type: "json" };

/** A binary interface of Linux with numbers of its own; only those with a table. */
export type Abi = "x86_64" | "x86" | "x32" | "aarch64" | "arm";

/** The facts about an interface that decide what a filter sees. */
export interface AbiFacts {
  readonly abi: Abi;
  /** Its name in profiles. */
  readonly profileName: string;
  /** `arch` in the kernel's seccomp data. Source: linux/audit.h. */
  readonly audit: number;
  readonly bits: 32 | 64;
  /** The offset of its numbers from those of the table. */
  readonly base: number;
}

/** Bit 30 of a number on x86-64: the call uses the x32 interface. */
export const x32Bit = 0x40000000;

/** All interfaces with a table. */
export const abis: readonly AbiFacts[] = [
  { abi: "x86_64", profileName: "SCMP_ARCH_X86_64", audit: 0xc000003e, bits: 64, base: 0 },
  { abi: "x86", profileName: "SCMP_ARCH_X86", audit: 0x40000003, bits: 32, base: 0 },
  // Its registers have 64 bits, and its calls the audit number of x86-64.
  { abi: "x32", profileName: "SCMP_ARCH_X32", audit: 0xc000003e, bits: 32, base: x32Bit },
  { abi: "aarch64", profileName: "SCMP_ARCH_AARCH64", audit: 0xc00000b7, bits: 64, base: 0 },
  { abi: "arm", profileName: "SCMP_ARCH_ARM", audit: 0x40000028, bits: 32, base: 0 },
];

const numbers: ReadonlyMap<string, readonly (number | null)[]> = new Map(Object.entries(table.numbers));
const elsewhere: ReadonlySet<string> = new Set(table.elsewhere);
const since: ReadonlyMap<string, string> = new Map(Object.entries(table.since));
const names = new Map<Abi, ReadonlyMap<number, string>>();

/** The number as the kernel sees it; undefined where the interface does not have the call. */
export function numberOf(name: string, { abi, base }: AbiFacts): number | undefined {
  const number = numbers.get(name)?.[table.abis.indexOf(abi)];
  return number === null || number === undefined ? undefined : number + base;
}

/** The name of a number as the kernel sees it. */
export function nameOf(number: number, { abi, base }: AbiFacts): string | undefined {
  let known = names.get(abi);
  if (!known) {
    const index = table.abis.indexOf(abi);
    const pairs = [...numbers].flatMap(([name, list]): [number, string][] => {
      const own = list[index];
      return own === null || own === undefined ? [] : [[own, name]];
    });
    known = new Map(pairs);
    names.set(abi, known);
  }
  return known.get(number - base);
}

/** Where a name exists: with a table, on architectures without one, or on none. */
export function whereKnown(name: string): "here" | "elsewhere" | "unknown" {
  if (numbers.has(name)) return "here";
  return elsewhere.has(name) ? "elsewhere" : "unknown";
}

/** The first kernel with a call, for calls of 3.17 and later whose first kernel is listed. */
export function firstKernelOf(name: string): string | undefined {
  return since.get(name);
}

/** All names with a table. */
export function knownNames(): Iterable<string> {
  return numbers.keys();
}

/** The interface of a call, by the audit number of its architecture and its own number. */
export function abiByAudit(audit: number, number: number): AbiFacts | undefined {
  const isX32 = audit === 0xc000003e && number >= x32Bit && number !== 0xffffffff;
  return abis.find((facts) => facts.audit === audit && (facts.abi === "x32") === isX32);
}

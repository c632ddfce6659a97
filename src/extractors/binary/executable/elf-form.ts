import { numberReader } from "./executable.ts";

/** How the headers of an ELF file are written. */
export interface ElfForm {
  readonly wide: boolean;
  readonly bigEndian: boolean;
}

const wideMachines: ReadonlySet<number> = new Set([21, 22, 62, 183, 243, 258]);
const narrowMachines: ReadonlySet<number> = new Set([3, 40]);

/**
 * The form of an ELF header as Linux reads it: it goes by the machine and the size of a program header, and ignores the
 * class and byte order at the start, so a program runs whatever stands there. For other machines these two count;
 * undefined where they are invalid. The header has 52 bytes at least.
 *
 * Source: Linux, fs/binfmt_elf.c.
 */
export function elfFormOf(header: Buffer): ElfForm | undefined {
  for (const bigEndian of [false, true]) {
    const { u16 } = numberReader(bigEndian);
    const machine = u16(header, 18);
    if (wideMachines.has(machine) && header.length >= 64 && u16(header, 54) === 56) return { wide: true, bigEndian };
    if (narrowMachines.has(machine) && u16(header, 42) === 32) return { wide: false, bigEndian };
  }
  const [bits, order] = [header[4], header[5]];
  if ((bits !== 1 && bits !== 2) || (order !== 1 && order !== 2)) return undefined;
  const wide = bits === 2;
  return wide && header.length < 64 ? undefined : { wide, bigEndian: order === 2 };
}

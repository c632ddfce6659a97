/** An instruction of classic BPF. Source: linux/filter.h, linux/bpf_common.h. */
export interface Instruction {
  readonly code: number;
  readonly jt: number;
  readonly jf: number;
  readonly k: number;
}

/** The instructions that filters of seccomp are made of. */
export const op = {
  /** A = word at k of the seccomp data. */
  load: 0x20,
  /** A = A & k. */
  and: 0x54,
  jump: 0x05,
  jumpIfEqual: 0x15,
  jumpIfGreater: 0x25,
  jumpIfAtLeast: 0x35,
  /** Jump if A & k. */
  jumpIfSet: 0x45,
  return: 0x06,
} as const;

/** Offsets in the seccomp data. Source: linux/seccomp.h. */
export const dataOffset = { number: 0, architecture: 4, arguments: 16 } as const;

/** The kernel's limit for one filter. */
export const mostInstructions = 4096;

/** A program as `struct sock_filter` in little-endian order, which `bwrap --seccomp` takes. */
export function programBytes(program: readonly Instruction[]): Uint8Array {
  const bytes = Buffer.alloc(program.length * 8);
  for (const [index, { code, jt, jf, k }] of program.entries()) {
    bytes.writeUInt16LE(code, index * 8);
    bytes.writeUInt8(jt, index * 8 + 2);
    bytes.writeUInt8(jf, index * 8 + 3);
    bytes.writeUInt32LE(k >>> 0, index * 8 + 4);
  }
  return bytes;
}

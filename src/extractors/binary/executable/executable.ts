import type { OpenFile } from "../../../model/images/file.ts";

/** A run of bytes that can be read at any place. An {@link OpenFile} is one, and so is a part of it. */
export type ByteSource = Pick<OpenFile, "size" | "read">;

/** A part of an executable that the loader maps from the file into memory. */
export interface Segment {
  /** The virtual address of its first byte. */
  readonly address: number;
  /** Where its bytes start in the file. */
  readonly offset: number;
  /** How many bytes of it the file holds; the rest of the memory is zero. */
  readonly size: number;
}

/** A range of virtual addresses. */
export interface AddressRange {
  readonly address: number;
  readonly size: number;
}

/** What the readers of ELF, PE and Mach-O give: enough to find the build information and to follow pointers. */
export interface Executable {
  readonly source: ByteSource;
  readonly segments: readonly Segment[];
  /** Where the build information must be: its section, or else the data segment that holds it somewhere. */
  readonly data: AddressRange;
  /** The system that the form of the file tells, in Go's words: `linux`; undefined when it does not. */
  readonly system: string | undefined;
  /** The processor that the header names, by Go's name: `amd64`; undefined when Go does not name it. */
  readonly processor: string | undefined;
  /** The section of the table of functions, when the file names its sections and has one. */
  readonly functions?: AddressRange;
}

/** The most headers of sections, segments or commands that are read; executables have some tens. */
export const headerCountLimit = 4096;

/** `length` bytes from `offset`, undefined when they do not lie wholly inside the source. */
export function readExactly(source: ByteSource, offset: number, length: number): Buffer | undefined {
  if (!Number.isSafeInteger(offset) || offset < 0 || length < 0 || offset + length > source.size) return undefined;
  const bytes = asBuffer(source.read(offset, length));
  return bytes.length === length ? bytes : undefined;
}

/**
 * At most `length` bytes from a virtual address, up to the end of its segment; empty when the address is not mapped.
 */
export function readAddress({ source, segments }: Executable, address: number, length: number): Buffer {
  for (const segment of segments) {
    const inside = address - segment.address;
    if (!(inside >= 0 && inside < segment.size)) continue;
    const offset = segment.offset + inside;
    const available = Math.min(length, segment.size - inside, source.size - offset);
    return available > 0 ? asBuffer(source.read(offset, available)) : Buffer.alloc(0);
  }
  return Buffer.alloc(0);
}

/** Reads numbers of either byte order. */
export interface NumberReader {
  readonly u16: (bytes: Buffer, offset: number) => number;
  readonly u32: (bytes: Buffer, offset: number) => number;
  /** NaN when the number is too large to be exact: no offset or address of a program is. */
  readonly u64: (bytes: Buffer, offset: number) => number;
}

/** A {@link NumberReader} for the byte order; reads outside of the bytes throw a RangeError. */
export function numberReader(bigEndian: boolean): NumberReader {
  const exact = (value: bigint): number => (value <= Number.MAX_SAFE_INTEGER ? Number(value) : Number.NaN);
  return bigEndian
    ? {
        u16: (bytes, offset) => bytes.readUInt16BE(offset),
        u32: (bytes, offset) => bytes.readUInt32BE(offset),
        u64: (bytes, offset) => exact(bytes.readBigUInt64BE(offset)),
      }
    : {
        u16: (bytes, offset) => bytes.readUInt16LE(offset),
        u32: (bytes, offset) => bytes.readUInt32LE(offset),
        u64: (bytes, offset) => exact(bytes.readBigUInt64LE(offset)),
      };
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}

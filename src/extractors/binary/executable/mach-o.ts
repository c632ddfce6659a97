// Mach-O, 32 and 64 bits, either byte order: a header (28 or 32 bytes) and load commands, each with its type and size.
// A segment command describes a mapped part and, behind it, the sections in that part.
//
// header           magic@0, processor@4, number of commands@16, size of the commands@20
// segment, 32-bit  56: name@8 vmaddr@24 vmsize@28 fileoff@32 filesize@36 maxprot@40 initprot@44 nsects@48
// section, 32-bit  68: name@0 addr@32 size@36
// segment, 64-bit  72: name@8 vmaddr@24 vmsize@32 fileoff@40 filesize@48 maxprot@56 initprot@60 nsects@64
// section, 64-bit  80: name@0 addr@32 size@40
//
// A universal file is a big-endian list of Mach-O files: magic cafebabe, count@4, then 20 bytes each (offset@8,
// size@12). Java class files start with the same four bytes; there the next four hold the class-file version, which is
// 45 or more.
//
// Source: Apple, <mach-o/loader.h> and <mach-o/fat.h>.

import {
  type AddressRange,
  type ByteSource,
  type Executable,
  headerCountLimit,
  type NumberReader,
  numberReader,
  readExactly,
  type Segment,
} from "./executable.ts";

const commandsLimit = 1024 * 1024;
const readAndWrite = 3;

const processors: ReadonlyMap<number, string> = new Map([
  [7, "386"],
  [12, "arm"],
  [0x1000007, "amd64"],
  [0x100000c, "arm64"],
]);

/** The most files in a universal file; a count above is that of no universal file, or a class-file version. */
export const universalLimit = 8;

/** The first file of a universal file; undefined when there is none. The other files are the same program. */
export function firstOfUniversal(source: ByteSource): ByteSource | undefined {
  const numbers = numberReader(true);
  const header = readExactly(source, 0, 28);
  if (header === undefined) return undefined;
  const count = numbers.u32(header, 4);
  const offset = numbers.u32(header, 16);
  const size = numbers.u32(header, 20);
  if (count < 1 || count > universalLimit || offset + size > source.size) return undefined;
  return {
    size,
    read: (start, length) => source.read(offset + start, Math.max(0, Math.min(length, size - start))),
  };
}

/** The header of a Mach-O file, and what follows it. */
export interface LoadCommands {
  readonly numbers: NumberReader;
  /** True when addresses have 64 bits. */
  readonly wide: boolean;
  /** The file's number for its kind of processor. */
  readonly processor: number;
  /** How many commands the header states. */
  readonly count: number;
  /** Each whole, up to the first whose length cannot be. */
  readonly commands: readonly Buffer[];
}

/**
 * Reads the load commands of a Mach-O file, which begins with a magic of one; undefined when they are cut off or over
 * the limit.
 */
export function readCommands(source: ByteSource): LoadCommands | undefined {
  const header = readExactly(source, 0, 28);
  if (header === undefined) return undefined;
  const magic = header.readUInt32BE(0);
  const numbers = numberReader(magic === 0xfeedface || magic === 0xfeedfacf);
  const wide = magic === 0xfeedfacf || magic === 0xcffaedfe;
  const count = numbers.u32(header, 16);
  const length = numbers.u32(header, 20);
  if (count > headerCountLimit || length > commandsLimit) return undefined;
  const bytes = readExactly(source, wide ? 32 : 28, length);
  if (bytes === undefined) return undefined;
  const commands: Buffer[] = [];
  for (let place = 0; commands.length < count && place + 8 <= length; ) {
    const size = numbers.u32(bytes, place + 4);
    if (size < 8 || place + size > length) break;
    commands.push(bytes.subarray(place, place + size));
    place += size;
  }
  return { numbers, wide, processor: numbers.u32(header, 4), count, commands };
}

/**
 * The section `__go_buildinfo` of a Mach-O file or, when there is none, its first segment of writable data, and the
 * section `__gopclntab`; undefined for anything else.
 */
export function readMachO(source: ByteSource): Executable | undefined {
  const file = readCommands(source);
  if (file === undefined) return undefined;
  const { numbers, wide, commands } = file;
  const shape = wide
    ? { command: 0x19, segment: 72, section: 80, word: 8, number: numbers.u64 }
    : { command: 1, segment: 56, section: 68, word: 4, number: numbers.u32 };
  const protection = 24 + 4 * shape.word;
  const segments: Segment[] = [];
  const named = new Map<string, AddressRange>();
  let writable: AddressRange | undefined;
  for (const command of commands) {
    const size = command.length;
    if (numbers.u32(command, 0) !== shape.command || size < shape.segment) continue;

    const segment = {
      address: shape.number(command, 24),
      offset: shape.number(command, 24 + 2 * shape.word),
      size: shape.number(command, 24 + 3 * shape.word),
    };
    if (fixedText(command, 8) !== "__PAGEZERO") segments.push(segment);
    const isData =
      numbers.u32(command, protection) === readAndWrite && numbers.u32(command, protection + 4) === readAndWrite;
    if (isData && segment.size > 0) writable ??= { address: segment.address, size: segment.size };
    for (let section = shape.segment; section + shape.section <= size; section += shape.section) {
      const name = fixedText(command, section);
      if (named.has(name) || (name !== "__go_buildinfo" && name !== "__gopclntab")) continue;
      named.set(name, {
        address: shape.number(command, section + 32),
        size: shape.number(command, section + 32 + shape.word),
      });
    }
  }
  const data = named.get("__go_buildinfo") ?? writable;
  const functions = named.get("__gopclntab");
  const processor = processors.get(file.processor);
  return data && { source, segments, data, system: "darwin", processor, ...(functions && { functions }) };
}

/** A name in a field of 16 bytes that is padded with NULs. */
function fixedText(bytes: Buffer, offset: number): string {
  const field = bytes.subarray(offset, offset + 16);
  const end = field.indexOf(0);
  return field.toString("latin1", 0, end < 0 ? 16 : end);
}

// Where a section of some name lies in an ELF, PE or Mach-O file. The layouts of the headers are those that ../go
// describes.

import { elfFormOf } from "../executable/elf-form.ts";
import {
  type ByteSource,
  headerCountLimit,
  type NumberReader,
  numberReader,
  readExactly,
} from "../executable/executable.ts";
import { firstOfUniversal, readCommands } from "../executable/mach-o.ts";

/** A run of bytes of a file, as headers claim it: NaN for a number that no offset or size can be. */
interface FileRange {
  readonly offset: number;
  readonly size: number;
}

const namesLimit = 1024 * 1024;

/**
 * The bytes of the first section of a name in a program or library: ELF, PE, Mach-O, or the first file of a universal
 * one; the range may lie outside of the file. Undefined when there is no such section, and for anything else.
 * `unreadable` when the table of sections or their names are absent or cannot be read: loaders need neither, so such a
 * program runs.
 */
export function namedSection(
  file: ByteSource,
  name: string,
): { readonly source: ByteSource; readonly range: FileRange } | "unreadable" | undefined {
  const magic = readExactly(file, 0, 4)?.readUInt32BE(0);
  if (magic === undefined) return undefined;
  const source = magic === 0xcafebabe ? firstOfUniversal(file) : file;
  if (!source) return undefined;
  const find = magic === 0x7f454c46 ? inElf : magic >>> 16 === 0x4d5a ? inPe : inMachO;
  const range = find(source, name);
  return range === "unreadable" ? range : range && { source, range };
}

/** SHT_NOBITS: what strip leaves of a section in a file that has the debugging information alone. */
const withoutBytes = 8;

function inElf(source: ByteSource, name: string): FileRange | "unreadable" | undefined {
  const header = readExactly(source, 0, Math.min(source.size, 64));
  if (header === undefined || header.length < 52) return undefined;
  const form = elfFormOf(header);
  if (form === undefined) return undefined;
  const { wide } = form;
  const numbers = numberReader(form.bigEndian);
  const word = wide ? numbers.u64 : numbers.u32;
  const [counts, length] = wide ? [58, 64] : [46, 40];
  const count = numbers.u16(header, counts + 2);
  const start = word(header, wide ? 40 : 32);
  if (numbers.u16(header, counts) !== length || count === 0 || count > headerCountLimit) return "unreadable";
  const table = readExactly(source, start, count * length);
  const names = numbers.u16(header, counts + 4);
  if (table === undefined || names >= count) return "unreadable";
  const [place, step] = wide ? [24, 8] : [16, 4];
  const rangeAt = (index: number): FileRange => {
    const start = index * length + place;
    return { offset: word(table, start), size: word(table, start + step) };
  };
  const { offset, size } = rangeAt(names);
  const texts = size <= namesLimit ? readExactly(source, offset, size) : undefined;
  // Linkers may share the tails of names, so a section may point into the middle of another one's name, but not beside
  // its own.
  const wanted = Buffer.from(`${name}\0`, "latin1");
  if (texts === undefined) return "unreadable";
  if (!texts.includes(wanted)) return undefined;
  for (let index = 0; index < count; index++) {
    if (numbers.u32(table, index * length + 4) === withoutBytes) continue;
    const at = numbers.u32(table, index * length);
    if (at < texts.length && texts.subarray(at, at + wanted.length).equals(wanted)) return rangeAt(index);
  }
  return undefined;
}

function inPe(source: ByteSource, name: string): FileRange | "unreadable" | undefined {
  const numbers = numberReader(false);
  const dos = readExactly(source, 0, 64);
  const start = dos && numbers.u32(dos, 0x3c);
  const coff = start === undefined ? undefined : readExactly(source, start, 24);
  if (start === undefined || coff?.toString("latin1", 0, 4) !== "PE\0\0") return undefined;
  const count = numbers.u16(coff, 6);
  const table = readExactly(source, start + 24 + numbers.u16(coff, 20), count * 40);
  if (table === undefined || count > headerCountLimit) return "unreadable";
  for (let index = 0; index < count; index++) {
    const section = table.subarray(index * 40, index * 40 + 40);
    if (fixedText(section, 0, 8) !== name) continue;
    // Behind what the section holds, the file is filled up.
    return { offset: numbers.u32(section, 20), size: Math.min(numbers.u32(section, 8), numbers.u32(section, 16)) };
  }
  return undefined;
}

function inMachO(source: ByteSource, name: string): FileRange | "unreadable" | undefined {
  const file = readCommands(source);
  if (file === undefined) return "unreadable";
  for (const command of file.commands) {
    const found = inSegment(command, { wide: file.wide, numbers: file.numbers, name });
    if (found) return found;
  }
  return file.commands.length < file.count ? "unreadable" : undefined;
}

function inSegment(
  command: Buffer,
  { wide, numbers, name }: { readonly wide: boolean; readonly numbers: NumberReader; readonly name: string },
): FileRange | undefined {
  if (numbers.u32(command, 0) !== (wide ? 0x19 : 1)) return undefined;
  const [segment, length] = wide ? [72, 80] : [56, 68];
  for (let section = segment; section + length <= command.length; section += length) {
    if (fixedText(command, section, 16) !== name) continue;
    // Address and size of the section, then its place in the file.
    return wide
      ? { size: numbers.u64(command, section + 40), offset: numbers.u32(command, section + 48) }
      : { size: numbers.u32(command, section + 36), offset: numbers.u32(command, section + 40) };
  }
  return undefined;
}

/** A name in a field that is padded with NULs. */
function fixedText(bytes: Buffer, offset: number, length: number): string {
  const field = bytes.subarray(offset, offset + length);
  const end = field.indexOf(0);
  return field.toString("latin1", 0, end < 0 ? length : end);
}

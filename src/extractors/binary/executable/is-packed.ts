import { elfFormOf } from "./elf-form.ts";
import { type ByteSource, numberReader, readExactly } from "./executable.ts";

const mark = "UPX!";
const longestTail = 4096;

/**
 * Whether an ELF program is packed by UPX, which leaves its mark behind the program headers and near the end of the
 * file, and no table of sections. Such a program unpacks itself when it starts; what it is built from cannot be read.
 *
 * Source: UPX, src/stub/src/include/linux.h (`l_info`), src/packhead.cpp.
 */
export function isPackedByUpx(file: ByteSource): boolean {
  const header = readExactly(file, 0, Math.min(file.size, 64));
  if (header === undefined || header.length < 64 || header.readUInt32BE(0) !== 0x7f454c46) return false;
  const form = elfFormOf(header);
  if (form === undefined) return false;
  const { u16 } = numberReader(form.bigEndian);
  const [place, size, fileHeader] = form.wide ? [56, 56, 64] : [44, 32, 52];
  if (u16(header, place + 4) !== 0) return false;
  const info = readExactly(file, fileHeader + size * u16(header, place), 8);
  if (info?.toString("latin1", 4) === mark) return true;
  const tail = Math.min(longestTail, file.size);
  return readExactly(file, file.size - tail, tail)?.includes(mark) === true;
}

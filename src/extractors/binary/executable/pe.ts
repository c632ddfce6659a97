// PE: a DOS header whose field at 0x3c says where the signature `PE\0\0` stands, then the COFF header (20 bytes), the
// optional header (magic 0x10b: 32 bits, image base of 4 bytes at 28; 0x20b: 64 bits, image base of 8 bytes at 24), and
// one header of 40 bytes for each section. All numbers are little-endian.
//
// COFF header     machine@0, number of sections@2, size of the optional header@16
// section header  virtual size@8, virtual address@12, size in the file@16, offset in the file@20, characteristics@36
//
// Source: Microsoft, "PE Format".

import {
  type ByteSource,
  type Executable,
  headerCountLimit,
  numberReader,
  readExactly,
  type Segment,
} from "./executable.ts";

const signature = Buffer.from("PE\0\0", "latin1");
const dosHeaderLength = 64;
const coffHeaderLength = 20;
const sectionHeaderLength = 40;
/** Initialised data that can be read and written, and nothing else. */
const dataCharacteristics = 0xc0000040;
const alignmentCharacteristics = 0x00f00000;

const processors: ReadonlyMap<number, string> = new Map([
  [0x14c, "386"],
  [0x1c4, "arm"],
  [0x8664, "amd64"],
  [0xaa64, "arm64"],
]);

/**
 * The first section of writable data of a Windows program, where Go's linker puts the build information; undefined for
 * anything else.
 */
export function readPe(source: ByteSource): Executable | undefined {
  const numbers = numberReader(false);
  const dos = readExactly(source, 0, dosHeaderLength);
  if (dos === undefined) return undefined;
  const start = numbers.u32(dos, 0x3c);
  const coff = readExactly(source, start, signature.length + coffHeaderLength);
  if (coff === undefined || !coff.subarray(0, signature.length).equals(signature)) return undefined;
  const sectionCount = numbers.u16(coff, signature.length + 2);
  const optionalLength = numbers.u16(coff, signature.length + 16);
  if (sectionCount > headerCountLimit) return undefined;
  const headers = readExactly(source, start + coff.length, optionalLength + sectionCount * sectionHeaderLength);
  if (headers === undefined || optionalLength < 32) return undefined;
  const base = numbers.u16(headers, 0) === 0x20b ? numbers.u64(headers, 24) : numbers.u32(headers, 28);

  const segments: Segment[] = [];
  let data: Executable["data"] | undefined;
  for (let index = 0; index < sectionCount; index++) {
    const header = headers.subarray(optionalLength + index * sectionHeaderLength);
    const address = base + numbers.u32(header, 12);
    const size = numbers.u32(header, 16);
    segments.push({ address, offset: numbers.u32(header, 20), size });
    const characteristics = numbers.u32(header, 36) & ~alignmentCharacteristics;
    if (size > 0 && address > base && characteristics >>> 0 === dataCharacteristics) data ??= { address, size };
  }
  const processor = processors.get(numbers.u16(coff, signature.length));
  return data && { source, segments, data, system: "windows", processor };
}

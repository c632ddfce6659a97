// Executables of a few hundred bytes for the tests: headers and one segment of writable data at `dataAddress`.

/** The virtual address of the data in every executable that is built here; for PE and Mach-O too. */
export const dataAddress = 0x10000;

/** What the data of a synthetic executable looks like to the reader. */
export interface ExecutableShape {
  readonly bits: 32 | 64;
  readonly bigEndian?: boolean;
  /** Whether the section of the build information has its name; true unless given. PE has no such section. */
  readonly named?: boolean;
  /** Where in the data the table of functions starts; then a section names it. PE has no such section. */
  readonly functions?: number;
  /** The number of the processor, as the form of the file has it; 0, which is none, unless given. */
  readonly machine?: number;
  /** For ELF the number of the system; 0, which is Linux, unless given. */
  readonly system?: number;
}

const magic = Buffer.from("\xff Go buildinf:", "latin1");
const startMark = Buffer.from("3077af0c9274080241e1c107e6d618e6", "hex");
const endMark = Buffer.from("f932433186182072008242104116d8f2", "hex");

/** Writes numbers of one byte order and word length. */
class Writer {
  readonly bytes: Buffer;
  readonly #bigEndian: boolean;

  constructor(length: number, bigEndian: boolean) {
    this.bytes = Buffer.alloc(length);
    this.#bigEndian = bigEndian;
  }

  put(offset: number, length: 2 | 4 | 8, value: number): void {
    const encoded = Buffer.alloc(8);
    encoded.writeBigUInt64BE(BigInt(value));
    const number = encoded.subarray(8 - length);
    this.bytes.set(this.#bigEndian ? number : number.reverse(), offset);
  }

  word(offset: number, value: number, bits: 32 | 64): void {
    this.put(offset, bits === 64 ? 8 : 4, value);
  }
}

/** Module information with its marks, as the Go command writes it. */
export function framed(modules: string): Buffer {
  return Buffer.concat([startMark, Buffer.from(modules), endMark]);
}

/** Build information in the form of Go 1.18 and later. */
export function inlineBuildInfo(goVersion: string, modules: Buffer): Buffer {
  const header = Buffer.alloc(32);
  magic.copy(header);
  header[14] = 8;
  header[15] = 2;
  const texts = [Buffer.from(goVersion), modules];
  return Buffer.concat([header, ...texts.flatMap((text) => [lengthPrefix(text.length), text])]);
}

function lengthPrefix(length: number): Buffer {
  const bytes: number[] = [];
  let rest = length;
  for (; rest > 0x7f; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80);
  return Buffer.from([...bytes, rest]);
}

/** Build information in the form before Go 1.18, for data that starts at `address`. */
export function pointedBuildInfo(
  goVersion: string,
  modules: Buffer,
  { bits, bigEndian = false, address = dataAddress }: ExecutableShape & { readonly address?: number },
): Buffer {
  const version = Buffer.from(goVersion);
  const pointer = bits / 8;
  const strings = 32;
  const texts = strings + 4 * pointer;
  const writer = new Writer(texts + version.length + modules.length, bigEndian);
  magic.copy(writer.bytes);
  writer.bytes[14] = pointer;
  writer.bytes[15] = bigEndian ? 1 : 0;
  writer.word(16, address + strings, bits);
  writer.word(16 + pointer, address + strings + 2 * pointer, bits);
  writer.word(strings, address + texts, bits);
  writer.word(strings + pointer, version.length, bits);
  writer.word(strings + 2 * pointer, address + texts + version.length, bits);
  writer.word(strings + 3 * pointer, modules.length, bits);
  writer.bytes.set(version, texts);
  writer.bytes.set(modules, texts + version.length);
  return writer.bytes;
}

/** The forms of the table of functions, by the Go version that brought them. */
export type FunctionTableForm = "1.2" | "1.16" | "1.18" | "1.20";

/** A table of functions that holds no more than the names and the way to them. */
export function functionTable(
  names: readonly string[],
  { bits, bigEndian = false, form }: Pick<ExecutableShape, "bits" | "bigEndian"> & { readonly form: FunctionTableForm },
): Buffer {
  const word = bits / 8;
  const magics = { "1.2": 0xfffffffb, "1.16": 0xfffffffa, "1.18": 0xfffffff0, "1.20": 0xfffffff1 };
  const text = Buffer.from(names.map((name) => `${name}\0`).join(""), "latin1");
  // Between names of the oldest form lie records of functions; of all forms something follows the names.
  const between = form === "1.2" ? Buffer.from("\u0001record\u0080\0", "latin1") : Buffer.alloc(0);
  const start = form === "1.2" ? 8 + 4 * word : 8 + 8 * word;
  const body = Buffer.concat([between, text, between]);
  const firstName = form === "1.2" ? start + 4 : start;
  const writer = new Writer(firstName, bigEndian);
  writer.put(0, 4, magics[form]);
  writer.bytes.set([1, word], 6);
  writer.word(8, 1, bits);
  const end = firstName + body.length;
  if (form === "1.2") writer.put(start, 4, end);
  else {
    const index = form === "1.16" ? 2 : 3;
    writer.word(8 + index * word, firstName, bits);
    writer.word(8 + (index + 1) * word, end, bits);
  }
  return Buffer.concat([writer.bytes, body, Buffer.from("file.go\0not.a/name.at.all\0".padEnd(64, "\0"))]);
}

/** An ELF program; without `named` it has no section headers at all. */
export function elfProgram(
  data: Buffer,
  { bits, bigEndian = false, named = true, functions, machine = 0, system = 0 }: ExecutableShape,
): Buffer {
  const wide = bits === 64;
  const names = Buffer.from("\0.shstrtab\0.go.buildinfo\0.gopclntab\0", "latin1");
  const sectionCount = functions === undefined ? 3 : 4;
  const [fileHeader, program, section] = wide ? [64, 56, 64] : [52, 32, 40];
  const sections = fileHeader + program;
  const nameStart = sections + sectionCount * section;
  const dataStart = 512;
  const writer = new Writer(dataStart, bigEndian);
  const word = wide ? 8 : 4;
  writer.bytes.set([0x7f, 0x45, 0x4c, 0x46, wide ? 2 : 1, bigEndian ? 2 : 1, 1, system]);
  writer.put(16, 2, 2);
  writer.put(18, 2, machine);
  writer.word(24 + word, fileHeader, bits);
  if (named) writer.word(24 + 2 * word, sections, bits);
  const counts = wide ? 54 : 42;
  const values = [program, 1, section, named ? sectionCount : 0, named ? 1 : 0];
  for (const [index, value] of values.entries()) writer.put(counts + 2 * index, 2, value);

  writer.put(fileHeader, 4, 1);
  writer.put(fileHeader + (wide ? 4 : 24), 4, 6);
  const places = [dataStart, dataAddress, dataAddress, data.length, data.length];
  for (const [index, value] of places.entries()) writer.word(fileHeader + (wide ? 8 : 4) + index * word, value, bits);

  const putSection = (
    index: number,
    [name, address, offset, size]: readonly [number, number, number, number],
  ): void => {
    const start = sections + index * section;
    writer.put(start, 4, name);
    writer.word(start + 8 + word, address, bits);
    writer.word(start + 8 + 2 * word, offset, bits);
    writer.word(start + 8 + 3 * word, size, bits);
  };
  putSection(1, [1, 0, nameStart, names.length]);
  putSection(2, [names.indexOf(".go.buildinfo"), dataAddress, dataStart, data.length]);
  if (functions !== undefined) {
    const place = [dataAddress + functions, dataStart + functions, data.length - functions] as const;
    putSection(3, [names.indexOf(".gopclntab"), ...place]);
  }
  writer.bytes.set(names, nameStart);
  return Buffer.concat([writer.bytes, data]);
}

/** A Windows program. */
export function peProgram(data: Buffer, { bits, machine = 0 }: ExecutableShape): Buffer {
  const wide = bits === 64;
  const imageBase = 0x8000;
  const start = 64;
  const optional = start + 24;
  const optionalLength = wide ? 240 : 224;
  const section = optional + optionalLength;
  const dataStart = 512;
  const writer = new Writer(dataStart, false);
  writer.bytes.write("MZ", "latin1");
  writer.put(0x3c, 4, start);
  writer.bytes.write("PE\0\0", start, "latin1");
  writer.put(start + 4, 2, machine);
  writer.put(start + 6, 2, 1);
  writer.put(start + 20, 2, optionalLength);
  writer.put(optional, 2, wide ? 0x20b : 0x10b);
  writer.word(optional + (wide ? 24 : 28), imageBase, bits);
  writer.bytes.write(".data", section, "latin1");
  const fields = [data.length, dataAddress - imageBase, data.length, dataStart];
  for (const [index, value] of fields.entries()) writer.put(section + 8 + 4 * index, 4, value);
  writer.put(section + 36, 4, 0xc0000040);
  return Buffer.concat([writer.bytes, data]);
}

/** A macOS program; without `named` only the protection of its segment tells that it holds data. */
export function machOProgram(
  data: Buffer,
  { bits, bigEndian = false, named = true, functions, machine = 0 }: ExecutableShape,
): Buffer {
  const wide = bits === 64;
  const header = wide ? 32 : 28;
  const [segment, section] = wide ? [72, 80] : [56, 68];
  const word = wide ? 8 : 4;
  const dataStart = 512;
  const writer = new Writer(dataStart, bigEndian);
  writer.put(0, 4, wide ? 0xfeedfacf : 0xfeedface);
  writer.put(4, 4, machine);
  writer.put(16, 4, 2);
  const sectionCount = functions === undefined ? 1 : 2;
  writer.put(20, 4, 2 * segment + sectionCount * section);

  const putSegment = (start: number, name: string, fields: readonly number[]): void => {
    writer.put(start, 4, wide ? 0x19 : 1);
    writer.bytes.write(name, start + 8, "latin1");
    for (const [index, value] of fields.entries()) writer.word(start + 24 + index * word, value, bits);
  };
  // The page that catches null pointers spans the data in memory and holds nothing in the file.
  putSegment(header, "__PAGEZERO", [0, dataAddress, 0, 0]);
  writer.put(header + 4, 4, segment);
  const start = header + segment;
  putSegment(start, "__DATA", [dataAddress, data.length, dataStart, data.length]);
  writer.put(start + 4, 4, segment + sectionCount * section);
  writer.put(start + 24 + 4 * word, 4, 3);
  writer.put(start + 28 + 4 * word, 4, 3);
  writer.put(start + 32 + 4 * word, 4, sectionCount);
  writer.bytes.write(named ? "__go_buildinfo" : "__data", start + segment, "latin1");
  writer.word(start + segment + 32, dataAddress, bits);
  writer.word(start + segment + 32 + word, data.length, bits);
  if (functions !== undefined) {
    const second = start + segment + section;
    writer.bytes.write("__gopclntab", second, "latin1");
    writer.word(second + 32, dataAddress + functions, bits);
    writer.word(second + 32 + word, data.length - functions, bits);
  }
  return Buffer.concat([writer.bytes, data]);
}

/** A universal file of one program. */
export function universalProgram(program: Buffer): Buffer {
  const writer = new Writer(64, true);
  writer.put(0, 4, 0xcafebabe);
  writer.put(4, 4, 1);
  writer.put(16, 4, writer.bytes.length);
  writer.put(20, 4, program.length);
  return Buffer.concat([writer.bytes, program]);
}

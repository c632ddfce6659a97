// ELF, 32 and 64 bits, either byte order. The file header stands at the start and names two tables: program headers
// (the segments that the loader maps) and section headers (optional, for linkers and debuggers; their names lie in a
// section of their own, `e_shstrndx`).
//
//                 32-bit                                64-bit
// identification  class@4 (1: 32-bit, 2: 64-bit) byte order@5 (1: little, 2: big) system@7; then type@16 machine@18
// file header     52: phoff@28 shoff@32                 64: phoff@32 shoff@40
//                 phentsize@42 phnum@44 shentsize@46    phentsize@54 phnum@56 shentsize@58
//                 shnum@48 shstrndx@50                  shnum@60 shstrndx@62
// program header  32: type@0 offset@4 vaddr@8           56: type@0 flags@4 offset@8 vaddr@16
//                 filesz@16 memsz@20 flags@24           filesz@32 memsz@40
// section header  40: name@0 type@4 addr@12             64: name@0 type@4 addr@16
//                 offset@16 size@20                     offset@24 size@32
//
// Source: System V Application Binary Interface, edition 4.1 and later drafts, chapters 4 and 5.

import { elfFormOf } from "./elf-form.ts";
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

const typeExecutable = 2;
const typeShared = 3;
const loadSegment = 1;
const flagExecute = 1;
const flagWrite = 2;
const sectionNameLimit = 1024 * 1024;

/** Places in the headers of one class of ELF file. */
interface Layout {
  readonly fileHeader: number;
  readonly programTable: number;
  readonly sectionTable: number;
  /** Offset of `phentsize`; `phnum`, `shentsize`, `shnum` and `shstrndx` follow it. */
  readonly counts: number;
  readonly program: {
    readonly size: number;
    readonly flags: number;
    readonly offset: number;
    readonly address: number;
  };
  readonly section: { readonly size: number; readonly address: number };
  /** The length of an address or offset, in bytes. */
  readonly word: 4 | 8;
}

const layout32: Layout = {
  fileHeader: 52,
  programTable: 28,
  sectionTable: 32,
  counts: 42,
  program: { size: 32, flags: 24, offset: 4, address: 8 },
  section: { size: 40, address: 12 },
  word: 4,
};

const layout64: Layout = {
  fileHeader: 64,
  programTable: 32,
  sectionTable: 40,
  counts: 54,
  program: { size: 56, flags: 4, offset: 8, address: 16 },
  section: { size: 64, address: 16 },
  word: 8,
};

interface Headers {
  readonly source: ByteSource;
  readonly layout: Layout;
  readonly numbers: NumberReader;
  readonly word: (bytes: Buffer, offset: number) => number;
  readonly isLittle: boolean;
  readonly file: Buffer;
}

/**
 * The places of an ELF program or shared library in which Go's build information and its table of functions may be;
 * undefined for anything else.
 *
 * Loaders need no sections, and a program runs whatever they are called: where no section has the name
 * `.go.buildinfo`, the build information is searched for in the first segment of writable data, as Go's own reader does
 * for files without names.
 */
export function readElf(source: ByteSource): Executable | undefined {
  const headers = readFileHeader(source);
  if (headers === undefined) return undefined;
  const sections = findSections(headers);
  const programs = readTable(headers, "program");
  if (programs === undefined) return undefined;
  const segments: Segment[] = [];
  let data = sections?.buildInfo;
  for (const bytes of programs) {
    const { flags, offset, address } = headers.layout.program;
    const { numbers, word } = headers;
    if (numbers.u32(bytes, 0) !== loadSegment) continue;
    const start = word(bytes, address);
    // After the address stand the physical address, the size in the file and the size in memory.
    const size = word(bytes, address + 2 * headers.layout.word);
    segments.push({ address: start, offset: word(bytes, offset), size });
    if ((numbers.u32(bytes, flags) & (flagWrite | flagExecute)) === flagWrite) data ??= { address: start, size };
  }
  const functions = sections?.functions;
  if (data === undefined) return undefined;
  return {
    source,
    segments,
    data,
    system: systemOf(headers),
    processor: processorOf(headers),
    ...(functions && { functions }),
  };
}

function readFileHeader(source: ByteSource): Headers | undefined {
  const ident = readExactly(source, 0, Math.min(source.size, layout64.fileHeader));
  if (ident === undefined || ident.length < layout32.fileHeader) return undefined;
  const form = elfFormOf(ident);
  if (form === undefined) return undefined;
  const layout = form.wide ? layout64 : layout32;
  const numbers = numberReader(form.bigEndian);
  const type = numbers.u16(ident, 16);
  if (type !== typeExecutable && type !== typeShared) return undefined;
  const word = form.wide ? numbers.u64 : numbers.u32;
  return { source, layout, numbers, word, isLittle: !form.bigEndian, file: ident };
}

/** The headers of a table, undefined when they are not wholly in the file or more than the limit. */
function readTable(headers: Headers, table: "program" | "section"): readonly Buffer[] | undefined {
  const { source, layout, numbers, word, file } = headers;
  const place = layout.counts + (table === "program" ? 0 : 4);
  const size = numbers.u16(file, place);
  const count = numbers.u16(file, place + 2);
  if (size < layout[table].size || count > headerCountLimit) return undefined;
  const start = word(file, table === "program" ? layout.programTable : layout.sectionTable);
  const bytes = readExactly(source, start, size * count);
  if (bytes === undefined) return undefined;
  return Array.from({ length: count }, (_, index) => bytes.subarray(index * size, (index + 1) * size));
}

/** Go marks programs for other systems than Linux; a C linker names Linux where a program needs what only Linux has. */
const systems: ReadonlyMap<number, string> = new Map([
  [0, "linux"],
  [2, "netbsd"],
  [3, "linux"],
  [6, "solaris"],
  [9, "freebsd"],
  [12, "openbsd"],
]);

function systemOf({ file }: Headers): string | undefined {
  return systems.get(file[7] ?? 0);
}

/** Names by the number of the machine; of some the class and the byte order are part of the name. */
const processors: ReadonlyMap<number, string> = new Map([
  [3, "386"],
  [8, "mips"],
  [21, "ppc64"],
  [22, "s390x"],
  [40, "arm"],
  [62, "amd64"],
  [183, "arm64"],
  [243, "riscv64"],
  [258, "loong64"],
]);

function processorOf({ file, numbers, layout, isLittle }: Headers): string | undefined {
  const name = processors.get(numbers.u16(file, 18));
  if (name === "mips") return `mips${layout === layout64 ? "64" : ""}${isLittle ? "le" : ""}`;
  return name === "ppc64" && isLittle ? "ppc64le" : name;
}

interface GoSections {
  readonly buildInfo?: AddressRange;
  readonly functions?: AddressRange;
}

/** Undefined when the file does not name its sections. */
function findSections(headers: Headers): GoSections | undefined {
  const { source, layout, numbers, word, file } = headers;
  const sections = readTable(headers, "section") ?? [];
  const range = (bytes: Buffer): { address: number; offset: number; size: number } => ({
    address: word(bytes, layout.section.address),
    offset: word(bytes, layout.section.address + layout.word),
    size: word(bytes, layout.section.address + 2 * layout.word),
  });
  const nameSection = sections[numbers.u16(file, layout.counts + 8)];
  if (nameSection === undefined) return undefined;
  const { offset, size } = range(nameSection);
  if (!(size > 0 && size <= sectionNameLimit)) return undefined;
  const names = readExactly(source, offset, size);
  if (names === undefined) return undefined;
  // Linkers may share the tails of names, so a name is looked for where a section points.
  const find = (name: string): AddressRange | undefined => {
    const wanted = Buffer.from(`${name}\0`, "latin1");
    const found = sections.find((section) => {
      const start = numbers.u32(section, 0);
      return start < names.length && names.subarray(start, start + wanted.length).equals(wanted);
    });
    return found && range(found);
  };
  const buildInfo = find(".go.buildinfo");
  const functions = buildInfo && (find(".gopclntab") ?? find(".data.rel.ro.gopclntab"));
  return { ...(buildInfo && { buildInfo }), ...(functions && { functions }) };
}

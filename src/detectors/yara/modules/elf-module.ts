import type { FileInScan, Module, Structure, Type, Value } from "../conditions/value.ts";

const constants: Readonly<Record<string, number>> = {
  ...{ ET_NONE: 0, ET_REL: 1, ET_EXEC: 2, ET_DYN: 3, ET_CORE: 4 },
  ...{ EM_NONE: 0, EM_386: 3, EM_MIPS: 8, EM_PPC: 20, EM_PPC64: 21, EM_ARM: 40, EM_X86_64: 62, EM_AARCH64: 183 },
  ...{ SHT_NULL: 0, SHT_PROGBITS: 1, SHT_SYMTAB: 2, SHT_STRTAB: 3, SHT_RELA: 4, SHT_HASH: 5, SHT_DYNAMIC: 6 },
  ...{ SHT_NOTE: 7, SHT_NOBITS: 8, SHT_REL: 9, SHT_SHLIB: 10, SHT_DYNSYM: 11 },
  ...{ SHF_WRITE: 1, SHF_ALLOC: 2, SHF_EXECINSTR: 4 },
  ...{ PT_NULL: 0, PT_LOAD: 1, PT_DYNAMIC: 2, PT_INTERP: 3, PT_NOTE: 4, PT_SHLIB: 5, PT_PHDR: 6, PT_TLS: 7 },
  ...{ PF_X: 1, PF_W: 2, PF_R: 4 },
};
const numbers = (...names: readonly string[]): Record<string, Type> =>
  Object.fromEntries(names.map((name) => [name, "integer"]));

/** Sections or segments of one file. */
const most = 1000;
const longestName = 256;

/** The header, the sections and the segments of an ELF file. */
export const elfModule: Module = {
  name: "elf",
  type: {
    kind: "structure",
    fields: {
      ...numbers(...Object.keys(constants), "type", "machine", "number_of_sections", "number_of_segments"),
      sections: {
        kind: "list",
        item: {
          kind: "structure",
          fields: { ...numbers("type", "flags", "address", "size", "offset"), name: "text" },
        },
      },
      segments: {
        kind: "list",
        item: {
          kind: "structure",
          fields: numbers(
            ...["type", "flags", "offset", "virtual_address", "physical_address"],
            ...["file_size", "memory_size", "alignment"],
          ),
        },
      },
    },
  },
  fieldsOf: ({ bytes }: FileInScan): Structure => ({ ...constants, ...headerOf(bytes) }),
};

/** Fields of an ELF file; what lies outside of the file is undefined. */
class ElfReader {
  readonly #bytes: Buffer;
  readonly #isBig: boolean;
  readonly is64: boolean;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
    this.is64 = bytes[4] === 2;
    this.#isBig = bytes[5] === 2;
  }

  number(offset: number, size: 2 | 4 | 8): number | undefined {
    if (!(offset >= 0 && offset + size <= this.#bytes.length)) return undefined;
    if (size === 8) {
      return Number(this.#isBig ? this.#bytes.readBigUInt64BE(offset) : this.#bytes.readBigUInt64LE(offset));
    }
    return this.#isBig ? this.#bytes.readUIntBE(offset, size) : this.#bytes.readUIntLE(offset, size);
  }

  /** A number of 4 bytes in 32-bit files and 8 in others. */
  address(offset: number): number | undefined {
    return this.number(offset, this.is64 ? 8 : 4);
  }

  text(offset: number): string | undefined {
    if (!(offset >= 0 && offset < this.#bytes.length)) return undefined;
    const part = this.#bytes.subarray(offset, offset + longestName);
    const end = part.indexOf(0);
    return part.toString("latin1", 0, end < 0 ? part.length : end);
  }
}

function headerOf(bytes: Buffer): Structure {
  if (bytes.length < 52 || bytes.readUInt32BE(0) !== 0x7f454c46) return {};
  const elf = new ElfReader(bytes);
  const counts = elf.is64 ? 56 : 44;
  const number_of_sections = elf.number(counts + 4, 2);
  const number_of_segments = elf.number(counts, 2);
  return {
    type: elf.number(16, 2),
    machine: elf.number(18, 2),
    number_of_sections,
    number_of_segments,
    sections: sectionsOf(elf, number_of_sections ?? 0),
    segments: segmentsOf(elf, number_of_segments ?? 0),
  };
}

function sectionsOf(elf: ElfReader, count: number): Value[] {
  const table = elf.address(elf.is64 ? 40 : 32) ?? 0;
  const size = elf.is64 ? 64 : 40;
  const [flags, address, offset, length] = elf.is64 ? [8, 16, 24, 32] : [8, 12, 16, 20];
  const names = elf.address(table + (elf.number(elf.is64 ? 62 : 50, 2) ?? 0) * size + offset);
  return Array.from({ length: Math.min(count, most) }, (_, index) => {
    const at = table + index * size;
    const name = elf.number(at, 4);
    return {
      name: name === undefined || names === undefined ? undefined : elf.text(names + name),
      type: elf.number(at + 4, 4),
      flags: elf.address(at + flags),
      address: elf.address(at + address),
      offset: elf.address(at + offset),
      size: elf.address(at + length),
    };
  });
}

function segmentsOf(elf: ElfReader, count: number): Value[] {
  const table = elf.address(elf.is64 ? 32 : 28) ?? 0;
  const size = elf.is64 ? 56 : 32;
  return Array.from({ length: Math.min(count, most) }, (_, index) => {
    const at = table + index * size;
    const word = (position: number): number | undefined => elf.address(at + (elf.is64 ? 8 * position : 4 * position));
    return {
      type: elf.number(at, 4),
      flags: elf.number(at + (elf.is64 ? 4 : 24), 4),
      offset: word(1),
      virtual_address: word(2),
      physical_address: word(3),
      file_size: word(4),
      memory_size: word(5),
      alignment: word(elf.is64 ? 6 : 7),
    };
  });
}

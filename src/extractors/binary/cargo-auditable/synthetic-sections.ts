/** How an ELF file is written. */
export interface ElfOptions {
  /** 64 bits; true unless given. */
  readonly wide?: boolean;
  readonly bigEndian?: boolean;
  /** The size of the section to claim. */
  readonly claimedSize?: number;
  /** The type of the section, 1 (SHT_PROGBITS) unless given. */
  readonly type?: number;
}

/** An ELF file that holds one section of this name, behind its table of names. */
export function elfWithSection(name: string, content: Uint8Array, options: ElfOptions = {}): Uint8Array {
  const { wide = true, bigEndian = false, claimedSize = content.length, type = 1 } = options;
  const [header, entry] = wide ? [64, 64] : [52, 40];
  const names = Buffer.from(`\0.shstrtab\0${name}\0`, "latin1");
  const table = header + names.length + content.length;
  const file = Buffer.alloc(table + 3 * entry);
  const u16 = (value: number, at: number) =>
    bigEndian ? file.writeUInt16BE(value, at) : file.writeUInt16LE(value, at);
  const u32 = (value: number, at: number) =>
    bigEndian ? file.writeUInt32BE(value, at) : file.writeUInt32LE(value, at);
  const word = (value: number, at: number) => {
    if (!wide) u32(value, at);
    else if (bigEndian) file.writeBigUInt64BE(BigInt(value), at);
    else file.writeBigUInt64LE(BigInt(value), at);
  };
  file.set([0x7f, 0x45, 0x4c, 0x46, wide ? 2 : 1, bigEndian ? 2 : 1, 1]);
  u16(3, 16);
  word(table, wide ? 40 : 32);
  const counts = wide ? 58 : 46;
  u16(entry, counts);
  u16(3, counts + 2);
  u16(1, counts + 4);
  file.set(names, header);
  file.set(content, header + names.length);
  const section = (index: number, nameAt: number, offset: number, size: number) => {
    const at = table + index * entry;
    u32(nameAt, at);
    u32(index === 2 ? type : 3, at + 4);
    word(offset, at + (wide ? 24 : 16));
    word(size, at + (wide ? 32 : 20));
  };
  section(1, 1, header, names.length);
  section(2, 11, header + names.length, claimedSize);
  return file;
}

/** A Windows program that holds one section of this name, filled up to 512 bytes. */
export function peWithSection(name: string, content: Uint8Array): Uint8Array {
  const stored = Math.ceil(content.length / 512) * 512;
  const file = Buffer.alloc(512 + stored);
  file.write("MZ");
  file.writeUInt32LE(64, 0x3c);
  file.write("PE\0\0", 64, "latin1");
  file.writeUInt16LE(1, 64 + 6);
  file.writeUInt16LE(32, 64 + 20);
  const section = 64 + 24 + 32;
  file.write(name, section, "latin1");
  file.writeUInt32LE(content.length, section + 8);
  file.writeUInt32LE(stored, section + 16);
  file.writeUInt32LE(512, section + 20);
  file.set(content, 512);
  return file;
}

/** A little-endian Mach-O file of 64 bits whose one segment holds a section of this name. */
export function machOWithSection(name: string, content: Uint8Array): Uint8Array {
  const start = 32 + 72 + 80;
  const file = Buffer.alloc(start + content.length);
  file.writeUInt32LE(0xfeedfacf, 0);
  file.writeUInt32LE(1, 16);
  file.writeUInt32LE(72 + 80, 20);
  file.writeUInt32LE(0x19, 32);
  file.writeUInt32LE(72 + 80, 36);
  file.write("__DATA", 40, "latin1");
  file.writeUInt32LE(1, 32 + 64);
  const section = 32 + 72;
  file.write(name, section, "latin1");
  file.write("__DATA", section + 16, "latin1");
  file.writeBigUInt64LE(BigInt(content.length), section + 40);
  file.writeUInt32LE(start, section + 48);
  file.set(content, start);
  return file;
}

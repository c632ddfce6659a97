import { crc32, deflateRawSync } from "node:zlib";

/** One entry of a test archive. What is not given is true; what is given is written, true or not. */
export interface ZipMember {
  readonly name: string | Uint8Array;
  readonly content: string | Uint8Array;
  /** Write the content as it is instead of deflating it. */
  readonly stored?: boolean;
  /** General purpose flags; the UTF-8 flag, 0x800, unless given. */
  readonly flags?: number;
  /** The method to declare, whatever is written. */
  readonly method?: number;
  /** The sizes and the CRC to declare. */
  readonly size?: number;
  readonly compressedSize?: number;
  readonly crc?: number;
  /** The offset of the local header to declare. */
  readonly offset?: number;
  /** Put sizes and offset in the zip64 extra field. */
  readonly zip64?: boolean;
}

/** What surrounds the entries of a test archive. */
export interface ZipOptions {
  /** Bytes before the archive that its offsets do not count. */
  readonly prefix?: Uint8Array;
  readonly comment?: Uint8Array;
  /** Write a zip64 end record and leave the old one saturated. */
  readonly zip64?: boolean;
  /** The number of entries to declare. */
  readonly count?: number;
}

/** A ZIP archive of these members. */
export function zip(members: readonly ZipMember[], options: ZipOptions = {}): Buffer {
  const bodies: Buffer[] = [];
  const directory: Buffer[] = [];
  let position = 0;
  for (const member of members) {
    const { local, central } = memberRecords(member, position);
    bodies.push(local);
    directory.push(central);
    position += local.length;
  }
  const size = directory.reduce((sum, record) => sum + record.length, 0);
  const end = endRecords({ count: options.count ?? members.length, size, offset: position }, options);
  return Buffer.concat([options.prefix ?? Buffer.alloc(0), ...bodies, ...directory, end]);
}

function memberRecords(member: ZipMember, position: number): { local: Buffer; central: Buffer } {
  const name = Buffer.from(member.name);
  const content = Buffer.from(member.content);
  const packed = member.stored ? content : deflateRawSync(content);
  const sizes = [member.size ?? content.length, member.compressedSize ?? packed.length, member.offset ?? position];
  const head = Buffer.alloc(46);
  head.writeUInt32LE(0x02014b50);
  head.writeUInt16LE(member.flags ?? 0x800, 8);
  head.writeUInt16LE(member.method ?? (member.stored ? 0 : 8), 10);
  head.writeUInt32LE(member.crc ?? crc32(content), 16);
  let extra = Buffer.alloc(0);
  if (member.zip64) {
    extra = Buffer.alloc(28);
    extra.writeUInt16LE(1);
    extra.writeUInt16LE(24, 2);
    for (const [index, value] of sizes.entries()) extra.writeBigUInt64LE(BigInt(value), 4 + 8 * index);
    sizes.fill(0xffffffff);
  }
  const [size = 0, compressedSize = 0, offset = 0] = sizes;
  head.writeUInt32LE(compressedSize, 20);
  head.writeUInt32LE(size, 24);
  head.writeUInt16LE(name.length, 28);
  head.writeUInt16LE(extra.length, 30);
  head.writeUInt32LE(offset, 42);
  const local = Buffer.alloc(30);
  local.writeUInt32LE(0x04034b50);
  head.copy(local, 4, 6, 30);
  local.writeUInt16LE(0, 28);
  return { local: Buffer.concat([local, name, packed]), central: Buffer.concat([head, name, extra]) };
}

function endRecords(end: { count: number; size: number; offset: number }, options: ZipOptions): Buffer {
  const { count, size, offset } = end;
  const parts: Buffer[] = [];
  if (options.zip64) {
    const record = Buffer.alloc(56);
    record.writeUInt32LE(0x06064b50);
    record.writeBigUInt64LE(44n, 4);
    record.writeBigUInt64LE(BigInt(count), 24);
    record.writeBigUInt64LE(BigInt(count), 32);
    record.writeBigUInt64LE(BigInt(size), 40);
    record.writeBigUInt64LE(BigInt(offset), 48);
    const locator = Buffer.alloc(20);
    locator.writeUInt32LE(0x07064b50);
    locator.writeBigUInt64LE(BigInt(offset + size), 8);
    locator.writeUInt32LE(1, 16);
    parts.push(record, locator);
  }
  const comment = Buffer.from(options.comment ?? []);
  const record = Buffer.alloc(22);
  record.writeUInt32LE(0x06054b50);
  record.writeUInt16LE(options.zip64 ? 0xffff : count & 0xffff, 8);
  record.writeUInt16LE(options.zip64 ? 0xffff : count & 0xffff, 10);
  record.writeUInt32LE(options.zip64 ? 0xffffffff : size, 12);
  record.writeUInt32LE(options.zip64 ? 0xffffffff : offset, 16);
  record.writeUInt16LE(comment.length, 20);
  parts.push(record, comment);
  return Buffer.concat(parts);
}

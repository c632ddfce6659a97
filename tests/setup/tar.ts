/** One entry of a test archive. What is not given is true; what is given is written, true or not. */
export interface TarMember {
  /** Written as it is; a text is UTF-8. A name over 100 bytes comes with an extended header, see `longNames`. */
  readonly name: string | Uint8Array;
  readonly content?: string | Uint8Array;
  readonly type?: TarMemberType;
  /** Text of a symbolic link, name of a hard link's file. */
  readonly link?: string | Uint8Array;
  readonly mode?: number;
  /** The size to declare. */
  readonly size?: number;
  /** The checksum to write. */
  readonly checksum?: number;
  readonly format?: "ustar" | "gnu" | "v7";
  /** Write the size in base 256. */
  readonly base256?: boolean;
  /** How a name or link over 100 bytes is written; pax unless given. */
  readonly longNames?: "gnu" | "pax" | "prefix" | "cut";
  /** Records of a pax header before the entry, or its whole body. */
  readonly pax?: Readonly<Record<string, string | Uint8Array>> | Uint8Array;
  /** Bytes to write over the header block, by offset, before the checksum is made. */
  readonly patches?: Readonly<Record<number, string | Uint8Array>>;
  /** Blocks between the header and the body, as old GNU sparse files have. */
  readonly extensionBlocks?: readonly Uint8Array[];
}

/** A kind of entry, or the character of its type flag. */
export type TarMemberType = keyof typeof typeFlags | { readonly flag: string };

const typeFlags = {
  file: "0",
  hardlink: "1",
  symlink: "2",
  character: "3",
  block: "4",
  directory: "5",
  fifo: "6",
  contiguous: "7",
  sparse: "S",
  global: "g",
  oldFile: "\0",
} as const;

/** What ends a test archive. */
export interface TarOptions {
  /** Zero blocks at the end; 2 unless given. */
  readonly zeroBlocks?: number;
  /** Bytes after the end. */
  readonly trailer?: Uint8Array;
}

/** A tar of these members. */
export function tar(members: readonly TarMember[], { zeroBlocks = 2, trailer }: TarOptions = {}): Buffer {
  const parts = members.flatMap(memberBlocks);
  return Buffer.concat([...parts, Buffer.alloc(zeroBlocks * 512), trailer ?? Buffer.alloc(0)]);
}

/** The body of a pax header with these records. */
export function paxBody(records: Readonly<Record<string, string | Uint8Array>>): Buffer {
  return Buffer.concat(Object.entries(records).map(([key, value]) => paxRecord(key, Buffer.from(value))));
}

/** Fills up to a whole block. */
export function padded(bytes: Uint8Array): Buffer {
  return Buffer.concat([bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)]);
}

function paxRecord(key: string, value: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(` ${key}=`), value, Buffer.from("\n")]);
  let length = body.length;
  while (String(length).length + body.length !== length) length = String(length).length + body.length;
  return Buffer.concat([Buffer.from(String(length)), body]);
}

function memberBlocks(member: TarMember): Buffer[] {
  const name = Buffer.from(member.name);
  const link = Buffer.from(member.link ?? "");
  const content = Buffer.from(member.content ?? "");
  const blocks: Buffer[] = [];
  const how = member.longNames ?? "pax";
  const long = (name.length > 100 && how !== "prefix") || link.length > 100;
  if (long && how === "gnu") {
    if (name.length > 100) blocks.push(...extension("L", Buffer.concat([name, Buffer.alloc(1)])));
    if (link.length > 100) blocks.push(...extension("K", Buffer.concat([link, Buffer.alloc(1)])));
  }
  const longRecords = {
    ...(long && how === "pax" && name.length > 100 ? { path: name } : {}),
    ...(long && how === "pax" && link.length > 100 ? { linkpath: link } : {}),
  };
  if (member.pax instanceof Uint8Array) blocks.push(...extension("x", member.pax));
  else if (member.pax || Object.keys(longRecords).length > 0) {
    blocks.push(...extension("x", paxBody({ ...longRecords, ...member.pax })));
  }
  blocks.push(header(member, { name, link, size: member.size ?? content.length }));
  blocks.push(...(member.extensionBlocks ?? []).map((block) => Buffer.from(block)), padded(content));
  return blocks;
}

function extension(flag: string, body: Uint8Array): Buffer[] {
  return [
    header({ name: "", type: { flag } }, { name: Buffer.from("@"), link: empty, size: body.length }),
    padded(body),
  ];
}

const empty = Buffer.alloc(0);

function header(member: TarMember, { name, link, size }: { name: Buffer; link: Buffer; size: number }): Buffer {
  const block = Buffer.alloc(512);
  const split = member.longNames === "prefix" && name.length > 100 ? name.lastIndexOf(0x2f, name.length - 2) : -1;
  name.copy(block, 0, split + 1, split + 101);
  if (split > 0) name.copy(block, 345, 0, Math.min(split, 155));
  octal(block, { at: 100, width: 8, value: member.mode ?? (member.type === "directory" ? 0o755 : 0o644) });
  octal(block, { at: 108, width: 8, value: 0 });
  octal(block, { at: 116, width: 8, value: 0 });
  if (member.base256 || size > 0o77777777777) {
    block.writeBigUInt64BE(BigInt(size), 128);
    block[124] = 0x80;
  } else octal(block, { at: 124, width: 12, value: size });
  octal(block, { at: 136, width: 12, value: 0 });
  const type = member.type ?? "file";
  block.write(typeof type === "string" ? typeFlags[type] : type.flag, 156, "latin1");
  link.copy(block, 157, 0, 100);
  if (member.format === "gnu") block.write("ustar  \0", 257, "latin1");
  else if (member.format !== "v7") block.write("ustar\x0000", 257, "latin1");
  for (const [at, bytes] of Object.entries(member.patches ?? {})) Buffer.from(bytes).copy(block, Number(at));
  block.write("        ", 148, "latin1");
  const checksum = member.checksum ?? block.reduce((sum, byte) => sum + byte, 0);
  block.write(`${checksum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return block;
}

function octal(block: Buffer, { at, width, value }: { at: number; width: number; value: number }): void {
  block.write(`${value.toString(8).padStart(width - 1, "0")}\0`, at, "latin1");
}

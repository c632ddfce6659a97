import { gzipSync, zstdCompressSync } from "node:zlib";
import { sha256 } from "./image.ts";
import { padded, type TarMember, tar } from "./tar.ts";

/** A layer with a table of contents, and what its manifest says of it. */
export interface ChunkedLayer {
  readonly bytes: Buffer;
  readonly annotations: Readonly<Record<string, string>>;
}

/** One entry of a table as JSON holds it. */
export type TableValue = Record<string, unknown>;

/** How a test layer is written; what is not given is true. */
export interface ChunkedLayerOptions {
  /** The most bytes of a chunk; 4 MiB unless given. */
  readonly chunkSize?: number;
  /** eStargz: files go on in a member until it has so many bytes of them. */
  readonly memberSize?: number;
  /** eStargz: with the footer of its predecessor. */
  readonly legacyFooter?: boolean;
  /** eStargz: how a member is compressed; as a test does it unless given. */
  readonly pack?: (bytes: Buffer) => Buffer;
  /** Gives the entries to write, before their digest is made. */
  readonly change?: (entries: TableValue[]) => readonly unknown[];
  /** The JSON to write instead. */
  readonly table?: Uint8Array;
  /** What the footer says of the table's place. */
  readonly tableFrom?: number;
}

/** As stargz-snapshotter's converter writes layers: each chunk begins a member of gzip, which then holds what follows too. */
export function estargzLayer(members: readonly TarMember[], options: ChunkedLayerOptions = {}): ChunkedLayer {
  const { chunkSize = 4 * 1024 * 1024, memberSize = 0, legacyFooter = false } = options;
  const { pack = (bytes: Buffer) => gzipSync(bytes, { level: 1 }) } = options;
  const parts: Buffer[] = [];
  const entries: TableValue[] = [];
  let member: Buffer[] = [];
  let size = 0;
  let payload = Number.POSITIVE_INFINITY;
  const close = (): void => {
    if (member.length === 0) return;
    const stored = pack(Buffer.concat(member));
    parts.push(stored);
    size += stored.length;
    member = [];
    payload = 0;
  };
  for (const one of members) {
    const { header, content, rest } = split(one);
    member.push(header);
    const pieces = chunksOf(content, chunkSize);
    for (const [index, piece] of pieces.entries()) {
      if (payload >= memberSize) close();
      const inner = Buffer.concat(member).length;
      const place = { offset: size, ...(inner > 0 && { innerOffset: inner }), chunkDigest: sha256(piece) };
      const isLast = index === pieces.length - 1;
      const length = isLast ? {} : { chunkSize: piece.length };
      if (index === 0) entries.push({ ...entryOf(one, content), digest: sha256(content), ...place, ...length });
      else entries.push({ name: one.name, type: "chunk", chunkOffset: index * chunkSize, ...place, ...length });
      member.push(piece);
      payload += piece.length;
    }
    if (pieces.length === 0) entries.push(entryOf(one, content));
    member.push(rest);
  }
  close();
  const json = options.table ?? tableJson(entries, options);
  const table = gzipSync(tar([{ name: "stargz.index.json", content: json, mode: 0 }]));
  const footer = estargzFooter(options.tableFrom ?? size, legacyFooter);
  return {
    bytes: Buffer.concat([...parts, table, footer]),
    annotations: { "containerd.io/snapshot/stargz/toc.digest": sha256(json) },
  };
}

/** As Podman writes layers: each chunk is a frame of Zstandard, what lies between them are others, the table is in a skippable one. */
export function zstdChunkedLayer(members: readonly TarMember[], options: ChunkedLayerOptions = {}): ChunkedLayer {
  const { chunkSize = 4 * 1024 * 1024 } = options;
  const parts: Buffer[] = [];
  const entries: TableValue[] = [];
  let size = 0;
  const write = (bytes: Buffer): void => {
    parts.push(bytes);
    size += bytes.length;
  };
  const between: Buffer[] = [];
  for (const one of members) {
    const { header, content, rest } = split(one);
    between.push(header);
    const pieces = chunksOf(content, chunkSize);
    if (pieces.length > 0) write(zstdCompressSync(Buffer.concat(between.splice(0))));
    const own: TableValue[] = pieces.map((piece, index) => {
      const isZeros = pieces.length > 1 && piece.every((byte) => byte === 0);
      const offset = size;
      write(zstdCompressSync(piece));
      return {
        ...(index === 0 ? entryOf(one, content) : { type: "chunk", name: one.name, chunkOffset: index * chunkSize }),
        offset,
        ...(pieces.length > 1 && { chunkSize: piece.length, chunkDigest: sha256(piece) }),
        ...(isZeros && { chunkType: "zeros" }),
      };
    });
    if (own[0]) Object.assign(own[0], { endOffset: size, digest: sha256(content) });
    entries.push(...(own.length > 0 ? own : [entryOf(one, content)]));
    between.push(rest);
  }
  write(zstdCompressSync(Buffer.concat([...between, Buffer.alloc(1024)])));
  const json = options.table ?? tableJson(entries, options);
  const table = zstdCompressSync(json);
  const from = options.tableFrom ?? size + 8;
  write(skippable(table));
  write(skippable(Buffer.alloc(64)));
  const prefix = "io.github.containers.zstd-chunked";
  return {
    bytes: Buffer.concat(parts),
    annotations: {
      [`${prefix}.manifest-checksum`]: sha256(table),
      [`${prefix}.manifest-position`]: `${from}:${table.length}:${json.length}:1`,
    },
  };
}

function tableJson(entries: TableValue[], { change = (all) => all }: ChunkedLayerOptions): Buffer {
  return Buffer.from(JSON.stringify({ version: 1, entries: change(entries) }));
}

function split(member: TarMember): { header: Buffer; content: Buffer; rest: Buffer } {
  const all = tar([member], { zeroBlocks: 0 });
  const content = Buffer.from(member.content ?? "");
  const end = all.length - padded(content).length;
  return { header: all.subarray(0, end), content, rest: all.subarray(end + content.length) };
}

function chunksOf(content: Buffer, size: number): Buffer[] {
  const count = Math.ceil(content.length / size);
  return Array.from({ length: count }, (_, index) => content.subarray(index * size, (index + 1) * size));
}

const types: Readonly<Record<string, string>> = {
  file: "reg",
  hardlink: "hardlink",
  symlink: "symlink",
  character: "char",
  block: "block",
  directory: "dir",
  fifo: "fifo",
};

function entryOf({ name, type = "file", link, mode }: TarMember, content: Buffer): TableValue {
  return {
    name,
    type: types[String(type)],
    mode: mode ?? (type === "directory" ? 0o755 : 0o644),
    ...(content.length > 0 && { size: content.length }),
    ...(link !== undefined && { linkName: link }),
  };
}

/** The empty gzip member that ends such a layer. */
export function estargzFooter(tableFrom: number, legacy = false): Buffer {
  const place = `${tableFrom.toString(16).padStart(16, "0")}STARGZ`;
  const extra = legacy ? `\x16\0${place}` : `\x1a\0SG\x16\0${place}`;
  return Buffer.from(`\x1f\x8b\x08\x04\0\0\0\0\0\xff${extra}\x01\0\0\xff\xff${"\0".repeat(8)}`, "latin1");
}

function skippable(bytes: Buffer): Buffer {
  const head = Buffer.from([0x50, 0x2a, 0x4d, 0x18, 0, 0, 0, 0]);
  head.writeUInt32LE(bytes.length, 4);
  return Buffer.concat([head, bytes]);
}

import type { KernelDescriptor } from "../../model/events/kernel-event.ts";
import type { EntryReader } from "./entry-reader.ts";

// An entry of the list of a thread's descriptors: u32 length (since version 2), i64 number, u64 inode, u8 type, then by
// type what it is about. A file of the newer type ends with u32 device where the entry has room for it.

/** The types (`SCAP_FD_*`) that are more than a name, and the one that nothing is known of. */
const types = {
  unknown: 0,
  ipv4Socket: 3,
  ipv6Socket: 4,
  ipv4Server: 5,
  ipv6Server: 6,
  unixSocket: 8,
  unsupported: 10,
  file: 16,
  last: 21,
} as const;

/** Reads one entry, up to what is understood of it. A type that a newer library wrote becomes an unsupported one. */
export function readDescriptor(reader: EntryReader, version: number): KernelDescriptor {
  const start = reader.at;
  const size = version >= 2 ? reader.u32() : 0;
  const fd = reader.i64();
  const inode = reader.u64();
  const type = reader.u8();
  const about = readByType(reader, type);
  const device =
    type === types.file && size > 0 && reader.at - start + 4 <= size ? { device: reader.u32() } : undefined;
  return { fd, inode, type, ...about, ...device };
}

/** Bytes behind the type that are not a text, by type. */
const fixedSizes: Readonly<Record<number, number>> = {
  [types.ipv4Socket]: 13,
  [types.ipv6Socket]: 37,
  [types.ipv4Server]: 7,
  [types.ipv6Server]: 19,
  [types.unixSocket]: 16,
  [types.file]: 4,
};

/**
 * Passes over what {@link readDescriptor} would read. Returns the length that the entry states, from its first byte;
 * `undefined` in version 1.
 */
export function skipDescriptor(reader: EntryReader, version: number): number | undefined {
  const start = reader.at;
  const size = version >= 2 ? reader.u32() : 0;
  reader.take(16);
  const type = reader.u8();
  if (type <= types.last && type !== types.unknown) {
    reader.take(fixedSizes[type] ?? 0);
    if (type > types.ipv6Server || type < types.ipv4Socket) reader.take(reader.u16());
  }
  if (type === types.file && size > 0 && reader.at - start + 4 <= size) reader.take(4);
  return size > 0 ? size : undefined;
}

function readByType(reader: EntryReader, type: number): Partial<KernelDescriptor> {
  if (type > types.last) return { type: types.unsupported, name: `unknown-type:[${type}]` };
  switch (type) {
    case types.unknown:
      return {};
    case types.ipv4Socket:
      return readSocket(reader, 4);
    case types.ipv6Socket:
      return readSocket(reader, 16);
    case types.ipv4Server:
      return { source: { address: reader.raw(4), port: reader.u16() }, protocol: reader.u8() };
    case types.ipv6Server:
      return { source: { address: reader.raw(16), port: reader.u16() }, protocol: reader.u8() };
    case types.unixSocket:
      return { unixSource: reader.u64(), unixDestination: reader.u64(), name: reader.text() };
    case types.file:
      return { openFlags: reader.u32(), name: reader.text() };
    default:
      return { name: reader.text() };
  }
}

function readSocket(reader: EntryReader, size: number): Partial<KernelDescriptor> {
  const source = reader.raw(size);
  const destination = reader.raw(size);
  return {
    source: { address: source, port: reader.u16() },
    destination: { address: destination, port: reader.u16() },
    protocol: reader.u8(),
  };
}

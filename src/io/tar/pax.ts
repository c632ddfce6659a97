import { decodeName } from "./text.ts";

/** The records of a pax header that change what an entry is. */
export interface PaxRecords {
  readonly path?: string;
  readonly linkPath?: string;
  readonly size?: number;
  /** True for the sparse files of GNU tar in pax form: the body is a map and fragments, not the file's bytes. */
  readonly sparse?: boolean;
}

/**
 * Reads the records of a pax extended header, each `<length> <key>=<value>\n` with the length in decimal counting the
 * whole record; undefined when they are malformed. A record with an empty value counts as absent.
 *
 * Source: POSIX.1-2017 pax, "pax Extended Header"; GNU tar manual, "Storing Sparse Files".
 */
export function readPaxRecords(bytes: Buffer): PaxRecords | undefined {
  const records: { path?: string; linkPath?: string; size?: number; sparse?: boolean } = {};
  let at = 0;
  while (at < bytes.length) {
    const space = bytes.indexOf(0x20, at);
    if (space < 0 || space - at > 10) return undefined;
    const digits = bytes.toString("latin1", at, space);
    const length = Number(digits);
    const end = at + length;
    if (!/^[0-9]+$/.test(digits) || end > bytes.length || end <= space + 1 || bytes[end - 1] !== 0x0a) return undefined;
    const equals = bytes.indexOf(0x3d, space + 1);
    if (equals < 0 || equals >= end) return undefined;
    const key = bytes.toString("utf8", space + 1, equals);
    const value = decodeName(bytes.subarray(equals + 1, end - 1));
    at = end;
    if (key.startsWith("GNU.sparse.")) records.sparse = true;
    if (value === "") continue;
    if (key === "path") records.path = value;
    else if (key === "linkpath") records.linkPath = value;
    else if (key === "GNU.sparse.name") records.path = value;
    else if (key === "size") {
      const size = Number(value);
      if (!/^[0-9]+$/.test(value) || !Number.isSafeInteger(size)) return undefined;
      records.size = size;
    }
  }
  return records;
}

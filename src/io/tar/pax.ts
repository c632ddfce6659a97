import { decodeName } from "./text.ts";

/** What the records of a pax header say of an entry. */
export interface PaxRecords {
  readonly path?: string;
  readonly linkPath?: string;
  readonly size?: number;
  /** Set for a sparse file of GNU tar in pax form, whose body is fragments and not the file's bytes. */
  readonly sparse?: PaxSparse;
}

/** What a pax header says of a sparse file. */
export interface PaxSparse {
  /** The file's own name; the header and the record `path` of such an entry may have another. */
  readonly name?: string;
  /** True when the map is the beginning of the body and not in the records, as in form 1.0. */
  readonly mapInBody: boolean;
}

/**
 * Reads the records of a pax extended header, each `<length> <key>=<value>\n` with the length in decimal counting the
 * whole record; undefined when they are malformed. The last record of a key counts, and one with an empty value is as
 * none. Records of sparse files that are not of form 0.0, 0.1 or 1.0 change nothing: so does Go's `archive/tar`.
 *
 * Source: POSIX.1-2017 pax, "pax Extended Header"; GNU tar manual, "Storing Sparse Files".
 */
export function readPaxRecords(bytes: Buffer): PaxRecords | undefined {
  const records = splitRecords(bytes);
  if (!records) return undefined;
  const sizeText = records.get("size");
  const size = Number(sizeText);
  if (sizeText !== undefined && (!/^[0-9]+$/.test(sizeText) || !Number.isSafeInteger(size))) return undefined;
  const [path, linkPath, sparse] = [records.get("path"), records.get("linkpath"), sparseOf(records)];
  return {
    ...(path !== undefined && { path }),
    ...(linkPath !== undefined && { linkPath }),
    ...(sizeText !== undefined && { size }),
    ...(sparse !== undefined && { sparse }),
  };
}

/** The values by their keys, without empty ones; undefined when the records are malformed. */
function splitRecords(bytes: Buffer): ReadonlyMap<string, string> | undefined {
  const records = new Map<string, string>();
  const fragments: string[] = [];
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
    if (key === fragmentOffset || key === fragmentSize) {
      if (key !== (fragments.length % 2 === 0 ? fragmentOffset : fragmentSize)) return undefined;
      fragments.push(value);
    } else if (value === "") records.delete(key);
    else records.set(key, value);
  }
  if (fragments.length > 0) records.set(sparseMap, fragments.join(","));
  return records;
}

/** Form 0.0 has two records for each fragment, 0.1 has one record of all, and neither needs to say its version. */
const fragmentOffset = "GNU.sparse.offset";
const fragmentSize = "GNU.sparse.numbytes";
const sparseMap = "GNU.sparse.map";

function sparseOf(records: ReadonlyMap<string, string>): PaxSparse | undefined {
  const version = [records.get("GNU.sparse.major"), records.get("GNU.sparse.minor")].join(".");
  const isOlder = version === "0.0" || version === "0.1" || (version === "." && !!records.get(sparseMap));
  if (!isOlder && version !== "1.0") return undefined;
  const name = records.get("GNU.sparse.name");
  return { ...(name !== undefined && { name }), mapInBody: version === "1.0" };
}

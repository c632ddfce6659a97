import type { OpenFile } from "../../model/images/file.ts";

/** An {@link OpenFile} over bytes that are in memory; they are shared, not copied. */
export function memoryFile(path: string, bytes: Uint8Array, mode = 0o644): OpenFile {
  return {
    path,
    size: bytes.length,
    mode,
    read: (offset, length) => bytes.subarray(offset, offset + length),
  };
}

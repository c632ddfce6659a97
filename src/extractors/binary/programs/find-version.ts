import type { OpenFile } from "../../../model/images/file.ts";
import type { VersionText } from "./program.ts";

/** How many bytes of a file are searched: several times the largest program that is known. */
export const searchedBytes: number = 1024 * 1024 * 1024;
/** How many places are tried for one text: programs have hundreds at most. */
const mostPlaces = 20_000;
const piece = 4 * 1024 * 1024;
/** How far before and after the literal text an expression may reach. */
const reach = 256;

/**
 * The version that the first of the texts tells, if it begins with `start`; undefined when none does. The file is read
 * in pieces that overlap, once for each text until one is found.
 */
export function findVersion(file: OpenFile, texts: readonly VersionText[], start: string): string | undefined {
  for (const text of texts) {
    const found = findText(file, text, start);
    if (found !== undefined) return found;
  }
  return undefined;
}

function findText(file: OpenFile, { near, version }: VersionText, start: string): string | undefined {
  const literal = Buffer.from(near.replace("{named}", start), "latin1");
  const end = Math.min(file.size, searchedBytes);
  let places = 0;
  for (let offset = 0; offset < end; offset += piece) {
    const first = Math.max(0, offset - reach);
    const bytes = asBuffer(file.read(first, Math.min(end, offset + piece + 2 * reach) - first));
    let at = bytes.indexOf(literal, offset - first);
    for (; at >= 0 && first + at < offset + piece; at = bytes.indexOf(literal, at + 1)) {
      const around = bytes.toString("latin1", Math.max(0, at - reach), at + literal.length + reach);
      const found = version.exec(around)?.[1];
      if (found?.startsWith(start)) return found;
      if (++places === mostPlaces) return undefined;
    }
  }
  return undefined;
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

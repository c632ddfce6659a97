// Go's build information: a header of 32 bytes, aligned to 16 in memory.
//
//  0  magic "\xff Go buildinf:"
// 14 size of a pointer, for the older form 15 flags: 1 big-endian, 2 strings inline 16 inline (Go 1.18 and later):
// unused, and behind the header two strings, each with its length before it as an unsigned
//     LEB128 number: the Go version and the module information;
//     older: two pointers to Go strings, each of which is a pointer to bytes and a length.
//
// The module information lies between two marks of 16 bytes.
//
// Source: the Go distribution, debug/buildinfo and cmd/link.

import { type Executable, numberReader, readAddress } from "../executable/executable.ts";

const magic: Buffer = Buffer.from("\xff Go buildinf:", "latin1");
const alignment = 16;
const headerLength = 32;
const markLength = 16;
const flagBigEndian = 1;
const flagInline = 2;
const searchStep = 1024 * 1024;
/** How much of a data segment is searched; Go's linker puts the information near the start. */
const searchLimit = 64 * 1024 * 1024;

/**
 * The longest version or module information that is read, in bytes; a program of a thousand modules has about 100,000.
 */
const textLimit = 4 * 1024 * 1024;

/** Go's build information as the linker wrote it. */
export interface BuildInfo {
  /** The Go version: `go1.22.1`, `go1.22.1 X:boringcrypto`, `devel go1.23-…`. Never empty. */
  readonly goVersion: string;
  /** The module information without its marks; empty for a program that was built without modules. */
  readonly modules: string;
}

/**
 * The build information of an executable. Undefined when it is missing; `damaged` or `too long` when it cannot be read
 * to its end.
 */
export function readBuildInfo(executable: Executable): BuildInfo | "damaged" | "too long" | undefined {
  const address = findHeader(executable);
  if (address === undefined) return undefined;
  const header = readAddress(executable, address, headerLength);
  if (header.length < headerLength) return "damaged";
  const texts = (header[15] ?? 0) & flagInline ? readInline(executable, address) : readPointed(executable, header);
  if (!Array.isArray(texts)) return texts;
  const [goVersion, framed] = texts;
  if (goVersion === "") return undefined;
  // The end mark follows a line feed; anything else is not module information.
  const isFramed = framed.length > 2 * markLength && framed.at(-markLength - 1) === 0x0a;
  const modules = isFramed ? framed.toString("utf8", markLength, framed.length - markLength) : "";
  return { goVersion, modules };
}

/** The address of the first aligned header in the range where it must be. */
function findHeader(executable: Executable): number | undefined {
  const { address, size } = executable.data;
  const first = Math.ceil(address / alignment) * alignment;
  const end = Math.min(address + size, first + searchLimit);
  // A header is aligned as the steps are, so it never lies across two of them.
  for (let start = first; start < end; start += searchStep) {
    const bytes = readAddress(executable, start, Math.min(searchStep, end - start));
    for (let found = bytes.indexOf(magic); found >= 0; found = bytes.indexOf(magic, found + 1)) {
      if (found % alignment === 0) return start + found;
    }
    if (bytes.length < searchStep) return undefined;
  }
  return undefined;
}

type Texts = [goVersion: string, modules: Buffer] | "damaged" | "too long";

function readInline(executable: Executable, address: number): Texts {
  const version = readInlineText(executable, address + headerLength);
  if (typeof version === "string") return version;
  const modules = readInlineText(executable, version.end);
  if (typeof modules === "string") return modules;
  return [version.text.toString("utf8"), modules.text];
}

function readInlineText(
  executable: Executable,
  address: number,
): { text: Buffer; end: number } | "damaged" | "too long" {
  // Eight groups of seven bits are more than any length that is read.
  const prefix = readAddress(executable, address, 8);
  let length = 0;
  let used = 0;
  for (const byte of prefix) {
    length += (byte & 0x7f) * 2 ** (7 * used);
    used++;
    if (byte < 0x80) {
      const text = readText(executable, address + used, length);
      return Buffer.isBuffer(text) ? { text, end: address + used + length } : text;
    }
  }
  return "damaged";
}

function readPointed(executable: Executable, header: Buffer): Texts | undefined {
  const pointerSize = header[14];
  if (pointerSize !== 4 && pointerSize !== 8) return "damaged";
  const numbers = numberReader(((header[15] ?? 0) & flagBigEndian) !== 0);
  const pointer = pointerSize === 4 ? numbers.u32 : numbers.u64;
  const follow = (address: number): Buffer | "damaged" | "too long" => {
    // A program without modules has no string here, and a position-independent one gets its pointers only when it
    // starts.
    if (address === 0) return Buffer.alloc(0);
    const text = readAddress(executable, address, 2 * pointerSize);
    if (text.length < 2 * pointerSize) return "damaged";
    const length = pointer(text, pointerSize);
    return length === 0 ? Buffer.alloc(0) : readText(executable, pointer(text, 0), length);
  };
  const version = follow(pointer(header, 16));
  if (typeof version === "string") return version;
  const modules = follow(pointer(header, 16 + pointerSize));
  return typeof modules === "string" ? modules : [version.toString("utf8"), modules];
}

function readText(executable: Executable, address: number, length: number): Buffer | "damaged" | "too long" {
  if (!(length >= 0)) return "damaged";
  if (length > textLimit) return "too long";
  const bytes = readAddress(executable, address, length);
  return bytes.length === length ? bytes : "damaged";
}

// Go's table of functions (pclntab), from which a running program names the functions in its stack traces; `strip`
// leaves it.
//
//  0  magic: 0xfffffffb (Go 1.2), 0xfffffffa (1.16), 0xfffffff0 (1.18), 0xfffffff1 (1.20 and later), in the program's
//     byte order
//  4  two zero bytes
//  6  the size of an instruction (1, 2, 4)
//  7  the size of a word (4, 8)
//  8  words: number of functions,
//       1.16:            number of files,                    offsets of names, of compilation units, …
//       1.18 and later:  number of files, start of the code, offsets of names, of compilation units, …
//       1.2:             one pair of words for each function, one word, and 32 bits: the offset of the file names
//
// Since 1.16 the names of all functions, also of those that exist only inlined in others, lie in one piece, each with a
// NUL behind it, from the offset of names up to that of compilation units. Before, names of both kinds lie between the
// records of functions, up to the file names.
//
// Source: the Go distribution, runtime (symtab), debug/gosym (pclntab) and cmd/link/internal/ld (pcln).

import { createHash } from "node:crypto";
import { type Executable, type NumberReader, numberReader, readAddress } from "../executable/executable.ts";

const pieceLength = 1024 * 1024;
/** The most bytes in which names are read; a program of 100 MB has about 5 MB of names. */
const namesLimit = 32 * 1024 * 1024;
/** The most bytes of a program that are searched for a table that no section names. */
const searchLimit = 256 * 1024 * 1024;
/** The most places that are looked at because they may be a table. */
const placesLimit = 100_000;
const headersLimit = 1_000;
const functionsLimit = 16 * 1024 * 1024;
/** No import path with a function after it is shorter. */
const shortestName = 3;
/** Names of generic functions of generated code reach some thousands. */
const longestName = 64 * 1024;
/** The four magics in little-endian order share these bytes, and the two zero bytes follow. */
const magicTail = Buffer.from([0xff, 0xff, 0xff, 0, 0]);

/** Where the names of the functions are, and whether other bytes lie among them. */
export interface FunctionNames {
  readonly start: number;
  readonly end: number;
  readonly mixed: boolean;
}

/**
 * Finds the names of the functions in a Go program. Undefined when their table is not found or over a limit, and for
 * big-endian programs of before Go 1.16.
 */
export function findFunctionNames(executable: Executable): FunctionNames | undefined {
  const named = executable.functions;
  return named === undefined ? searchNames(executable) : locateNames(executable, named.address);
}

/** What {@link readFunctionNames} gives follows from this; undefined when the names cannot be read to their end. */
export function digestOfNames(executable: Executable, { start, end, mixed }: FunctionNames): string | undefined {
  const hash = createHash("sha256");
  for (let place = start; place < end; ) {
    const bytes = readAddress(executable, place, Math.min(pieceLength, end - place));
    if (bytes.length === 0) return undefined;
    hash.update(bytes);
    place += bytes.length;
  }
  return `${mixed} ${hash.digest("base64")}`;
}

/**
 * Gives the names of the functions as the program's linker wrote them (`net/http.(*Server).Serve`), inlined ones too,
 * in no order and some of them more than once; for programs of before Go 1.16 also some text that is not a name. False
 * when they cannot be read to their end.
 */
export function readFunctionNames(
  executable: Executable,
  { start, end, mixed, each }: FunctionNames & { readonly each: (name: string) => void },
): boolean {
  let rest = "";
  for (let place = start; place < end; ) {
    const bytes = readAddress(executable, place, Math.min(pieceLength, end - place));
    if (bytes.length === 0) return false;
    place += bytes.length;
    const text = rest + bytes.toString("latin1");
    let begin = 0;
    for (let stop = text.indexOf("\0"); stop >= 0; stop = text.indexOf("\0", begin)) {
      if (stop - begin >= shortestName) each(mixed ? printableTail(text, begin, stop) : text.slice(begin, stop));
      begin = stop + 1;
    }
    rest = text.slice(begin);
    if (rest.length > longestName) {
      if (!mixed) return false;
      rest = "";
    }
  }
  return true;
}

function searchNames(executable: Executable): FunctionNames | undefined {
  let searched = 0;
  let places = 0;
  let headers = 0;
  for (const { address, size } of executable.segments) {
    for (let start = 0; start < size && searched < searchLimit; start += pieceLength) {
      // Pieces overlap, so that no magic is lost between two of them.
      const bytes = readAddress(executable, address + start, Math.min(pieceLength + 8, size - start));
      searched += bytes.length;
      for (let found = bytes.indexOf(magicTail); found >= 0; found = bytes.indexOf(magicTail, found + 1)) {
        if (++places > placesLimit) return undefined;
        if (found === 0 || !isHeader(bytes, found - 1)) continue;
        if (++headers > headersLimit) return undefined;
        const names = locateNames(executable, address + start + found - 1);
        if (names) return names;
      }
      if (bytes.length === 0) break;
    }
  }
  return undefined;
}

function isHeader(bytes: Buffer, start: number): boolean {
  const [instruction = 0, word = 0] = [bytes[start + 6], bytes[start + 7]];
  const zeros = bytes[start + 4] === 0 && bytes[start + 5] === 0;
  return zeros && (instruction === 1 || instruction === 2 || instruction === 4) && (word === 4 || word === 8);
}

function locateNames(executable: Executable, table: number): FunctionNames | undefined {
  const header = readAddress(executable, table, 8 + 8 * 8);
  if (header.length < 8 + 8 * 8 || !isHeader(header, 0)) return undefined;
  const numbers = numberReader(header[0] === 0xff);
  const size = header[7] === 4 ? 4 : 8;
  const word = (index: number): number => readWord(header, 8 + index * size, { numbers, size });
  const functions = word(0);
  if (!(functions > 0 && functions <= functionsLimit)) return undefined;
  switch (numbers.u32(header, 0)) {
    case 0xfffffff1:
    case 0xfffffff0:
      return within({ start: table + word(3), end: table + word(4), mixed: false });
    case 0xfffffffa:
      return within({ start: table + word(2), end: table + word(3), mixed: false });
    case 0xfffffffb: {
      // In this order of bytes the one before a name may look like a part of it.
      if (header[0] === 0xff) return undefined;
      const records = table + 8 + size + functions * 2 * size + size;
      const offset = readAddress(executable, records, 4);
      if (offset.length < 4) return undefined;
      return within({ start: records + 4, end: table + numbers.u32(offset, 0), mixed: true });
    }
    default:
      return undefined;
  }
}

function readWord(bytes: Buffer, offset: number, { numbers, size }: { numbers: NumberReader; size: 4 | 8 }): number {
  return size === 4 ? numbers.u32(bytes, offset) : numbers.u64(bytes, offset);
}

function within(names: FunctionNames): FunctionNames | undefined {
  const length = names.end - names.start;
  return length > 0 && length <= namesLimit ? names : undefined;
}

function printableTail(text: string, begin: number, end: number): string {
  let start = end;
  while (start > begin && text.charCodeAt(start - 1) >= 32 && text.charCodeAt(start - 1) < 127) start--;
  return text.slice(start, end);
}

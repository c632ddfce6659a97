import { freeBuffer } from "../../io/bytes/free-buffer.ts";
import { PlimsollError } from "../../model/error.ts";

/**
 * The record of a tar whose files were unpacked, from which the same tar can be put together again. Docker keeps one
 * for each layer (`tar-split.json.gz`), containers/storage too (`<layer>.tar-split.gz`).
 *
 * Lines of JSON, compressed with gzip, in the order of the tar:
 *
 * - `{"type":2,"payload":"<base64>"}`: bytes as they are, that is headers and padding;
 * - `{"type":1,"name":"etc/passwd","size":24,"payload":"<base64 of a CRC-64>"}`: the content of that file comes here. A
 *   name that is not UTF-8 is in `name_raw`, as base64. An entry without content (a folder, a link, a whiteout) does
 *   not have a `size`.
 *
 * Source: vbatts/tar-split, `tar/storage/entry.go`.
 */
export type TarSplitEntry =
  | { readonly kind: "bytes"; readonly bytes: Buffer }
  | { readonly kind: "file"; readonly name: Buffer; readonly size: number };

/** A line holds the headers of one entry; extended headers have at most 1 MiB, and base64 takes a third more. */
const longestLine: number = 16 * 1024 * 1024;
const newline = 10;

/**
 * Entries of an uncompressed record, from pieces that no other code holds, as they arrive. Errors: `layout-malformed`,
 * `limit-exceeded`, those of `pieces`.
 */
export async function* readTarSplit(
  pieces: AsyncIterable<Buffer>,
  name: string,
): AsyncGenerator<readonly TarSplitEntry[]> {
  let rest: Buffer[] = [];
  let restSize = 0;
  for await (const piece of pieces) {
    const entries: TarSplitEntry[] = [];
    let start = 0;
    for (let end = piece.indexOf(newline); end >= 0; end = piece.indexOf(newline, start)) {
      const line = piece.subarray(start, end);
      const entry = readEntry(rest.length === 0 ? line : Buffer.concat([...rest, line]), name);
      if (entry) entries.push(entry);
      rest = [];
      restSize = 0;
      start = end + 1;
    }
    if (start < piece.length) {
      rest.push(Buffer.from(piece.subarray(start)));
      restSize += piece.length - start;
      if (restSize > longestLine) {
        throw new PlimsollError("limit-exceeded", `${name} has a line of more than ${longestLine} bytes`);
      }
    }
    yield entries;
    freeBuffer(piece);
  }
  const last = readEntry(Buffer.concat(rest), name);
  if (last) yield [last];
}

/** Undefined for an empty line and for an entry without content. */
function readEntry(line: Buffer, name: string): TarSplitEntry | undefined {
  if (line.length === 0) return undefined;
  const { type, payload, size, name: text, name_raw: raw } = parse(line, name);
  if (type === 2 && typeof payload === "string") return { kind: "bytes", bytes: Buffer.from(payload, "base64") };
  if (type !== 1) throw malformed(name);
  if (size === undefined || size === 0) return undefined;
  if (typeof size !== "number" || !Number.isSafeInteger(size) || size < 0) throw malformed(name);
  if (typeof raw === "string") return { kind: "file", name: Buffer.from(raw, "base64"), size };
  if (typeof text !== "string") throw malformed(name);
  return { kind: "file", name: Buffer.from(text), size };
}

function parse(line: Buffer, name: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(line.toString("utf8"));
  } catch (cause) {
    throw malformed(name, cause);
  }
  if (typeof value !== "object" || value === null) throw malformed(name);
  return value as Record<string, unknown>;
}

function malformed(name: string, cause?: unknown): PlimsollError {
  return new PlimsollError("layout-malformed", `${name} is not a record of a layer's tar`, {
    hint: "Remove the image from the engine and pull or build it again.",
    ...(cause === undefined ? {} : { cause }),
  });
}

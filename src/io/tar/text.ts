import { isUtf8 } from "node:buffer";

/**
 * Bytes of a name as text. Names need not be UTF-8; each byte that is not becomes a character of its own, U+DC80 to
 * U+DCFF, so that different names stay different and none can pass for another. (Python, PEP 383, does the same.)
 */
export function decodeName(bytes: Buffer): string {
  if (isUtf8(bytes)) return bytes.toString("utf8");
  let text = "";
  let good = 0;
  for (let at = 0; at < bytes.length; ) {
    const length = sequenceLength(bytes, at);
    if (length > 0) at += length;
    else {
      text += bytes.toString("utf8", good, at) + String.fromCharCode(0xdc00 + (bytes[at] ?? 0));
      good = ++at;
    }
  }
  return text + bytes.toString("utf8", good);
}

/** The length of the character at `at`, 0 when there is none. Unicode 16, table 3-7. */
function sequenceLength(bytes: Buffer, at: number): number {
  const first = bytes[at] ?? 0;
  const length = first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
  return length > 0 && at + length <= bytes.length && isUtf8(bytes.subarray(at, at + length)) ? length : 0;
}

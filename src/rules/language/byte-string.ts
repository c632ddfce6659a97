/** A text as a byte string: its UTF-8, one character for each byte. Text of ASCII is returned as it is. */
export function toByteString(text: string): string {
  return isAscii(text) ? text : Buffer.from(text, "utf8").toString("latin1");
}

/**
 * A byte string as text: what is not UTF-8 becomes U+FFFD, one for each maximal part of a sequence (Unicode 15, section
 * 3.9), as Falco cleans what it prints. Control characters stay.
 */
export function cleanText(bytes: string): string {
  return isAscii(bytes) ? bytes : Buffer.from(bytes, "latin1").toString("utf8");
}

/** True when the bytes are UTF-8. */
export function isUtf8(bytes: string): boolean {
  return isAscii(bytes) || toByteString(cleanText(bytes)) === bytes;
}

function isAscii(text: string): boolean {
  for (let index = 0; index < text.length; index++) if (text.charCodeAt(index) > 0x7f) return false;
  return true;
}

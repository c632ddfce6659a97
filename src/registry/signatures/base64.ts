const foreign = /[^A-Za-z0-9+/=\r\n]/;
const noPadding = /[^=\r\n]/;
const newLine = 0x0a;
const carriageReturn = 0x0d;

/**
 * The bytes of standard base64 with its padding; undefined for all other text. Line breaks are passed over and nothing
 * else is: many programs write base64 in lines, and cosign keeps what it is given. Node's own reader skips everything
 * that it does not know. Source: RFC 4648, sections 3.1, 3.3 and 4; Go's `encoding/base64`, with which cosign reads.
 */
export function decodeBase64(text: string): Buffer | undefined {
  if (foreign.test(text)) return undefined;
  const end = text.indexOf("=");
  const padding = end < 0 ? "" : text.slice(end);
  const isPadded = padding.length - lineBreaksIn(padding) <= 2 && !noPadding.test(padding);
  return isPadded && (text.length - lineBreaksIn(text)) % 4 === 0 ? Buffer.from(text, "base64") : undefined;
}

function lineBreaksIn(text: string): number {
  if (!text.includes("\n") && !text.includes("\r")) return 0;
  let count = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === newLine || code === carriageReturn) count += 1;
  }
  return count;
}

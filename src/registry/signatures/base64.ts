const foreign = /[^A-Za-z0-9+/=]/;

/**
 * The bytes of standard base64 with its padding and nothing else around it; undefined for all other text. Node's own
 * reader skips what it does not know. Source: RFC 4648, section 4.
 */
export function decodeBase64(text: string): Buffer | undefined {
  const padding = text.indexOf("=");
  const isPadded = padding < 0 || (padding >= text.length - 2 && text.endsWith("="));
  return text.length % 4 === 0 && isPadded && !foreign.test(text) ? Buffer.from(text, "base64") : undefined;
}

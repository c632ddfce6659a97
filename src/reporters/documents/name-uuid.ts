import { createHash } from "node:crypto";

/** The namespace for URLs and URIs. RFC 9562, section 6.6. */
const namespace = Buffer.from("6ba7b8119dad11d180b400c04fd430c8", "hex");

/** A UUID of version 5 (RFC 9562, section 5.5): the same texts in the same order give the same UUID. */
export function nameUuid(texts: readonly string[]): string {
  const name = `plimsoll:${JSON.stringify(texts)}`;
  const bytes = createHash("sha1").update(namespace).update(name).digest().subarray(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x50;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = bytes.toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

import { crc32 } from "node:zlib";

const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/**
 * Whether the last six characters are the checksum of the others behind the prefix: the CRC-32 in base 62. Source:
 * GitHub, "Behind GitHub's new authentication token formats"; npm uses the same.
 */
export function hasChecksum(token: string): boolean {
  const body = token.slice(token.indexOf("_") + 1);
  return checksumOf(body.slice(0, -6)) === body.slice(-6);
}

/** The checksum of {@link hasChecksum}. */
export function checksumOf(text: string): string {
  let rest = crc32(text);
  let checksum = "";
  while (rest > 0) {
    checksum = digits.charAt(rest % 62) + checksum;
    rest = Math.floor(rest / 62);
  }
  return checksum.padStart(6, "0");
}

/** Whether the header of a JSON Web Token is JSON that names an algorithm. */
export function isJsonWebToken(token: string): boolean {
  const [header = ""] = token.split(".");
  try {
    const value: unknown = JSON.parse(Buffer.from(header, "base64url").toString("utf8"));
    return typeof value === "object" && value !== null && "alg" in value;
  } catch {
    return false;
  }
}

const placeholder =
  /example|sample|dummy|placeholder|changeme|change_me|your[-_]?|insert|replace|redacted|xxxx|\*\*\*\*|<[^>]{0,100}>|\$\{|\{\{|%[({]|^[$%]|test|fake|secret_?key|password|123456|abcdef|(.)\1{5}/i;

/** False for what stands where a secret would: a variable, an example, a word. */
export function isNoPlaceholder(value: string): boolean {
  return !placeholder.test(value) && !hasFewLetters(value);
}

/** At most three different characters: `aaaa`, `----`, `x.x.x.x`. */
function hasFewLetters(value: string): boolean {
  return new Set(value).size <= 3;
}

/** Whether a value has letters and digits, as generated passwords and tokens have, and identifiers mostly have not. */
export function isMixed(value: string): boolean {
  return /[a-z]/i.test(value) && /\d/.test(value) && isNoPlaceholder(value);
}

/** Whether base64 gives `user:password`, both of them present. */
export function isBasicAuth(value: string): boolean {
  const [, user, password] = /^([^:\s]{1,200}):(\S{3,})$/.exec(Buffer.from(value, "base64").toString("latin1")) ?? [];
  return user !== undefined && password !== undefined && /^[\x20-\x7e]+$/.test(user + password);
}

/**
 * Returns text that may hold unknown secrets without its recognisable secrets: headers named like `Authorization` and
 * `X-Auth-Token` in any notation, to the end of their value; credentials after the name of their scheme; a JSON Web
 * Token; a private key; a user in an address.
 */
export function withoutLookAlikes(text: string): string {
  return lookAlikes.reduce((rest, [pattern, replacement]) => rest.replace(pattern, replacement), text);
}

const lookAlikes: readonly (readonly [pattern: RegExp, replacement: string])[] = [
  [
    /([\w-]{0,40}(?:authorization|cookie|[-_](?:token|secret|password|key))["'\\]{0,4}\s{0,4}(?::|=>?)\s{0,4})(?:"[^"\n]*"?|'[^'\n]*'?|\[[^\]\n]*\]?|[^\n]+)/gi,
    "$1[secret]",
  ],
  [/\b(Bearer|Basic|Negotiate)\s{1,4}(?:(?=[\w.~+/=-]{0,200}\d)[\w.~+/=-]{8,}|[\w.~+/=-]{20,})/gi, "$1 [secret]"],
  [/\beyJ[\w.-]{16,}/g, "[secret]"],
  [/-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----[^-]*/g, "[secret]"],
  [/:\/\/[^\s/?#@]{1,256}@/g, "://[secret]@"],
];

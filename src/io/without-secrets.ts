/** A secret shorter than this cannot be told from other text. */
const shortest = 4;
/** From so many characters on, text that differs in upper and lower case alone counts as the secret: the names of hosts lose that. */
const surelyOwn = 8;

/**
 * Text of a server's choice without the secrets that it was shown, as they are, in lower case, or with percent signs: servers repeat all
 * sorts of things in their errors, and in the addresses that they lead to.
 */
export function withoutSecrets(text: string, secrets: Iterable<string>): string {
  let result = text;
  for (const secret of secrets) {
    const lower = secret.length >= surelyOwn ? secret.toLowerCase() : secret;
    for (const form of new Set([secret, encodeURIComponent(secret.toWellFormed()), lower])) {
      if (form.length >= shortest) result = result.replaceAll(form, "[secret]");
    }
  }
  return result;
}

/** What the value of a header gives away: itself, what comes after the scheme of an `Authorization` and, of Basic, the password. */
export function secretsIn(header: string): readonly string[] {
  const [scheme = "", value = ""] = header.split(" ");
  if (scheme !== "Basic") return [header, value];
  const pair = Buffer.from(value, "base64").toString("utf8");
  return [header, value, pair.slice(pair.indexOf(":") + 1)];
}

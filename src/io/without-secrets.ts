import { trimEnd } from "../model/trim-end.ts";

/** A secret shorter than this cannot be told from other text. */
const shortest = 4;
/**
 * From so many characters on, text that differs in upper and lower case alone counts as the secret: the names of hosts
 * lose that.
 */
const surelyOwn = 8;

/**
 * Text of a server's choice without the secrets that it was shown: as they are, in lower case, with percent signs, in
 * JSON, in HTML, or in base64. Servers repeat all sorts of things in their errors, and in the addresses that they lead
 * to.
 */
export function withoutSecrets(text: string, secrets: Iterable<string>): string {
  let result = text;
  for (const secret of secrets) {
    for (const form of formsOf(secret)) {
      if (form.length >= shortest) result = result.replaceAll(form, "[secret]");
    }
  }
  return result;
}

/** The ways in which a server may write a secret. */
function formsOf(secret: string): ReadonlySet<string> {
  const text = secret.toWellFormed();
  const base64 = secret.length >= shortest ? alphabetsOf(Buffer.from(text, "utf8").toString("base64")) : [];
  const own = secret.length >= surelyOwn ? [secret.toLowerCase(), ...alphabetsOf(secret)] : [];
  if (/^[\w.-]*$/.test(secret)) return new Set([secret, ...own, ...base64]);
  const component = encodeURIComponent(text);
  const escaped = component.replace(/[!'()*~]/g, percent);
  const form = new URLSearchParams({ "": text }).toString().slice(1);
  const json = JSON.stringify(text).slice(1, -1);
  return new Set([
    secret,
    component,
    escaped,
    form,
    ...[component, escaped, form].map((one) => one.replace(/%[0-9A-F]{2}/g, (octet) => octet.toLowerCase())),
    ...jsonEscapes.flatMap((escapes) => {
      const one = json.replace(escapes, unicode);
      return [one, one.replaceAll("/", "\\/")];
    }),
    text.replace(/[&<>"']/g, (character) => entities[character] ?? character),
    // A secret that is base64 itself, as that of Basic is, may be written without its padding.
    ...own,
    ...base64,
  ]);
}

/** Base64 without padding, in both of its alphabets. */
function alphabetsOf(base64: string): readonly string[] {
  const bare = trimEnd(base64, "=");
  return [bare, bare.replaceAll("+", "-").replaceAll("/", "_")];
}

function percent(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
}

function unicode(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

/**
 * Which characters some languages escape in JSON although they need not: none, those of HTML, all but ASCII, or both.
 */
const jsonEscapes: readonly RegExp[] = [/(?!)/g, /[<>&]/g, /[^\x20-\x7e]/g, /[<>&]|[^\x20-\x7e]/g];

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/**
 * What the value of a header gives away: itself, what comes after the scheme of an `Authorization` and, of Basic, the
 * password.
 */
export function secretsIn(header: string): readonly string[] {
  const [scheme = "", value = ""] = header.split(" ");
  if (scheme !== "Basic") return [header, value];
  const pair = Buffer.from(value, "base64").toString("utf8");
  return [header, value, pair.slice(pair.indexOf(":") + 1)];
}

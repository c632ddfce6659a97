import { trimEnd } from "../../model/text/trim-end.ts";
import { readingsOf } from "../bytes/readings-of.ts";

/** A secret shorter than this cannot be distinguished from other text. */
const shortest = 4;
/**
 * From so many characters on, text that differs in upper and lower case alone counts as the secret: the names of hosts
 * lose that.
 */
const surelyOwn = 8;

/** Number of characters of a longer secret that are searched for: no message shows more of an answer. */
const longest = 4096;

/** A way to write a secret. */
export interface SecretForm {
  readonly text: string;
  /** True when upper and lower case count as the same; the text is in lower case then. */
  readonly isFolded: boolean;
}

/**
 * Text of a server's choice without the secrets that it was shown: as they are, in hexadecimal, and in base64 with
 * whatever stands around them; each also in all the ways of {@link readingsOf}. Servers repeat all sorts of things in
 * their errors, and in the addresses that they lead to. What overlaps goes as one.
 */
export function withoutSecrets(text: string, secrets: Iterable<string>): string {
  return withoutForms(text, Array.from(secrets, formsOf).flat());
}

/** The same, of secrets whose forms are known already. */
export function withoutForms(text: string, secrets: readonly SecretForm[]): string {
  // No reading is longer than the text.
  const forms = secrets.filter((form) => form.text.length <= text.length);
  if (forms.length === 0) return text;
  const spans = readingsOf(text).flatMap(({ text: read, startOf }) => {
    const folded = fold(read);
    return forms.flatMap(({ text: form, isFolded }) =>
      placesOf(form, isFolded ? folded : read).map((at): Span => [startOf(at), startOf(at + form.length)]),
    );
  });
  let result = "";
  let end = 0;
  for (const [from, to] of joined(spans)) {
    result += `${text.slice(end, from)}[secret]`;
    end = to;
  }
  return result + text.slice(end);
}

/** From the first character to the one after the last. */
type Span = readonly [from: number, to: number];

function placesOf(form: string, text: string): readonly number[] {
  const places: number[] = [];
  for (let at = text.indexOf(form); at >= 0; at = text.indexOf(form, at + form.length)) places.push(at);
  return places;
}

function joined(spans: readonly Span[]): readonly Span[] {
  const result: [number, number][] = [];
  for (const [from, to] of spans.toSorted(([one], [other]) => one - other)) {
    const last = result.at(-1);
    if (last && from < last[1]) last[1] = Math.max(last[1], to);
    else result.push([from, to]);
  }
  return result;
}

/** In lower case where that has as many characters. */
function fold(text: string): string {
  return text.replace(/[A-Z]+/g, (capitals) => capitals.toLowerCase());
}

/** The ways to write a secret that {@link withoutForms} looks for; none of one that is too short. */
export function formsOf(whole: string): readonly SecretForm[] {
  const secret = whole.slice(0, longest);
  if (secret.length < shortest) return [];
  const bytes = Buffer.from(secret.toWellFormed(), "utf8");
  // A secret that is base64 itself, as that of Basic is, may be written without its padding.
  const own = secret.length < surelyOwn ? [] : alphabetsOf(secret);
  const inside = secret.length < surelyOwn ? [] : [0, 1, 2].map((before) => insideBase64(bytes, before));
  const texts = [secret, ...own, ...[bytes.toString("base64"), ...inside].flatMap(alphabetsOf), bytes.toString("hex")];
  return [...new Set(texts)].map((text) => {
    const isFolded = text.length >= surelyOwn;
    return { text: isFolded ? fold(text) : text, isFolded };
  });
}

/**
 * What the base64 of a longer text has of these bytes, where so many others, modulo three, are before them; without the
 * characters at both ends, which are of others too.
 */
function insideBase64(bytes: Buffer, before: number): string {
  const whole = Buffer.concat([Buffer.alloc(before), bytes]);
  const base64 = trimEnd(whole.toString("base64"), "=");
  return base64.slice(before === 0 ? 0 : before + 1, whole.length % 3 === 0 ? undefined : -1);
}

/** Base64 without padding, in both of its alphabets. */
function alphabetsOf(base64: string): readonly string[] {
  const bare = trimEnd(base64, "=");
  return [bare, bare.replaceAll("+", "-").replaceAll("/", "_")];
}

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

import { isPrivateHost } from "../../io/http/http-private-address.ts";
import { isLocalRegistry } from "../../model/packages/reference.ts";
import { isBeside, isNamedHost } from "../connection/is-named-host.ts";

/**
 * What a server asks for in `WWW-Authenticate`, and where the tokens that it wants are to be had.
 *
 * A header is a list of challenges with commas between them; a challenge is a scheme, and then a list of `name=value`
 * with commas between them too. A value is a token or a quoted string in which a backslash makes the next character
 * literal. So a word after a comma begins a new challenge unless an equals sign follows it. In place of the list
 * there may be one piece of base64, which no registry needs and is passed over. Registries write unquoted addresses as
 * values, and some quote schemes and names: both are read.
 *
 * Source: RFC 9110, section 11.6.1; the token authentication specification of distribution.
 */
export interface Challenge {
  /** In lower case: `bearer`, `basic`, `negotiate`. */
  readonly scheme: string;
  /** By name in lower case; the first of two of one name. */
  readonly parameters: ReadonlyMap<string, string>;
}

const longestHeader = 16 * 1024;

/**
 * The challenges of one header, or of several that were joined with commas; undefined when it is against its grammar.
 */
export function parseChallenges(header: string): readonly Challenge[] | undefined {
  return readChallenges(header, { needsCommas: true });
}

/** Without `needsCommas` a parameter may follow another one with no comma between them. */
function readChallenges(
  header: string,
  { needsCommas }: { readonly needsCommas: boolean },
): readonly Challenge[] | undefined {
  if (header.length > longestHeader) return undefined;
  const scanner = new Scanner(header);
  const challenges: { scheme: string; parameters: Map<string, string> }[] = [];
  let afterScheme = false;
  /** True after a parameter without a comma: only another one may follow. */
  let isOpen = false;
  while (!scanner.isAtEnd()) {
    if (scanner.take(",") || (afterScheme && scanner.takeBase64())) {
      afterScheme = false;
      continue;
    }
    const word = scanner.word();
    if (word === undefined) return undefined;
    if (scanner.take("=")) {
      const value = scanner.value();
      const last = challenges.at(-1);
      if (value === undefined || last === undefined) return undefined;
      const name = word.toLowerCase();
      if (!last.parameters.has(name)) last.parameters.set(name, value);
      isOpen = !scanner.isAtEnd() && !scanner.take(",");
      if (isOpen && needsCommas) return undefined;
      afterScheme = false;
    } else if (afterScheme) {
      if (!scanner.isAtEnd() && !scanner.take(",")) return undefined;
      afterScheme = false;
    } else if (isOpen) return undefined;
    else {
      challenges.push({ scheme: word.toLowerCase(), parameters: new Map() });
      afterScheme = true;
    }
  }
  return challenges;
}

/**
 * The challenges of all headers of an answer, in order. A header that violates its grammar is skipped, except for a
 * missing comma between two parameters.
 */
export function challengesOf(headers: string | readonly string[] | undefined): readonly Challenge[] {
  const list = typeof headers === "string" ? [headers] : (headers ?? []);
  return list.flatMap((header) => readChallenges(header, { needsCommas: false }) ?? []);
}

/** The schemes that are answered. */
const spokenSchemes: ReadonlySet<string> = new Set(["basic", "bearer"]);
const mostNamed = 3;

/**
 * The schemes that the headers of an answer name when none of them is answered here, a few of them and cut; empty when
 * the headers cannot be read. Undefined when there is no header, or one of a scheme that is answered: then also one
 * that is against its grammar after the name of its scheme, as some registries write them. `hide` takes secrets out,
 * before anything is cut.
 */
export function unspokenSchemes(
  headers: readonly string[],
  hide = (text: string): string => text,
): readonly string[] | undefined {
  if (headers.length === 0) return undefined;
  const challenges = challengesOf(headers);
  const first = headers.map((header) => /^[A-Za-z]{1,20}(?![^\s,])/.exec(header)?.[0].toLowerCase() ?? "");
  const named = challenges.map(({ scheme }) => scheme);
  if ([...named, ...first].some((scheme) => spokenSchemes.has(scheme))) return undefined;
  return [...new Set(named)].slice(0, mostNamed).map((scheme) => hide(scheme).slice(0, 40));
}

/** What decides whether a realm may be asked. */
export interface RealmRules {
  /** `host` or `host:port` of the registry that sent the challenge. */
  readonly registryHost: string;
  /** True where the registry is asked over plain http; then its realm may be too. */
  readonly insecure?: boolean;
  /** True for a `host` or `host:port` not on this machine that may then be asked so; any may unless given. */
  readonly plainElsewhere?: (host: string) => boolean;
  /** Each host that the user vouches for, on a private network or not, as {@link isNamedHost} reads it. */
  readonly trustedHosts?: readonly string[];
}

/** A realm that may be asked, or why it may not: a clause. */
export type Realm =
  | {
      readonly url: URL;
      /**
       * True when it is the registry itself or a host that the user vouches for. Any other is another port of the
       * registry's host, or a name or a public address of its choice: what a name means is to be checked when it is
       * looked up.
       */
      readonly trusted: boolean;
    }
  | {
      readonly refusal: string;
      /** True when it would be allowed if the user vouched for its host. */
      readonly isPrivate?: true;
      /** Its host and port, when it would be allowed if the user allowed plain http for that. */
      readonly plainHost?: string;
    };

/**
 * Where the tokens that a Bearer challenge wants are to be had. Undefined when there is no realm or it is not a URL:
 * then the credential goes to the registry itself.
 *
 * Refused: what is not https, unless the registry itself is asked over http, and the realm is on this machine or where
 * {@link RealmRules.plainElsewhere} says; a user name or password in it; this machine, a private or a link-local
 * address, unless it is the registry's own host and port, a port of the registry's host as {@link isBeside} has it, or
 * one that the user vouches for. An outsider may have written the challenge, and could otherwise have a cloud's
 * metadata service asked, or the user's password sent in the clear.
 */
export function realmOf(
  challenge: Challenge,
  { registryHost, insecure = false, plainElsewhere = () => true, trustedHosts = [] }: RealmRules,
): Realm | undefined {
  const realm = challenge.parameters.get("realm");
  const url = realm === undefined ? null : URL.parse(realm);
  if (!url || (url.host === "" && realm?.includes("://") !== true)) return undefined;
  if (url.protocol !== "https:" && url.protocol !== "http:") {
    return { refusal: "the address of its token server is not an http or https address" };
  }
  if (url.protocol === "http:" && !(insecure && (isLocalRegistry(url.host) || plainElsewhere(url.host)))) {
    const refusal = `its token server ${url.host} uses plain http`;
    return { refusal, ...(insecure && { plainHost: url.host }) };
  }
  if (url.username !== "" || url.password !== "") {
    return { refusal: `the address of its token server ${url.host} contains a user name or password` };
  }
  const trusted = isNamedHost(url, [registryHost, ...trustedHosts]);
  if (!trusted && isPrivateHost(url.hostname) && !isBeside(url, registryHost)) {
    const refusal = `it refers to the token server ${url.host}, which is not on the public internet`;
    return { refusal, isPrivate: true };
  }
  return { url, trusted };
}

/** Reads a header's words; white space around them is passed over. */
class Scanner {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
    this.#skipSpace();
  }

  isAtEnd(): boolean {
    return this.#at >= this.#text.length;
  }

  /** True when the character is next; then it is passed. */
  take(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at++;
    this.#skipSpace();
    return true;
  }

  /** True when base64 is next, with its padding, that a comma or the end follows; then it is passed. */
  takeBase64(): boolean {
    const isNext = this.#matched(/[A-Za-z0-9._~+/-]+=*(?=[ \t]*(?:,|$))/y) !== undefined;
    this.#skipSpace();
    return isNext;
  }

  /** A scheme or a name; or what is quoted. Undefined when none is next, or a quote does not close. */
  word(): string | undefined {
    return this.#quotedOr(/[^\s,="]+/y);
  }

  /** What follows an equals sign: also an address without quotes. Undefined as with {@link word}. */
  value(): string | undefined {
    return this.#quotedOr(/[^\s,"]+/y);
  }

  #quotedOr(pattern: RegExp): string | undefined {
    const word = this.#text[this.#at] === '"' ? this.#quoted() : this.#matched(pattern);
    this.#skipSpace();
    return word;
  }

  #matched(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text)?.[0];
    this.#at += match?.length ?? 0;
    return match;
  }

  #quoted(): string | undefined {
    let content = "";
    for (this.#at++; this.#at < this.#text.length; this.#at++) {
      let character = this.#text[this.#at];
      if (character === '"') {
        this.#at++;
        return content;
      }
      if (character === "\\") character = this.#text[++this.#at];
      if (character === undefined) return undefined;
      content += character;
    }
    return undefined;
  }

  #skipSpace(): void {
    while (/[ \t]/.test(this.#text[this.#at] ?? "")) this.#at++;
  }
}

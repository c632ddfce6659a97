import type { ProxyEnvironment } from "../../io/http/proxy-variables.ts";
import { secretsOfProxies } from "../../io/http/secrets-of-address.ts";
import { formsOf, type SecretForm, secretsIn, withoutForms } from "../../io/http/without-secrets.ts";
import { isDigest } from "../../model/packages/reference.ts";
import type { Credential } from "../credentials/credential.ts";
import { headerFor } from "./bearer-token.ts";

/** Secrets of one request each are many in a long run, and each is over soon. */
const mostPassing = 60;
/** A query's value that is shorter opens nothing. */
const shortestInQuery = 8;
/** Longest text; a message holds far less. */
const longestText: number = 4 * 1024;

/**
 * What must not show in a message about a registry: what its user is known by, there and to the proxy on the way, the
 * tokens that were given, and what opens the addresses that were given. A registry, its token server and a proxy may be
 * one program, so each may repeat what any other was shown.
 */
export class KnownSecrets {
  readonly #lasting = new Map<string, readonly SecretForm[]>();
  /** The newest last. */
  readonly #passing = new Map<string, readonly SecretForm[]>();

  constructor(proxies: ProxyEnvironment = {}) {
    for (const secret of secretsOfProxies(proxies)) this.#addLasting(secret);
  }

  /** Adds what a credential shows. */
  addCredential(credential: Credential): void {
    const header = headerFor(credential);
    for (const secret of header === undefined ? [] : secretsIn(header)) this.#addLasting(secret);
  }

  /** Adds a token that a token server gave. */
  addToken(token: string): void {
    this.#addPassing(token);
  }

  /** Adds what stands in the query of an address that a server gave, and may be a signature or a token. */
  addAddress(address: URL): void {
    for (const value of address.searchParams.values()) {
      if (value.length >= shortestInQuery && !isDigest(value)) this.#addPassing(value);
    }
  }

  /**
   * The beginning of a text from outside without all these, in all the forms of `withoutSecrets`; a password that is
   * too short for them only where it stands as a word.
   */
  hide(text: string): string {
    const words = this.#shortOnes.reduce(
      (rest, secret) => withoutWord(rest, secret),
      withoutForms(text.slice(0, 2 * longestText), [...this.#lasting.values(), ...this.#passing.values()].flat()),
    );
    return words.slice(0, longestText);
  }

  get #shortOnes(): readonly string[] {
    return [...this.#lasting].flatMap(([secret, forms]) => (secret !== "" && forms.length === 0 ? [secret] : []));
  }

  #addLasting(secret: string): void {
    if (!this.#lasting.has(secret)) this.#lasting.set(secret, formsOf(secret));
  }

  #addPassing(secret: string): void {
    const forms = this.#passing.get(secret) ?? formsOf(secret);
    this.#passing.delete(secret);
    this.#passing.set(secret, forms);
    const [oldest] = this.#passing.keys();
    if (this.#passing.size > mostPassing && oldest !== undefined) this.#passing.delete(oldest);
  }
}

function withoutWord(text: string, word: string): string {
  return text
    .split(word)
    .reduce(
      (before, after) =>
        `${before}${isPartOfWord(before.at(-1)) || isPartOfWord(after[0]) ? word : "[secret]"}${after}`,
    );
}

function isPartOfWord(character: string | undefined): boolean {
  return character !== undefined && /[\p{L}\p{N}]/u.test(character);
}

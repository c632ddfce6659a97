import { basicAuthorization, credentialIn } from "../io/basic-authorization.ts";
import type { ProxyEnvironment } from "../io/http-client.ts";
import { secretsIn, withoutSecrets } from "../io/without-secrets.ts";
import { isDigest } from "../model/reference.ts";
import { headerFor } from "./bearer-token.ts";
import type { Credential } from "./credentials/credential.ts";

/** Secrets of one request each are many in a long run, and each is over soon. */
const mostPassing = 60;
/** A query's value that is shorter opens nothing. */
const shortestInQuery = 8;
/** Secrets that are shorter are too much like other text to be taken out of it. */
const shortest = 4;
/** Of a text; a message holds far less. */
const longestText: number = 16 * 1024;

const proxyNames = ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY"];

/**
 * What must not show in a message about a registry: what its user is known by, there and to the proxy on the way, the
 * tokens that were given, and what opens the addresses that were given. A registry, its token server and a proxy may be
 * one program, so each may repeat what any other was shown.
 */
export class KnownSecrets {
  readonly #lasting = new Set<string>();
  /** The newest last. */
  readonly #passing = new Set<string>();

  constructor(proxies: ProxyEnvironment = {}) {
    for (const value of proxyNames.map((name) => proxies[name]?.trim())) {
      const url = value ? URL.parse(value.includes("://") ? value : `http://${value}`) : null;
      const credential = url && credentialIn(url);
      // A program that was shown a user alone has no secret.
      if (!url || !credential || credential.password === "") continue;
      for (const secret of [url.password, ...secretsIn(basicAuthorization(credential))]) this.#lasting.add(secret);
    }
  }

  /** Adds what a credential shows. */
  addCredential(credential: Credential): void {
    const header = headerFor(credential);
    for (const secret of header === undefined ? [] : secretsIn(header)) this.#lasting.add(secret);
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

  /** Text from outside without all these, in all the forms of {@link withoutSecrets}. */
  hide(text: string): string {
    const secrets = [...this.#lasting, ...this.#passing];
    const start = text.slice(0, longestText);
    const hasShort = secrets.some((secret) => secret !== "" && secret.length < shortest && start.includes(secret));
    return hasShort ? "[secret]" : withoutSecrets(start, secrets);
  }

  #addPassing(secret: string): void {
    this.#passing.delete(secret);
    this.#passing.add(secret);
    const [oldest] = this.#passing;
    if (this.#passing.size > mostPassing && oldest !== undefined) this.#passing.delete(oldest);
  }
}

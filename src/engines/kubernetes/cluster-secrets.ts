import { withoutLookAlikes } from "../../io/documents/without-look-alikes.ts";
import { type BasicCredential, basicAuthorization, credentialIn } from "../../io/http/basic-authorization.ts";
import { secretsIn, withoutSecrets } from "../../io/http/without-secrets.ts";
import type { ClusterAccess, ClusterUser } from "./cluster-access.ts";
import type { ExecCredential } from "./exec-credential.ts";

/**
 * What must not show in a message about a cluster: by which its user is known there, and to the proxy on the way. API
 * servers and proxies repeat what they were sent, and a proxy also what it adds itself.
 */
export class ClusterSecrets {
  readonly #secrets: Set<string>;

  constructor({ user, proxy }: Pick<ClusterAccess, "user" | "proxy">) {
    this.#secrets = new Set([...ofUser(user), ...ofProxy(proxy)]);
  }

  /** Adds what a plug-in gave. */
  add(credential: ExecCredential): void {
    for (const secret of ofUser(credential)) this.#secrets.add(secret);
  }

  /**
   * Text from outside without these secrets, in all the forms of {@link withoutSecrets}, and without text that looks
   * like a secret; empty when it holds a secret that is too short to be distinguished from other text.
   */
  hide(text: string): string {
    const secrets = [...this.#secrets].filter((secret) => secret !== "").sort((a, b) => b.length - a.length);
    if (secrets.some((secret) => secret.length < shortest && text.includes(secret))) return "";
    return withoutLookAlikes(withoutSecrets(text, secrets));
  }
}

/** Shorter secrets are passed over by {@link withoutSecrets}. */
const shortest = 4;
/** The last line of a key, of which one learns nothing. */
const shortestLine = 16;

function ofUser({ token, basic, key }: Pick<ClusterUser, "token" | "basic" | "key">): readonly string[] {
  return [
    ...(token === undefined ? [] : secretsIn(`Bearer ${token}`)),
    ...(basic ? ofBasic(basic) : []),
    ...(key === undefined ? [] : ofKey(key)),
  ];
}

function ofBasic(basic: BasicCredential): readonly string[] {
  return [...secretsIn(basicAuthorization(basic)), basic.username, `${basic.username}:${basic.password}`];
}

/** A key in PEM: whole, as a kubeconfig has it, and line by line. */
function ofKey(key: string): readonly string[] {
  const lines = key.split(/\r?\n/).filter((line) => line.length >= shortestLine && !line.startsWith("-----"));
  return [key, Buffer.from(key).toString("base64"), lines.join(""), ...lines];
}

function ofProxy(proxy: string | undefined): readonly string[] {
  const url = URL.parse(proxy ?? "");
  const credential = url && credentialIn(url);
  return credential ? [url.username, url.password, ...ofBasic(credential)] : [];
}

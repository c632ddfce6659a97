import { basicAuthorization } from "../../io/http/basic-authorization.ts";
import { PlimsollError } from "../../model/error.ts";
import type { Credential } from "../credentials/credential.ts";
import type { ListedPlace } from "./vendor.ts";

/** A list of names. */
export type Listing = () => AsyncGenerator<string>;

/**
 * The catalogue of the registry, which the OCI specification once had: `/v2/_catalog`; `scopes` are what a token is to
 * allow, where that is not the usual `registry:catalog:*`.
 */
export function listCatalog(
  { client, registry, prefix, misfit }: ListedPlace,
  scopes?: readonly string[],
): AsyncGenerator<string> {
  return client.catalog(registry, { below: prefix, scopes, misfit });
}

/** The catalogue of one of several registries that a server holds, whose key is the first component of the names. */
export async function* listKey(
  { client, registry, prefix, misfit }: ListedPlace,
  { key, base }: { readonly key: string; readonly base: string },
): AsyncGenerator<string> {
  const keyed = (name: string, isText: boolean): void => misfit(`${key}/${name}`, isText);
  const names = client.catalog(registry, { base, below: prefix, misfit: keyed });
  for await (const name of names) yield `${key}/${name}`;
}

/**
 * The first list that the registry gives. A listing that fails after its first name has failed. Errors: when none is
 * given, that of the first; what is not an answer of the registry's ends the search.
 */
export async function* firstGiven(...listings: readonly [Listing, ...Listing[]]): AsyncGenerator<string> {
  let first: PlimsollError | undefined;
  for (const listing of listings) {
    let some = false;
    try {
      for await (const name of listing()) {
        some = true;
        yield name;
      }
      return;
    } catch (cause) {
      if (some || !isNo(cause)) throw cause;
      first ??= cause;
    }
  }
  throw first;
}

/** A list, or another error when it is not given. */
export async function* givenOr(
  listing: Listing,
  errorFor: (cause: PlimsollError) => PlimsollError,
): AsyncGenerator<string> {
  try {
    yield* listing();
  } catch (cause) {
    throw isNo(cause) ? errorFor(cause) : cause;
  }
}

/** True for the error of a registry that answered, and did not give what was asked for. */
export function isNo(cause: unknown): cause is PlimsollError {
  return (
    cause instanceof PlimsollError && ["registry-refused", "registry-failed", "image-not-found"].includes(cause.code)
  );
}

/** `usage`: a registry that lists only what is below some path. `form` is what to write, as `docker.io/NAMESPACE`. */
export function prefixNeeded(registry: string, form: string): PlimsollError {
  return new PlimsollError("usage", `the registry ${registry} does not list all of its repositories`, {
    hint: `Specify a part of the registry, as ${form}, or the images one by one.`,
  });
}

/** `registry-refused`: a list that only a user gets, where there is no credential of the kind; `need` is a sentence. */
export function credentialNeeded({ registry, prefix }: ListedPlace, need: string): PlimsollError {
  const what = prefix === "" ? registry : `${registry}/${prefix}`;
  return new PlimsollError("registry-refused", `the repositories of ${what} cannot be listed without an account`, {
    hint: need,
  });
}

/**
 * For {@link ListedPlace.problem}: a log-in that cannot be shown to a vendor's interface, so that it lists only the
 * public part.
 */
export function unfitLogIn(name: string): string {
  return `the API of ${name} does not accept this type of credentials, so private repositories are not listed`;
}

/** The first component of the prefix, and the rest. */
export function splitPrefix(prefix: string): readonly [first: string, rest: string] {
  const slash = prefix.indexOf("/");
  return slash < 0 ? [prefix, ""] : [prefix.slice(0, slash), prefix.slice(slash + 1)];
}

/** True for a name at or below a prefix, by components; everything is below the empty one. */
export function isAtOrBelow(name: string, prefix: string): boolean {
  return prefix === "" || name === prefix || name.startsWith(`${prefix}/`);
}

/** The header that shows a user name and a password, or a token in its place; none for other credentials. */
export function basicSecrets(credential: Credential | undefined): Readonly<Record<string, string>> {
  if (credential?.kind !== "basic") return {};
  const { username, password } = credential;
  return { authorization: basicAuthorization({ username, password: password.reveal() }) };
}

/** The header that shows the password, which is a token, as OAuth 2 has it; none for other credentials. */
export function bearerSecrets(credential: Credential | undefined): Readonly<Record<string, string>> {
  if (credential?.kind !== "basic") return {};
  return { authorization: `Bearer ${credential.password.reveal()}` };
}

/** Text of an entry's member; empty when it is missing. */
export function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

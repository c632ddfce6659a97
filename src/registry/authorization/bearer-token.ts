import { HttpRefusal } from "../../io/http/http-client.ts";
import type { Interruption } from "../../io/http/patience.ts";
import { isJsonObject, type JsonObject, parseJson } from "../../model/objects/json-object.ts";
import type { DocumentBounds, RegistryDocument, RegistryReply } from "../connection/registry-document.ts";
import { failed, refused, registryWords, unreachable } from "../connection/registry-failure.ts";
import { authorizationOf } from "../credentials/authorization.ts";
import type { Credential } from "../credentials/credential.ts";

/**
 * How a Bearer challenge is answered: a token for some scopes is asked for at the realm, with `GET` and the user's name
 * and password (`Basic`), or with `POST` and a refresh token (OAuth 2); without either the token is for anybody.
 *
 * Source: distribution, "Token Authentication Specification" and "OAuth2 Token Authentication"; RFC 6749, section 6.
 */
export interface TokenQuestion {
  /** How errors name the registry. */
  readonly registry: string;
  readonly realm: URL;
  readonly service: string | undefined;
  /** As `repository:NAME:ACTIONS`. */
  readonly scopes: readonly string[];
  readonly credential: Credential | undefined;
  /** Takes secrets out of text of the servers' choice; without it that stays as it is. */
  readonly hide?: (text: string) => string;
}

/** A request to a token server, or to another server that belongs to a registry. */
export interface RealmRequest {
  readonly method: "GET" | "POST";
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  /** Goes to the realm's own origin alone. */
  readonly authorization?: string;
  /** Further headers that hold secrets, in lower case: they go there alone too. */
  readonly secrets?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  /** What a refusal is when the same request may succeed later, beside the statuses that always are so. */
  readonly passing?: (reply: RegistryReply) => Interruption | undefined;
}

/** Sends a request to a token server and reads what it answers, again if need be. */
export type AskRealm = (request: RealmRequest, bounds: DocumentBounds) => Promise<RegistryDocument>;

/** A token of a registry. */
export interface BearerToken {
  readonly token: string;
  /** Seconds for which it holds from now. */
  readonly expiresIn: number;
}

const defaultLifetime = 60;
const clientId = "plimsoll";
const largestReply = 1024 * 1024;

/** Gets a token. Errors: `registry-refused`, `registry-failed`, `registry-unreachable`, `cancelled`. */
export async function fetchToken(question: TokenQuestion, ask: AskRealm): Promise<BearerToken> {
  const { registry, realm, credential, hide = unchanged } = question;
  const host = hide(realm.host);
  try {
    const answer = await askForToken(question, ask);
    if (answer.status !== 200) {
      const words = registryWords(answer.excerpt, hide);
      const reason = `${host} answered ${answer.status}${words === undefined ? "" : ` (${words})`}`;
      if ([400, 401, 403].includes(answer.status))
        throw refused("the log-in", { registry, reason, known: credential !== undefined });
      throw failed("a request for a token", { registry, reason });
    }
    const token = readToken(answer.bytes);
    if (token) return token;
  } catch (cause) {
    if (cause instanceof HttpRefusal) throw unreachable(registry, `token server: ${hide(cause.message)}`);
    throw cause;
  }
  throw failed("a request for a token", { registry, reason: `the response from ${host} contains no token` });
}

function unchanged(text: string): string {
  return text;
}

async function askForToken(question: TokenQuestion, ask: AskRealm): Promise<RegistryDocument> {
  const { credential, realm, hide = unchanged } = question;
  const bounds = { limit: largestReply, what: `a token of ${hide(realm.host)}` };
  if (credential?.kind === "identity-token") {
    const answer = await ask(refreshRequest(question, credential.token.reveal()), bounds);
    if (![401, 404, 405].includes(answer.status)) return answer;
  }
  const account = credential?.kind === "basic" ? credential.username : undefined;
  return ask(getRequest(question, { authorization: credential && headerFor(credential), account }), bounds);
}

/** The `Authorization` header that shows a credential as it is; an identity token stands in place of a password. */
export function headerFor(credential: Credential): string | undefined {
  if (credential.kind !== "identity-token") return authorizationOf(credential);
  return authorizationOf({ kind: "basic", username: credential.username ?? identityUser, password: credential.token });
}

/** The user name that stands for "the password is an identity token". */
const identityUser = "<token>";

function getRequest(
  { realm, service, scopes }: TokenQuestion,
  { authorization, account }: { readonly authorization: string | undefined; readonly account: string | undefined },
): RealmRequest {
  const url = new URL(realm);
  if (service !== undefined) url.searchParams.set("service", service);
  for (const scope of scopes) url.searchParams.append("scope", scope);
  if (account !== undefined) url.searchParams.set("account", account);
  return { method: "GET", url, headers: accept, ...(authorization !== undefined && { authorization }) };
}

function refreshRequest({ realm, service, scopes }: TokenQuestion, refreshToken: string): RealmRequest {
  const form = new URLSearchParams({ grant_type: "refresh_token", refresh_token: refreshToken, client_id: clientId });
  if (service !== undefined) form.set("service", service);
  if (scopes.length > 0) form.set("scope", scopes.join(" "));
  return {
    method: "POST",
    url: realm,
    headers: { ...accept, "content-type": "application/x-www-form-urlencoded" },
    body: Buffer.from(form.toString()),
  };
}

const accept = { accept: "application/json" };

function readToken(bytes: Buffer): BearerToken | undefined {
  const reply = parseObject(bytes);
  const token = [reply?.["token"], reply?.["access_token"]].find(isToken);
  if (token === undefined) return undefined;
  const seconds = reply?.["expires_in"];
  const known = typeof seconds === "number" && Number.isFinite(seconds) && seconds > 0;
  return { token, expiresIn: known ? seconds : defaultLifetime };
}

/** True for what may stand in a header. */
function isToken(value: unknown): value is string {
  return typeof value === "string" && value.length < 64 * 1024 && /^[\x21-\x7e]+$/.test(value);
}

function parseObject(bytes: Buffer): JsonObject | undefined {
  const value = parseJson(bytes.toString("utf8"));
  return isJsonObject(value) ? value : undefined;
}

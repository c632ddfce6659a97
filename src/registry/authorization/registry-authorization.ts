import { createHash } from "node:crypto";
import { PlimsollError } from "../../model/error.ts";
import { besides, nameIt, refused } from "../connection/registry-failure.ts";
import type { Credential, CredentialSource } from "../credentials/credential.ts";
import { type AskRealm, type BearerToken, fetchToken, headerFor } from "./bearer-token.ts";
import { type Challenge, type RealmRules, realmOf } from "./challenge.ts";
import type { KnownSecrets } from "./known-secrets.ts";

/** What a request wants to do. */
export interface Purpose {
  /** As `repository:NAME:ACTIONS` or `registry:catalog:*`; none for a request that belongs to no repository. */
  readonly scopes: readonly string[];
  /** The repository for which a credential is looked up. */
  readonly repository?: string;
  /** True for what anybody may ask and gets less than a known user: credentials are shown without being asked for. */
  readonly eager?: boolean;
}

/** What {@link RegistryAuthorization} is made with. */
export interface AuthorizationOptions {
  /** The name under which credentials are looked up, and by which errors name the registry. */
  readonly registry: string;
  readonly realms: RealmRules;
  readonly credentials: CredentialSource;
  /** Learns what is shown and given. */
  readonly secrets: KnownSecrets;
  readonly askRealm: AskRealm;
}

/** How the registry wants to be shown credentials; `direct`: as they are. */
type Scheme =
  | { readonly kind: "direct" }
  | { readonly kind: "bearer"; readonly realm: URL; readonly service: string | undefined };

/** Attempts made for one request. */
export interface Trial {
  readonly purpose: Purpose;
  /** The header of the last attempt. */
  sent: string | undefined;
  /** The key of the token in it that came from memory. */
  remembered: string | undefined;
  /** The scheme of the last attempt. */
  used: Scheme | undefined;
  /** What the registry answered to this very request. */
  learnt: Scheme | undefined;
  /** Why the last attempt went without a token, where it was only guessed how to have one. */
  failure: unknown;
  readonly done: Set<"anew" | "challenge-scope" | "direct">;
}

/** Tokens are renewed a little before they expire. */
const renewalMargin = 0.1;
const mostTokens = 10_000;
/** Sets of scopes of which is known how they are asked for. */
const mostScopes = 1000;

/**
 * Answers the challenges of one registry, and remembers how and with which tokens. The registry is asked without
 * credentials first, because only its challenge says where they have to go; from then on every request carries what is
 * needed at once. Where repositories differ in that, as those of Artifactory do which have token servers of their own,
 * it is known for the scopes that were asked for, and what was not asked for yet is asked without credentials again.
 */
export class RegistryAuthorization {
  readonly #options: AuthorizationOptions;
  readonly #tokens = new Map<string, { readonly token: Promise<BearerToken>; until: number }>();
  /** For scopes that were not enough, what the registry asked for instead. */
  readonly #scopesFor = new Map<string, readonly string[]>();
  readonly #schemes = new Map<string, Scheme>();
  /** The one scheme of all requests so far; `various` when they differ. */
  #common: Scheme | "various" | undefined;

  constructor(options: AuthorizationOptions) {
    this.#options = options;
  }

  /** What {@link RegistryAuthorization.header} and {@link RegistryAuthorization.learn} keep for one request. */
  begin(purpose: Purpose): Trial {
    return {
      purpose,
      sent: undefined,
      remembered: undefined,
      used: undefined,
      learnt: undefined,
      failure: undefined,
      done: new Set(),
    };
  }

  /**
   * The `Authorization` header for the next attempt, undefined for none.
   * Errors: those of the credential source, `registry-refused`, `registry-failed`, `registry-unreachable`.
   */
  async header(trial: Trial): Promise<string | undefined> {
    const known = trial.learnt ?? this.#schemes.get(scopesKey(trial.purpose));
    const scheme = known ?? (this.#common === "various" ? undefined : this.#common);
    trial.used = scheme;
    trial.failure = undefined;
    trial.remembered = undefined;
    trial.sent = undefined;
    if (!scheme && trial.purpose.eager !== true) return undefined;
    const credential = await this.#credential(trial.purpose);
    if (!scheme || scheme.kind === "direct" || credential?.kind === "registry-token") {
      trial.sent = credential && headerFor(credential);
    } else {
      const token = this.#token(scheme, { trial, credential });
      trial.sent = known ? `Bearer ${await token}` : await this.#guessed(token, trial);
    }
    return trial.sent;
  }

  /**
   * Takes in the challenges of a 401. True when another attempt is worthwhile.
   * Errors: `registry-refused` when the realm may not be asked; as {@link RegistryAuthorization.header} when it was
   * asked already.
   */
  async learn(trial: Trial, challenges: readonly Challenge[]): Promise<boolean> {
    const before = trial.used;
    const bearer = challenges.find(({ scheme }) => scheme === "bearer");
    const scheme = bearer ? this.#bearer(bearer) : ({ kind: "direct" } satisfies Scheme);
    if (trial.sent === undefined) {
      this.#keep(scheme, trial);
      if (trial.failure !== undefined && isSame(before, scheme)) throw trial.failure;
      return scheme.kind === "bearer" || (await this.#credential(trial.purpose)) !== undefined;
    }
    if (scheme.kind === "bearer" && !isSame(before, scheme)) {
      this.#keep(scheme, trial);
      return this.#once(trial, "anew");
    }
    if (scheme.kind === "bearer" && trial.remembered !== undefined) {
      this.#tokens.delete(trial.remembered);
      return this.#once(trial, "anew");
    }
    if (scheme.kind === "bearer" && this.#widen(trial, bearer?.parameters.get("scope"))) return true;
    const basic = challenges.some(({ scheme }) => scheme === "basic");
    if (basic && before?.kind === "bearer" && (await this.#credential(trial.purpose))?.kind === "basic") {
      if (isSame(this.#common, before)) this.#common = undefined;
      this.#keep({ kind: "direct" }, trial);
      return this.#once(trial, "direct");
    }
    return false;
  }

  /**
   * After an answer that hides what is there: true when the user's credentials were not shown and can be.
   * Errors: as {@link RegistryAuthorization.header}.
   */
  async offer(trial: Trial): Promise<boolean> {
    if (trial.failure !== undefined) throw trial.failure;
    if (trial.sent !== undefined || trial.used) return false;
    const credential = await this.#credential(trial.purpose);
    if (!credential) return false;
    this.#keep({ kind: "direct" }, trial);
    return this.#once(trial, "direct");
  }

  /** True once the registry has asked for credentials or a token. */
  get isAsked(): boolean {
    return this.#common !== undefined;
  }

  /** True when there is a credential for the purpose. */
  async knows(purpose: Purpose): Promise<boolean> {
    return (await this.#credential(purpose)) !== undefined;
  }

  async #credential({ repository }: Purpose): Promise<Credential | undefined> {
    const { credentials, registry, secrets } = this.#options;
    const found = await credentials.find(registry, repository);
    if (found) secrets.addCredential(found);
    return found;
  }

  #bearer(challenge: Challenge): Scheme {
    const { realms, registry, secrets } = this.#options;
    const realm = realmOf(challenge, realms);
    if (!realm) return { kind: "direct" };
    if ("refusal" in realm) {
      const plainHint = realm.plainHost === undefined ? realmHint : plainRealmHint(secrets.hide(realm.plainHost));
      const hint = realm.isPrivate ? nameIt : plainHint;
      throw refused("the log-in", { registry, reason: secrets.hide(realm.refusal), known: true, hint });
    }
    return { kind: "bearer", realm: realm.url, service: challenge.parameters.get("service") };
  }

  /** The header with a token; undefined when there is none, for it may not be the one that is wanted. */
  async #guessed(token: Promise<string>, trial: Trial): Promise<string | undefined> {
    try {
      return `Bearer ${await token}`;
    } catch (cause) {
      if (cause instanceof PlimsollError && cause.code === "cancelled") throw cause;
      trial.failure = cause;
      return undefined;
    }
  }

  #keep(scheme: Scheme, trial: Trial): void {
    trial.learnt = scheme;
    put(this.#schemes, scopesKey(trial.purpose), scheme);
    this.#common = this.#common === undefined || isSame(this.#common, scheme) ? scheme : "various";
  }

  async #token(
    scheme: Scheme & { kind: "bearer" },
    { trial, credential }: { readonly trial: Trial; readonly credential: Credential | undefined },
  ): Promise<string> {
    const scopes = this.#wanted(trial.purpose);
    const key = keyOf(scheme, { scopes, credential });
    const known = this.#tokens.get(key);
    if (known && known.until > Date.now()) {
      trial.remembered = key;
      return (await known.token).token;
    }
    const { registry, credentials, secrets, askRealm } = this.#options;
    const hide = (text: string): string => secrets.hide(text);
    const { realm, service } = scheme;
    const token = fetchToken({ registry, realm, service, scopes, credential, hide }, askRealm);
    if (this.#tokens.size >= mostTokens) this.#tokens.clear();
    const entry = { token, until: Number.POSITIVE_INFINITY };
    this.#tokens.set(key, entry);
    try {
      const { token: text, expiresIn } = await token;
      secrets.addToken(text);
      entry.until = Date.now() + expiresIn * (1 - renewalMargin) * 1000;
      return text;
    } catch (cause) {
      if (this.#tokens.get(key) === entry) this.#tokens.delete(key);
      if (!(cause instanceof PlimsollError) || cause.code !== "registry-refused") throw cause;
      const obstacle = credential ? undefined : credentials.obstacle?.(registry);
      throw obstacle ?? besides(cause, credentials.unasked?.(registry, trial.purpose.repository));
    }
  }

  #wanted(purpose: Purpose): readonly string[] {
    return this.#scopesFor.get(scopesKey(purpose)) ?? purpose.scopes;
  }

  /** Asks for what the challenge names too: some registries have scopes of their own. */
  #widen(trial: Trial, challenged: string | undefined): boolean {
    const scopes = this.#wanted(trial.purpose);
    const more = (challenged ?? "").split(" ").filter((scope) => scope !== "" && !scopes.includes(scope));
    if (more.length === 0 || more.length > 20) return false;
    put(this.#scopesFor, scopesKey(trial.purpose), [...scopes, ...more]);
    return this.#once(trial, "challenge-scope");
  }

  #once(trial: Trial, step: "anew" | "challenge-scope" | "direct"): boolean {
    if (trial.done.has(step)) return false;
    trial.done.add(step);
    return true;
  }
}

const realmHint = "No credentials were sent. Configure an https address for the registry's token server.";

function plainRealmHint(host: string): string {
  const insecure = `if you trust the network, use --insecure ${host}`;
  return `No credentials were sent. Configure an https address for the registry's token server; ${insecure}.`;
}

function isSame(before: Scheme | "various" | undefined, now: Scheme): boolean {
  if (before === undefined || before === "various" || before.kind === "direct" || now.kind === "direct") {
    return before !== undefined && before !== "various" && before.kind === now.kind;
  }
  return before.realm.href === now.realm.href && before.service === now.service;
}

function scopesKey({ scopes }: Purpose): string {
  return scopes.join(" ");
}

function put<T>(known: Map<string, T>, key: string, value: T): void {
  if (known.size >= mostScopes && !known.has(key)) known.clear();
  known.set(key, value);
}

/** A token is for the credential it was given for: scopes as `registry:catalog:*` do not tell log-ins apart. */
function keyOf(
  { realm, service }: Scheme & { kind: "bearer" },
  { scopes, credential }: { readonly scopes: readonly string[]; readonly credential: Credential | undefined },
): string {
  const shown = credential && headerFor(credential);
  const user = shown && createHash("sha256").update(shown).digest("base64");
  return JSON.stringify([realm.href, service, scopes, user]);
}

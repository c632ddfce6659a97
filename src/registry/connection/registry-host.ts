import { setTimeout as sleep } from "node:timers/promises";
import { Interruption } from "../../io/http/patience.ts";
import { Slots } from "../../io/slots.ts";
import type { PlimsollError } from "../../model/error.ts";
import { registryHost } from "../../model/packages/reference.ts";
import type { RealmRequest } from "../authorization/bearer-token.ts";
import { challengesOf, type RealmRules, unspokenSchemes } from "../authorization/challenge.ts";
import { KnownSecrets } from "../authorization/known-secrets.ts";
import { passingRefusal } from "../authorization/passing-refusal.ts";
import { type Purpose, RegistryAuthorization } from "../authorization/registry-authorization.ts";
import { PullGate } from "../content/pull-gate.ts";
import type { Credential, CredentialSource } from "../credentials/credential.ts";
import { type RateLimit, rateLimitOf } from "./rate-limit.ts";
import type { RegistryAnswer } from "./registry-answer.ts";
import { RegistryConnection, type RegistryConnectionOptions, seconds } from "./registry-connection.ts";
import {
  type DocumentBounds,
  type RegistryDocument,
  type RegistryReply,
  readDocument,
  readReply,
} from "./registry-document.ts";
import {
  besides,
  cancelled,
  changePolicy,
  failed,
  hintForStatus,
  isProjectPolicy,
  refused,
  registryWords,
} from "./registry-failure.ts";
import { retried } from "./retry.ts";

/** One request to a registry. */
export interface RegistryRequest extends Purpose {
  /** `GET` unless given. */
  readonly method?: "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE";
  /**
   * Path and query, from `/v2/`; or a whole address that the registry gave, which gets no credentials unless it is the
   * registry's.
   */
  readonly path: string | URL;
  /** In lower case. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Called for each attempt. */
  readonly body?: () => Uint8Array | AsyncIterable<Uint8Array>;
  /** False for a request that may not be sent twice: then a failure that may pass is thrown as `Interruption`. */
  readonly again?: boolean;
}

/** What {@link RegistryHost} is made with. */
export interface RegistryHostOptions extends Omit<RegistryConnectionOptions, "redact"> {
  readonly credentials: CredentialSource;
  /** True for another `host` or `host:port` that the user allows plain HTTP for; none unless given. */
  readonly isInsecure?: (host: string) => boolean;
}

const mostAttemptsToAuthorize = 5;

/** One registry: how it is reached, what it wants to see of us, and how busy it may be kept. */
export class RegistryHost {
  /** As references name it. */
  readonly name: string;
  readonly #options: RegistryHostOptions;
  readonly #connection: RegistryConnection;
  readonly #slots: Slots;
  readonly #secrets: KnownSecrets;
  #authorization: RegistryAuthorization | undefined;
  #rateLimit: RateLimit | undefined;
  readonly #pulls: PullGate;
  /** The registry wants to be left alone until then; milliseconds. */
  #pausedUntil = 0;

  constructor(name: string, options: RegistryHostOptions) {
    this.name = name;
    this.#options = options;
    this.#secrets = new KnownSecrets(options.proxies);
    this.#connection = new RegistryConnection(name, { ...options, redact: (text) => this.hide(text) });
    this.#slots = new Slots(options.limits.concurrency);
    this.#pulls = new PullGate({
      registry: name,
      longestWait: options.limits.longestWait,
      asksWhoWeAre: () => this.asksWhoWeAre,
      credential: (repository) => this.credential(repository),
    });
  }

  /** What the registry last said of its rate limit; undefined when it says nothing. */
  get rateLimit(): RateLimit | undefined {
    return this.#pulls.last ?? this.#rateLimit;
  }

  /** True once the registry has asked for credentials or a token. */
  get asksWhoWeAre(): boolean {
    return this.#authorization?.isAsked ?? false;
  }

  /** The address of a path of the registry. Errors: as {@link RegistryHost.send}. */
  async address(path: string): Promise<URL> {
    return new URL(path, await this.#connection.address());
  }

  /**
   * Sends a request, with what the registry wants to see, and again when a failure may pass. The reply is a success or
   * a status that the caller has to judge, other than 401 and those that may pass.
   *
   * Errors: `registry-unreachable`, `registry-refused`, `registry-failed`, those of the credential source, `cancelled`.
   */
  send(request: RegistryRequest): Promise<RegistryReply> {
    if (request.again === false) return this.#attempt(request, readReply);
    return this.#untilRead(request, readReply);
  }

  /**
   * As {@link RegistryHost.send}, with the body of a 200: one that does not come whole is asked for again. Error:
   * `limit-exceeded` too.
   */
  document(request: RegistryRequest, bounds: DocumentBounds): Promise<RegistryDocument> {
    return this.#untilRead(request, (answer) => readDocument(answer, bounds));
  }

  /**
   * As {@link RegistryHost.send}, for a body that is read as it comes, and where the reader goes on by itself when it
   * breaks off. The answer must be read to its end, or left early, for the next ones to have room.
   */
  stream(request: RegistryRequest): Promise<RegistryAnswer> {
    return this.#untilRead(request, (answer) => Promise.resolve(answer));
  }

  /** The registry's answer without credentials: its name and its challenges show which software it is. */
  async look(path: string): Promise<RegistryReply> {
    return this.#askUntilRead({ method: "GET", url: await this.address(path), headers: {} }, readReply);
  }

  /**
   * Asks a server that belongs to the registry, its token server or the interface of its vendor, again if need be;
   * without what the registry itself wants to see. The reply may have any status but those that pass.
   *
   * Errors: `registry-unreachable`, `limit-exceeded`, `cancelled`.
   */
  ask(request: RealmRequest, bounds: DocumentBounds): Promise<RegistryDocument> {
    return this.#askUntilRead(request, (answer) => readDocument(answer, bounds));
  }

  /** What decides which realms of the registry may be asked; `plain`: its challenge came over plain HTTP. */
  realmRules(plain: boolean): RealmRules {
    const { settings, isInsecure = () => false } = this.#options;
    return {
      registryHost: registryHost(this.name),
      insecure: plain,
      trustedHosts: settings.trustedHosts ?? [],
      // Without an explicit setting, plain HTTP is used only because the registry is on this machine.
      ...(settings.insecure !== true && { plainElsewhere: isInsecure }),
    };
  }

  /** The credential that the user has for the registry. Errors: those of the source of credentials. */
  async credential(repository?: string): Promise<Credential | undefined> {
    const found = await this.#options.credentials.find(this.name, repository);
    if (found) this.#secrets.addCredential(found);
    return found;
  }

  /** Text of the registry's choice, or of a server that it leads to, as messages may have it: without secrets. */
  hide(text: string): string {
    return this.#secrets.hide(text);
  }

  /**
   * The error for a reply that is not a success; `what` names what was asked for. Errors: those of the source of
   * credentials.
   */
  async refusal(reply: RegistryReply, what: string, purpose: Purpose): Promise<PlimsollError> {
    const words = registryWords(reply.excerpt, (text) => this.hide(text));
    const shown = words === undefined ? "" : ` (${words})`;
    const reason = `HTTP status ${reply.status}${shown}`;
    if (isProjectPolicy(reply)) {
      return refused(what, { registry: this.name, reason, known: true, hint: changePolicy });
    }
    if (reply.status !== 401 && reply.status !== 403) {
      const hint = hintForStatus(reply.status);
      return failed(what, { registry: this.name, reason, ...(hint !== undefined && { hint }) });
    }
    const known = (await this.#authorization?.knows(purpose)) ?? false;
    const obstacle = known ? undefined : this.#options.credentials.obstacle?.(this.name);
    if (obstacle) return obstacle;
    return besides(
      refused(what, { registry: this.name, reason, known }),
      this.#options.credentials.unasked?.(this.name, purpose.repository),
    );
  }

  async #untilRead<T>(request: RegistryRequest, read: (answer: RegistryAnswer) => Promise<T>): Promise<T> {
    try {
      return await retried(() => this.#attempt(request, read), { registry: this.name, ...this.#options });
    } catch (cause) {
      throw await this.#pulls.givenUp(request, cause);
    }
  }

  async #attempt<T>(request: RegistryRequest, read: (answer: RegistryAnswer) => Promise<T>): Promise<T> {
    const { signal } = this.#options;
    const release = await this.#slots.take(signal).catch(() => {
      throw cancelled(signal);
    });
    try {
      await this.#pause();
      await this.#pulls.admit(request);
      const answer = await this.#authorized(request);
      answer.onClose(release);
      return await read(answer);
    } catch (cause) {
      release();
      // Where pulls are held back anyway, the wish to be left alone is not a reason to hold back the rest.
      if (cause instanceof Interruption && !(await this.#pulls.holds(request))) this.#heed(cause);
      throw cause;
    }
  }

  /** A wish to be left alone holds for all requests, whatever else fails meanwhile. */
  #heed({ message, wait }: Interruption): void {
    if (wait > this.#options.limits.longestWait) return;
    this.#pausedUntil = Math.max(this.#pausedUntil, Date.now() + wait);
    this.#reportRequestedWait(`${message}, with a requested`, wait);
  }

  /** Reports a long wait that the client accepts; `clause` goes before "wait of 5 s". */
  #reportRequestedWait(clause: string, wait: number): void {
    const { longestWait, longWait } = this.#options.limits;
    if (wait >= longWait && wait <= longestWait) this.#connection.reportWaiting(`${clause} wait of ${seconds(wait)}`);
  }

  async #pause(): Promise<void> {
    await this.#sleep(this.#pausedUntil - Date.now());
  }

  async #sleep(wait: number): Promise<void> {
    const { signal } = this.#options;
    if (wait <= 0) return;
    await sleep(wait, undefined, { signal }).catch(() => {
      throw cancelled(signal);
    });
  }

  /**
   * Sends the request with the credentials that the registry's challenges lead to. Error: `Interruption` for an answer
   * after which the same request may succeed.
   */
  async #authorized(request: RegistryRequest): Promise<RegistryAnswer> {
    const base = await this.#connection.address();
    const url = new URL(request.path, base);
    const own = url.origin === base.origin;
    const authorization = await this.#authorizer();
    const trial = authorization.begin(request);
    for (let attempt = 0; ; attempt++) {
      const header = own ? await authorization.header(trial) : undefined;
      const asked = performance.now();
      const answer = await this.#exchange(url, { request, header });
      const limit = rateLimitOf(answer.headers);
      this.#rateLimit = limit ?? this.#rateLimit;
      const isHere = own && answer.url.origin === base.origin;
      if (isHere) await this.#pulls.note(request, { answer, limit, asked });
      const isOwn = isHere && attempt < mostAttemptsToAuthorize;
      const mayHide = [401, 403, 404].includes(answer.status);
      if (isOwn && !mayHide && request.eager === true && trial.failure !== undefined) {
        // The view of an anonymous user may lack repositories that the user may see.
        await readReply(answer);
        throw trial.failure;
      }
      const passing = await passingRefusal(answer);
      if (passing && !(isOwn && answer.status === 401)) throw passing;
      if (!isOwn || !mayHide) return answer;
      if (answer.status !== 401) {
        if (await authorization.offer(trial)) continue;
        return answer;
      }
      const unspoken = unspokenSchemes(answer.challenges, (text) => this.hide(text));
      if (unspoken) throw this.#unspoken(unspoken);
      if (await authorization.learn(trial, challengesOf(answer.challenges))) continue;
      throw passing ?? (await this.refusal(await readReply(answer), "the request", request));
    }
  }

  #unspoken(schemes: readonly string[]): PlimsollError {
    const asked = schemes.join(", ");
    const reason = asked === "" ? "its challenge cannot be read" : `it asks for ${asked}`;
    return refused("the request", {
      registry: this.name,
      reason,
      known: true,
      hint: "Only Basic and Bearer authentication are supported: configure the registry to offer one of them.",
    });
  }

  async #exchange(
    url: URL,
    { request, header }: { readonly request: RegistryRequest; readonly header: string | undefined },
  ): Promise<RegistryAnswer> {
    const { method = "GET", headers = {}, body } = request;
    if (request.path instanceof URL) this.#secrets.addAddress(url);
    const answer = await this.#connection.exchange(url, {
      method,
      headers: { "accept-encoding": "identity", ...headers },
      ...(header !== undefined && { secrets: { authorization: header } }),
      ...(body && { body: body() }),
    });
    if (answer.url.href !== url.href) this.#secrets.addAddress(answer.url);
    return answer;
  }

  #askUntilRead<T>(request: RealmRequest, read: (answer: RegistryAnswer) => Promise<T>): Promise<T> {
    const { url } = request;
    const isOwn = url.host === registryHost(this.name);
    const host = this.hide(url.host);
    const attempt = (): Promise<T> =>
      this.#askOnce(request, read).catch((cause: unknown) => {
        if (cause instanceof Interruption)
          this.#reportRequestedWait(isOwn ? `${cause.message}, with a requested` : `${host} requests a`, cause.wait);
        throw cause;
      });
    return retried(attempt, { ...this.#options, registry: host });
  }

  async #askOnce<T>(request: RealmRequest, read: (answer: RegistryAnswer) => Promise<T>): Promise<T> {
    const { method, url, headers, authorization, secrets, body } = request;
    const answer = await this.#connection.exchange(url, {
      method,
      headers,
      secrets: { ...secrets, ...(authorization !== undefined && { authorization }) },
      ...(body && { body }),
    });
    const passing = await passingRefusal(answer, request.passing);
    if (passing) throw passing;
    return read(answer);
  }

  async #authorizer(): Promise<RegistryAuthorization> {
    const { protocol } = await this.#connection.address();
    this.#authorization ??= new RegistryAuthorization({
      registry: this.name,
      realms: this.realmRules(protocol === "http:"),
      credentials: this.#options.credentials,
      secrets: this.#secrets,
      askRealm: (request, bounds) => this.ask(request, bounds),
    });
    return this.#authorization;
  }
}

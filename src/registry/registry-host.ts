import { setTimeout as sleep } from "node:timers/promises";
import { HttpClient, HttpRefusal, type HttpSendOptions, type ProxyEnvironment } from "../io/http-client.ts";
import { secretsIn, withoutSecrets } from "../io/without-secrets.ts";
import type { PlimsollError } from "../model/error.ts";
import { isLocalRegistry, registryHost } from "../model/reference.ts";
import type { RealmRequest } from "./bearer-token.ts";
import { challengesOf } from "./challenge.ts";
import type { Credential, CredentialSource } from "./credentials/credential.ts";
import { isNamedHost } from "./is-named-host.ts";
import { type RateLimit, rateLimitOf } from "./rate-limit.ts";
import { connectionFailure, passingStatus, RegistryAnswer } from "./registry-answer.ts";
import { type Purpose, RegistryAuthorization } from "./registry-authorization.ts";
import {
  type DocumentBounds,
  type RegistryDocument,
  type RegistryReply,
  readDocument,
  readReply,
} from "./registry-document.ts";
import {
  cancelled,
  failed,
  hintForStatus,
  Interruption,
  isPlainHttp,
  networkCode,
  networkReason,
  refused,
  registryWords,
  unreachable,
} from "./registry-failure.ts";
import type { RegistryLimits, RegistrySettings } from "./registry-settings.ts";
import { RequestSlots } from "./request-slots.ts";
import { retried } from "./retry.ts";

/** One request to a registry. */
export interface RegistryRequest extends Purpose {
  /** `GET` unless given. */
  readonly method?: "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Path and query, from `/v2/`; or a whole address that the registry gave, which gets no credentials unless it is the registry's. */
  readonly path: string | URL;
  /** In lower case. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Called for each attempt. */
  readonly body?: () => Uint8Array | AsyncIterable<Uint8Array>;
  /** False for a request that may not be sent twice: then a failure that may pass is thrown as `Interruption`. */
  readonly again?: boolean;
}

/** What {@link RegistryHost} is made with. */
export interface RegistryHostOptions {
  readonly credentials: CredentialSource;
  readonly settings: RegistrySettings;
  readonly proxies: ProxyEnvironment | undefined;
  readonly limits: RegistryLimits;
  readonly signal: AbortSignal;
  /** Told once, in a sentence, that the registry is being waited for. */
  readonly waiting?: (sentence: string) => void;
}

const mostAttemptsToAuthorize = 5;

/** One registry: how it is reached, what it wants to see of us, and how busy it may be kept. */
export class RegistryHost {
  /** As references name it. */
  readonly name: string;
  readonly #options: RegistryHostOptions;
  readonly #client: HttpClient;
  readonly #slots: RequestSlots;
  #base: Promise<URL> | undefined;
  #authorization: RegistryAuthorization | undefined;
  #rateLimit: RateLimit | undefined;
  /** The registry wants to be left alone until then; milliseconds. */
  #pausedUntil = 0;
  #toldOfWaiting = false;

  constructor(name: string, options: RegistryHostOptions) {
    this.name = name;
    this.#options = options;
    const { insecure, ca, sharedCa, clientCertificate } = options.settings;
    const authorities = [sharedCa, ca].filter((pem) => pem !== undefined);
    this.#client = new HttpClient(options.proxies, {
      ...(authorities.length > 0 && { ca: authorities.join("\n") }),
      ...clientCertificate,
      ...(insecure === true && { verify: false }),
    });
    this.#slots = new RequestSlots(options.limits.concurrency);
  }

  /** What the registry last said of its rate limit; undefined when it says nothing. */
  get rateLimit(): RateLimit | undefined {
    return this.#rateLimit;
  }

  /** True once the registry has asked for credentials or a token. */
  get asksWhoWeAre(): boolean {
    return this.#authorization?.isAsked ?? false;
  }

  /** The address of a path of the registry. Errors: as {@link RegistryHost.send}. */
  async address(path: string): Promise<URL> {
    return new URL(path, await this.#address());
  }

  /**
   * Sends a request, with what the registry wants to see, and again when a failure may pass. The reply is a success or a status that the
   * caller has to judge, other than 401 and those that may pass.
   *
   * Errors: `registry-unreachable`, `registry-refused`, `registry-failed`, those of the credential source, `cancelled`.
   */
  send(request: RegistryRequest): Promise<RegistryReply> {
    if (request.again === false) return this.#attempt(request, readReply);
    return this.#untilRead(request, readReply);
  }

  /** As {@link RegistryHost.send}, with the body of a 200: one that does not come whole is asked for again. Error: `limit-exceeded` too. */
  document(request: RegistryRequest, bounds: DocumentBounds): Promise<RegistryDocument> {
    return this.#untilRead(request, (answer) => readDocument(answer, bounds));
  }

  /**
   * As {@link RegistryHost.send}, for a body that is read as it comes, and where the reader goes on by itself when it breaks off. The
   * answer must be read to its end, or left early, for the next ones to have room.
   */
  stream(request: RegistryRequest): Promise<RegistryAnswer> {
    return this.#untilRead(request, (answer) => Promise.resolve(answer));
  }

  /** What the registry answers to somebody without credentials: its name and its challenges show which software it is. */
  async look(path: string): Promise<RegistryReply> {
    return this.#askUntilRead({ method: "GET", url: await this.address(path), headers: {} }, readReply);
  }

  /** The credential that the user has for the registry. Errors: those of the source of credentials. */
  credential(repository?: string): Promise<Credential | undefined> {
    return this.#options.credentials.find(this.name, repository);
  }

  /** The error for a reply that is no success; `what` names what was asked for. Errors: those of the source of credentials. */
  async refusal(reply: RegistryReply, what: string, purpose: Purpose): Promise<PlimsollError> {
    const words = registryWords(reply.excerpt, (text) => this.#redacted(text));
    const shown = words === undefined ? "" : ` (${words})`;
    const reason = `it answered ${reply.status}${shown}`;
    if (reply.status !== 401 && reply.status !== 403) {
      const hint = hintForStatus(reply.status);
      return failed(what, { registry: this.name, reason, ...(hint !== undefined && { hint }) });
    }
    const known = (await this.#authorization?.knows(purpose)) ?? false;
    const obstacle = known ? undefined : this.#options.credentials.obstacle?.(this.name);
    if (obstacle) return obstacle;
    return refused(what, { registry: this.name, reason, known });
  }

  #untilRead<T>(request: RegistryRequest, read: (answer: RegistryAnswer) => Promise<T>): Promise<T> {
    return retried(() => this.#attempt(request, read), { registry: this.name, ...this.#options });
  }

  async #attempt<T>(request: RegistryRequest, read: (answer: RegistryAnswer) => Promise<T>): Promise<T> {
    const { signal } = this.#options;
    const release = await this.#slots.take(signal).catch(() => {
      throw cancelled(signal);
    });
    try {
      await this.#pause();
      const answer = await this.#authorized(request);
      this.#rateLimit = rateLimitOf(answer.headers) ?? this.#rateLimit;
      const passing = passingStatus(answer);
      if (passing) {
        await readReply(answer);
        this.#heed(passing);
        throw passing;
      }
      answer.onClose(release);
      return await read(answer);
    } catch (cause) {
      release();
      throw cause;
    }
  }

  /** A wish to be left alone holds for all requests, whatever else fails meanwhile. */
  #heed({ message, wait }: Interruption): void {
    const { longestWait, longWait } = this.#options.limits;
    if (wait > longestWait) return;
    this.#pausedUntil = Math.max(this.#pausedUntil, Date.now() + wait);
    if (wait >= longWait) this.#tellOfWaiting(`${message} and asks to wait for ${seconds(wait)}`);
  }

  async #pause(): Promise<void> {
    const { signal } = this.#options;
    const wait = this.#pausedUntil - Date.now();
    if (wait <= 0) return;
    await sleep(wait, undefined, { signal }).catch(() => {
      throw cancelled(signal);
    });
  }

  /** Sends the request with the credentials that the registry's challenges lead to. */
  async #authorized(request: RegistryRequest): Promise<RegistryAnswer> {
    const base = await this.#address();
    const url = new URL(request.path, base);
    const own = url.origin === base.origin;
    const authorization = await this.#authorizer();
    const trial = authorization.begin(request);
    for (let attempt = 0; ; attempt++) {
      const header = own ? await authorization.header(trial) : undefined;
      const answer = await this.#exchange(url, { request, header });
      if (!own || answer.url.origin !== base.origin || attempt >= mostAttemptsToAuthorize) return answer;
      if (![401, 403, 404].includes(answer.status)) return answer;
      let again: boolean;
      try {
        const challenges = challengesOf(answer.headers["www-authenticate"]);
        again = await (answer.status === 401 ? authorization.learn(trial, challenges) : authorization.offer(trial));
      } catch (cause) {
        // An answer that nobody reads would keep the connection, and so the whole program, alive.
        await readReply(answer);
        throw cause;
      }
      if (again) await readReply(answer);
      else if (answer.status === 401) throw await this.refusal(await readReply(answer), "the request", request);
      else return answer;
    }
  }

  async #exchange(
    url: URL,
    { request, header }: { readonly request: RegistryRequest; readonly header: string | undefined },
  ): Promise<RegistryAnswer> {
    const { method = "GET", headers = {}, body } = request;
    return this.#http(url, {
      method,
      headers: { "accept-encoding": "identity", ...headers },
      ...(header !== undefined && { secrets: { authorization: header } }),
      ...(body && { body: body() }),
    });
  }

  /** One exchange. Errors: `Interruption`, `registry-unreachable`, `cancelled`. */
  async #http(url: URL, options: Omit<HttpSendOptions, "signal">): Promise<RegistryAnswer> {
    const { signal, limits } = this.#options;
    const { idleTimeout, longWait } = limits;
    const idle = new AbortController();
    const timer = setTimeout(() => idle.abort(), idleTimeout);
    const who = url.host === registryHost(this.name) ? "it" : url.host;
    const silence = setTimeout(() => this.#tellOfWaiting(`${who} has not answered for ${seconds(longWait)}`), longWait);
    const awake = (): void => {
      timer.refresh();
      silence.refresh();
    };
    try {
      const { response, url: from } = await this.#client.send(url, {
        ...options,
        ...(options.body instanceof Uint8Array || options.body === undefined
          ? {}
          : { body: keepingAwake(options.body, awake) }),
        signal: AbortSignal.any([signal, idle.signal]),
        isNamed: (hop) => this.#isNamed(hop),
      });
      return new RegistryAnswer(response, { url: from, signal, idleTimeout });
    } catch (cause) {
      if (cause instanceof HttpRefusal) throw unreachable(this.name, this.#redacted(cause.message, options.secrets));
      if (idle.signal.aborted && !signal.aborted) throw new Interruption("it sent nothing for too long");
      const failure = connectionFailure(cause, signal);
      if (failure) throw failure;
      throw unreachable(this.name, networkReason(cause).reason, cause);
    } finally {
      clearTimeout(timer);
      clearTimeout(silence);
    }
  }

  /** `reason` is a clause. */
  #tellOfWaiting(reason: string): void {
    if (this.#toldOfWaiting) return;
    this.#toldOfWaiting = true;
    this.#options.waiting?.(`waiting for the registry ${this.name}: ${reason}`);
  }

  /** Text of the registry's choice without what it was shown. */
  #redacted(text: string, secrets: HttpSendOptions["secrets"] = {}): string {
    const rest = withoutSecrets(text, Object.values(secrets).flatMap(secretsIn));
    return this.#authorization?.redact(rest) ?? rest;
  }

  #isNamed(url: URL): boolean {
    const { named = true, trustedHosts = [] } = this.#options.settings;
    return isNamedHost(url, [...(named ? [registryHost(this.name)] : []), ...trustedHosts]);
  }

  /**
   * Asks a server that belongs to the registry, its token server or the interface of its vendor, again if need be; without what the
   * registry itself wants to see. The reply may have any status but those that pass.
   *
   * Errors: `registry-unreachable`, `limit-exceeded`, `cancelled`.
   */
  ask(request: RealmRequest, bounds: DocumentBounds): Promise<RegistryDocument> {
    return this.#askUntilRead(request, (answer) => readDocument(answer, bounds));
  }

  #askUntilRead<T>(request: RealmRequest, read: (answer: RegistryAnswer) => Promise<T>): Promise<T> {
    const { method, url, headers, authorization, secrets, body } = request;
    const attempt = async (): Promise<T> => {
      const answer = await this.#http(url, {
        method,
        headers,
        secrets: { ...secrets, ...(authorization !== undefined && { authorization }) },
        ...(body && { body }),
      });
      const passing = passingStatus(answer);
      if (!passing) return read(answer);
      await readReply(answer);
      throw passing;
    };
    return retried(attempt, { ...this.#options, registry: url.host });
  }

  async #authorizer(): Promise<RegistryAuthorization> {
    const { protocol } = await this.#address();
    this.#authorization ??= new RegistryAuthorization({
      registry: this.name,
      host: registryHost(this.name),
      plain: protocol === "http:",
      trustedHosts: this.#options.settings.trustedHosts ?? [],
      credentials: this.#options.credentials,
      askRealm: (request, bounds) => this.ask(request, bounds),
    });
    return this.#authorization;
  }

  #address(): Promise<URL> {
    this.#base ??= this.#findAddress().catch((cause: unknown) => {
      this.#base = undefined;
      throw cause;
    });
    return this.#base;
  }

  /** Whether the registry is asked over TLS: always, unless the user allows plain HTTP or it is on this machine. */
  async #findAddress(): Promise<URL> {
    const host = registryHost(this.name);
    const secure = new URL(`https://${host}/`);
    const { insecure, ca } = this.#options.settings;
    if (insecure === false || (insecure === undefined && (ca !== undefined || !isLocalRegistry(this.name))))
      return secure;
    return retried(
      async () => {
        try {
          await readReply(await this.#http(new URL("/v2/", secure), { headers: {} }));
          return secure;
        } catch (cause) {
          const inner = cause instanceof Error ? cause.cause : undefined;
          if (!isPlainHttp(inner) && networkCode(inner) !== "ECONNREFUSED" && networkCode(inner) !== "ECONNRESET")
            throw cause;
          return new URL(`http://${host}/`);
        }
      },
      { registry: this.name, ...this.#options },
    );
  }
}

function seconds(milliseconds: number): string {
  return `${Math.ceil(milliseconds / 1000)} seconds`;
}

async function* keepingAwake(pieces: AsyncIterable<Uint8Array>, onPiece: () => void): AsyncGenerator<Uint8Array> {
  for await (const piece of pieces) {
    onPiece();
    yield piece;
  }
}

import type { IncomingMessage } from "node:http";
import { drainShortBody } from "../../io/http/drain-short-body.ts";
import { HttpClient, HttpRefusal, type HttpSendOptions, type ProxyEnvironment } from "../../io/http/http-client.ts";
import { isOwnHost, isPrivateAddress, isPrivateHost } from "../../io/http/http-private-address.ts";
import { isOwnReason, isPlainHttp, networkCode, networkReason } from "../../io/http/network-failure.ts";
import { Interruption } from "../../io/http/patience.ts";
import { noTunnelCodes, ProxyFailure, unclearRefusal } from "../../io/http/proxy-failure.ts";
import { secretsIn, withoutSecrets } from "../../io/http/without-secrets.ts";
import { isLocalRegistry, registryHost } from "../../model/packages/reference.ts";
import { isBeside, isNamedHost } from "./is-named-host.ts";
import { connectionFailure, RegistryAnswer } from "./registry-answer.ts";
import { readReply } from "./registry-document.ts";
import { unreachable } from "./registry-failure.ts";
import type { RegistryLimits, RegistrySettings } from "./registry-settings.ts";
import { retried } from "./retry.ts";

/** The address and settings of one registry, and the receiver of notices about long waits. */
export interface RegistryConnectionOptions {
  readonly settings: RegistrySettings;
  readonly proxies: ProxyEnvironment | undefined;
  readonly limits: RegistryLimits;
  readonly signal: AbortSignal;
  /** Told once, in a sentence, that the registry is being waited for. */
  readonly waiting?: (sentence: string) => void;
  /** Takes secrets out of text of the registry's choice. */
  readonly redact: (text: string) => string;
}

/**
 * The way to one registry and to the servers that it leads to: over TLS or not, through a proxy, with its certificates.
 */
export class RegistryConnection {
  readonly #name: string;
  /** `host` or `host:port`. */
  readonly #host: string;
  readonly #options: RegistryConnectionOptions;
  readonly #client: HttpClient;
  #base: Promise<URL> | undefined;
  #toldOfWaiting = false;
  /** True once the registry itself, found by its name, answered from a private network. */
  #isInside = false;
  /** True once something came that is not what a proxy may say in the registry's place. */
  #hasAnswered = false;

  /** `name` is as references name the registry. */
  constructor(name: string, options: RegistryConnectionOptions) {
    this.#name = name;
    this.#host = registryHost(name);
    this.#options = options;
    const { insecure, ca, sharedCa, clientCertificate } = options.settings;
    const authorities = [sharedCa, ca].filter((pem) => pem !== undefined);
    this.#client = new HttpClient(options.proxies, {
      ...(authorities.length > 0 && { ca: authorities.join("\n") }),
      ...clientCertificate,
      ...(insecure === true && { verify: false }),
    });
  }

  /** The address of the registry itself. Errors: `registry-unreachable`, `cancelled`. */
  address(): Promise<URL> {
    this.#base ??= this.#findAddress().catch((cause: unknown) => {
      this.#base = undefined;
      throw cause;
    });
    return this.#base;
  }

  /** One exchange. Errors: `Interruption`, `registry-unreachable`, `cancelled`. */
  async exchange(url: URL, options: Omit<HttpSendOptions, "signal">): Promise<RegistryAnswer> {
    const { signal, limits } = this.#options;
    const { idleTimeout, longWait } = limits;
    const idle = new AbortController();
    const timer = setTimeout(() => idle.abort(), idleTimeout);
    const who = url.host === this.#host ? "it" : this.#options.redact(url.host);
    const silence = setTimeout(() => this.reportWaiting(`${who} has not responded for ${seconds(longWait)}`), longWait);
    const awake = (): void => {
      timer.refresh();
      silence.refresh();
    };
    try {
      const answer = await this.#client.send(url, {
        ...options,
        ...(options.body instanceof Uint8Array || options.body === undefined
          ? {}
          : { body: keepingAwake(options.body, awake) }),
        signal: AbortSignal.any([signal, idle.signal]),
        isNamed: (hop) => this.#isNamed(hop),
        mayBePrivate: (hop, host) => this.#mayBePrivate(hop, host),
        answeredFrom: (hop, address) => {
          this.#isInside ||= isNamedHost(hop, [this.#host]) && isPrivateAddress(address);
        },
      });
      if (!this.#hasAnswered) {
        if (answer.proxy && mayBeOfProxy(answer.response)) {
          await drainShortBody(answer.response);
          throw unclearRefusal(answer.proxy, answer.response);
        }
        this.#hasAnswered = true;
      }
      return new RegistryAnswer(answer.response, { url: answer.url, signal, idleTimeout });
    } catch (cause) {
      const redact = (text: string): string => this.#redacted(text, options.secrets);
      if (cause instanceof HttpRefusal) throw unreachable(this.#name, cause.shown(redact));
      if (idle.signal.aborted && !signal.aborted) throw new Interruption("it sent no data for too long");
      const failure = connectionFailure(cause, signal);
      if (failure) throw failure;
      const { reason } = networkReason(cause);
      const isOwn = cause instanceof ProxyFailure || isOwnReason(cause);
      const { otherInsecure } = this.#options.settings;
      throw unreachable(this.#name, isOwn ? reason : redact(reason), { cause, otherInsecure });
    } finally {
      clearTimeout(timer);
      clearTimeout(silence);
    }
  }

  /** Reports a wait once; `reason` is a clause. */
  reportWaiting(reason: string): void {
    if (this.#toldOfWaiting) return;
    this.#toldOfWaiting = true;
    this.#options.waiting?.(`waiting for the registry ${this.#name}: ${reason}`);
  }

  #redacted(text: string, secrets: HttpSendOptions["secrets"] = {}): string {
    return this.#options.redact(withoutSecrets(text, Object.values(secrets).flatMap(secretsIn)));
  }

  #isNamed(url: URL): boolean {
    const { named = true, trustedHosts = [] } = this.#options.settings;
    return isNamedHost(url, [...(named ? [this.#host] : []), ...trustedHosts]);
  }

  /**
   * True for other ports of a registry that the user named, where it is on a private network itself: a registry of the
   * public internet cannot send its name elsewhere, and none can mean the machine that asks.
   */
  #mayBePrivate(url: URL, host: string): boolean {
    if (this.#options.settings.named === false || !isBeside(url, this.#host)) return false;
    return (this.#isInside || isPrivateHost(url.hostname)) && !isOwnHost(host);
  }

  /** Whether the registry is asked over TLS: always, unless the user allows plain HTTP or it is on this machine. */
  async #findAddress(): Promise<URL> {
    const secure = new URL(`https://${this.#host}/`);
    const { insecure, ca } = this.#options.settings;
    if (insecure === false || (insecure === undefined && (ca !== undefined || !isLocalRegistry(this.#name))))
      return secure;
    let lost: unknown;
    const ask = async (): Promise<URL> => {
      lost = undefined;
      const answer = await this.exchange(new URL("/v2/", secure), { headers: {} }).catch((cause: unknown) => {
        lost = cause;
        throw cause;
      });
      await readReply(answer);
      return secure;
    };
    try {
      return await retried(ask, { registry: this.#name, ...this.#options });
    } catch (cause) {
      // What may pass has by now been tried often enough. The choice holds for good, and passwords go that way.
      const plain = new URL(`http://${this.#host}/`);
      if (this.#options.signal.aborted || !(lost instanceof Error) || !this.#mayBeOpen(lost, plain)) throw cause;
      return plain;
    }
  }

  /** True for a failure to speak TLS with the registry after which plain HTTP may get through. */
  #mayBeOpen(lost: Error, plain: URL): boolean {
    const code = networkCode(lost.cause);
    if (isPlainHttp(lost.cause) || closedForTls.has(code)) return true;
    if (!(lost instanceof Interruption) && !outOfReach.has(code)) return false;
    // Where only plain HTTP goes through a proxy, that may know the way.
    return !this.#client.isProxied(new URL(`https://${this.#host}/`)) && this.#client.isProxied(plain);
  }
}

/** Where no server uses TLS, or a proxy opens no tunnel for it, plain HTTP may get through. */
const closedForTls: ReadonlySet<string> = new Set(["ECONNREFUSED", "ECONNRESET", ...noTunnelCodes]);
const outOfReach: ReadonlySet<string> = new Set(["ENOTFOUND", "EHOSTUNREACH", "ENETUNREACH", "EACCES"]);

/** So many milliseconds in words. */
export function seconds(milliseconds: number): string {
  return `${Math.ceil(milliseconds / 1000)} seconds`;
}

/** True for a 403 that has nothing of a registry's: the OCI specification has errors in JSON, and storages use XML. */
function mayBeOfProxy({ statusCode, headers }: IncomingMessage): boolean {
  if (statusCode !== 403 || headers["docker-distribution-api-version"] !== undefined) return false;
  return headers["www-authenticate"] === undefined && !/\b(?:json|xml)\b/i.test(headers["content-type"] ?? "");
}

async function* keepingAwake(pieces: AsyncIterable<Uint8Array>, onPiece: () => void): AsyncGenerator<Uint8Array> {
  for await (const piece of pieces) {
    onPiece();
    yield piece;
  }
}

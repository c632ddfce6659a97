import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { networkReason } from "../../io/http/network-failure.ts";
import { Interruption } from "../../io/http/patience.ts";
import { PlimsollError } from "../../model/error.ts";
import { cancelled } from "./registry-failure.ts";

/** What an answer is read with. */
export interface AnswerOptions {
  /** Where the answer came from, after redirects. */
  readonly url: URL;
  readonly signal: AbortSignal;
  readonly idleTimeout: number;
}

/** The head of an answer, whose body is still to be read: as it comes, or by `readReply` or `readDocument`. */
export class RegistryAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Each `WWW-Authenticate` by itself, in order: Node joins them in `headers`, where one would spoil the others. */
  readonly challenges: readonly string[];
  readonly url: URL;
  readonly #response: IncomingMessage;
  readonly #options: AnswerOptions;

  constructor(response: IncomingMessage, options: AnswerOptions) {
    this.status = response.statusCode ?? 0;
    this.headers = response.headers;
    this.challenges = response.headersDistinct["www-authenticate"] ?? [];
    this.url = options.url;
    this.#response = response;
    this.#options = options;
  }

  /** A header that has one value, undefined when it is missing or comes twice in another form. */
  header(name: string): string | undefined {
    const value = this.headers[name];
    return typeof value === "string" ? value : undefined;
  }

  /** Milliseconds without a byte after which the registry counts as silent. */
  get idleTimeout(): number {
    return this.#options.idleTimeout;
  }

  /** Calls back once the connection is not needed any more. */
  onClose(callback: () => void): void {
    if (this.#response.closed) callback();
    else this.#response.once("close", callback);
  }

  /**
   * The body as it comes; a reader that stops early ends the connection. The time that the reader takes counts for
   * nothing.
   * Errors: {@link Interruption} when the connection breaks or is silent for too long, `cancelled`.
   */
  async *body(): AsyncGenerator<Buffer> {
    const { signal, idleTimeout } = this.#options;
    const pieces: AsyncIterator<Buffer> = this.#response[Symbol.asyncIterator]();
    let waits = false;
    const timer = setTimeout(() => waits && this.#response.destroy(new Silence()), idleTimeout);
    try {
      for (;;) {
        waits = true;
        timer.refresh();
        const next = await pieces.next();
        waits = false;
        if (next.done) break;
        yield next.value;
      }
      if (!this.#response.complete) throw new Error("");
    } catch (cause) {
      if (signal.aborted) throw cancelled(signal);
      if (cause instanceof Silence) throw new Interruption("it sent no data for too long");
      throw new Interruption("the connection was lost", {
        cause: cause instanceof Error && cause.message ? cause : undefined,
      });
    } finally {
      clearTimeout(timer);
      this.#response.destroy();
    }
  }
}

class Silence extends Error {}

/**
 * What a failed connection is: `cancelled`, an {@link Interruption}, or undefined when it would fail again in the same
 * way.
 */
export function connectionFailure(cause: unknown, signal: AbortSignal): PlimsollError | Interruption | undefined {
  if (cause instanceof PlimsollError || cause instanceof Interruption) return cause;
  if (signal.aborted) return cancelled(signal);
  const { reason, final } = networkReason(cause);
  return final ? undefined : new Interruption(reason, { cause });
}

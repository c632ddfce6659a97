import { writeFileSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { join } from "node:path";
import type { Fetcher } from "tuf-js";
import { DownloadHTTPError } from "tuf-js/dist/error.js";
import { TemporaryFolder } from "../../io/files/temporary-folder.ts";
import { mayPass, retryAfter } from "../../io/http/http-answer.ts";
import { type HttpClient, HttpRefusal } from "../../io/http/http-client.ts";
import { networkReason } from "../../io/http/network-failure.ts";
import { Interruption, Patience } from "../../io/http/patience.ts";
import { ProxyFailure } from "../../io/http/proxy-failure.ts";
import { PlimsollError } from "../../model/error.ts";

/** Bytes of one file, whatever a repository says of it. */
const largestFile: number = 8 * 1024 * 1024;
const attempts = 3;
/** Milliseconds before the second attempt. */
const retryDelay = 500;
/** Milliseconds that a server may ask to wait. */
const longestWait = 10_000;

/** Why a file did not come: a clause. */
export class TufFetchFailure extends Error {
  override readonly name = "TufFetchFailure";
  readonly hint: string | undefined;

  constructor(message: string, { cause, hint }: { readonly cause?: unknown; readonly hint?: string | undefined } = {}) {
    super(message, { cause });
    this.hint = hint;
  }
}

/** With what files are fetched. */
export interface TufFetcherOptions {
  readonly client: HttpClient;
  /** Ends everything. */
  readonly signal: AbortSignal;
  /** Milliseconds for one attempt at one file. */
  readonly timeout: number;
}

/**
 * Fetches the files of a TUF repository for the library that proves them, as everything else is fetched here: through
 * proxies and to authorities as others have them. The library's own way asks by Node's `fetch`.
 *
 * Errors: the library's `DownloadHTTPError` for a file that is not there, which says that a root is the newest;
 * {@link TufFetchFailure}, `usage` for a proxy that is none, the reason of the signal.
 */
export class TufFetcher implements Fetcher {
  readonly #options: TufFetcherOptions;
  #failure: TufFetchFailure | undefined;

  constructor(options: TufFetcherOptions) {
    this.#options = options;
  }

  /** Why the last file did not come; undefined when it did. The library puts errors into words of its own. */
  get failure(): TufFetchFailure | undefined {
    return this.#failure;
  }

  async downloadBytes(address: string, maxLength: number): Promise<Buffer> {
    this.#failure = undefined;
    const { signal } = this.#options;
    const patience = new Patience({
      ...{ attempts, retryDelay, longestWait, signal },
      givenUp: (reason, cause) => this.#fail(reason, cause),
      cancelled: () => new TufFetchFailure("it was interrupted"),
    });
    for (;;) {
      try {
        return await this.#attempt(new URL(address), Math.min(maxLength, largestFile));
      } catch (cause) {
        await patience.afterFailure(cause);
      }
    }
  }

  async downloadFile<T>(address: string, maxLength: number, handler: (file: string) => Promise<T>): Promise<T> {
    const bytes = await this.downloadBytes(address, maxLength);
    using folder = new TemporaryFolder("plimsoll-trusted-root-");
    const file = join(folder.path, "file");
    writeFileSync(file, bytes);
    return await handler(file);
  }

  async #attempt(url: URL, largest: number): Promise<Buffer> {
    const within = AbortSignal.timeout(this.#options.timeout);
    const signal = AbortSignal.any([this.#options.signal, within]);
    try {
      const response = await this.#options.client.get(url, { headers: {}, signal });
      try {
        return await this.#body(response, largest);
      } finally {
        response.destroy();
      }
    } catch (cause) {
      if (this.#options.signal.aborted) throw this.#options.signal.reason;
      if (within.aborted) throw new Interruption("its server did not complete a response in time");
      const isKnown = [PlimsollError, Interruption, DownloadHTTPError, TufFetchFailure].some(
        (kind) => cause instanceof kind,
      );
      if (isKnown) throw cause;
      if (cause instanceof HttpRefusal) throw this.#fail(cause.message, cause);
      const { reason, final } = networkReason(cause);
      throw final ? this.#fail(reason, cause) : new Interruption(reason, { cause });
    }
  }

  async #body(response: IncomingMessage, largest: number): Promise<Buffer> {
    const { statusCode = 0, headers } = response;
    const answered = `its server returned HTTP status ${statusCode}`;
    if (statusCode === 403 || statusCode === 404) throw new DownloadHTTPError(answered, statusCode);
    if (mayPass(statusCode)) throw new Interruption(answered, { wait: retryAfter(headers["retry-after"]) });
    if (statusCode !== 200) throw this.#fail(answered);
    const pieces: Buffer[] = [];
    let size = 0;
    for await (const piece of response as AsyncIterable<Buffer>) {
      size += piece.length;
      if (size > largest) throw this.#fail(`one of its files is longer than ${largest} bytes`);
      pieces.push(piece);
    }
    return Buffer.concat(pieces);
  }

  #fail(reason: string, cause?: unknown): TufFetchFailure {
    const hint = cause instanceof ProxyFailure ? cause.hint : undefined;
    this.#failure = new TufFetchFailure(reason, { cause, hint });
    return this.#failure;
  }
}

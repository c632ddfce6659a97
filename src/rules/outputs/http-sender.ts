import type { IncomingMessage } from "node:http";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { retryAfter } from "../../io/http/http-answer.ts";
import { HttpClient, type HttpTls, httpAddress, type ProxyEnvironment } from "../../io/http/http-client.ts";
import { nodeHttp } from "../../io/http/node-http.ts";
import { reasonOf } from "../../io/reason-of.ts";
import { PlimsollError } from "../../model/error.ts";
import { DeliveryFailure, type Sender } from "./sender.ts";

/** Options for alerts that go to an HTTP server. */
export interface HttpSenderOptions {
  /**
   * What a request carries: one alert, which is what Falco sends and all that Falcosidekick reads; or many, as a JSON
   * array or as lines.
   */
  readonly form?: "single" | "array" | "lines";
  /** Headers of the user's; they may hold secrets. */
  readonly headers?: Readonly<Record<string, string>>;
  /**
   * Authorities beside those that Node trusts, the client's certificate and key, and whether certificates are verified.
   */
  readonly tls?: HttpTls;
  readonly proxies?: ProxyEnvironment;
  readonly compresses?: boolean;
  /** Milliseconds for a request; 10,000 unless given. */
  readonly timeout?: number;
  /** Requests under way at the same time; 4 unless given. More than one may change the order of alerts. */
  readonly parallel?: number;
  /** The most alerts of a request, where it may carry many; 100 unless given. */
  readonly batchSize?: number;
}

const largestAnswer = 64 << 10;
const compress = promisify(gzip);

/**
 * Answers that say that the server will not take these alerts however often they are sent. Source: RFC 9110, section
 * 15.5.
 */
const finalAnswers: ReadonlySet<number> = new Set([400, 413, 415, 422]);

/**
 * Posts alerts in JSON. Any answer of 200 to 299 means that they arrived. Redirects are not followed: alerts go only to
 * the user's address, because a redirect may lead to a private one. Nothing of the address but its origin is ever
 * shown, since paths of webhooks are secrets.
 */
export class HttpSender implements Sender {
  readonly id: string;
  readonly batchSize: number;
  readonly parallel: number;
  readonly #address: URL;
  readonly #client: HttpClient;
  readonly #options: HttpSenderOptions;

  /**
   * Error: {@link PlimsollError} `usage` for an address that is not http or https, for headers that cannot be, and for
   * a proxy of that address that is none.
   */
  constructor(address: string, options: HttpSenderOptions = {}) {
    const { form = "single", parallel = 4, batchSize = 100, tls, proxies, headers = {} } = options;
    this.#address = addressOf(address);
    for (const [name, value] of Object.entries(headers)) checkHeader(name, value);
    this.id = `http ${this.#address.origin}`;
    this.batchSize = form === "single" ? 1 : batchSize;
    this.parallel = parallel;
    this.#client = new HttpClient(proxies, tls);
    this.#client.checkProxy(this.#address);
    this.#options = options;
  }

  async send(lines: readonly string[], signal: AbortSignal): Promise<void> {
    const { timeout = 10_000, headers = {}, compresses = false, form = "single" } = this.#options;
    const plain = Buffer.from(bodyOf(lines, form));
    const body = compresses ? await compress(plain) : plain;
    const within = AbortSignal.any([signal, AbortSignal.timeout(timeout)]);
    let response: IncomingMessage;
    try {
      ({ response } = await this.#client.send(this.#address, {
        method: "POST",
        body,
        headers: {
          "content-type": form === "lines" ? "application/x-ndjson" : "application/json",
          ...(compresses && { "content-encoding": "gzip" }),
        },
        secrets: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
        signal: within,
        isNamed: () => true,
      }));
      await readAway(response);
    } catch (cause) {
      throw new DeliveryFailure(within.aborted ? "no response in time" : reasonOf(cause), { cause });
    }
    judge(response);
  }

  /** Idle connections do not keep the process alive. */
  close(): Promise<void> {
    return Promise.resolve();
  }
}

function judge({ statusCode = 0, headers }: IncomingMessage): void {
  if (statusCode >= 200 && statusCode < 300) return;
  const isRedirect = statusCode >= 300 && statusCode < 400;
  throw new DeliveryFailure(
    isRedirect
      ? `it responded with a redirect (${statusCode}); redirects are not followed`
      : `it answers ${statusCode}`,
    { isFinal: finalAnswers.has(statusCode), retryAfter: retryAfter(headers["retry-after"]) },
  );
}

/** Reads an answer to its end so that the connection can be used again, unless it is long. */
function readAway(response: IncomingMessage): Promise<void> {
  let length = 0;
  return new Promise((resolve) => {
    response
      .on("data", (piece: Buffer) => {
        length += piece.length;
        if (length > largestAnswer) response.destroy();
      })
      // The body after the status is ignored, complete or not.
      .on("error", () => undefined)
      .on("close", resolve);
  });
}

function bodyOf(lines: readonly string[], form: "single" | "array" | "lines"): string {
  if (form === "array") return `[${lines.join(",")}]`;
  return form === "lines" ? `${lines.join("\n")}\n` : lines.join("");
}

function addressOf(text: string): URL {
  try {
    return httpAddress(text);
  } catch {
    // The text may hold secrets.
    throw new PlimsollError("usage", "the address for alerts is not an http or https address");
  }
}

function checkHeader(name: string, value: string): void {
  try {
    nodeHttp().validateHeaderName(name);
    nodeHttp().validateHeaderValue(name, value);
  } catch {
    throw new PlimsollError("usage", `the header ${JSON.stringify(name)} for alerts is not a valid HTTP header`);
  }
}

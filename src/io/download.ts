import { appendFileSync, closeSync, openSync, rmSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { finished } from "node:stream/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { PlimsollError } from "../model/error.ts";
import { finishDownload } from "./download-content.ts";
import { cancelled, limitExceeded, malformed, notWritten, unreachable } from "./download-error.ts";
import { answerOf, type HttpAnswer, retryAfter } from "./http-answer.ts";
import { type HttpClient, HttpRefusal, httpAddress } from "./http-client.ts";
import { networkWords } from "./network-words.ts";

const mostAttempts = 5;
/** Bytes: an attempt that brought so many is no failure, however it ended. */
const worthwhile: number = 1024 * 1024;
/** Milliseconds that a server may ask to wait. */
const longestWait = 120_000;
/** Bytes: a server that sends less in the time of `idleTimeout` is as good as silent, and could go on for ever. */
const leastProgress = 4096;

/** What a server said of a file's state, to be shown to it again. */
export interface Validators {
  /** As in the header, with its quotes. */
  readonly etag?: string | undefined;
  /** As in the header `Last-Modified`. */
  readonly lastModified?: string | undefined;
}

/** How a file is downloaded. */
export interface DownloadOptions {
  readonly client: HttpClient;
  readonly signal: AbortSignal;
  /** Bytes, both of the answer's body and of the file that a content encoding hides in it. */
  readonly maxBytes: number;
  /** Of what is here already; the download brings nothing when it is still the same. */
  readonly previous?: Validators | undefined;
  /** Hexadecimal: what the file must be. */
  readonly sha256?: string | undefined;
  /** Milliseconds after which a server counts as silent that sent less than 4 KiB in them; 60,000 unless given. */
  readonly idleTimeout?: number | undefined;
  /** Attempts without progress before the download has failed; 5 unless given. */
  readonly attempts?: number | undefined;
  /** Milliseconds before the second attempt, doubled before each further one; 500 unless given. */
  readonly retryDelay?: number | undefined;
  /** Called before the first request and as bytes arrive: how many are here, and of how many when the server says so. */
  readonly progress?: ((received: number, total: number | undefined) => void) | undefined;
}

/** What a download brought; `sha256` is hexadecimal. */
export type Download =
  | ({ readonly kind: "file"; readonly sha256: string } & Validators)
  | { readonly kind: "unchanged" }
  /** The server has no such file (404 or 410). */
  | { readonly kind: "absent" };

/**
 * Downloads an http or https address into a file, which it replaces; nothing is left there unless the result is `file`.
 *
 * What is here already is not fetched again (RFC 9110, section 13). A download that broke off goes on where it ended when the
 * server can do that, `attempts` at most without progress; a server that is busy is asked again when it wishes, within two
 * minutes. A page of HTML in the place of data is refused, but for addresses that end in a slash or `.html`. Redirects: see
 * {@link HttpClient}.
 *
 * Errors: `feed-unreachable`, `feed-malformed`, `limit-exceeded`, `output-not-written`, `cancelled`.
 */
export async function download(address: string, path: string, options: DownloadOptions): Promise<Download> {
  const state: State = { address, path, options, received: 0, ranges: undefined, answer: undefined };
  options.progress?.(0, undefined);
  try {
    const result = await untilDone(state);
    if (result) {
      rmSync(path, { force: true });
      return result;
    }
    const { etag, lastModified } = state.answer ?? {};
    return { kind: "file", sha256: await finishDownload(state), etag, lastModified };
  } catch (cause) {
    rmSync(path, { force: true });
    if (options.signal.aborted) throw cancelled(address);
    throw cause;
  }
}

/** What is known between two attempts. */
interface State {
  readonly address: string;
  readonly path: string;
  readonly options: DownloadOptions;
  /** Bytes of the body that are in the file. */
  received: number;
  /** What `If-Range` shows; undefined when the rest cannot be asked for. */
  ranges: string | undefined;
  /** What the server said with the first of these bytes. */
  answer: HttpAnswer | undefined;
}

/** An attempt that failed in a way that may pass. */
class Interruption extends Error {
  /** Milliseconds that the server wants to be left alone. */
  readonly wait: number;

  constructor(reason: string, wait = 0, cause?: unknown) {
    super(reason, { cause });
    this.wait = wait;
  }
}

/** Tries until the whole body is in the file; gives a result when there is no body to fetch. */
async function untilDone(state: State): Promise<Download | undefined> {
  const { address, options } = state;
  for (let failures = 0; ; ) {
    const before = state.received;
    try {
      return await attempt(state);
    } catch (cause) {
      if (!(cause instanceof Interruption)) throw cause;
      failures = state.received - before >= worthwhile ? 1 : failures + 1;
      if (failures >= (options.attempts ?? mostAttempts)) {
        throw unreachable(address, `${cause.message}, ${failures} times one after the other`, cause.cause);
      }
      if (cause.wait > longestWait) {
        throw unreachable(address, `${cause.message} and asks to wait for ${Math.ceil(cause.wait / 1000)} seconds`);
      }
      const delay = Math.max((options.retryDelay ?? 500) * 2 ** (failures - 1), cause.wait);
      await sleep(delay, undefined, { signal: options.signal });
    }
  }
}

async function attempt(state: State): Promise<Download | undefined> {
  const { address, options } = state;
  const idle = idleTimer(options.idleTimeout ?? 60_000);
  const signal = AbortSignal.any([options.signal, idle.signal]);
  try {
    const url = httpAddress(address);
    const response = await options.client.get(url, { headers: requestHeaders(state, url), signal });
    idle.restart();
    try {
      const result = judge(state, response);
      if (result === undefined) await receive(state, response, idle.restart);
      else if (response.statusCode === 304) await finished(response.resume());
      return result;
    } finally {
      response.destroy();
    }
  } catch (cause) {
    if (options.signal.aborted || cause instanceof PlimsollError || cause instanceof Interruption) throw cause;
    if (idle.signal.aborted)
      throw new Interruption("the server sent nothing or next to nothing for too long", 0, cause);
    if (cause instanceof HttpRefusal) throw unreachable(address, cause.message);
    if (cause instanceof WriteFailure) throw notWritten(state.path, cause.cause);
    if (isFinal(cause)) throw unreachable(address, networkReason(cause), cause);
    throw new Interruption(networkReason(cause), 0, cause);
  } finally {
    idle.stop();
  }
}

function requestHeaders(state: State, { pathname }: URL): Record<string, string> {
  const { ranges, received, options } = state;
  // What is compressed already only grows, and a server that packs on the fly often cannot resume.
  const encoding = /\.(?:zip|t?gz|bz2|xz|zst)$/i.test(pathname) ? "identity" : "gzip";
  const headers: Record<string, string> = { "accept-encoding": encoding };
  if (ranges !== undefined && received > 0) return { ...headers, range: `bytes=${received}-`, "if-range": ranges };
  const { etag, lastModified } = options.previous ?? {};
  if (etag !== undefined) headers["if-none-match"] = knownTags(etag);
  if (lastModified !== undefined) headers["if-modified-since"] = lastModified;
  return headers;
}

/** Apache marks the tag of an answer that it packs and then does not know the marked one. */
function knownTags(etag: string): string {
  return etag.endsWith('-gzip"') ? `${etag}, ${etag.slice(0, -6)}"` : etag;
}

/** The result when there is nothing to receive; otherwise makes the state ready for the bytes that follow. */
function judge(state: State, response: IncomingMessage): Download | undefined {
  const { address, options } = state;
  const status = response.statusCode ?? 0;
  if (status === 404 || status === 410) return { kind: "absent" };
  if (status === 304) {
    if (options.previous?.etag !== undefined || options.previous?.lastModified !== undefined)
      return { kind: "unchanged" };
    throw malformed(address, "the server says that it is unchanged, though nothing was shown to it");
  }
  if (status === 416 || (status === 206 && !continues(state, response))) {
    startOver(state);
    throw new Interruption("the server does not go on where the download broke off");
  }
  if ([408, 425, 429, 500, 502, 503, 504].includes(status)) {
    throw new Interruption(`the server answered ${status}`, retryAfter(response.headers["retry-after"]));
  }
  if (status !== 200 && status !== 206) throw unreachable(address, `the server answered ${status}`);
  const answer = answerOf(response);
  if (status === 200) {
    const etag = options.previous?.etag;
    if (etag !== undefined && etag === answer.etag) return { kind: "unchanged" };
    startOver(state);
    state.answer = answer;
    state.ranges = answer.etag?.startsWith('"') ? answer.etag : answer.lastModified;
  }
  if (state.received + (answer.length ?? 0) > options.maxBytes) throw limitExceeded(address, options.maxBytes);
  return undefined;
}

function continues({ received, answer }: State, response: IncomingMessage): boolean {
  const start = /^bytes (\d{1,15})-/.exec(response.headers["content-range"] ?? "")?.[1];
  return received > 0 && Number(start) === received && answerOf(response).encoding === answer?.encoding;
}

function startOver(state: State): void {
  state.received = 0;
  state.ranges = undefined;
  state.answer = undefined;
}

class WriteFailure extends Error {}

/** Writes the body as it comes, so that what has arrived is in the file however the body ends. */
async function receive(state: State, response: IncomingMessage, onProgress: () => void): Promise<void> {
  const { address, path, options } = state;
  const { length } = answerOf(response);
  const total = length === undefined ? undefined : state.received + length;
  let file: number | undefined;
  let sinceProgress = 0;
  try {
    file = attemptToWrite(() => openSync(path, state.received > 0 ? "a" : "w"));
    for await (const chunk of response) {
      const bytes: Buffer = chunk;
      sinceProgress += bytes.length;
      if (sinceProgress >= leastProgress) {
        onProgress();
        sinceProgress = 0;
      }
      if (state.received + bytes.length > options.maxBytes) throw limitExceeded(address, options.maxBytes);
      const target = file;
      attemptToWrite(() => appendFileSync(target, bytes));
      state.received += bytes.length;
      options.progress?.(state.received, total);
    }
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

function attemptToWrite<T>(write: () => T): T {
  try {
    return write();
  } catch (cause) {
    throw new WriteFailure("", { cause });
  }
}

function idleTimer(milliseconds: number): { signal: AbortSignal; restart: () => void; stop: () => void } {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), milliseconds);
  return { signal: controller.signal, restart: () => timer.refresh(), stop: () => clearTimeout(timer) };
}

/** True when another attempt would fail in the same way. */
function isFinal(cause: unknown): boolean {
  const code = innermost(cause).code ?? "";
  return /^(?:ECONNREFUSED|ENOTFOUND|EHOSTUNREACH|ENETUNREACH|EACCES|CERT_|ERR_TLS|ERR_SSL|ERR_INVALID|ERR_PROXY)|CERT|SIGNATURE|^HPE_/.test(
    code,
  );
}

function networkReason(cause: unknown): string {
  const { code, message } = innermost(cause);
  const words: Readonly<Record<string, string>> = {
    ...networkWords,
    ERR_PROXY_TUNNEL: "the proxy does not connect to that host",
  };
  return words[code ?? ""] ?? (message === "" ? "the connection failed" : message.replace(/\s+/g, " ").slice(0, 200));
}

/** A host with several addresses fails with one error for each. */
function innermost(cause: unknown): { readonly code?: string; readonly message: string } {
  const inner: unknown = cause instanceof AggregateError ? (cause.errors[0] ?? cause) : cause;
  if (!(inner instanceof Error)) return { message: String(inner) };
  const code = "code" in inner && typeof inner.code === "string" ? inner.code : undefined;
  return { message: inner.message, ...(code !== undefined && { code }) };
}

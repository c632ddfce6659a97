import { rmSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { finished } from "node:stream/promises";
import { PlimsollError } from "../../model/error.ts";
import { ArrivingBody } from "./arriving-body.ts";
import { BodyChanged, finishDownload } from "./download-content.ts";
import { cancelled, limitExceeded, malformed, notKept, notWritten, unreachable } from "./download-error.ts";
import { FeedServers } from "./feed-servers.ts";
import { answerOf, mayPass, retryAfter } from "./http-answer.ts";
import { type HttpClient, HttpRefusal, httpAddress } from "./http-client.ts";
import type { KeptDownloads } from "./kept-downloads.ts";
import { networkReason } from "./network-failure.ts";
import { Interruption, Patience } from "./patience.ts";

const mostAttempts = 5;
/** Bytes: an attempt that brought so many is not a failure, however it ended. */
const worthwhile: number = 1024 * 1024;
/** Milliseconds that a server may ask to wait. */
const longestWait = 120_000;
/** Milliseconds without a byte after which a server counts as silent. */
const idleTimeout = 60_000;
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
  /** Validators of the file that is already present; the download brings nothing when the content is unchanged. */
  readonly previous?: Validators | undefined;
  /** Hexadecimal: what the file must be. */
  readonly sha256?: string | undefined;
  /** Milliseconds after which a server counts as silent that sent less than 4 KiB in them; 60,000 unless given. */
  readonly idleTimeout?: number | undefined;
  /** Attempts without progress before the download has failed; 5 unless given. */
  readonly attempts?: number | undefined;
  /** Milliseconds before the second attempt, doubled before each further one; 500 unless given. */
  readonly retryDelay?: number | undefined;
  /** Where what arrives of a large file outlives the process; nothing does when absent. */
  readonly kept?: KeptDownloads | undefined;
  /** What the run that this is part of knows of the servers; nothing when absent. */
  readonly servers?: FeedServers | undefined;
  /** Called before the first request and as bytes arrive. */
  readonly progress?: ((progress: Arrival) => void) | undefined;
}

/** How much of a file is here. Bytes. */
export interface Arrival {
  readonly received: number;
  /** Undefined when the server does not say. */
  readonly total: number | undefined;
  /** What an earlier run brought, when the download goes on from there. */
  readonly before: number | undefined;
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
 * Content that is already present is not fetched again (RFC 9110, section 13). A download that broke off goes on where
 * it ended when the server can do that, `attempts` at most without progress, and with `kept` also in another run; the
 * file is then a link to where it is kept. A server that is busy is asked again when it wishes, within two minutes. A
 * page of HTML in place of data is refused, except for addresses that end in a slash or `.html`. Redirects: see
 * {@link HttpClient}.
 *
 * Errors: `feed-unreachable`, `feed-malformed`, `limit-exceeded`, `output-not-written`, `cancelled`.
 */
export async function download(address: string, path: string, options: DownloadOptions): Promise<Download> {
  options.progress?.({ received: 0, total: undefined, before: undefined });
  try {
    return await downloadOnce(address, path, options);
  } catch (cause) {
    // Another process took what is kept for left, or the disk is ill.
    if (cause instanceof BodyChanged) return await download(address, path, { ...options, kept: undefined });
    throw cause;
  }
}

/** Error: also {@link BodyChanged}. */
async function downloadOnce(address: string, path: string, options: DownloadOptions): Promise<Download> {
  const body = new ArrivingBody({ address, path, kept: options.kept });
  const state: State = { address, path, options, body, before: undefined, idleTimeout, awake: () => undefined };
  try {
    await body.resume(options);
    if (body.answer?.etag !== undefined && body.answer.etag === options.previous?.etag) body.remove();
    state.before = body.length > 0 ? body.length : undefined;
    const result = await untilDone(state);
    if (result) {
      body.remove();
      rmSync(path, { force: true });
      return result;
    }
    const { etag, lastModified } = body.answer ?? {};
    const sha256 = await finish(state);
    body.handOut();
    return { kind: "file", sha256, etag, lastModified };
  } catch (cause) {
    body.pause();
    rmSync(path, { force: true });
    const mayGoOn = options.signal.aborted || (cause instanceof PlimsollError && cause.code === "feed-unreachable");
    if (mayGoOn) body.leave();
    else if (body.isKept) body.remove();
    if (options.signal.aborted) throw cancelled(address);
    throw cause;
  }
}

async function finish({ address, path, options, body }: State): Promise<string> {
  body.pause();
  const { answer, isKept } = body;
  const bodySha256 = attemptToFinish(body);
  try {
    return await finishDownload({ address, path, options, answer, body: body.path, bodySha256 });
  } catch (cause) {
    if (options.signal.aborted || cause instanceof PlimsollError || !isKept) throw cause;
    throw new BodyChanged("the kept download cannot be read", { cause });
  }
}

function attemptToFinish(body: ArrivingBody): string | undefined {
  try {
    return body.finish();
  } catch (cause) {
    throw writeError(body, cause);
  }
}

/** State that is kept between two attempts. */
interface State {
  /** Milliseconds. */
  idleTimeout: number;
  /** Called when something comes. */
  awake: () => void;
  readonly address: string;
  readonly path: string;
  readonly options: DownloadOptions;
  readonly body: ArrivingBody;
  /** Bytes that an earlier run brought and the server has not made void. */
  before: number | undefined;
}

/** Tries until the whole body is here; gives a result when there is no body to fetch. */
async function untilDone(state: State): Promise<Download | undefined> {
  const { address, options } = state;
  const { servers = new FeedServers() } = options;
  const refusal = servers.refusalOf(address);
  if (refusal !== undefined) throw unreachable(address, refusal);
  const { attempts = mostAttempts, idleTimeout: usual = idleTimeout } = options;
  const given = servers.patienceFor(address, { attempts, idleTimeout: usual });
  const lost = (reason: string, cause?: unknown): PlimsollError => {
    if (state.body.length < leastProgress) servers.lose(address, reason);
    return unreachable(address, reason, cause);
  };
  const patience = new Patience({
    attempts: given.attempts,
    retryDelay: options.retryDelay ?? 500,
    longestWait,
    signal: options.signal,
    givenUp: lost,
    cancelled: () => cancelled(address),
  });
  const waiting = servers.wait(address);
  state.idleTimeout = given.idleTimeout;
  state.awake = waiting.again;
  try {
    for (;;) {
      const before = state.body.length;
      try {
        const result = await attempt(state);
        servers.find(address);
        return result === "here" ? undefined : result;
      } catch (cause) {
        if (state.body.length - before >= worthwhile) patience.renew();
        await patience.afterFailure(cause instanceof Lost ? lost(cause.message, cause.cause) : cause);
      }
    }
  } finally {
    waiting.end();
  }
}

/** There is no way to the server; `message` is a clause. */
class Lost extends Error {}

async function attempt(state: State): Promise<Download | "here" | undefined> {
  const { address, options } = state;
  const idle = idleTimer(state.idleTimeout);
  const signal = AbortSignal.any([options.signal, idle.signal]);
  try {
    const url = httpAddress(address);
    const response = await options.client.get(url, { headers: requestHeaders(state, url), signal });
    idle.restart();
    try {
      const result = judge(state, response);
      const restart = (): void => {
        idle.restart();
        state.awake();
      };
      if (result === undefined) await receive(state, response, restart);
      else if (response.statusCode === 304) await finished(response.resume());
      return result;
    } finally {
      response.destroy();
    }
  } catch (cause) {
    if (options.signal.aborted || cause instanceof PlimsollError || cause instanceof Interruption) throw cause;
    if (idle.signal.aborted) {
      throw new Interruption("the server sent almost no data for too long", { cause });
    }
    if (cause instanceof HttpRefusal) throw unreachable(address, cause.message);
    if (cause instanceof WriteFailure) throw writeError(state.body, cause.cause);
    const { reason, final } = networkReason(cause);
    throw final ? new Lost(reason, { cause }) : new Interruption(reason, { cause });
  } finally {
    idle.stop();
  }
}

function requestHeaders({ body, options }: State, { pathname }: URL): Record<string, string> {
  // Compressed files only grow when compressed again, and a server that compresses on the fly often cannot resume.
  const encoding = /\.(?:zip|t?gz|bz2|xz|zst)$/i.test(pathname) ? "identity" : "gzip";
  const headers: Record<string, string> = { "accept-encoding": encoding };
  const { answer, length } = body;
  if (!body.isWhole && answer?.rangeValidator !== undefined && length > 0) {
    return { ...headers, range: `bytes=${length}-`, "if-range": answer.rangeValidator };
  }
  const { etag, lastModified } = (body.isWhole ? answer : options.previous) ?? {};
  if (etag !== undefined) headers["if-none-match"] = knownTags(etag);
  if (lastModified !== undefined) headers["if-modified-since"] = lastModified;
  return headers;
}

/** Apache marks the tag of an answer that it packs and then does not know the marked one. */
function knownTags(etag: string): string {
  return etag.endsWith('-gzip"') ? `${etag}, ${etag.slice(0, -6)}"` : etag;
}

/** The result when there is nothing to receive; otherwise makes the state ready for the bytes that follow. */
function judge(state: State, response: IncomingMessage): Download | "here" | undefined {
  const { address, options, body } = state;
  const status = response.statusCode ?? 0;
  if (status === 404 || status === 410) return { kind: "absent" };
  if (status === 304) {
    if (body.isWhole) return "here";
    if (options.previous?.etag !== undefined || options.previous?.lastModified !== undefined)
      return { kind: "unchanged" };
    throw malformed(address, "the server reports the file as unchanged, but the request had no earlier version");
  }
  if (status === 416 || (status === 206 && !continues(body, response))) {
    body.restart();
    state.before = undefined;
    throw new Interruption("the server did not resume the download at the requested position");
  }
  if (mayPass(status)) {
    throw new Interruption(`HTTP status ${status}`, { wait: retryAfter(response.headers["retry-after"]) });
  }
  if (status !== 200 && status !== 206) throw unreachable(address, `HTTP status ${status}`);
  const answer = answerOf(response);
  if (status === 200) {
    const etag = options.previous?.etag;
    if (etag !== undefined && etag === answer.etag) return { kind: "unchanged" };
    body.restart(answer);
    state.before = undefined;
  }
  if (body.length + (answer.length ?? 0) > options.maxBytes) throw limitExceeded(address, options.maxBytes);
  return undefined;
}

/** True when what follows is the rest of the body of which something is here. */
function continues(body: ArrivingBody, response: IncomingMessage): boolean {
  const range = /^bytes (\d{1,15})-\d{1,15}\/(\d{1,15}|\*)$/.exec(response.headers["content-range"] ?? "");
  const { answer, length, isWhole } = body;
  if (!range || !answer || isWhole || length === 0 || Number(range[1]) !== length) return false;
  const { encoding, etag, lastModified } = answerOf(response);
  return (
    encoding === answer.encoding &&
    (range[2] === "*" || answer.length === undefined || Number(range[2]) === answer.length) &&
    (etag === undefined || etag === answer.etag) &&
    (lastModified === undefined || lastModified === answer.lastModified)
  );
}

class WriteFailure extends Error {}

/** Takes the body as it comes, so that what has arrived is here however the body ends. */
async function receive(state: State, response: IncomingMessage, onProgress: () => void): Promise<void> {
  const { address, options, body } = state;
  const { length } = answerOf(response);
  const total = length === undefined ? undefined : body.length + length;
  let sinceProgress = 0;
  try {
    attemptToWrite(() => body.append(Buffer.alloc(0)));
    for await (const chunk of response) {
      const bytes: Buffer = chunk;
      sinceProgress += bytes.length;
      if (sinceProgress >= leastProgress) {
        onProgress();
        sinceProgress = 0;
      }
      if (body.length + bytes.length > options.maxBytes) throw limitExceeded(address, options.maxBytes);
      attemptToWrite(() => body.append(bytes));
      options.progress?.({ received: body.length, total, before: state.before });
    }
  } finally {
    body.pause();
  }
  const whole = body.answer?.length;
  if (whole === undefined || whole === body.length) return;
  if (body.length > whole) body.restart();
  throw new Interruption("the server sent a different length than announced");
}

function writeError(body: ArrivingBody, cause: unknown): PlimsollError {
  return body.isKept ? notKept(body.path, cause) : notWritten(body.path, cause);
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

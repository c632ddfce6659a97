import { createWriteStream, rmSync } from "node:fs";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { PlimsollError } from "../model/error.ts";
import { reasonOf } from "./random-access.ts";

const mostRedirects = 5;

/** Bounds on a download. */
export interface FetchToFileOptions {
  readonly signal: AbortSignal;
  /** Bytes of the answer's body. */
  readonly maxBytes: number;
  /** Milliseconds without a byte after which it is given up; 60,000 unless given. */
  readonly idleTimeout?: number;
}

/**
 * Downloads an http or https address into a file, which it replaces; nothing is left there on failure. Redirects are
 * followed by hand, at most five, only to http and https, never from https to http, and never with credentials in them.
 *
 * Errors: `feed-unreachable`, `output-not-written`, `limit-exceeded`, `cancelled`.
 */
export async function fetchToFile(address: string, path: string, options: FetchToFileOptions): Promise<void> {
  const idle = idleTimer(options.idleTimeout ?? 60_000);
  const signal = AbortSignal.any([options.signal, idle.signal]);
  try {
    const response = await follow(address, signal);
    if (!response.ok || !response.body) {
      await response.body?.cancel();
      throw unreachable(address, `the server answered ${response.status}`);
    }
    await pipeline(
      Readable.fromWeb(response.body),
      bounded(options.maxBytes, { address, onBytes: idle.restart }),
      createWriteStream(path),
      { signal },
    );
  } catch (cause) {
    rmSync(path, { force: true });
    if (options.signal.aborted) throw new PlimsollError("cancelled", `the download of ${shown(address)} was cancelled`);
    if (idle.signal.aborted) throw unreachable(address, "the server sent nothing for too long", cause);
    if (cause instanceof PlimsollError) throw cause;
    if (isFileError(cause)) throw notWritten(path, cause);
    throw unreachable(address, networkReason(cause), cause);
  } finally {
    idle.stop();
  }
}

async function follow(address: string, signal: AbortSignal): Promise<Response> {
  let url = checked(address, undefined);
  for (let hop = 0; hop <= mostRedirects; hop++) {
    const response = await fetch(url, { redirect: "manual", signal });
    const location = response.status >= 300 && response.status < 400 ? response.headers.get("location") : null;
    if (location === null) return response;
    await response.body?.cancel();
    url = checked(location, url);
  }
  throw unreachable(address, `it redirects more than ${mostRedirects} times`);
}

function checked(address: string, from: URL | undefined): URL {
  const url = URL.parse(address, from?.href);
  if (!url || (url.protocol !== "http:" && url.protocol !== "https:")) {
    throw unreachable(
      from?.href ?? address,
      from ? "it redirects to something that is not http or https" : "it is no http or https address",
    );
  }
  if (from?.protocol === "https:" && url.protocol === "http:") {
    throw unreachable(from.href, "it redirects from https to http");
  }
  if (url.username !== "" || url.password !== "") {
    throw unreachable(from?.href ?? address, "an address may not hold a user name or password");
  }
  return url;
}

function bounded(maxBytes: number, { address, onBytes }: { address: string; onBytes: () => void }): Transform {
  let total = 0;
  return new Transform({
    transform(chunk: Uint8Array, _encoding, done) {
      onBytes();
      total += chunk.length;
      if (total <= maxBytes) done(null, chunk);
      else done(new PlimsollError("limit-exceeded", `${shown(address)} is longer than ${maxBytes} bytes`));
    },
  });
}

function idleTimer(milliseconds: number): { signal: AbortSignal; restart: () => void; stop: () => void } {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), milliseconds);
  return { signal: controller.signal, restart: () => timer.refresh(), stop: () => clearTimeout(timer) };
}

function unreachable(address: string, reason: string, cause?: unknown): PlimsollError {
  return new PlimsollError("feed-unreachable", `${shown(address)} cannot be fetched: ${reason}`, {
    hint: "Check the address and the network; a copy of the advisories in a folder works without a network.",
    ...(cause === undefined ? {} : { cause }),
  });
}

/** A failure of the file itself; one of the network stands inside an error of fetch. */
function isFileError(cause: unknown): boolean {
  return cause instanceof Error && "syscall" in cause && "code" in cause;
}

function notWritten(path: string, cause: unknown): PlimsollError {
  return new PlimsollError("output-not-written", `a download cannot be written to ${path}: ${reasonOf(cause)}`, {
    hint: "Free some space; TMPDIR names the folder for temporary files.",
    cause,
  });
}

/** The address without user name, password and query, which may be secrets. */
function shown(address: string): string {
  const url = URL.parse(address);
  return url ? `${url.protocol}//${url.host}${url.pathname}` : address;
}

function networkReason(cause: unknown): string {
  const inner = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause;
  return inner instanceof Error ? inner.message || inner.name : String(inner);
}

import { createHash } from "node:crypto";
import { closeSync, createReadStream, createWriteStream, openSync, readSync, renameSync, rmSync } from "node:fs";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { PlimsollError } from "../../model/error.ts";
import { linkFile } from "../files/link-file.ts";
import { isHtmlPage, limitExceeded, malformed, notWritten } from "./download-error.ts";

const pieceSize: number = 1024 * 1024;

/** A body that has arrived as a whole, and what it must be. */
export interface ArrivedFile {
  readonly address: string;
  /** The file that holds the body. */
  readonly body: string;
  /** Hexadecimal digest of the body when it arrived, if it was recorded. */
  readonly bodySha256?: string | undefined;
  /** The file that is to hold the content: that of the body, or another one. */
  readonly path: string;
  readonly answer: { readonly encoding: string; readonly md5?: string | undefined } | undefined;
  readonly options: {
    readonly signal: AbortSignal;
    readonly maxBytes: number;
    readonly sha256?: string | undefined;
  };
}

/** The bytes of a body on the disk are no longer those that came. */
export class BodyChanged extends Error {
  override readonly name = "BodyChanged";
}

/**
 * Removes the content encoding of a body and checks what came out; returns its SHA-256 in hexadecimal. A body in
 * another file stays there unchanged; without an encoding, the result is a link to it.
 *
 * Errors: `feed-malformed`, `limit-exceeded`, `output-not-written`, {@link BodyChanged}.
 */
export async function finishDownload(arrived: ArrivedFile): Promise<string> {
  const { address, body, bodySha256, path, options } = arrived;
  if (bodySha256 !== undefined && bodySha256 !== (await sha256Of(body, options.signal))) throw new BodyChanged(body);
  await checkMd5(arrived);
  if (isPacked(arrived)) await unpack(arrived);
  else if (body !== path) linkBody(body, path);
  if (isHtml(path) && !mayBeHtml(address)) throw isHtmlPage(address);
  const sha256 = await sha256Of(path, options.signal);
  checkSha256(address, { sha256, expected: options.sha256 });
  return sha256;
}

/** Error: `feed-malformed` when a checksum was given and is another. */
export function checkSha256(
  address: string,
  { sha256, expected }: { sha256: string; expected?: string | undefined },
): void {
  if (expected !== undefined && expected.toLowerCase() !== sha256) {
    throw malformed(
      address,
      `its SHA-256 is ${sha256}, but the publisher states ${expected.toLowerCase().slice(0, 64)}`,
    );
  }
}

async function checkMd5({ address, body, answer, options }: ArrivedFile): Promise<void> {
  if (answer?.md5 === undefined) return;
  const hash = createHash("md5");
  await pipeline(createReadStream(body, { highWaterMark: pieceSize }), hash, { signal: options.signal });
  const md5 = hash.digest("base64");
  if (md5 !== answer.md5) throw malformed(address, `its MD5 is ${md5}, but the server states ${answer.md5}`);
}

/** The SHA-256 of a file's content, hexadecimal. */
export async function sha256Of(path: string, signal: AbortSignal): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path, { highWaterMark: pieceSize }), hash, { signal });
  return hash.digest("hex");
}

/** True when a file begins as an HTML page does. */
export function isHtml(path: string): boolean {
  const descriptor = openSync(path, "r");
  try {
    const head = Buffer.alloc(512);
    const text = head.toString("utf8", 0, readSync(descriptor, head, 0, head.length, 0));
    return /^\ufeff?\s*(?:<!--[^>]{0,200}-->\s*)?<(?:!doctype\s+html|html)\b/i.test(text);
  } finally {
    closeSync(descriptor);
  }
}

/** True for addresses of which a page is expected: lists of files. */
export function mayBeHtml(address: string): boolean {
  return /(?:\/|\.html?)$/i.test(URL.parse(address)?.pathname ?? "");
}

/** Error: `feed-malformed` when the encoding is none that was asked for. */
function isPacked({ address, answer }: ArrivedFile): boolean {
  const { encoding } = answer ?? { encoding: "identity" };
  if (encoding === "identity" || encoding === "") return false;
  if (encoding !== "gzip" && encoding !== "x-gzip") {
    throw malformed(
      address,
      `it has the content encoding ${JSON.stringify(encoding.slice(0, 20))}, which was not requested`,
    );
  }
  // Servers declare the file's own compression as an encoding of the transfer.
  return !/\.t?gz$/i.test(URL.parse(address)?.pathname ?? "");
}

async function unpack({ address, body, path, options }: ArrivedFile): Promise<void> {
  const unpacked = `${path}.unpacked`;
  try {
    await pipeline(
      createReadStream(body, { highWaterMark: pieceSize }),
      createGunzip({ chunkSize: pieceSize }),
      bounded(address, options.maxBytes),
      createWriteStream(unpacked),
      { signal: options.signal },
    );
    renameSync(unpacked, path);
  } catch (cause) {
    rmSync(unpacked, { force: true });
    if (options.signal.aborted || cause instanceof PlimsollError) throw cause;
    if (cause instanceof Error && "syscall" in cause) throw notWritten(path, cause);
    throw malformed(address, "its gzip encoding is damaged");
  }
}

function linkBody(body: string, path: string): void {
  try {
    linkFile(body, path);
  } catch (cause) {
    throw notWritten(path, cause);
  }
}

function bounded(address: string, maxBytes: number): Transform {
  let total = 0;
  return new Transform({
    transform(chunk: Uint8Array, _encoding, done) {
      total += chunk.length;
      if (total <= maxBytes) done(null, chunk);
      else done(limitExceeded(address, maxBytes));
    },
  });
}

import type { IncomingHttpHeaders } from "node:http";
import { Interruption } from "../../io/http/patience.ts";
import { PlimsollError } from "../../model/error.ts";
import type { RegistryAnswer } from "./registry-answer.ts";

/** An answer that has been read: nothing of it is still to come. */
export class RegistryReply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** As {@link RegistryAnswer.challenges}. */
  readonly challenges: readonly string[];
  /** Where it came from, after redirects. */
  readonly url: URL;
  /** The first bytes of the body, as far as they came: what an error has to say. */
  readonly excerpt: Buffer;

  constructor(
    { status, headers, challenges, url }: Pick<RegistryAnswer, "status" | "headers" | "challenges" | "url">,
    excerpt: Buffer,
  ) {
    this.status = status;
    this.headers = headers;
    this.challenges = challenges;
    this.url = url;
    this.excerpt = excerpt;
  }

  /** A header that has one value, undefined when it is missing or comes twice in another form. */
  header(name: string): string | undefined {
    const value = this.headers[name];
    return typeof value === "string" ? value : undefined;
  }
}

/** A reply whose body was wanted. */
export class RegistryDocument extends RegistryReply {
  /** The whole body of a 200; nothing of any other answer. */
  readonly bytes: Buffer;

  constructor(head: ConstructorParameters<typeof RegistryReply>[0], body: { excerpt: Buffer; bytes: Buffer }) {
    super(head, body.excerpt);
    this.bytes = body.bytes;
  }
}

/** How much of a document is taken. */
export interface DocumentBounds {
  /** The most bytes. */
  readonly limit: number;
  /** How errors name it. */
  readonly what: string;
}

const mostErrorBytes = 64 * 1024;
/** Bytes in a millisecond that a document must bring once its registry would count as silent: 16 KiB in a second. */
const slowest: number = (16 * 1024) / 1000;

/** What was read of answers that were asked for it. */
const beginnings = new WeakMap<RegistryAnswer, Promise<Buffer>>();

/**
 * Reads an answer of which only the head matters. What goes wrong with its body does not; one that is short is read to
 * its end, so that the connection can be used again. An answer may be given several times.
 */
export async function readReply(answer: RegistryAnswer): Promise<RegistryReply> {
  const beginning = beginnings.get(answer) ?? readBeginning(answer);
  beginnings.set(answer, beginning);
  return new RegistryReply(answer, await beginning);
}

async function readBeginning(answer: RegistryAnswer): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let size = 0;
  try {
    for await (const piece of inTime(answer)) {
      pieces.push(piece);
      size += piece.length;
      if (size >= mostErrorBytes) break;
    }
  } catch {
    // What came is what there is.
  }
  return Buffer.concat(pieces).subarray(0, mostErrorBytes);
}

/**
 * Reads an answer with the body of a 200. For {@link RegistryHost}, which reads within its attempts: whoever calls it
 * has to try again.
 * Errors: {@link Interruption} for a body that breaks off, falls silent or trickles; `limit-exceeded`, `cancelled`.
 */
export async function readDocument(answer: RegistryAnswer, { limit, what }: DocumentBounds): Promise<RegistryDocument> {
  if (answer.status !== 200) {
    const { excerpt } = await readReply(answer);
    return new RegistryDocument(answer, { excerpt, bytes: Buffer.alloc(0) });
  }
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of inTime(answer)) {
    size += piece.length;
    if (size > limit) throw new PlimsollError("limit-exceeded", `${what} has more than ${limit} bytes`);
    pieces.push(piece);
  }
  const bytes = Buffer.concat(pieces);
  return new RegistryDocument(answer, { excerpt: bytes.subarray(0, mostErrorBytes), bytes });
}

/**
 * The body of an answer as long as it comes faster than drop by drop. Between two pieces the answer itself watches over
 * the time.
 */
async function* inTime(answer: RegistryAnswer): AsyncGenerator<Buffer> {
  const start = performance.now();
  let size = 0;
  for await (const piece of answer.body()) {
    size += piece.length;
    if (performance.now() - start > answer.idleTimeout + size / slowest)
      throw new Interruption("it sent almost no data for too long");
    yield piece;
  }
}

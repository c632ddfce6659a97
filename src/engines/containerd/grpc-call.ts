import type { ClientHttp2Session, IncomingHttpHeaders } from "node:http2";

/**
 * gRPC over HTTP/2: a call is a POST of one message; messages have a byte that says whether they are compressed and
 * four bytes of length, big-endian, before them. How it ended is in `grpc-status` and `grpc-message` of the trailers.
 *
 * Source: grpc/doc/PROTOCOL-HTTP2.md.
 */
export class GrpcError extends Error {
  /** The status of gRPC; undefined when the connection failed. */
  readonly status: number | undefined;

  constructor(message: string, status?: number, cause?: unknown) {
    super(message, { cause });
    this.status = status;
  }
}

/** The status of gRPC for something that is not there. */
export const grpcNotFound = 5;

/** A request. */
export interface GrpcRequest {
  /** `/package.Service/Method`. */
  readonly path: string;
  readonly message: Buffer;
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

const prefixSize = 5;
/** containerd sends at most 16 MiB at once. */
const largestMessage: number = 32 * 1024 * 1024;

/** The messages of the answer as they come. Throws {@link GrpcError}. */
export async function* callGrpc(session: ClientHttp2Session, request: GrpcRequest): AsyncGenerator<Buffer> {
  const { path, message, headers, signal } = request;
  const stream = session.request(
    { ":method": "POST", ":path": path, "content-type": "application/grpc", te: "trailers", ...headers },
    { signal },
  );
  let head: IncomingHttpHeaders = {};
  let trailers: IncomingHttpHeaders = {};
  stream.on("response", (given) => {
    head = given;
  });
  stream.on("trailers", (given) => {
    trailers = given;
  });
  const prefix = Buffer.alloc(prefixSize);
  prefix.writeUInt32BE(message.length, 1);
  stream.end(Buffer.concat([prefix, message]));
  let held: Buffer = Buffer.alloc(0);
  let length = 0;
  try {
    for await (const piece of stream as AsyncIterable<Buffer>) {
      held = length === 0 ? piece : appended({ held, length }, piece);
      length += piece.length;
      for (let size = messageSize(held, length); size !== undefined; size = messageSize(held, length)) {
        yield held.subarray(prefixSize, prefixSize + size);
        held = held.subarray(prefixSize + size, length);
        length = held.length;
      }
    }
  } catch (error) {
    throw error instanceof GrpcError ? error : new GrpcError(messageOf(error), undefined, error);
  } finally {
    stream.destroy();
  }
  const status = trailers["grpc-status"] ?? head["grpc-status"];
  if (status === "0" && length === 0) return;
  const words =
    trailers["grpc-message"] ?? head["grpc-message"] ?? `the response has the HTTP status ${head[":status"]}`;
  throw new GrpcError(decoded(String(words)), status === undefined ? undefined : Number(status));
}

/**
 * The first `length` bytes of a buffer with a piece behind them. It grows by doubling, so that a message in many small
 * pieces is copied few times and takes no more than twice its size.
 */
function appended({ held, length }: { readonly held: Buffer; readonly length: number }, piece: Buffer): Buffer {
  const needed = length + piece.length;
  let target = held;
  if (needed > held.length) {
    target = Buffer.allocUnsafeSlow(Math.max(2 * length, needed));
    held.copy(target, 0, 0, length);
  }
  piece.copy(target, length);
  return target;
}

/** The size of the first message when it is there as a whole among the first `length` bytes. */
function messageSize(bytes: Buffer, length: number): number | undefined {
  if (length < prefixSize) return undefined;
  const size = bytes.readUInt32BE(1);
  if (bytes[0] !== 0) throw new GrpcError("a message is compressed although compression was not requested");
  if (size > largestMessage) throw new GrpcError(`a message is ${size} bytes; the limit is ${largestMessage} bytes`);
  return length >= prefixSize + size ? size : undefined;
}

function decoded(words: string): string {
  try {
    return decodeURIComponent(words);
  } catch {
    return words;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

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

/** What is asked. */
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
  let rest: Buffer = Buffer.alloc(0);
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      for (let size = messageSize(rest); size !== undefined; size = messageSize(rest)) {
        yield rest.subarray(prefixSize, prefixSize + size);
        rest = rest.subarray(prefixSize + size);
      }
    }
  } catch (error) {
    throw error instanceof GrpcError ? error : new GrpcError(messageOf(error), undefined, error);
  } finally {
    stream.destroy();
  }
  const status = trailers["grpc-status"] ?? head["grpc-status"];
  if (status === "0" && rest.length === 0) return;
  const words = trailers["grpc-message"] ?? head["grpc-message"] ?? `the answer has the HTTP status ${head[":status"]}`;
  throw new GrpcError(decoded(String(words)), status === undefined ? undefined : Number(status));
}

/** The size of the first message when it is there as a whole. */
function messageSize(bytes: Buffer): number | undefined {
  if (bytes.length < prefixSize) return undefined;
  const size = bytes.readUInt32BE(1);
  if (bytes[0] !== 0) throw new GrpcError("a message is compressed, which was not asked for");
  if (size > largestMessage) throw new GrpcError(`a message has ${size} bytes`);
  return bytes.length >= prefixSize + size ? size : undefined;
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

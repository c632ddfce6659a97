import { type ClientHttp2Session, connect } from "node:http2";
import { createConnection } from "node:net";
import { PlimsollError } from "../../model/error.ts";
import { callGrpc, GrpcError, grpcNotFound } from "./grpc-call.ts";
import { readFields, textField } from "./protobuf.ts";

/**
 * A client of containerd on this machine. Every method throws `engine-unreachable` when no server listens,
 * `engine-failed` when the answer is wrong, and `cancelled` when the signal aborts.
 *
 * Source: containerd `api/services/{namespaces,images,content,introspection,tasks}/v1/*.proto`.
 */
export interface ContainerdClient extends Disposable {
  /** The names of all namespaces. */
  namespaces(signal: AbortSignal): Promise<string[]>;
  /** The digest of the manifest or index that an image has under its whole name; undefined when there is none. */
  imageDigest(name: string, where: ContainerdCall): Promise<string | undefined>;
  /** The whole names of all images, each with its digest as {@link imageDigest} gives it. */
  images(where: ContainerdCall): Promise<readonly { readonly name: string; readonly digest: string }[]>;
  /** The bytes of a blob. Throws `image-not-found` when containerd does not have it. */
  readBlob(digest: string, where: ContainerdCall): AsyncIterable<Uint8Array>;
  /** True when containerd has a blob. */
  hasBlob(digest: string, where: ContainerdCall): Promise<boolean>;
  /** The path of the file in which containerd notes its images and containers; undefined when it does not tell. */
  metadataPath(signal: AbortSignal): Promise<string | undefined>;
  /** The ids of the containers that run or are paused. */
  running(where: ContainerdCall): Promise<ReadonlySet<string>>;
}

/** In which namespace to look. */
export interface ContainerdCall {
  readonly namespace: string;
  readonly signal: AbortSignal;
}

const connectWithin = 10_000;
const answerWithin = 30_000;
const mostBytesOfErrors = 300;
const metadataPlugin = "io.containerd.metadata.v1";
/** RUNNING, PAUSED and PAUSING of `containerd.v1.types.Status`. */
const runningStates: ReadonlySet<bigint> = new Set([2n, 4n, 5n]);

/** Opens a client of the socket at `path`; nothing is sent yet. */
export function openContainerd(path: string): ContainerdClient {
  const socket = createConnection({ path, timeout: connectWithin });
  socket.once("timeout", () => socket.destroy(Object.assign(new Error("no connection"), { code: "ETIMEDOUT" })));
  let connected = false;
  socket.once("connect", () => {
    connected = true;
    socket.setTimeout(0);
  });
  let failure: NodeJS.ErrnoException | undefined;
  socket.on("error", (error) => {
    failure = error;
  });
  const session: ClientHttp2Session = connect("http://localhost", { createConnection: () => socket });
  session.on("error", (error: NodeJS.ErrnoException) => {
    failure ??= error;
  });
  session.unref();
  let calls = 0;
  // The connection keeps the program alive while any of its calls waits, and not longer.
  const begin = (): void => {
    if (calls++ === 0) session.ref();
  };
  const finish = (): void => {
    if (--calls === 0) session.unref();
  };

  async function* call(
    method: string,
    message: Buffer,
    { namespace, signal }: { readonly namespace?: string; readonly signal: AbortSignal },
  ): AsyncGenerator<Buffer> {
    const headers: Record<string, string> = namespace === undefined ? {} : { "containerd-namespace": namespace };
    begin();
    try {
      yield* callGrpc(session, { path: `/containerd.services.${method}`, message, headers, signal });
    } catch (error) {
      if (signal.aborted) {
        throw new PlimsollError("cancelled", "the request to containerd was cancelled", { cause: signal.reason });
      }
      if (error instanceof GrpcError && error.status !== undefined) throw error;
      throw connected ? engineFailed(path, messageOf(failure ?? error), error) : unreachable(path, failure ?? error);
    } finally {
      finish();
    }
  }

  const failed = (error: unknown): unknown =>
    error instanceof GrpcError ? engineFailed(path, error.message, error) : error;

  /** The first message of a short answer. */
  async function only(
    method: string,
    message: Buffer,
    { signal, ...rest }: { readonly namespace?: string; readonly signal: AbortSignal },
  ): Promise<Buffer | undefined> {
    const deadline = AbortSignal.timeout(answerWithin);
    let first: Buffer | undefined;
    try {
      const either = AbortSignal.any([signal, deadline]);
      for await (const answer of call(method, message, { ...rest, signal: either })) first ??= answer;
      return first;
    } catch (error) {
      if (signal.aborted || !deadline.aborted) throw error;
      throw engineFailed(path, `it did not respond within ${answerWithin / 1000} s`, error);
    }
  }

  return {
    async namespaces(signal) {
      try {
        const answer = await only("namespaces.v1.Namespaces/List", Buffer.alloc(0), { signal });
        const list = fieldsOf(answer, path).filter(({ number }) => number === 1);
        return list.flatMap(({ bytes }) => textOf(bytes, 1, path) ?? []);
      } catch (error) {
        throw failed(error);
      }
    },
    async imageDigest(name, where) {
      try {
        const answer = await only("images.v1.Images/Get", textField(1, name), where);
        const image = fieldsOf(answer, path).find(({ number }) => number === 1);
        return image && digestIn(image.bytes, path);
      } catch (error) {
        if (error instanceof GrpcError && error.status === grpcNotFound) return undefined;
        throw failed(error);
      }
    },
    async images(where) {
      try {
        const answer = await only("images.v1.Images/List", Buffer.alloc(0), where);
        const images = answer ? fieldsOf(answer, path).filter(({ number }) => number === 1) : [];
        return images.flatMap(({ bytes }) => {
          const [name, digest] = [textOf(bytes, 1, path), digestIn(bytes, path)];
          return name === undefined || digest === undefined ? [] : [{ name, digest }];
        });
      } catch (error) {
        throw failed(error);
      }
    },
    async *readBlob(digest, where) {
      try {
        for await (const message of call("content.v1.Content/Read", textField(1, digest), where)) {
          for (const { number, bytes } of fieldsOf(message, path)) if (number === 2) yield bytes;
        }
      } catch (error) {
        if (!(error instanceof GrpcError) || error.status !== grpcNotFound) throw failed(error);
        throw new PlimsollError("image-not-found", `containerd does not have ${digest}, which the image requires`, {
          hint: "Pull the image again; containerd discards layers after unpacking when discard_unpacked_layers is set.",
          cause: error,
        });
      }
    },
    async hasBlob(digest, where) {
      try {
        await only("content.v1.Content/Info", textField(1, digest), where);
        return true;
      } catch (error) {
        if (error instanceof GrpcError && error.status === grpcNotFound) return false;
        throw failed(error);
      }
    },
    async metadataPath(signal) {
      try {
        const answer = await only("introspection.v1.Introspection/Plugins", Buffer.alloc(0), { signal });
        const plugins = fieldsOf(answer, path).filter(({ number }) => number === 1);
        const metadata = plugins.find(({ bytes }) => textOf(bytes, 1, path) === metadataPlugin);
        const exported = metadata ? fieldsOf(metadata.bytes, path).filter(({ number }) => number === 5) : [];
        const named = exported.find(({ bytes }) => textOf(bytes, 1, path) === "path");
        return named && textOf(named.bytes, 2, path);
      } catch (error) {
        throw failed(error);
      }
    },
    async running(where) {
      try {
        const answer = await only("tasks.v1.Tasks/List", Buffer.alloc(0), where);
        const tasks = fieldsOf(answer, path).filter(({ number }) => number === 1);
        const ids = tasks.flatMap(({ bytes }) => {
          const status = fieldsOf(bytes, path).find(({ number }) => number === 4)?.value ?? 0n;
          // An older containerd leaves the container's id away, which is also that of its first process.
          return runningStates.has(status) ? ((textOf(bytes, 1, path) || textOf(bytes, 2, path)) ?? []) : [];
        });
        return new Set(ids);
      } catch (error) {
        throw failed(error);
      }
    },
    [Symbol.dispose]: () => session.destroy(),
  };
}

/** The digest in a message `Image`. */
function digestIn(image: Buffer, path: string): string | undefined {
  const target = fieldsOf(image, path).find(({ number }) => number === 3);
  return target && textOf(target.bytes, 2, path);
}

function fieldsOf(message: Buffer | undefined, path: string): NonNullable<ReturnType<typeof readFields>> {
  const fields = message && readFields(message);
  if (fields) return fields;
  throw engineFailed(path, "the response is not valid");
}

function textOf(message: Buffer, number: number, path: string): string | undefined {
  return fieldsOf(message, path)
    .find((field) => field.number === number)
    ?.bytes.toString("utf8");
}

function engineFailed(path: string, words: string, cause?: unknown): PlimsollError {
  const line = words.replace(/[\s\p{Cc}\p{Cf}]+/gu, " ").slice(0, mostBytesOfErrors);
  return new PlimsollError("engine-failed", `containerd at ${path} failed: ${line}`, {
    hint: "Check containerd's log, or export the image and scan the archive: ctr image export image.tar NAME.",
    ...(cause === undefined ? {} : { cause }),
  });
}

function unreachable(path: string, error: unknown): PlimsollError {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const reasons: Readonly<Record<string, readonly [string, string]>> = {
    ENOENT: [`no containerd socket found at ${path}`, "Start containerd, or set CONTAINERD_ADDRESS to its socket."],
    EACCES: [`permission denied for the containerd socket ${path}`, useSudo],
    EPERM: [`permission denied for the containerd socket ${path}`, useSudo],
    ECONNREFUSED: [
      `no response from ${path}`,
      "The socket exists but containerd is not listening. Check that containerd is running.",
    ],
  };
  const [text, hint] = reasons[code] ?? [
    `containerd at ${path} cannot be reached: ${messageOf(error)}`,
    "Check that containerd is running.",
  ];
  return new PlimsollError("engine-unreachable", text, { hint, cause: error });
}

const useSudo = "Use sudo: the containerd socket belongs to root.";

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

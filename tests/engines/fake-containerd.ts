import { createServer, type ServerHttp2Stream } from "node:http2";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { readFields, textField } from "../../src/engines/containerd/protobuf.ts";

/** What a fake containerd has, all in the namespace `k8s.io`. */
export interface FakeContainerd {
  /** The digest that each name means. */
  readonly names: Readonly<Record<string, string>>;
  /** By digest. */
  readonly blobs: ReadonlyMap<string, Uint8Array>;
  /** The folder in which it says that it keeps them; it says nothing unless given. */
  readonly root?: string;
  /** The ids of the containers that run. */
  readonly running?: readonly string[];
}

const notFound = 5;

/**
 * Answers at a socket, until the test has ended, what a scan asks containerd. Source: containerd
 * `api/services/{namespaces,images,content,introspection,tasks}/v1/*.proto`.
 */
export async function fakeContainerd(
  path: string,
  { names, blobs, root, running = [] }: FakeContainerd,
): Promise<void> {
  const server = createServer();
  const image = (name: string): Buffer =>
    message(1, Buffer.concat([textField(1, name), message(3, textField(2, names[name] ?? ""))]));
  const answers: Readonly<Record<string, (asked: string) => Buffer | undefined>> = {
    "namespaces.v1.Namespaces/List": () => message(1, textField(1, "k8s.io")),
    "images.v1.Images/List": () => Buffer.concat(Object.keys(names).map(image)),
    "images.v1.Images/Get": (name) => (names[name] === undefined ? undefined : image(name)),
    "introspection.v1.Introspection/Plugins": () => (root === undefined ? undefined : metadataPlugin(root)),
    "tasks.v1.Tasks/List": () =>
      Buffer.concat(running.map((id) => message(1, Buffer.concat([textField(1, id), Buffer.from([4 << 3, 2])])))),
    "content.v1.Content/Info": (digest) => (blobs.has(digest) ? message(1, textField(1, digest)) : undefined),
    "content.v1.Content/Read": (digest) => {
      const blob = blobs.get(digest);
      return blob && message(2, Buffer.from(blob));
    },
  };
  server.on("stream", (stream, headers) => {
    const parts: Buffer[] = [];
    stream.on("error", () => undefined);
    stream.on("data", (part: Buffer) => parts.push(part));
    stream.on("end", () => {
      const asked = readFields(Buffer.concat(parts).subarray(5))?.[0]?.bytes.toString() ?? "";
      const method = String(headers[":path"]).replace("/containerd.services.", "");
      reply(stream, answers[method]?.(asked));
    });
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  onTestFinished(() => void server.close());
}

function metadataPlugin(root: string): Buffer {
  const path = join(root, "io.containerd.metadata.v1.bolt", "meta.db");
  const exported = message(5, Buffer.concat([textField(1, "path"), textField(2, path)]));
  return message(1, Buffer.concat([textField(1, "io.containerd.metadata.v1"), textField(2, "bolt"), exported]));
}

function reply(stream: ServerHttp2Stream, answer: Buffer | undefined): void {
  stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
  stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": answer ? "0" : String(notFound) }));
  if (answer) {
    const prefix = Buffer.alloc(5);
    prefix.writeUInt32BE(answer.length, 1);
    stream.write(Buffer.concat([prefix, answer]));
  }
  stream.end();
}

/** A field that holds a message or bytes. */
function message(number: number, bytes: Buffer): Buffer {
  const head = [(number << 3) | 2];
  let rest = bytes.length;
  for (; rest > 127; rest = Math.floor(rest / 128)) head.push((rest % 128) | 128);
  return Buffer.concat([Buffer.from([...head, rest]), bytes]);
}

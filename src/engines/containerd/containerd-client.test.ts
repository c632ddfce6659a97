import { spawn } from "node:child_process";
import { createServer, type Http2Server, type ServerHttp2Stream } from "node:http2";
import { createServer as createPlainServer } from "node:net";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { temporaryFolder } from "../../../tests/setup/temporary-folder.ts";
import { openContainerd } from "./containerd-client.ts";
import { textField } from "./protobuf.ts";

const folder = temporaryFolder();
const signal = new AbortController().signal;
const where = { namespace: "default", signal };
let server: Http2Server | undefined;
let count = 0;

afterEach(() => server?.close());

/** A server that answers every call with `answer`. */
function serve(
  answer: (stream: ServerHttp2Stream, path: string, headers: Record<string, unknown>) => void,
): Promise<string> {
  const path = join(folder, `${count++}.sock`);
  server = createServer();
  server.on("stream", (stream, headers) => {
    stream.on("error", () => undefined);
    answer(stream, String(headers[":path"]), headers);
  });
  return new Promise((resolve) => server?.listen(path, () => resolve(path)));
}

function framed(message: Buffer, compressed = 0): Buffer {
  const prefix = Buffer.alloc(5);
  prefix[0] = compressed;
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}

function reply(stream: ServerHttp2Stream, messages: readonly Buffer[], status = "0", words = ""): void {
  stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
  stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": status, "grpc-message": words }));
  for (const message of messages) stream.write(message);
  stream.end();
}

function nested(number: number, message: Buffer): Buffer {
  return Buffer.concat([Buffer.from([(number << 3) | 2, message.length]), message]);
}

const image = nested(
  1,
  Buffer.concat([textField(1, "app"), nested(3, Buffer.concat([textField(1, "type"), textField(2, "sha256:ab")]))]),
);

describe("a client of containerd", () => {
  test("asks where containerd keeps what it knows, and what runs", async () => {
    const plugin = (type: string, exported: Buffer): Buffer =>
      nested(1, Buffer.concat([textField(1, type), textField(2, "x"), nested(5, exported)]));
    const path = Buffer.concat([textField(1, "path"), textField(2, "/data/meta.db")]);
    const task = (id: string, status: number, container = ""): Buffer =>
      nested(1, Buffer.concat([textField(1, container), textField(2, id), Buffer.from([24, 7, 32, status])]));
    const address = await serve((stream, method, headers) => {
      const isPlugins = method === "/containerd.services.introspection.v1.Introspection/Plugins";
      expect([
        isPlugins || method === "/containerd.services.tasks.v1.Tasks/List",
        headers["containerd-namespace"],
      ]).toEqual([true, isPlugins ? undefined : "default"]);
      const plugins = [
        plugin("io.containerd.content.v1", textField(1, "root")),
        plugin("io.containerd.metadata.v1", path),
      ];
      const tasks = [task("runs", 2), task("made", 1), task("paused", 4), task("over", 3), task("x", 2, "own")];
      reply(stream, [framed(Buffer.concat(isPlugins ? plugins : tasks))]);
    });
    using client = openContainerd(address);
    expect(await client.metadataPath(signal)).toBe("/data/meta.db");
    expect([...(await client.running(where))]).toEqual(["runs", "paused", "own"]);
  });

  test("knows no place where containerd tells none", async () => {
    const address = await serve((stream) => reply(stream, [framed(Buffer.alloc(0))]));
    using client = openContainerd(address);
    expect(await client.metadataPath(signal)).toBeUndefined();
    expect((await client.running(where)).size).toBe(0);
  });

  test("asks for namespaces, images and blobs", async () => {
    const seen: unknown[] = [];
    const address = await serve((stream, path, headers) => {
      seen.push([path.split(".").at(-1), headers["containerd-namespace"]]);
      if (path.endsWith("Images/List")) {
        const other = nested(1, Buffer.concat([textField(1, "b"), nested(3, textField(2, "sha256:cd"))]));
        reply(stream, [framed(Buffer.concat([image, other, nested(1, textField(1, "without a digest"))]))]);
      } else if (path.endsWith("Info")) reply(stream, [framed(nested(1, textField(1, "sha256:ab")))]);
      else if (path.endsWith("List"))
        reply(stream, [framed(Buffer.concat([nested(1, textField(1, "a")), nested(1, textField(1, "b"))]))]);
      else if (path.endsWith("Get")) reply(stream, [framed(image)]);
      else {
        const whole = Buffer.concat([
          framed(textField(2, "one ")),
          framed(Buffer.concat([Buffer.from([8, 4]), textField(2, "two")])),
        ]);
        reply(stream, [whole.subarray(0, 7), whole.subarray(7, 8), whole.subarray(8)]);
      }
    });
    using client = openContainerd(address);
    expect(await client.namespaces(signal)).toEqual(["a", "b"]);
    expect(await client.imageDigest("app", where)).toBe("sha256:ab");
    expect(await client.hasBlob("sha256:ab", where)).toBe(true);
    expect(await client.images(where)).toEqual([
      { name: "app", digest: "sha256:ab" },
      { name: "b", digest: "sha256:cd" },
    ]);
    const blob: Uint8Array[] = [];
    for await (const piece of client.readBlob("sha256:ab", where)) blob.push(piece);
    expect(Buffer.concat(blob).toString()).toBe("one two");
    expect(seen).toEqual([
      ["Namespaces/List", undefined],
      ["Images/Get", "default"],
      ["Content/Info", "default"],
      ["Images/List", "default"],
      ["Content/Read", "default"],
    ]);
  });

  test("has no image and no blob where containerd says so", async () => {
    const address = await serve((stream) => reply(stream, [], "5", "not%20found"));
    using client = openContainerd(address);
    expect(await client.imageDigest("app", where)).toBeUndefined();
    expect(await client.hasBlob("sha256:ab", where)).toBe(false);
    await expect(client.readBlob("sha256:ab", where)[Symbol.asyncIterator]().next()).rejects.toMatchObject({
      code: "image-not-found",
    });
  });

  test.each<[string, (stream: ServerHttp2Stream) => void]>([
    ["an error", (stream) => reply(stream, [], "2", "broken%0Ainside")],
    ["bytes that are not a message", (stream) => reply(stream, [framed(Buffer.from([0xff, 0xff]))])],
    ["a field beyond its message", (stream) => reply(stream, [framed(Buffer.from([10, 100, 1]))])],
    ["no message at all", (stream) => reply(stream, [])],
  ])("that gets %s says so", async (_, answer) => {
    const address = await serve((stream) => answer(stream));
    using client = openContainerd(address);
    await expect(client.imageDigest("app", where)).rejects.toMatchObject({ code: "engine-failed" });
  });

  test.each<[string, (stream: ServerHttp2Stream) => void]>([
    ["compressed bytes", (stream) => reply(stream, [framed(image, 1)])],
    ["a message of absurd size", (stream) => reply(stream, [Buffer.from([0, 255, 255, 255, 255, 1])])],
    ["half a message", (stream) => reply(stream, [framed(image).subarray(0, 10)], "0")],
    ["another protocol", (stream) => stream.respond({ ":status": 404 }, { endStream: true })],
    ["a broken stream", (stream) => stream.close(2)],
  ])("that gets %s fails with one clear error", async (_, answer) => {
    const address = await serve((stream) => answer(stream));
    using client = openContainerd(address);
    await expect(client.imageDigest("app", where)).rejects.toMatchObject({
      name: "PlimsollError",
      code: "engine-failed",
    });
  });

  test("says that there is no socket, and that nobody speaks its protocol there", async () => {
    using none = openContainerd(join(folder, "none.sock"));
    await expect(none.namespaces(signal)).rejects.toMatchObject({ code: "engine-unreachable" });
    const path = join(folder, "other.sock");
    const other = createPlainServer((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"));
    await new Promise<void>((resolve) => other.listen(path, () => resolve()));
    using client = openContainerd(path);
    await expect(client.namespaces(signal)).rejects.toMatchObject({ code: "engine-failed" });
    other.close();
  });

  test("keeps the program alive until the last of several calls has its answer", async () => {
    const address = await serve((stream, path) => {
      if (path.endsWith("Get")) reply(stream, [framed(image)]);
      else setTimeout(() => reply(stream, [framed(nested(1, textField(1, "late")))]), 300);
    });
    const program = `
      import { openContainerd } from ${JSON.stringify(join(import.meta.dirname, "containerd-client.ts"))};
      using client = openContainerd(${JSON.stringify(address)});
      const signal = new AbortController().signal;
      const late = client.namespaces(signal);
      await client.imageDigest("app", { namespace: "default", signal });
      console.log((await late).join());
    `;
    const child = spawn(process.execPath, ["--input-type=module-typescript", "--eval", program]);
    let said = "";
    for (const output of [child.stdout, child.stderr]) output.on("data", (text: Buffer) => (said += text.toString()));
    const code = await new Promise((resolve) => child.once("close", resolve));
    expect([code, said.trim()]).toEqual([0, "late"]);
  });

  test("stops when it is told to", async () => {
    const address = await serve(() => undefined);
    const abort = new AbortController();
    using client = openContainerd(address);
    const asking = client.namespaces(abort.signal);
    setTimeout(() => abort.abort(), 20);
    await expect(asking).rejects.toMatchObject({ code: "cancelled" });
  });
});

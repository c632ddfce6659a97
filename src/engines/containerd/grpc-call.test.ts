import type { ClientHttp2Session } from "node:http2";
import { Duplex } from "node:stream";
import { expect, test } from "vitest";
import { callGrpc } from "./grpc-call.ts";

const request = { path: "/x", message: Buffer.alloc(0), headers: {}, signal: new AbortController().signal };

/** A session whose one answer comes in pieces of so many bytes. */
function answering(bytes: Buffer, pieceSize: number): ClientHttp2Session {
  let at = 0;
  const stream = new Duplex({
    write: (_piece, _encoding, done) => done(),
    read() {
      if (at === 0) this.emit("trailers", { "grpc-status": "0" });
      this.push(at < bytes.length ? bytes.subarray(at, at + pieceSize) : null);
      at += pieceSize;
    },
  });
  return { request: () => stream } as unknown as ClientHttp2Session;
}

async function messagesOf(session: ClientHttp2Session): Promise<readonly Buffer[]> {
  const messages: Buffer[] = [];
  for await (const message of callGrpc(session, request)) messages.push(message);
  return messages;
}

function framed(size: number, fill: number): Buffer {
  const message = Buffer.alloc(5 + size, fill);
  message.writeUInt8(0);
  message.writeUInt32BE(size, 1);
  return message;
}

test.each([1, 3, 5, 7, 64, 1000])("messages are told apart in pieces of %i bytes", async (pieceSize) => {
  const sizes = [0, 1, 9, 0, 300, 4];
  const bytes = Buffer.concat(sizes.map((size, index) => framed(size, index + 1)));
  const found = await messagesOf(answering(bytes, pieceSize));
  expect(found.map((message) => [message.length, message[0]])).toEqual(
    sizes.map((size, index) => [size, size === 0 ? undefined : index + 1]),
  );
});

test("messages that come in a piece each are not copied", async () => {
  const bytes = Buffer.concat([1, 2, 3].map((fill) => framed(200_000, fill)));
  const found = await messagesOf(answering(bytes, 200_005));
  expect(found.map((message) => [message[0], message.buffer === bytes.buffer])).toEqual([
    [1, true],
    [2, true],
    [3, true],
  ]);
});

test("what is told apart stays as it was while more comes", async () => {
  const bytes = Buffer.concat([1, 2, 3, 4, 5, 6, 7, 8].map((fill) => framed(fill * 10, fill)));
  for (const pieceSize of [4, 6, 50, 90]) {
    const found = await messagesOf(answering(bytes, pieceSize));
    expect(found).toEqual([1, 2, 3, 4, 5, 6, 7, 8].map((fill) => Buffer.alloc(fill * 10, fill)));
  }
});

test("a large message in small pieces is not copied with each of them", async () => {
  const size = 16 * 1024 * 1024;
  const started = performance.now();
  const [message] = await messagesOf(answering(framed(size, 7), 1024));
  expect(message?.length).toBe(size);
  expect(performance.now() - started).toBeLessThan(4000);
}, 20_000);

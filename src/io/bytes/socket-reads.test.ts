import { createServer, type RequestListener } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { createServer as createTcpServer } from "node:net";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { makeCertificates, pem } from "../../../tests/registry/setup/certificates.ts";
import { listenLocally } from "../../../tests/setup/local-server.ts";
import { temporaryFolder } from "../../../tests/setup/temporary-folder.ts";
import { HttpClient } from "../http/http-client.ts";

const root = temporaryFolder();
const { signal } = new AbortController();
const options = { headers: {}, signal };

/** More than is read at once, and no multiple of it. */
const bodySize: number = 3 * 1024 * 1024 + 17;

/** `/7` is answered with bytes of 7, in writes of many sizes. */
const bytesOfPath: RequestListener = (request, response) => {
  const body = Buffer.alloc(bodySize, Number(request.url?.slice(1)));
  for (let at = 0, size = 1; at < body.length; at += size, size = (size * 7) % 300_007) {
    response.write(body.subarray(at, at + size));
  }
  response.end();
};

test.each(["http", "https"])("bodies that come at the same time by %s keep their bytes", async (protocol) => {
  const { authority, server } = makeCertificates(root);
  const certificate = { cert: pem(server.certificate), key: pem(server.key) };
  const port = await listenLocally(
    protocol === "http" ? createServer(bytesOfPath) : createTlsServer(certificate, bytesOfPath),
  );
  const client = new HttpClient({}, { ca: pem(authority.certificate) });
  const bodies = await Promise.all(
    Array.from({ length: 8 }, async (_, index) => {
      const response = await client.get(new URL(`${protocol}://127.0.0.1:${port}/${index}`), options);
      const pieces: Buffer[] = [];
      for await (const piece of response) {
        pieces.push(piece);
        await sleep(1);
      }
      return Buffer.concat(pieces);
    }),
  );
  for (const [index, body] of bodies.entries()) expect(body.equals(Buffer.alloc(bodySize, index))).toBe(true);
});

test.each([0, 30])("what a server sends unasked, %i ms after an answer, is not the next answer", async (pause) => {
  let connections = 0;
  const answer = (body: string): string => `HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
  const server = createTcpServer((socket) => {
    connections++;
    socket.on("error", () => undefined);
    socket.on("data", (request) => {
      socket.write(answer(String(request.toString("latin1").split(" ")[1])));
      setTimeout(() => socket.write(answer("poison")), pause);
    });
  });
  const origin = `http://127.0.0.1:${await listenLocally(server)}`;
  const client = new HttpClient();
  const first = await client.get(new URL("/first", origin), options);
  await sleep(100);
  expect(await text(first)).toBe("/first");
  expect(await text(await client.get(new URL("/second", origin), options))).toBe("/second");
  expect(connections).toBe(2);
});

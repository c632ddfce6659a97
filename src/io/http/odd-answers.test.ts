import { createServer, type RequestListener, type ServerResponse } from "node:http";
import { createServer as createTcpServer, type Socket } from "node:net";
import { text } from "node:stream/consumers";
import { createServer as createTlsServer } from "node:tls";
import { expect, test } from "vitest";
import { makeCertificates, pem } from "../../../tests/registry/setup/certificates.ts";
import { listenLocally } from "../../../tests/setup/local-server.ts";
import { temporaryFolder } from "../../../tests/setup/temporary-folder.ts";
import { HttpClient } from "./http-client.ts";

const { authority, server } = makeCertificates(temporaryFolder());
const tls = { cert: pem(server.certificate), key: pem(server.key) };
const { signal } = new AbortController();
const options = { headers: {}, signal };

/** Calls back for each request, with its first line; gives a port and how many connections there were. */
async function rawServer(
  answer: (socket: Socket, line: string) => void,
  { secure = false }: { readonly secure?: boolean } = {},
): Promise<{ readonly port: number; readonly connections: () => number }> {
  let connections = 0;
  const connected = (socket: Socket): void => {
    connections++;
    socket.on("error", () => undefined);
    socket.on("data", (request) => answer(socket, request.toString("latin1").split("\r\n")[0] ?? ""));
  };
  const listening = secure ? createTlsServer(tls, connected) : createTcpServer(connected);
  return { port: await listenLocally(listening), connections: () => connections };
}

async function redirecting(
  answer: (response: ServerResponse) => void,
): Promise<{ get: () => Promise<string>; connections: () => number }> {
  let connections = 0;
  const listener: RequestListener = (request, response) => {
    if (request.url === "/there") response.end("there");
    else answer(response.writeHead(307, { location: "/there" }));
  };
  const redirects = createServer(listener).on("connection", () => connections++);
  const url = new URL(`http://127.0.0.1:${await listenLocally(redirects)}/`);
  const client = new HttpClient();
  return { get: async () => text(await client.get(url, options)), connections: () => connections };
}

test.each([
  ["in words", "HTTP/1.1 101 Switching Protocols\r\nupgrade: h2c\r\nconnection: upgrade\r\n\r\n"],
  ["to a web socket", "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\n\r\n\x81\x00"],
])("a server that switches to another protocol, %s, is refused", async (_, head) => {
  const { port } = await rawServer((socket) => socket.write(head, "latin1"));
  const sent = new HttpClient().get(new URL(`http://127.0.0.1:${port}/`), options);
  await expect(sent).rejects.toMatchObject({
    name: "HttpRefusal",
    message: expect.stringContaining("another protocol"),
  });
});

test.each(["h2,h2c", "TLS/1.2"])("a server that only offers to switch, to %s, is read", async (offered) => {
  const { port } = await rawServer((socket) =>
    socket.write(`HTTP/1.1 200 OK\r\nupgrade: ${offered}\r\nconnection: Upgrade\r\ncontent-length: 4\r\n\r\nbody`),
  );
  expect(await text(await new HttpClient().get(new URL(`http://127.0.0.1:${port}/`), options))).toBe("body");
});

test("a redirect with a short body or none does not cost its connection", async () => {
  for (const end of [
    (response: ServerResponse) => response.end(),
    (response: ServerResponse) => response.end("Moved."),
  ]) {
    const { get, connections } = await redirecting(end);
    for (let round = 0; round < 5; round++) expect(await get()).toBe("there");
    expect(connections()).toBe(1);
  }
});

test("a redirect with a long body, or one that does not end, is followed at once", async () => {
  for (const go of [
    (response: ServerResponse) => response.end("x".repeat(1_000_000)),
    (response: ServerResponse) => response.write("x"),
  ]) {
    const { get } = await redirecting(go);
    const start = Date.now();
    expect(await get()).toBe("there");
    expect(Date.now() - start).toBeLessThan(3000);
  }
});

test.each(["http", "https"])("a body with HEAD does not spoil the next request, by %s", async (protocol) => {
  const answer = (socket: Socket, line: string): void => {
    socket.write("HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\n");
    setTimeout(() => socket.write(line.startsWith("HEAD") ? '{"a":1' : "answer"), 5);
  };
  const { port } = await rawServer(answer, { secure: protocol === "https" });
  const client = new HttpClient({}, { ca: pem(authority.certificate) });
  const url = new URL(`${protocol}://127.0.0.1:${port}/`);
  for (let round = 0; round < 5; round++) {
    const heads = await Promise.all([1, 2, 3].map(() => client.send(url, { ...options, method: "HEAD" })));
    for (const { response } of heads) response.resume();
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(await text(await client.get(url, options))).toBe("answer");
  }
});

test("a request that may not be sent twice fails as one on a broken connection does", async () => {
  const posts: string[] = [];
  const { port } = await rawServer(
    (socket, line) => {
      if (line.startsWith("POST")) posts.push(line);
      socket.write("HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\n");
      setTimeout(() => socket.write('{"a":1'), 5);
    },
    { secure: true },
  );
  const client = new HttpClient({}, { ca: pem(authority.certificate) });
  const url = new URL(`https://127.0.0.1:${port}/`);
  (await client.send(url, { ...options, method: "HEAD" })).response.resume();
  await new Promise((resolve) => setTimeout(resolve, 30));
  const post = client.send(url, { ...options, method: "POST", body: Buffer.from("x") });
  await expect(post).rejects.toMatchObject({ code: "ECONNRESET" });
  expect(posts.length).toBeLessThan(2);
});

test("what is not HTTP from the first byte on stays an error", async () => {
  const { port, connections } = await rawServer((socket) => socket.write("SSH-2.0-OpenSSH\r\n"));
  await expect(new HttpClient().get(new URL(`http://127.0.0.1:${port}/`), options)).rejects.toMatchObject({
    code: expect.stringMatching(/^HPE_/),
  });
  expect(connections()).toBe(1);
});

test("a proxy that never answers holds no request that is ended", async () => {
  const { port, connections } = await rawServer(() => undefined);
  const ending = new AbortController();
  const sent = new HttpClient({ https_proxy: `http://127.0.0.1:${port}` }).get(new URL("https://example.org/"), {
    ...options,
    signal: ending.signal,
  });
  await expect.poll(connections).toBe(1);
  ending.abort(new Error("that is enough"));
  await expect(sent).rejects.toThrow("that is enough");
});

test("a body is not sent on to a server that has refused it, and the connection is not kept", async () => {
  const { port } = await rawServer((socket) => {
    socket.pause();
    socket.write("HTTP/1.1 413 Too Large\r\nconnection: keep-alive\r\ncontent-length: 4\r\n\r\nlong");
  });
  let isEnded = false;
  async function* endless(): AsyncGenerator<Uint8Array> {
    try {
      for (;;) yield new Uint8Array(64 * 1024);
    } finally {
      isEnded = true;
    }
  }
  const { response } = await new HttpClient().send(new URL(`http://127.0.0.1:${port}/`), {
    ...{ method: "PUT", headers: { "content-length": String(2 ** 30) }, signal },
    body: endless(),
  });
  expect(response.statusCode).toBe(413);
  expect(await text(response)).toBe("long");
  await expect.poll(() => isEnded, { timeout: 2000 }).toBe(true);
  expect(response.socket.destroyed).toBe(true);
});

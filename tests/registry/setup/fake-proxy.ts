import { createServer, request as forward, type IncomingMessage } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { connect, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { listenLocally } from "../../setup/local-server.ts";
import { type CertificateFiles, pem } from "./certificates.ts";

/** A proxy that a test plays. It never ends a connection by itself, unless it is told to. */
export interface FakeProxy {
  /** `127.0.0.1:PORT`. */
  readonly host: string;
  /** `CONNECT HOST:PORT` and `GET http://…`, in order. */
  readonly asked: readonly string[];
  readonly headers: readonly IncomingMessage["headers"][];
  /** How many connections there were. */
  readonly connections: () => number;
  /** How many of them nobody has ended. */
  readonly open: () => number;
}

/** What a proxy does; it does all that is asked unless told otherwise. */
export interface FakeProxyOptions {
  /** Where the hosts of the test really are, as `127.0.0.1:PORT`; others are not found. */
  readonly hosts?: Readonly<Record<string, string>>;
  /** The status that answers each `CONNECT`, or the bytes that do; `end` and `reset` answer nothing. */
  readonly tunnels?: number | "end" | "reset" | { readonly bytes: string };
  /** The status that answers each other request. */
  readonly plain?: number;
  /** Headers of the proxy's own answers. */
  readonly own?: Readonly<Record<string, string>>;
  /** Speaks TLS with who asks. */
  readonly tls?: CertificateFiles;
}

/** Starts a proxy for one test. */
export async function fakeProxy({ hosts = {}, tunnels, plain, own = {}, tls }: FakeProxyOptions): Promise<FakeProxy> {
  const asked: string[] = [];
  const headers: IncomingMessage["headers"][] = [];
  const [all, ended] = [new Set<Duplex>(), new Set<Duplex>()];
  const secret = tls && { cert: pem(tls.certificate), key: pem(tls.key) };
  const server = secret ? createTlsServer(secret) : createServer();
  server.keepAliveTimeout = 0;
  server.on("connection", (socket: Socket) => {
    all.add(socket);
    for (const event of ["end", "close"]) socket.on(event, () => ended.add(socket));
    socket.on("error", () => undefined);
  });
  server.on("request", (incoming: IncomingMessage, response) => {
    asked.push(`${incoming.method} ${incoming.url}`);
    headers.push(incoming.headers);
    const url = new URL(incoming.url ?? "", "http://proxy.invalid/");
    const place = hosts[url.host];
    if (plain !== undefined || place === undefined) {
      response.writeHead(plain ?? 502, { "content-length": "0", ...own }).end();
      return;
    }
    const { method } = incoming;
    const options = { ...(method !== undefined && { method }), headers: { ...incoming.headers, host: url.host } };
    const onward = forward(`http://${place}${url.pathname}${url.search}`, options, (answer) => {
      response.writeHead(answer.statusCode ?? 0, answer.headers);
      answer.pipe(response);
    });
    incoming.pipe(onward.on("error", () => response.destroy()));
  });
  server.on("connect", (incoming: IncomingMessage, socket: Socket, head: Buffer) => {
    asked.push(`CONNECT ${incoming.url}`);
    headers.push(incoming.headers);
    socket.on("error", () => undefined);
    const place = hosts[incoming.url ?? ""] ?? hosts[(incoming.url ?? "").replace(/:443$/, "")];
    if (tunnels === undefined && place !== undefined) return openTunnel(socket, { place, head });
    // Who ends the connection is noticed only where it is read.
    socket.resume();
    if (tunnels === "end") socket.end();
    else if (tunnels === "reset") socket.destroy();
    else if (typeof tunnels === "object") socket.write(tunnels.bytes);
    else {
      const lines = Object.entries({ "content-length": "0", ...own }).map(([name, value]) => `${name}: ${value}\r\n`);
      socket.write(
        `HTTP/1.1 ${tunnels ?? 502} ${incoming.headers["proxy-authorization"] ?? "No"}\r\n${lines.join("")}\r\n`,
      );
    }
  });
  const port = await listenLocally(server);
  const open = (): number => all.size - ended.size;
  return { host: `127.0.0.1:${port}`, asked, headers, connections: () => all.size, open };
}

function openTunnel(socket: Socket, { place, head }: { readonly place: string; readonly head: Buffer }): void {
  const { hostname, port } = new URL(`http://${place}`);
  const upstream = connect(Number(port), hostname, () => {
    socket.write("HTTP/1.1 200 Connection Established\r\n\r\n");
    upstream.write(head);
    upstream.pipe(socket).pipe(upstream);
  });
  socket.on("close", () => upstream.destroy());
  upstream.on("error", () => socket.destroy());
}

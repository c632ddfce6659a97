import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { type CertificateFiles, pem } from "./certificates.ts";
import { listen } from "./fake-registry.ts";

/** A request that reached a fake internet. */
export interface InternetRequest {
  /** The host that was asked, without a port. */
  readonly host: string;
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

/** What one host answers; undefined for 404. */
export type InternetHost = (request: InternetRequest) =>
  | {
      readonly status?: number;
      readonly json?: unknown;
      readonly text?: string;
      readonly headers?: Record<string, string | string[]>;
    }
  | undefined;

/** Hosts of the internet that a test plays, over TLS, behind a proxy. */
export interface FakeInternet {
  /** The variable that leads there, as in an environment. */
  readonly proxies: { readonly HTTPS_PROXY: string };
  readonly requests: readonly InternetRequest[];
  /** `HOST:PORT` of all connections that were asked for, known or not. */
  readonly connections: readonly string[];
}

/**
 * Starts a fake internet for one test. Programs reach its hosts by their true names through a proxy, so that what decides by names is
 * tested as it is. The certificate must name the hosts; one that is not there cannot be connected to.
 */
export async function fakeInternet(
  hosts: Readonly<Record<string, InternetHost>>,
  certificate: CertificateFiles,
): Promise<FakeInternet> {
  const requests: InternetRequest[] = [];
  const connections: string[] = [];
  const server = createHttpsServer(
    { cert: pem(certificate.certificate), key: pem(certificate.key) },
    (incoming, response) => {
      void answer(incoming, response);
    },
  );
  const answer = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    let body = "";
    for await (const piece of incoming.setEncoding("utf8")) body += piece as string;
    const { host = "" } = incoming.headers;
    const url = new URL(incoming.url ?? "/", `https://${host}`);
    const request = { host: url.hostname, method: incoming.method ?? "", url, headers: incoming.headers, body };
    requests.push(request);
    const { status = 200, json, text, headers = {} } = hosts[request.host]?.(request) ?? { status: 404, json: {} };
    response.writeHead(status, { "content-type": "application/json", ...headers });
    response.end(text ?? (json === undefined ? undefined : JSON.stringify(json)));
  };
  const proxy = createHttpServer().on("connect", (request, socket) => {
    connections.push(request.url ?? "");
    const [host = ""] = (request.url ?? "").split(":");
    socket.on("error", () => undefined);
    if (hosts[host] === undefined) {
      socket.end("HTTP/1.1 502 Bad Gateway\r\n\r\n");
      return;
    }
    socket.write("HTTP/1.1 200 Connection Established\r\n\r\n");
    server.emit("connection", socket);
  });
  return { proxies: { HTTPS_PROXY: `http://${await listen(proxy)}` }, requests, connections };
}

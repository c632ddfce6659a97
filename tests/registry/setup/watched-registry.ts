import { createServer, type IncomingHttpHeaders, type IncomingMessage, request } from "node:http";
import { listen } from "./fake-registry.ts";

/** What a client sent. */
export interface WatchedRequest {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** What it was answered. */
export interface WatchedAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** A request and its answer. */
export interface Exchange {
  readonly request: WatchedRequest;
  readonly answer: WatchedAnswer;
}

/** Sends a request to the registry that is watched. */
export type SendOn = (request: WatchedRequest) => Promise<WatchedAnswer>;

/** A place before a registry, fake or real, from which each exchange is seen. */
export interface WatchedRegistry {
  /** `127.0.0.1:PORT`: also the registry calls itself so, since it is asked under this name. */
  readonly host: string;
  /** Those that reached the registry, in order. */
  readonly exchanges: Exchange[];
  /** Stands between a request and the registry; an answer of undefined breaks the connection. Change it at will. */
  between: (request: WatchedRequest, sendOn: SendOn) => Promise<WatchedAnswer | undefined>;
}

/** Watches a registry at `HOST:PORT` of this machine. Call it in a test: it stops when the test is done. */
export async function watchedRegistry(target: string): Promise<WatchedRegistry> {
  const [hostname, port] = target.split(":");
  const exchanges: Exchange[] = [];
  const sendOn: SendOn = (asked) =>
    new Promise((resolve, reject) => {
      const { method, path, headers, body } = asked;
      const onward = request({ hostname, port, method, path, headers, agent: false }, (answer) => {
        readAll(answer).then((bytes) => {
          const read = { status: answer.statusCode ?? 0, headers: answer.headers, body: bytes };
          exchanges.push({ request: asked, answer: read });
          resolve(read);
        }, reject);
      });
      onward.on("error", reject).end(body);
    });
  const watched: Omit<WatchedRegistry, "host"> = { exchanges, between: (asked, on) => on(asked) };
  const server = createServer((incoming, response) => {
    void (async () => {
      const { method = "", url: path = "", headers } = incoming;
      const asked = { method, path, headers, body: await readAll(incoming) };
      const answer = await watched.between(asked, sendOn);
      if (!answer) return response.destroy();
      const { "transfer-encoding": _, ...kept } = answer.headers;
      return response.writeHead(answer.status, kept).end(answer.body);
    })().catch(() => response.destroy());
  });
  return Object.assign(watched, { host: await listen(server) });
}

async function readAll(incoming: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of incoming) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}

import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { ServerOptions } from "node:https";
import type { AddressInfo } from "node:net";
import { nodeHttp, nodeHttps } from "../../io/http/node-http.ts";
import { type ListenAddress, parseListenAddress } from "../../io/http/parse-listen-address.ts";
import { reasonOf } from "../../io/reason-of.ts";
import { PlimsollError } from "../../model/error.ts";
import type { JsonEvent } from "../../model/events/json-event.ts";
import type { Context } from "../../model/plugin.ts";
import { ByteCollector } from "../json-lines/byte-collector.ts";
import { parseExactJson } from "../json-lines/parse-exact-json.ts";
import { ProblemCounter } from "../json-lines/problem-counter.ts";
import { AuditEvents, type AuditFilter } from "./audit-events.ts";
import { EventQueue } from "./event-queue.ts";

/** How audit events are received. */
export interface K8sAuditServerOptions extends AuditFilter {
  readonly context: Context;
  /** `HOST:PORT`; port 0 for any. */
  readonly address: string;
  /** Where events are posted; `/k8s-audit` when absent. */
  readonly path?: string;
  /** PEM texts. With `clientCa` only clients with a certificate of that authority are heard. */
  readonly tls?: { readonly key: string; readonly cert: string; readonly clientCa?: string };
  readonly limits?: Partial<K8sAuditLimits>;
}

/** What clients cannot exceed. Times are in milliseconds. */
export interface K8sAuditLimits {
  /** A larger body is answered with 413. The API server sends at most 10 MiB. */
  readonly bodyBytes: number;
  /**
   * Bodies that are on their way or were not judged yet, with 1 KiB more for each event; beyond it the answer is 429,
   * and the API server tries again.
   */
  readonly queuedBytes: number;
  readonly connections: number;
  readonly headerTime: number;
  /** For a whole request with its body. */
  readonly requestTime: number;
  /** After which a silent connection is closed. */
  readonly idleTime: number;
}

/** Counts since the start. */
export interface K8sAuditStatistics {
  /** Requests that were answered, of any kind. */
  readonly requests: number;
  /** Requests that brought no events in, by the status of the answer. */
  readonly refused: Readonly<Record<number, number>>;
  readonly events: number;
}

/** A webhook for audit events, listening. */
export interface K8sAuditServer {
  /** Where it listens, with the port that was chosen. */
  readonly address: string;
  /** What was received, a batch for each request; ends after `close`. For one reader. */
  readonly batches: AsyncIterable<readonly JsonEvent[]>;
  readonly statistics: K8sAuditStatistics;
  /** Takes nothing new; what was received is still in `batches`. */
  close(): Promise<void>;
}

const defaults: K8sAuditLimits = {
  bodyBytes: 12 * 1024 * 1024,
  queuedBytes: 24 * 1024 * 1024,
  connections: 256,
  headerTime: 10_000,
  requestTime: 30_000,
  idleTime: 60_000,
};

/** How long the rest of a refused body is read and forgotten, so that the client can hear why. */
const lingerTime = 1000;
const healthPath = "/healthz";

/**
 * Listens for the webhook backend of the Kubernetes API server
 * (https://kubernetes.io/docs/tasks/debug/debug-cluster/audit/): POST with an `EventList`. A request is acknowledged
 * when the reader of the batches has finished with its events, so that a client that keeps them until then loses none
 * when this process dies. `GET /healthz` says that it runs. Requests that hold no audit events are problems and get
 * 400. Ends with the signal of the context.
 *
 * Errors: `usage` for an address or certificate of the wrong form, `address-unavailable`.
 */
export async function serveK8sAudit(options: K8sAuditServerOptions): Promise<K8sAuditServer> {
  const listener = new AuditListener(options);
  await listener.listen(parseListenAddress(options.address));
  return listener;
}

class AuditListener implements K8sAuditServer {
  address = "";
  readonly #context: Context;
  readonly #path: string;
  readonly #limits: K8sAuditLimits;
  readonly #server: Server;
  readonly #queue: EventQueue = new EventQueue();
  readonly #problems: ProblemCounter;
  readonly #events: AuditEvents;
  readonly #refused: Record<number, number> = {};
  #requests = 0;
  #eventCount = 0;
  #wrong = "";
  /** Bytes of bodies that have not come to their end. */
  #receiving = 0;
  #isClosing = false;

  constructor(options: K8sAuditServerOptions) {
    const limits = { ...defaults, ...options.limits };
    this.#context = options.context;
    this.#path = options.path ?? "/k8s-audit";
    this.#limits = limits;
    this.#problems = new ProblemCounter(options.context, `the webhook at ${options.address}`);
    this.#events = new AuditEvents(options, (what) => {
      this.#wrong = what;
    });
    this.#server = serverOf(options.tls, limits);
    this.#server.maxConnections = limits.connections;
    this.#server.timeout = limits.idleTime;
    this.#server.keepAliveTimeout = limits.idleTime;
    this.#server.on("request", (request, response) => this.#receive(request, response));
  }

  get batches(): AsyncIterable<readonly JsonEvent[]> {
    return this.#queue.batches();
  }

  get statistics(): K8sAuditStatistics {
    return { requests: this.#requests, refused: { ...this.#refused }, events: this.#eventCount };
  }

  async listen({ host, port }: ListenAddress): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", (cause) => {
        reject(
          new PlimsollError("address-unavailable", `cannot listen on ${host}:${port}: ${reasonOf(cause)}`, {
            cause,
            hint: hintFor(cause),
          }),
        );
      });
      this.#server.listen({ host, port }, resolve);
    });
    this.#server.removeAllListeners("error");
    const { address, family, port: chosen } = this.#server.address() as AddressInfo;
    this.address = family === "IPv6" ? `[${address}]:${chosen}` : `${address}:${chosen}`;
    this.#server.on("error", (cause) => this.#problems.add("unreadable", reasonOf(cause)));
    if (this.#context.signal.aborted) await this.close();
    else this.#context.signal.addEventListener("abort", () => void this.close(), { once: true });
  }

  async close(): Promise<void> {
    if (this.#isClosing) return;
    this.#isClosing = true;
    const closed = new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
    this.#server.closeIdleConnections();
    const force = setTimeout(() => this.#server.closeAllConnections(), lingerTime);
    await closed;
    clearTimeout(force);
    this.#queue.close();
    this.#problems.end();
  }

  #receive(request: IncomingMessage, response: ServerResponse): void {
    this.#requests++;
    // The API server adds a query with its timeout.
    const [path = ""] = (request.url ?? "").split("?", 1);
    if (path === healthPath && (request.method === "GET" || request.method === "HEAD")) {
      response.writeHead(200, { "content-type": "text/plain" }).end("ok\n");
      return;
    }
    const status = this.#statusOf(request, path);
    if (status === undefined) this.#collect(request, response);
    else this.#refuse(request, response, status);
  }

  /** Why a request is refused before its body is read. */
  #statusOf({ method, headers }: IncomingMessage, path: string): number | undefined {
    if (path !== this.#path) return 404;
    if (method !== "POST") return 405;
    if (!headers["content-type"]?.includes("application/json")) return 415;
    if ((headers["content-encoding"] ?? "identity") !== "identity") return 415;
    const length = Number(headers["content-length"] ?? 0);
    if (length > this.#limits.bodyBytes) return 413;
    if (this.#isClosing) return 503;
    return this.#hasRoom(length) ? undefined : 429;
  }

  /** Whether so many bytes more can be kept, beside the queue and the bodies that are on their way. */
  #hasRoom(bytes: number): boolean {
    const { queuedBytes, bodyBytes } = this.#limits;
    return this.#queue.bytes + this.#receiving + bytes <= Math.max(queuedBytes, bodyBytes);
  }

  #collect(request: IncomingMessage, response: ServerResponse): void {
    const body = new ByteCollector();
    let held = 0;
    const giveBack = (): void => {
      this.#receiving -= held;
      held = 0;
    };
    const take = (piece: Buffer): void => {
      held += piece.length;
      this.#receiving += piece.length;
      const isTooLarge = held > this.#limits.bodyBytes;
      if (!isTooLarge && this.#hasRoom(0)) {
        body.add(piece);
        return;
      }
      request.off("data", take).off("end", finish);
      body.clear();
      giveBack();
      this.#refuse(request, response, isTooLarge ? 413 : 429);
    };
    const finish = (): void => {
      const bytes = held;
      giveBack();
      this.#accept(response, { text: body.take(), bytes });
    };
    request.on("data", take).once("end", finish).once("close", giveBack);
    // A client that disconnects, or is cut off for its slowness, causes an error that concerns only its own request.
    request.on("error", giveBack);
  }

  #accept(response: ServerResponse, { text, bytes }: { readonly text: string; readonly bytes: number }): void {
    const value = parseExactJson(text);
    this.#wrong = value === undefined ? "is not JSON" : "";
    const events = value === undefined ? [] : [...this.#events.of(value)];
    if (this.#wrong !== "") this.#problems.add("unreadable", `what was posted ${this.#wrong}`);
    if (events.length === 0 && this.#wrong !== "") {
      this.#count(400);
      response.writeHead(400, { "content-type": "text/plain" }).end(`The body ${this.#wrong}.\n`);
      return;
    }
    this.#eventCount += events.length;
    const acknowledge = (): void => void response.writeHead(200).end();
    if (events.length === 0) acknowledge();
    // Small events weigh more in memory than in the body.
    else this.#queue.add(events, { bytes: bytes + events.length * 1024, done: acknowledge });
  }

  /** Answers without reading the body, and closes the connection: the length of the rest is unknown. */
  #refuse(request: IncomingMessage, response: ServerResponse, status: number): void {
    this.#count(status);
    const { socket } = request;
    response.writeHead(status, {
      connection: "close",
      ...(status === 405 && { allow: "POST" }),
      ...((status === 429 || status === 503) && { "retry-after": "1" }),
    });
    response.end();
    request.resume();
    const end = setTimeout(() => socket.destroy(), lingerTime);
    socket.once("close", () => clearTimeout(end));
  }

  #count(status: number): void {
    this.#refused[status] = (this.#refused[status] ?? 0) + 1;
  }
}

function serverOf(tls: K8sAuditServerOptions["tls"], limits: K8sAuditLimits): Server {
  const times = {
    headersTimeout: limits.headerTime,
    requestTimeout: limits.requestTime,
    connectionsCheckingInterval: Math.max(50, Math.min(limits.headerTime, limits.requestTime, 5000) / 2),
  };
  if (!tls) return nodeHttp().createServer(times);
  const { key, cert, clientCa } = tls;
  const secure: ServerOptions = {
    ...times,
    key,
    cert,
    minVersion: "TLSv1.2",
    handshakeTimeout: limits.headerTime,
    ...(clientCa !== undefined && { ca: clientCa, requestCert: true, rejectUnauthorized: true }),
  };
  try {
    return nodeHttps().createServer(secure);
  } catch (cause) {
    throw new PlimsollError("usage", `the key or a certificate of the webhook cannot be used: ${reasonOf(cause)}`, {
      cause,
      hint: "Give a key and its certificate in PEM, without a password.",
    });
  }
}

function hintFor(cause: Error): string {
  const code = "code" in cause ? cause.code : undefined;
  if (code === "EADDRNOTAVAIL" || code === "ENOTFOUND") return "Use an address of this machine, or 0.0.0.0 for all.";
  if (code === "EACCES") return "Choose a port from 1024 up, or run Plimsoll as root.";
  return "Choose another port, or stop the program that uses it.";
}

import { createServer, type IncomingMessage, request as passOn, type ServerResponse } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { Certificates } from "../registry/setup/certificates.ts";
import { pem } from "../registry/setup/certificates.ts";
import { listen, sendJson } from "../registry/setup/fake-registry.ts";
import type { MarkedSecret } from "./marked-secret.ts";

/** A request as a guarded registry got it. */
export interface HeardRequest {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
  /** True when it showed what the guard wants to see. */
  readonly isLetIn: boolean;
}

/** Whom a registry lets in, and how it asks for what it wants to see. */
export interface Guard {
  /** The values of `Authorization` that are let in; none asks for nothing. */
  readonly letsIn: readonly string[];
  /** The value of `WWW-Authenticate`. */
  readonly challenge: (origin: string) => string;
  /** The token that is given at `/token` to whom `isGiven` says; undefined where there is no token server. */
  readonly token?: { readonly secret: MarkedSecret; readonly isGiven: (request: HeardRequest) => boolean };
}

/** Answers in place of the registry; true when it has. `front` is who is asked. */
export type Spoil = (request: HeardRequest, response: ServerResponse, front: GuardedRegistry) => boolean;

/** What stands before a registry without credentials, and asks for them. */
export interface GuardedRegistry {
  /** `127.0.0.1:PORT`. */
  readonly host: string;
  readonly origin: string;
  /** All that it was shown by its clients and gave to them: values of headers, what is in them, tokens. */
  readonly heard: Set<string>;
  /** Counts its requests, from where it was told to: what a spoilt one does next goes by that. */
  turn: number;
}

/** How a guarded registry is made. */
export interface GuardedOptions {
  readonly guard: Guard;
  readonly spoil?: Spoil | undefined;
  readonly turn?: number | undefined;
  /** Where blobs are sent to, with a secret in the query; the registry itself without it. */
  readonly storage?: ((path: string) => string) | undefined;
  /** Speaks TLS, and wants to be shown the client's certificate. */
  readonly certificates?: Certificates | undefined;
}

/** Starts one before the registry at `store`. Call it in a test: it stops when the test is done. */
export async function guardedRegistry(
  store: string,
  { guard, spoil, turn = 0, storage, certificates }: GuardedOptions,
): Promise<GuardedRegistry> {
  const answer = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const pieces: Buffer[] = [];
    for await (const piece of incoming) pieces.push(piece as Buffer);
    const body = Buffer.concat(pieces);
    const { method = "GET", url: path = "/", headers } = incoming;
    const isLetIn = guard.letsIn.length === 0 || guard.letsIn.includes(headers.authorization ?? "");
    const request = { method, path, headers, body: body.length < 10_000 ? body.toString("utf8") : "", isLetIn };
    front.turn++;
    for (const text of shownIn(request)) front.heard.add(text);
    if (spoil?.(request, response, front)) return;
    if (path.startsWith("/token")) sendToken(request, response, { guard, front });
    else if (!isLetIn) sendJson(response, 401, {}, { "www-authenticate": guard.challenge(front.origin) });
    else if (storage && method === "GET" && /\/blobs\/sha256:/.test(path))
      response.writeHead(307, { location: storage(path) }).end();
    else forward(store, { request, body, response });
  };
  const handler = (incoming: IncomingMessage, response: ServerResponse): void => {
    // A client that went away has said what it had to say.
    answer(incoming, response).catch(() => response.destroy());
  };
  const server = certificates
    ? createSecureServer(
        {
          cert: pem(certificates.server.certificate),
          key: pem(certificates.server.key),
          ca: pem(certificates.authority.certificate),
          requestCert: true,
        },
        handler,
      )
    : createServer(handler);
  const host = await listen(server);
  const front: GuardedRegistry = {
    host,
    origin: `${certificates ? "https" : "http"}://${host}`,
    heard: new Set(),
    turn,
  };
  return front;
}

function sendToken(
  request: HeardRequest,
  response: ServerResponse,
  { guard, front }: { readonly guard: Guard; readonly front: GuardedRegistry },
): void {
  const { token } = guard;
  if (!token?.isGiven(request)) {
    sendJson(response, 401, { errors: [{ code: "UNAUTHORIZED", message: "who is that" }] });
    return;
  }
  front.heard.add(token.secret.value);
  sendJson(response, 200, { access_token: token.secret.value, expires_in: 300 });
}

/** What a request gives away: its header, what comes after the scheme, what that is base64 of, and a form's token. */
function shownIn({ headers, body }: HeardRequest): readonly string[] {
  const texts = [headers.authorization, headers["proxy-authorization"]].flatMap((header) => {
    if (header === undefined) return [];
    const [scheme, value = ""] = header.split(" ");
    if (scheme !== "Basic") return [header, value];
    const pair = Buffer.from(value, "base64").toString("utf8");
    return [header, value, pair, pair.slice(pair.indexOf(":") + 1)];
  });
  const refresh = new URLSearchParams(body.startsWith("grant_type=") ? body : "").get("refresh_token");
  return refresh === null ? texts : [...texts, refresh];
}

function forward(
  store: string,
  { request, body, response }: { request: HeardRequest; body: Buffer; response: ServerResponse },
): void {
  const [hostname, port] = store.split(":");
  const { method, path } = request;
  const headers = { ...request.headers, host: store };
  const onward = passOn({ hostname, port, method, path, headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  onward.on("error", () => response.destroy());
  response.on("close", () => onward.destroy());
  onward.end(body);
}

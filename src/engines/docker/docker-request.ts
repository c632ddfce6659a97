import type { IncomingMessage, RequestOptions } from "node:http";
import { readsIntoOneMemory } from "../../io/bytes/socket-reads.ts";
import { nodeHttp, nodeHttps } from "../../io/http/node-http.ts";
import { oneLine } from "../../io/one-line.ts";
import { PlimsollError } from "../../model/error.ts";
import { isJsonObject, parseJson } from "../../model/objects/json-object.ts";
import type { DockerTls } from "./docker-certificates.ts";
import type { DockerEndpoint } from "./docker-host.ts";
import { connectionFailure, endpointName, engineFailed } from "./engine-failure.ts";

/** How requests to one engine are made. */
export interface DockerConnection {
  readonly endpoint: DockerEndpoint;
  readonly tls: DockerTls | undefined;
  /** Milliseconds until a connection (with TLS: its handshake) must stand. */
  readonly connectTimeout: number;
  /** Milliseconds within which a short answer must be complete; streams have no such limit. */
  readonly answerTimeout: number;
}

const largestError = 64 * 1024;
/** An exported image is gigabytes in pieces of 32 KiB. Each request has a connection of its own. */
const agentOptions = { keepAlive: false, onread: readsIntoOneMemory() };

/**
 * Sends `GET path` and resolves with the head of the answer, whatever its status; the body waits in it. No redirect is
 * followed. Throws `engine-unreachable`, `engine-failed`, or `cancelled` when the signal aborts.
 */
export function get(
  connection: DockerConnection,
  path: string,
  { signal }: { readonly signal: AbortSignal },
): Promise<IncomingMessage> {
  const { endpoint, tls, connectTimeout } = connection;
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(cancelled(signal));
    let connected = false;
    const request =
      endpoint.kind === "network" && endpoint.secure
        ? nodeHttps().request({ ...optionsOf(endpoint, path, { signal }), ...tlsOptions(tls) })
        : nodeHttp().request(optionsOf(endpoint, path, { signal }));
    const timer = setTimeout(() => {
      const late = Object.assign(new Error(`no connection within ${connectTimeout} ms`), { code: "ETIMEDOUT" });
      request.destroy(late);
    }, connectTimeout);
    const connectionStands = (): void => {
      connected = true;
      clearTimeout(timer);
    };
    const ready = endpoint.kind === "network" && endpoint.secure ? "secureConnect" : "connect";
    request.once("socket", (socket) => socket.once(ready, connectionStands));
    request.once("response", resolve);
    request.on("error", (error) => {
      clearTimeout(timer);
      reject(signal.aborted ? cancelled(signal) : connectionFailure(endpoint, error, { connected }));
    });
    request.end();
  });
}

/**
 * Sends `GET path` for a short answer and reads it whole within the answer time-out. Throws as {@link get} does, and
 * `engine-failed` beyond `limit` bytes.
 */
export async function getText(
  connection: DockerConnection,
  path: string,
  { signal, limit }: { signal: AbortSignal; limit: number },
): Promise<{ readonly status: number; readonly headers: IncomingMessage["headers"]; readonly text: string }> {
  const deadline = AbortSignal.timeout(connection.answerTimeout);
  try {
    const response = await get(connection, path, { signal: AbortSignal.any([signal, deadline]) });
    const text = await readText(connection.endpoint, response, { limit });
    return { status: response.statusCode ?? 0, headers: response.headers, text };
  } catch (error) {
    if (signal.aborted) throw cancelled(signal);
    if (!deadline.aborted) throw error;
    const seconds = connection.answerTimeout / 1000;
    throw engineFailed(
      `the Docker Engine at ${endpointName(connection.endpoint)} did not respond within ${seconds} s`,
      error,
    );
  }
}

/** The bytes of an answer as they come; ends the connection when the reader stops early. Throws as {@link get} does. */
export async function* bodyOf(
  endpoint: DockerEndpoint,
  response: IncomingMessage,
  { signal }: { readonly signal: AbortSignal },
): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of response) yield chunk as Uint8Array;
  } catch (error) {
    throw signal.aborted ? cancelled(signal) : connectionFailure(endpoint, error, { connected: true });
  } finally {
    response.destroy();
  }
}

/** What an answer other than the expected one means: `engine-failed` with the engine's own words. */
export function refusal(
  endpoint: DockerEndpoint,
  { status, text }: { readonly status: number; readonly text: string },
): PlimsollError {
  const name = endpointName(endpoint);
  if (status >= 300 && status < 400) {
    return engineFailed(`${name} responded with a redirect (${status}); redirects are not followed`);
  }
  const words = oneLine(messageIn(text));
  return engineFailed(
    `the Docker Engine at ${name} responded with status ${status}${words ? `: ${words.replace(/\.$/, "")}` : ""}`,
  );
}

/** Reads the body of a refused stream request, for {@link refusal}. */
export function readRefusal(endpoint: DockerEndpoint, response: IncomingMessage): Promise<string> {
  return readText(endpoint, response, { limit: largestError });
}

/** The error for an aborted signal; its reason stays as it is when it already is Plimsoll's. */
function cancelled(signal: AbortSignal): PlimsollError {
  const reason: unknown = signal.reason;
  if (reason instanceof PlimsollError) return reason;
  return new PlimsollError("cancelled", "the request to the Docker Engine was cancelled", { cause: reason });
}

async function readText(
  endpoint: DockerEndpoint,
  response: IncomingMessage,
  { limit }: { readonly limit: number },
): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of response as AsyncIterable<Uint8Array>) {
      size += chunk.length;
      if (size > limit) break;
      chunks.push(chunk);
    }
  } catch (error) {
    throw connectionFailure(endpoint, error, { connected: true });
  } finally {
    response.destroy();
  }
  if (size > limit) {
    throw engineFailed(`the Docker Engine at ${endpointName(endpoint)} sent more than ${limit} bytes`);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** Errors of the API are `{"message": "…"}`; older engines and proxies answer in plain text. */
function messageIn(text: string): string {
  const body = parseJson(text);
  return isJsonObject(body) && typeof body["message"] === "string" ? body["message"] : text;
}

function optionsOf(
  endpoint: DockerEndpoint,
  path: string,
  { signal }: { readonly signal: AbortSignal },
): RequestOptions {
  const { Agent } = endpoint.kind === "network" && endpoint.secure ? nodeHttps() : nodeHttp();
  const agent = new Agent(agentOptions);
  const common: RequestOptions = { method: "GET", agent, signal, headers: { "user-agent": "plimsoll" } };
  if (endpoint.kind === "socket")
    return {
      ...common,
      socketPath: endpoint.path,
      path,
      setHost: false,
      headers: { ...common.headers, host: "docker" },
    };
  return { ...common, host: endpoint.host, port: endpoint.port, path: `${endpoint.base}${path}` };
}

function tlsOptions(tls: DockerTls | undefined): {
  ca?: string;
  cert?: string;
  key?: string;
  rejectUnauthorized: boolean;
} {
  return {
    rejectUnauthorized: tls?.verify ?? true,
    ...(tls?.authorities !== undefined && { ca: tls.authorities }),
    ...(tls?.certificate !== undefined && { cert: tls.certificate }),
    ...(tls?.key !== undefined && { key: tls.key }),
  };
}

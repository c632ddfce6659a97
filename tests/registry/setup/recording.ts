import type { ServerResponse } from "node:http";
import type { FakeRegistry, FakeRequest } from "./fake-registry.ts";

/** One exchange with a real registry. */
export interface Recording {
  readonly id: string;
  readonly request: {
    readonly method: string;
    readonly path: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body?: string;
  };
  readonly response: {
    /** 0: the connection was closed. */
    readonly status: number;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: unknown;
    readonly body_kind: string;
  };
}

/** What was asked, within the setting that the file stands for. */
export function nameOf({ id }: Recording): string {
  return id.slice(id.indexOf("/") + 1);
}

/** A recording that is being played. */
export interface Scene {
  readonly recording: Recording;
  readonly all: readonly Recording[];
  readonly registry: FakeRegistry;
  readonly repository: string;
  readonly name: string;
}

/** Answers what is asked in the recording, whatever the query, as it was answered then. */
export function answerWith({ registry }: Scene, ...recordings: readonly Recording[]): void {
  registry.intercept = (request, response) => {
    const found = recordings.find((one) => matches(request, one));
    return found !== undefined && reply(response, found, registry.host);
  };
}

/** Whether a request is the recorded one, whatever the query. */
export function matches({ method, path }: FakeRequest, { request }: Recording): boolean {
  const pathOf = (text: string): string => new URL(text, "http://x/").pathname;
  return method === request.method && pathOf(path) === pathOf(request.path);
}

/** Answers as it was answered then, with the fake registry's name for the recorded one's. */
export function reply(response: ServerResponse, { response: recorded }: Recording, host: string): true {
  if (recorded.status === 0) {
    response.socket?.destroy();
    return true;
  }
  const headers = Object.fromEntries(
    Object.entries(recorded.headers).map(([name, value]) => [
      name,
      value
        .replace("http://registry.example.test", `http://${host}`)
        .replace("https://auth.example.test", `http://${host}`),
    ]),
  );
  response.writeHead(recorded.status, headers).end(bodyOf(recorded));
  return true;
}

/** The bytes of a body: the program that recorded documents puts spaces after commas and colons. */
export function bodyOf({ body, body_kind: kind, headers }: Recording["response"]): Buffer | undefined {
  if (kind === "none" || body === null) return undefined;
  if (kind !== "json") return Buffer.from(String(body));
  const compact = Buffer.from(JSON.stringify(body));
  const length = Number(headers["content-length"]);
  if (compact.length === length) return compact;
  const spaced = Buffer.from(withSpaces(body));
  return spaced.length === length ? spaced : Buffer.concat([compact, Buffer.from("\n")]);
}

function withSpaces(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(withSpaces).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const members = Object.entries(value).map(([name, member]) => `${JSON.stringify(name)}: ${withSpaces(member)}`);
  return `{${members.join(", ")}}`;
}

/** The repository that a recording is about. */
export function placeOf({ registry, repository }: Scene): { registry: string; repository: string } {
  return { registry: registry.host, repository };
}

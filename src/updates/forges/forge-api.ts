import { HttpClient, type ProxyEnvironment } from "../../io/http/http-client.ts";
import { reasonOf } from "../../io/reason-of.ts";
import { PlimsollError } from "../../model/error.ts";
import { isJsonObject, type JsonObject, parseJson } from "../../model/objects/json-object.ts";

/** How the API of a server is asked. */
export interface ForgeApiOptions {
  /** Without a slash at the end. */
  readonly api: string;
  /** Headers with the token. */
  readonly secrets: Readonly<Record<string, string>>;
  readonly proxies: ProxyEnvironment;
  readonly signal: AbortSignal;
}

const largestAnswer = 32 * 1024 * 1024;
const timeout = 60_000;
const mostPages = 20;
const pageSize = 50;

/** A JSON API. The token goes to its server alone. Errors of all methods: `program-failed`, `cancelled`. */
export class ForgeApi {
  readonly #options: ForgeApiOptions;
  readonly #http: HttpClient;

  constructor(options: ForgeApiOptions) {
    this.#options = options;
    this.#http = new HttpClient(options.proxies);
  }

  /** The object that a request is answered with. */
  async object(method: "GET" | "POST" | "PATCH" | "PUT", path: string, body?: object): Promise<JsonObject> {
    const answer = await this.#send(method, path, body);
    if (isJsonObject(answer)) return answer;
    throw new PlimsollError("program-failed", `${this.#options.api} gave an unexpected answer to ${method} ${path}`);
  }

  /** The objects of a list, from all of its pages. */
  async list(path: string): Promise<readonly JsonObject[]> {
    const found: JsonObject[] = [];
    for (let page = 1; page <= mostPages; page++) {
      const separator = path.includes("?") ? "&" : "?";
      const size = `per_page=${pageSize}&limit=${pageSize}`;
      const answer = await this.#send("GET", `${path}${separator}${size}&page=${page}`);
      const items = Array.isArray(answer) ? answer.filter(isJsonObject) : [];
      found.push(...items);
      if (items.length < pageSize) break;
    }
    return found;
  }

  async #send(method: string, path: string, body?: object): Promise<unknown> {
    const { api, secrets, signal } = this.#options;
    const bytes = body && Buffer.from(JSON.stringify(body));
    try {
      const { response } = await this.#http.send(new URL(`${api}${path}`), {
        method,
        headers: {
          accept: "application/json",
          ...(bytes && { "content-type": "application/json", "content-length": String(bytes.length) }),
        },
        secrets,
        ...(bytes && { body: bytes }),
        signal: AbortSignal.any([signal, AbortSignal.timeout(timeout)]),
      });
      const pieces: Buffer[] = [];
      let size = 0;
      for await (const piece of response) {
        size += piece.length;
        if (size > largestAnswer) throw new Error(`the response is larger than ${largestAnswer} bytes`);
        pieces.push(piece);
      }
      const status = response.statusCode ?? 0;
      const answer = parseJson(Buffer.concat(pieces).toString("utf8"));
      if (status >= 200 && status < 300) return answer;
      throw new Error(`status ${status}${messageIn(answer)}`);
    } catch (cause) {
      if (signal.aborted) throw new PlimsollError("cancelled", "interrupted");
      throw new PlimsollError("program-failed", `${method} ${api}${path} failed: ${reasonOf(cause)}`, {
        cause,
        hint: "Check the token and its permissions: contents and pull requests, read and write.",
      });
    }
  }
}

/** A member that is a text; empty without one. */
export function textIn(object: JsonObject, member: string): string {
  const value = object[member];
  return typeof value === "string" ? value : "";
}

/** A member that is a number. */
export function numberIn(object: JsonObject, member: string): number {
  const value = object[member];
  return typeof value === "number" ? value : 0;
}

function messageIn(answer: unknown): string {
  const message = isJsonObject(answer) ? answer["message"] : undefined;
  return typeof message === "string" ? `, ${message.slice(0, 200)}` : "";
}

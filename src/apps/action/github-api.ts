import { HttpClient } from "../../io/http/http-client.ts";
import type { Environment } from "./inputs.ts";

const largestAnswer = 32 * 1024 * 1024;

/** An answer of GitHub's API. */
export interface ApiAnswer {
  readonly status: number;
  readonly text: string;
}

/** One request to GitHub's API. */
export interface ApiRequest {
  readonly method?: "GET" | "POST" | "PATCH";
  readonly body?: object;
  /** The media type of the answer. */
  readonly accept?: string;
}

/** A client of GitHub's REST API, at `GITHUB_API_URL`. The token goes to this server alone. */
export class GithubApi {
  readonly #http: HttpClient;
  readonly #base: string;
  readonly #token: string;

  constructor(environment: Environment, token: string) {
    this.#http = new HttpClient(environment);
    this.#base = environment["GITHUB_API_URL"] || "https://api.github.com";
    this.#token = token;
  }

  /** Sends one request; the answer has any status. Errors: those of the network. */
  async send(path: string, request: ApiRequest = {}): Promise<ApiAnswer> {
    const { method = "GET", body, accept = "application/vnd.github+json" } = request;
    const bytes = body && new TextEncoder().encode(JSON.stringify(body));
    const { response } = await this.#http.send(new URL(`${this.#base}${path}`), {
      method,
      headers: {
        accept,
        "x-github-api-version": "2022-11-28",
        ...(bytes && { "content-type": "application/json", "content-length": String(bytes.length) }),
      },
      ...(this.#token !== "" && { secrets: { authorization: `Bearer ${this.#token}` } }),
      ...(bytes && { body: bytes }),
      signal: AbortSignal.timeout(60_000),
    });
    const pieces: Uint8Array[] = [];
    let size = 0;
    for await (const piece of response) {
      size += piece.length;
      if (size > largestAnswer) throw new Error(`the answer has more than ${largestAnswer} bytes`);
      pieces.push(piece);
    }
    return { status: response.statusCode ?? 0, text: Buffer.concat(pieces).toString("utf8") };
  }
}

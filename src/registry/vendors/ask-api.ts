import { secretsIn, withoutSecrets } from "../../io/http/without-secrets.ts";
import { PlimsollError } from "../../model/error.ts";
import { parseJson } from "../../model/objects/json-object.ts";
import type { RealmRequest } from "../authorization/bearer-token.ts";
import { failed, refused, registryWords } from "../connection/registry-failure.ts";
import type { ApiServer } from "./cloud-accounts.ts";

/** One request to the interface of a vendor. */
export interface ApiRequest {
  /** `GET` unless given. */
  readonly method?: "GET" | "POST";
  readonly url: URL;
  /** `accept` is `application/json` unless given. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Headers that hold secrets, in lower case. */
  readonly secrets?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** As {@link RealmRequest.passing}. */
  readonly passing?: RealmRequest["passing"];
  /** What must not show in an error, beside the values of `secrets`. */
  readonly hidden?: readonly string[];
  /** How errors name what is asked for: `the repositories of team`. */
  readonly what: string;
}

/** What a vendor's interface answered. */
export interface ApiAnswer {
  readonly status: number;
  /** The value of the JSON of a success; undefined for anything else. */
  readonly json: unknown;
  /** The body of a success, whatever it is; nothing of another answer. */
  readonly bytes: Buffer;
  readonly header: (name: string) => string | undefined;
  /**
   * The error for an answer that is not a success, or not of its form: `image-not-found` for a 404, `registry-refused`,
   * or `registry-failed`.
   */
  readonly refusal: () => PlimsollError;
}

const largestAnswer = 32 * 1024 * 1024;

/**
 * Asks the interface of a vendor, again for what may pass. Errors: `registry-unreachable`, `limit-exceeded`,
 * `cancelled`; every other status is an answer.
 */
export async function askApi(server: ApiServer, request: ApiRequest): Promise<ApiAnswer> {
  const { method = "GET", url, headers = {}, secrets = {}, body, passing, what } = request;
  const answer = await server.ask(
    {
      method,
      url,
      headers: { accept: "application/json", "accept-encoding": "identity", ...headers },
      secrets,
      ...(body !== undefined && { body: Buffer.from(body) }),
      ...(passing && { passing }),
    },
    { limit: largestAnswer, what },
  );
  const { status, bytes, excerpt } = answer;
  const good = status === 200;
  const json = good ? parseJson(bytes.toString("utf8")) : undefined;
  return {
    status,
    json,
    bytes,
    header: (name) => answer.header(name),
    refusal: () => {
      if (good) return failed(what, { registry: server.name, reason: "the response is not in the documented format" });
      if (status === 404) return unknownToApi(server.name, what);
      const hide = (text: string): string => withoutSecrets(server.hide?.(text) ?? text, secretsOf(request));
      const words = registryWords(excerpt, hide);
      const reason = `HTTP status ${status}${words === undefined ? "" : ` (${words})`}`;
      const known = Object.keys(secrets).length > 0 || (request.hidden ?? []).length > 0;
      if ([400, 401, 403].includes(status)) return refused(what, { registry: server.name, reason, known });
      return failed(what, { registry: server.name, reason });
    },
  };
}

function unknownToApi(server: string, what: string): PlimsollError {
  return new PlimsollError("image-not-found", `${server} does not know ${what}`, {
    hint: "Check the name. Without credentials that permit listing, private repositories are often reported as not found.",
  });
}

function secretsOf({ secrets = {}, hidden = [] }: ApiRequest): readonly string[] {
  return [...Object.values(secrets).flatMap(secretsIn), ...hidden];
}

/** `a=b&c=d`, with the header that says so. */
export function form(fields: Readonly<Record<string, string>>): Pick<ApiRequest, "method" | "headers" | "body"> {
  return {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams(fields).toString(),
  };
}

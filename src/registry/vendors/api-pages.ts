import { PlimsollError } from "../../model/error.ts";
import { isJsonObject, type JsonObject } from "../../model/json-object.ts";
import { type ApiAnswer, type ApiRequest, askApi } from "./ask-api.ts";
import type { ApiServer } from "./cloud-accounts.ts";

/** A list that comes in pages. */
export interface PagedList {
  readonly server: ApiServer;
  /** The request for a page: counted from 1, with what the last one said of the next. */
  readonly request: (page: number, token: string | undefined) => ApiRequest | Promise<ApiRequest>;
  /** The entries of a page; undefined when it is of another form. */
  readonly entries: (json: unknown) => unknown;
  /** Whether there is a next page: what names it, true where its number does, false for the last. */
  readonly more: (answer: ApiAnswer, count: number) => string | boolean;
}

const mostPages = 20_000;

/**
 * The entries of all pages that are objects.
 * Errors: those of {@link askApi} and of its answer's refusal; `limit-exceeded` for a list without end.
 */
export async function* apiPages(list: PagedList): AsyncGenerator<JsonObject> {
  let token: string | undefined;
  for (let page = 1; ; page++) {
    const request = await list.request(page, token);
    const answer = await askApi(list.server, request);
    const entries = list.entries(answer.json);
    if (!Array.isArray(entries)) throw answer.refusal();
    yield* entries.filter(isJsonObject);
    const more = list.more(answer, entries.length);
    if (more === false || more === token || (more === true && entries.length === 0)) return;
    if (page >= mostPages)
      throw new PlimsollError("limit-exceeded", `${request.what} have more than ${mostPages} pages`);
    token = more === true ? undefined : more;
  }
}

/** A member of the JSON of an answer; undefined when it is no object or lacks it. */
export function memberOf(json: unknown, name: string): unknown {
  return isJsonObject(json) ? json[name] : undefined;
}

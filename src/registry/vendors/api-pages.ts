import { PlimsollError } from "../../model/error.ts";
import { isJsonObject, type JsonObject } from "../../model/objects/json-object.ts";
import { hasNextPage } from "../connection/next-page.ts";
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
/** The most pages one after the other without an entry. */
const mostIdlePages = 100;

/**
 * The entries of all pages that are objects. A page without entries is not the last one while more are said to follow:
 * what a user may not see is left out of pages.
 * Errors: those of {@link askApi} and of its answer's refusal; `limit-exceeded` for a list without end.
 */
export async function* apiPages(list: PagedList): AsyncGenerator<JsonObject> {
  let token: string | undefined;
  let idle = 0;
  for (let page = 1; ; page++) {
    const request = await list.request(page, token);
    const answer = await askApi(list.server, request);
    const entries = list.entries(answer.json);
    if (!Array.isArray(entries)) throw answer.refusal();
    yield* entries.filter(isJsonObject);
    const more = list.more(answer, entries.length);
    if (more === false || more === token) return;
    idle = entries.length === 0 ? idle + 1 : 0;
    if (page >= mostPages || idle > mostIdlePages)
      throw new PlimsollError("limit-exceeded", `${request.what} have too many pages`);
    token = more === true ? undefined : more;
  }
}

/** Whether there is a page after one with so many entries: the answer says so, or it is as full as was asked for. */
export function hasMore(
  { header }: ApiAnswer,
  { count, pageSize }: { readonly count: number; readonly pageSize: number },
): boolean {
  return count >= pageSize || hasNextPage(header("link"));
}

/** A member of the JSON of an answer; undefined when it is not an object or lacks it. */
export function memberOf(json: unknown, name: string): unknown {
  return isJsonObject(json) ? json[name] : undefined;
}

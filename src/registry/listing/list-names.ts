import { PlimsollError } from "../../model/error.ts";
import { isJsonObject, parseJson } from "../../model/objects/json-object.ts";
import { isRepository, isTag } from "../../model/packages/reference.ts";
import type { Purpose } from "../authorization/registry-authorization.ts";
import { hasNextPage, nextPage, withLast } from "../connection/next-page.ts";
import type { RegistryDocument, RegistryReply } from "../connection/registry-document.ts";
import { failed } from "../connection/registry-failure.ts";
import type { RegistryHost } from "../connection/registry-host.ts";
import { pullPurpose, type RepositoryAt } from "../connection/repository-at.ts";

const usualPageSize = 1000;
/** Page size for a registry that gives this many and then the same again. */
const largestPageSize = 10_000;
/** Bytes of a page for each requested name: some registries list the manifests too. */
const largestName: number = 16 * 1024;
const largestPage: number = 128 * 1024 * 1024;
/** The most names of one list. */
const mostNames = 2_000_000;
/** The most pages of one list, some of which may be of a link that stays the same. */
const mostPages = 20_000;
/** The most pages one after the other without a name that is not known. */
const mostIdlePages = 100;

/** A list that comes in pages. */
interface NameList {
  readonly host: RegistryHost;
  readonly path: string;
  /** The member of the reply. */
  readonly member: "tags" | "repositories";
  readonly purpose: Purpose;
  readonly pageSize: number;
  /** How errors name the list. */
  readonly what: string;
  readonly isName: (text: string) => boolean;
  readonly misfit: Misfit | undefined;
}

/**
 * Hears of a listed name under which nothing can be asked for, so that it does not count as examined; of what is not
 * text, once for each page, its kind or the number that it is.
 */
export type Misfit = (name: string, isText: boolean) => void;

/** How tags are listed. */
export interface TagListOptions {
  /** The names that a page is asked for; 1000 unless given. */
  readonly pageSize?: number | undefined;
  readonly misfit?: Misfit | undefined;
}

/**
 * The tags of a repository, each once, in no order, as pages come. Names that are not tags are left out, and go to
 * `misfit`.
 * Errors: `image-not-found` for a repository that the registry does not know; `limit-exceeded`, also after the last tag
 * that a registry gives of more; those of a request.
 */
export function listTags(
  place: RepositoryAt,
  { pageSize = usualPageSize, misfit }: TagListOptions = {},
): AsyncGenerator<string> {
  const { host, repository } = place;
  return listNames({
    host,
    path: `/v2/${repository}/tags/list`,
    member: "tags",
    purpose: pullPurpose(place),
    pageSize,
    what: `the tags of ${host.name}/${repository}`,
    isName: isTag,
    misfit,
  });
}

/** How repositories are listed. */
export interface CatalogOptions {
  /** Where the registry's own paths begin, for servers that hold several; `/v2` unless given. */
  readonly base?: string | undefined;
  /** The path below which repositories are wanted: a credential that is for it, or for all, is shown. */
  readonly below?: string | undefined;
  /** What a token is to allow; `registry:catalog:*` unless given. */
  readonly scopes?: readonly string[] | undefined;
  readonly misfit?: Misfit | undefined;
}

/**
 * The repositories of a registry, each once, in no order, as pages come. Many registries list them only to an
 * administrator, or not at all. Names that are none of a repository are left out, and go to `misfit`.
 * Errors: `registry-failed` for a registry that has no list, `limit-exceeded`, those of a request.
 */
export function listRepositories(
  host: RegistryHost,
  { base = "/v2", below = "", scopes = ["registry:catalog:*"], misfit }: CatalogOptions = {},
): AsyncGenerator<string> {
  return listNames({
    host,
    path: `${base}/_catalog`,
    member: "repositories",
    purpose: { scopes, eager: true, ...(below !== "" && { repository: below }) },
    pageSize: usualPageSize,
    what: `the repositories of ${host.name}`,
    isName: isRepository,
    misfit,
  });
}

async function* listNames(list: NameList): AsyncGenerator<string> {
  const seen = new Set<string>();
  const asked = new Set<string>();
  let next: NextPage | undefined = { path: ofSize(list, list.pageSize), by: "link" };
  let idle = 0;
  for (let pages = 0; next !== undefined; pages++) {
    // What brought names may have others the next time that it is asked.
    if (asked.has(next.path) && idle > 0) {
      if (next.by === "detour") throw leadsElsewhere(list);
      return;
    }
    if (pages >= mostPages) {
      throw new PlimsollError("limit-exceeded", `${list.what} have more than ${mostPages.toLocaleString("en")} pages`);
    }
    asked.add(next.path);
    const page: Page = await (next.by === "probe" ? fetchLargest(list, next, seen.size) : fetchPage(list, next));
    const fresh = [...new Set(page.names)].filter((name) => !seen.has(name));
    for (const name of fresh) {
      seen.add(name);
      if (list.isName(name)) yield name;
      else list.misfit?.(list.host.hide(name), true);
    }
    if (page.other !== undefined) list.misfit?.(page.other, false);
    if (seen.size > mostNames) throw new PlimsollError("limit-exceeded", `${list.what} are more than ${mostNames}`);
    // Registries that leave out what a user may not see send pages of nothing, with more behind them.
    idle = fresh.length === 0 ? idle + 1 : 0;
    if (idle > mostIdlePages)
      throw failed(list.what, { registry: list.host.name, reason: "its pages continue without new names" });
    next = fresh.length === 0 && page.next?.by === "guess" ? afterTheSame(list, page) : page.next;
  }
}

function ofSize({ path }: NameList, size: number): string {
  return `${path}?n=${size}`;
}

/**
 * The request after a page without new names. A page that is just as full as requested is from a registry that gives
 * the first names alone, so more are requested at once.
 */
function afterTheSame(list: NameList, { asked, count }: Page): NextPage | undefined {
  if (count !== asked) return undefined;
  if (asked < largestPageSize) return { path: ofSize(list, largestPageSize), by: "probe" };
  throw cutAt(list, asked);
}

/** That a registry does not give so many at once leaves what it gave before. */
async function fetchLargest(list: NameList, next: NextPage, given: number): Promise<Page> {
  try {
    return await fetchPage(list, next);
  } catch (cause) {
    if (!(cause instanceof PlimsollError) || cause.code === "cancelled") throw cause;
    throw cutAt(list, given, cause);
  }
}

function cutAt({ what }: NameList, count: number, cause?: unknown): PlimsollError {
  const most = count.toLocaleString("en");
  return new PlimsollError("limit-exceeded", `${what} may exceed the ${most} names that the registry lists`, {
    hint: "The registry does not list the rest: specify the images one by one.",
    cause,
  });
}

interface NextPage {
  /** Path and query. */
  readonly path: string;
  /**
   * `link`: the registry says where it is. `detour`: it says so, and of a server that is not asked, so it is looked for
   * on this one. `guess`: it says nothing. `probe`: it gives the same again, so more are asked for at once.
   */
  readonly by: "link" | "detour" | "guess" | "probe";
}

interface Page extends ListedNames {
  /** How many names it was asked for. */
  readonly asked: number;
  readonly next: NextPage | undefined;
}

async function fetchPage(list: NameList, { path, by }: NextPage): Promise<Page> {
  const { host, purpose, what, member, pageSize } = list;
  const limit = Math.min(Math.max(pageSize, sizeOf(await host.address(path))) * largestName, largestPage);
  const ask = (page: string): Promise<RegistryDocument> =>
    host.document({ path: page, headers: { accept: "application/json" }, ...purpose }, { limit, what });
  let at = path;
  let answer = await ask(at);
  if ((answer.status === 400 || answer.status === 405) && path === ofSize(list, pageSize)) {
    // Some registries allow fewer on a page and say so in this way.
    at = list.path;
    answer = await ask(at);
  }
  if (by === "guess" && refusesToGoOn.has(answer.status))
    return { names: [], count: 0, asked: 0, other: undefined, next: undefined };
  if (answer.status !== 200) throw await refusal(list, answer);
  const listed = readNames(answer.bytes, member);
  if (!listed) throw failed(what, { registry: host.name, reason: "the response is not a list of names" });
  const current = await host.address(at);
  const next = nextOf(list, { ...listed, link: answer.header("link"), current });
  return { ...listed, asked: sizeOf(current), next };
}

/** How many names an address asks for; 0 when it does not say. */
function sizeOf({ searchParams }: URL): number {
  return Number(searchParams.get("n")) || 0;
}

/** What registries answer that know no `last`, or have tokens of their own in its place. */
const refusesToGoOn: ReadonlySet<number> = new Set([400, 404, 405, 406, 416, 422, 501]);

function nextOf(
  list: NameList,
  { names, count, link, current }: ListedNames & { readonly link: string | undefined; readonly current: URL },
): NextPage | undefined {
  const path = nextPage(link, current);
  if (path !== undefined) return { path, by: "link" };
  const last = names.at(-1);
  const isSaid = hasNextPage(link);
  if (last !== undefined && (isSaid || isFull(count, current)))
    return { path: withLast(current, last), by: isSaid ? "detour" : "guess" };
  if (isSaid) throw leadsElsewhere(list);
  return undefined;
}

function leadsElsewhere({ host, what }: NameList): PlimsollError {
  return failed(what, { registry: host.name, reason: "its next page is on another server" });
}

/**
 * True for a page that looks as if it was cut: registries forget to say so, and cut at other numbers than they are
 * asked to.
 */
function isFull(count: number, url: URL): boolean {
  return count === Number(url.searchParams.get("n")) || (count > 0 && (count % 10 === 0 || count % 25 === 0));
}

async function refusal({ host, what, member, purpose }: NameList, answer: RegistryReply): Promise<PlimsollError> {
  if (answer.status !== 404) return host.refusal(answer, what, purpose);
  if (member === "repositories")
    return failed(what, { registry: host.name, reason: "it does not list its repositories" });
  return new PlimsollError(
    "image-not-found",
    `the registry ${host.name} does not have this repository: cannot list ${what}`,
    {
      hint: "Check the name. Without credentials, registries often report a private repository as not found.",
    },
  );
}

interface ListedNames {
  readonly names: readonly string[];
  /** How many items the list has, names and others. */
  readonly count: number;
  /** The first item that is not text, in a word; undefined when all are. */
  readonly other: string | undefined;
}

/** The list may be null, or left out beside the repository's name, where there is nothing. */
function readNames(bytes: Buffer, member: string): ListedNames | undefined {
  const reply = parseJson(bytes.toString("utf8"));
  if (!isJsonObject(reply)) return undefined;
  const list = reply[member];
  if (list === null || (list === undefined && typeof reply["name"] === "string"))
    return { names: [], count: 0, other: undefined };
  if (!Array.isArray(list)) return undefined;
  const names = list.filter((name) => typeof name === "string");
  const other = list.findIndex((name) => typeof name !== "string");
  return { names, count: list.length, other: other < 0 ? undefined : inAWord(list[other]) };
}

/** However large and deep it is. */
function inAWord(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  return isJsonObject(value) ? "an object" : String(value);
}

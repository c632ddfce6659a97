/**
 * Where the next page of a list is, from the `Link` header of the last one (RFC 8288). Only a link with `rel="next"`,
 * or without `rel`, and to the server that was asked; our own scheme is kept. Some registries behind a prefix forget it
 * in their links: of such a link only `last` is taken over.
 *
 * Source: OCI Distribution Specification 1.1, "Listing Tags".
 */
export function nextPage(link: string | undefined, current: URL): string | undefined {
  for (const { target, isNext } of linksIn(link ?? "")) {
    if (!isNext) continue;
    const url = URL.parse(target, current.href);
    if (!url || !isSameServer(url, current)) continue;
    if (url.pathname === current.pathname) return `${url.pathname}${url.search}`;
    const last = url.searchParams.get("last");
    if (last !== null) return withLast(current, last);
  }
  return undefined;
}

/** True when a `Link` header says that there is a next page, wherever that is. */
export function hasNextPage(link: string | undefined): boolean {
  return linksIn(link ?? "").some(({ isNext }) => isNext);
}

/** The same page, from after `last`: the rest of the query stays. */
export function withLast(current: URL, last: string): string {
  const url = new URL(current);
  url.searchParams.set("last", last);
  return `${url.pathname}${url.search}`;
}

const longestHeader = 16 * 1024;

function linksIn(header: string): readonly Link[] {
  if (header.length > longestHeader) return [];
  const links = Array.from(header.matchAll(/<([^<>]*)>([^<]*)/g), ([, target = "", parameters = ""]) =>
    linkOf(target, parameters),
  );
  return links.length > 0 ? links : withoutBrackets(header);
}

interface Link {
  readonly target: string;
  readonly isNext: boolean;
}

function linkOf(target: string, parameters: string): Link {
  const relation = /;\s*rel\s*=\s*(?:"([^"]*)"|([^\s;,"]+))/i.exec(parameters);
  const relations = (relation?.[1] ?? relation?.[2] ?? "").toLowerCase().split(/\s+/);
  return { target, isNext: relation === null || relations.includes("next") };
}

/** Some registries leave out the angle brackets; then there is one link. */
function withoutBrackets(header: string): readonly Link[] {
  const end = header.indexOf(";");
  const target = (end < 0 ? header : header.slice(0, end)).replace(/[<>]/g, "").trim();
  return target === "" ? [] : [linkOf(target, end < 0 ? "" : header.slice(end))];
}

function isSameServer(url: URL, current: URL): boolean {
  if (url.hostname !== current.hostname || !/^https?:$/.test(url.protocol)) return false;
  return url.port === current.port || url.protocol !== current.protocol;
}

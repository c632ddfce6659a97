/**
 * Where the next page of a list is, from the `Link` header of the last one (RFC 8288): only `rel="next"`, and only at the origin that
 * was asked; whether that was written as http or https, ours is kept. Some registries behind a prefix forget it in their links:
 * of such a link only `last` is taken over.
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

function linksIn(header: string): { readonly target: string; readonly isNext: boolean }[] {
  if (header.length > longestHeader) return [];
  return Array.from(header.matchAll(/<([^<>]*)>([^<]*)/g), ([, target = "", parameters = ""]) => {
    const relation = /;\s*rel\s*=\s*(?:"([^"]*)"|([^\s;,"]+))/i.exec(parameters);
    const relations = (relation?.[1] ?? relation?.[2] ?? "").toLowerCase().split(/\s+/);
    return { target, isNext: relations.includes("next") };
  });
}

function isSameServer(url: URL, current: URL): boolean {
  if (url.hostname !== current.hostname || !/^https?:$/.test(url.protocol)) return false;
  return url.port === current.port || url.protocol !== current.protocol;
}

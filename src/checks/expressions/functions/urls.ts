import { EvaluationFault } from "../values/fault.ts";
import { EntriesMap } from "../values/map-value.ts";
import { UrlValue } from "../values/url-value.ts";
import { ListValue, type MapValue } from "../values/value.ts";
import { type Overload, overload } from "./overload.ts";

/**
 * URLs, by k8s.io/apiserver, pkg/cel/library/urls.go: absolute ones, or absolute paths, as Go's `url.ParseRequestURI`
 * reads them.
 */
export const urlFunctions: readonly Overload[] = [
  overload("isURL", { takes: ["string"], gives: "bool", run: ([text]) => readUrl(text) !== undefined }),
  overload("url", {
    takes: ["string"],
    gives: "url",
    run: ([text]) => {
      const url = readUrl(text);
      if (!url) {
        const shown = JSON.stringify(text.slice(0, 200));
        throw new EvaluationFault(
          `URL parse error during conversion from string: parse ${shown}: invalid URI for request`,
        );
      }
      return url;
    },
  }),
  overload(".getScheme", { takes: ["url"], gives: "string", run: ([{ scheme }]) => scheme }),
  overload(".getHost", { takes: ["url"], gives: "string", run: ([{ host }]) => host }),
  overload(".getHostname", { takes: ["url"], gives: "string", run: ([{ hostname }]) => hostname }),
  overload(".getPort", { takes: ["url"], gives: "string", run: ([{ port }]) => port }),
  overload(".getEscapedPath", { takes: ["url"], gives: "string", run: ([{ escapedPath }]) => escapedPath }),
  overload(".getQuery", { takes: ["url"], gives: "map", run: ([url]) => queryMap(url) }),
];

const shape = /^(?:([A-Za-z][A-Za-z0-9+.-]*):)?(?:\/\/([^/?]*))?([^?]*)(?:\?(.*))?$/s;
const authority = /^(?:([^@]*)@)?(\[[0-9A-Fa-f:.%]+\]|[^:[\]]*)(?::(\d*))?$/;

function readUrl(text: string): UrlValue | undefined {
  if (text === "" || text.length > 100_000 || /[\u0000-\u001F\u007F]/.test(text)) return undefined;
  const match = shape.exec(text);
  if (!match) return undefined;
  const [, scheme = "", place, path = "", query = ""] = match;
  const isPath = path.startsWith("/");
  if (scheme === "" && !isPath) return undefined;
  if (path !== "" && !isPath && place !== undefined) return undefined;
  if (!areEscapesRight(path)) return undefined;
  const host = authority.exec(place ?? "");
  if (!host || /[ <>"]/.test(place ?? "")) return undefined;
  const [, , name = "", port] = host;
  return new UrlValue({
    scheme: scheme.toLowerCase(),
    host: port === undefined ? name : `${name}:${port}`,
    hostname: name.replace(/^\[|\]$/g, ""),
    port: port ?? "",
    // What follows the scheme without a slash is opaque, and no path.
    escapedPath: isPath ? escapePath(path) : "",
    query: queryOf(query),
    text,
  });
}

function areEscapesRight(text: string): boolean {
  return !/%(?![0-9A-Fa-f]{2})/.test(text);
}

function escapePath(path: string): string {
  return path.replace(/[^\w\-.~$&+,/:;=@!'()*%[\]]/gu, (character) => encodeURIComponent(character.toWellFormed()));
}

function queryOf(text: string): ReadonlyMap<string, readonly string[]> {
  const query = new Map<string, string[]>();
  for (const pair of text.split("&")) {
    const equals = pair.indexOf("=");
    const name = unescapeQuery(equals < 0 ? pair : pair.slice(0, equals));
    const value = unescapeQuery(equals < 0 ? "" : pair.slice(equals + 1));
    if (pair === "" || name === undefined || value === undefined || pair.includes(";")) continue;
    const values = query.get(name);
    if (values) values.push(value);
    else query.set(name, [value]);
  }
  return query;
}

function unescapeQuery(text: string): string | undefined {
  if (!areEscapesRight(text)) return undefined;
  const bytes = Buffer.from(text.replaceAll("+", " "), "utf8").toString("latin1");
  return Buffer.from(
    bytes.replace(/%([0-9A-Fa-f]{2})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16))),
    "latin1",
  ).toString("utf8");
}

function queryMap({ query }: UrlValue): MapValue {
  const map = new EntriesMap();
  for (const [name, values] of query) map.add(name, new ListValue(values));
  return map;
}

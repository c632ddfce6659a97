import { isJsonObject, type JsonObject } from "../../model/objects/json-object.ts";
import type { ClusterClient } from "./cluster-client.ts";
import { clusterFailed } from "./cluster-failure.ts";

/** A list of one path. */
export interface PathRequest {
  /** `/api/v1/pods`, or `/api/v1/namespaces/NAME/pods`; without a query. */
  readonly path: string;
  /** Further parts of the query. */
  readonly query?: Readonly<Record<string, string>>;
  /** True when only the metadata of each object is wanted. */
  readonly metadataOnly?: boolean;
  readonly signal: AbortSignal;
}

const pageSize = 250;
const mostPages = 10_000;
const mostRestarts = 3;
const longestToken = 64 * 1024;
const metadataType = "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io";

/**
 * Every object of one path, page by page; begun again when the server forgets in the middle what it was listing (410).
 * Errors: as `listPages`.
 */
export async function listWhole<T>(
  client: ClusterClient,
  request: PathRequest,
  read: (item: JsonObject) => T | undefined,
): Promise<readonly T[]> {
  for (let restarts = 0; restarts <= mostRestarts; restarts++) {
    const items = await listOnce(client, request, read);
    if (items !== "gone") return items;
  }
  throw clusterFailed(
    client.name,
    `discarded its list of ${resourceOf(request)} ${mostRestarts + 1} times before it was read completely`,
    {
      hint: "Try again later, or select a namespace with --namespace.",
    },
  );
}

/** The request for what is in one namespace, from that for the whole cluster. */
export function inNamespace(request: PathRequest, namespace: string): PathRequest {
  return { ...request, path: request.path.replace(/(?=[^/]*$)/, `namespaces/${encodeURIComponent(namespace)}/`) };
}

/** `pods`. */
export function resourceOf({ path }: Pick<PathRequest, "path">): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

async function listOnce<T>(
  client: ClusterClient,
  request: PathRequest,
  read: (item: JsonObject) => T | undefined,
): Promise<readonly T[] | "gone"> {
  const found: T[] = [];
  let next = "";
  for (let pages = 0; pages < mostPages; pages++) {
    const query = new URLSearchParams({
      limit: String(pageSize),
      ...request.query,
      ...(next !== "" && { continue: next }),
    });
    const page = await client.get(`${request.path}?${query}`, {
      signal: request.signal,
      ...(request.metadataOnly && { accept: `${metadataType}, application/json` }),
    });
    if (page === "gone") return "gone";
    const { items, metadata } = page;
    if (!Array.isArray(items)) {
      throw clusterFailed(client.name, `did not respond with a list of ${resourceOf(request)}`);
    }
    for (const item of items.filter(isJsonObject)) {
      const one = read(item);
      if (one !== undefined) found.push(one);
    }
    const token = isJsonObject(metadata) ? metadata["continue"] : undefined;
    if (typeof token !== "string" || token === "") return found;
    if (token === next || token.length > longestToken) break;
    next = token;
  }
  throw clusterFailed(client.name, `lists ${resourceOf(request)} without end`);
}

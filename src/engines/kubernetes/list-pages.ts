import { isJsonObject, type JsonObject } from "../../model/json-object.ts";
import type { ClusterClient } from "./cluster-client.ts";
import { clusterFailed } from "./cluster-failure.ts";

/** What is listed. */
export interface ListRequest {
  /** Where it is listed for the whole cluster: `/api/v1/pods`, without a query. */
  readonly path: string;
  /** Only what is in these namespaces, one after the other. */
  readonly namespaces?: readonly string[];
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
 * Every object of a list, as `read` makes it into what is wanted of it; objects for which it has nothing are left out.
 * The list comes in pages, of which one is held at a time. When the server forgets in the middle what it was listing
 * (410), the list begins anew, so that it is of one moment; of several namespaces, each has its own.
 *
 * Errors: those of {@link ClusterClient}; `engine-failed` when the pages have no end.
 * Source: Kubernetes, "API Concepts", retrieving large results sets in chunks.
 */
export async function listPages<T>(
  client: ClusterClient,
  request: ListRequest,
  read: (item: JsonObject) => T | undefined,
): Promise<readonly T[]> {
  const { namespaces, ...whole } = request;
  if (!namespaces) return listWhole(client, whole, read);
  const found: T[] = [];
  for (const namespace of new Set(namespaces)) {
    const path = request.path.replace(/(?=[^/]*$)/, `namespaces/${encodeURIComponent(namespace)}/`);
    for (const item of await listWhole(client, { ...whole, path }, read)) found.push(item);
  }
  return found;
}

async function listWhole<T>(
  client: ClusterClient,
  request: ListRequest,
  read: (item: JsonObject) => T | undefined,
): Promise<readonly T[]> {
  for (let restarts = 0; restarts <= mostRestarts; restarts++) {
    const items = await listOnce(client, request, read);
    if (items !== "gone") return items;
  }
  throw clusterFailed(
    client.name,
    `forgets its list of ${nameOf(request)} before it is read, ${mostRestarts + 1} times`,
    {
      hint: "Try again later, or name a namespace with --namespace.",
    },
  );
}

async function listOnce<T>(
  client: ClusterClient,
  request: ListRequest,
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
      throw clusterFailed(client.name, `answers with something that is no list of ${nameOf(request)}`);
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
  throw clusterFailed(client.name, `lists ${nameOf(request)} without end`);
}

function nameOf({ path }: ListRequest): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

import type { JsonObject } from "../../model/objects/json-object.ts";
import type { ClusterClient } from "./cluster-client.ts";
import { inNamespace, listWhole, type PathRequest, resourceOf } from "./list-whole.ts";

/** The list to request; the path is that of the whole cluster: `/api/v1/pods`. */
export interface ListRequest extends PathRequest {
  /** Only what is in these namespaces, one after the other. */
  readonly namespaces?: readonly string[];
}

/**
 * Every object of a list, as `read` makes it into what is wanted of it; objects for which it has nothing are left out.
 * The list comes in pages, of which one is held at a time. When the server forgets in the middle what it was listing
 * (410), the list begins again, so that it is of one moment; of several namespaces, each has its own. With a client
 * that has {@link ClusterClient.partial}, the list may be of some namespaces only, and `partial` reports the missing
 * ones.
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
  if (client.partial?.resources.has(resourceOf(request))) return client.partial.list(client, request, read);
  if (!namespaces) return listWhole(client, whole, read);
  const found: T[] = [];
  for (const namespace of new Set(namespaces)) {
    for (const item of await listWhole(client, inNamespace(whole, namespace), read)) found.push(item);
  }
  return found;
}

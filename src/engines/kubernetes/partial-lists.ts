import { oneLine } from "../../io/one-line.ts";
import { PlimsollError } from "../../model/error.ts";
import { objectIn, textIn } from "../../model/json-members.ts";
import type { JsonObject } from "../../model/json-object.ts";
import type { ClusterClient } from "./cluster-client.ts";
import { ClusterRefusal, isOfWholeCluster } from "./cluster-failure.ts";
import type { ListRequest } from "./list-pages.ts";
import { inNamespace, listWhole, type PathRequest, resourceOf } from "./list-whole.ts";
import { requireNamespace } from "./require-namespace.ts";

/** Of which namespaces there is a list of a kind of objects. */
export interface ListedIn {
  readonly namespaces: readonly string[];
  /** Why not of others, a clause each; empty when none is missing of those that were wanted. */
  readonly gaps: readonly string[];
}

const mostNamespaces = 10_000;
const mostNamed = 10;
/** Source: RFC 1123 labels, as Kubernetes has them for namespaces. */
const label = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/**
 * Lists for an account that may not list everything. Where the list of the whole cluster is refused (403), those of the
 * namespaces stand for it that may be listed, and of several namespaces that are wanted those that may be. For each
 * kind it is kept of which namespaces there is a list, and why not of others. Where no namespace may be listed, the
 * refusal stays an error.
 *
 * Which namespaces there are is told by the list of them; without the right to it, on OpenShift by the account's
 * projects; else the usual one is the only one that is asked. After a failure that is not of one namespace alone
 * ({@link isOfWholeCluster}) the others are not asked.
 */
export class PartialLists {
  /** Of objects that are in namespaces, as paths name them: `pods`. Lists of others are whole, or an error. */
  readonly resources: ReadonlySet<string>;
  readonly #usual: string;
  readonly #listed = new Map<string, { namespaces: readonly string[]; readonly gaps: string[] }>();
  /** Namespaces that no list says that there are, and those of which something was listed. */
  readonly #unproven = new Set<string>();
  readonly #filled = new Set<string>();
  #known: Promise<KnownNamespaces> | undefined;

  /** `usual` is the namespace that kubectl would ask, that of the context. */
  constructor({ resources, usual }: { readonly resources: ReadonlySet<string>; readonly usual: string }) {
    this.resources = resources;
    this.#usual = usual;
  }

  /** By resource; without those of which there is the list of the whole cluster, or none at all. */
  get listedIn(): ReadonlyMap<string, ListedIn> {
    return this.#listed;
  }

  /** As `listPages`. */
  async list<T>(
    client: ClusterClient,
    { namespaces, ...request }: ListRequest,
    read: (item: JsonObject) => T | undefined,
  ): Promise<readonly T[]> {
    if (namespaces) {
      for (const name of namespaces) this.#unproven.add(name);
      return this.#listEach(client, { request, names: [...new Set(namespaces)], read });
    }
    try {
      return await listWhole(client, request, read);
    } catch (refusal) {
      if (!(refusal instanceof ClusterRefusal) || refusal.status !== 403) throw refusal;
      this.#known ??= this.#namespacesOf(client, request.signal);
      const { names, areAll } = await this.#known;
      return this.#listEach(client, { request, names, read, refusal, areAll });
    }
  }

  /**
   * Looks whether those namespaces exist that nothing but a person says that there are, and in which nothing was found:
   * one that does not, or of which that is not told, is one that was not listed.
   *
   * Errors: those of {@link ClusterClient} but `engine-failed`.
   */
  async requireNamespaces(client: ClusterClient, { signal }: { readonly signal: AbortSignal }): Promise<void> {
    for (const name of this.#unproven) {
      const lists = [...this.#listed.values()].filter(({ namespaces }) => namespaces.includes(name));
      if (this.#filled.has(name) || lists.length === 0) continue;
      try {
        await requireNamespace(client, name, { what: "objects", signal });
      } catch (error) {
        if (!(error instanceof PlimsollError) || error.code !== "engine-failed") throw error;
        for (const list of lists) {
          list.namespaces = list.namespaces.filter((namespace) => namespace !== name);
          list.gaps.push(error.message);
        }
      }
    }
  }

  async #listEach<T>(client: ClusterClient, { request, names, read, refusal, areAll = true }: Each<T>): Promise<T[]> {
    const resource = resourceOf(request);
    const found: T[] = [];
    const listed: string[] = [];
    const refusals: Refused[] = [];
    let end: string | undefined;
    for (const [index, name] of names.slice(0, mostNamespaces).entries()) {
      try {
        const own = await listWhole(client, inNamespace(request, name), read);
        for (const item of own) found.push(item);
        listed.push(name);
        if (own.length > 0) this.#filled.add(name);
      } catch (error) {
        if (error instanceof ClusterRefusal && error.isOfPath) {
          refusals.push({ name, error });
          continue;
        }
        if (listed.length === 0 || !(error instanceof PlimsollError) || !isOfWholeCluster(error)) throw error;
        end = `${error.message}, when it was asked for ${resource} ${inText(names.slice(index))}`;
        break;
      }
    }
    const reason = refusal ?? refusals[0]?.error;
    if (listed.length === 0 && reason) throw reason;
    const beyond = names.slice(mostNamespaces);
    this.#listed.set(resource, {
      namespaces: listed,
      gaps: [
        ...(refusal && !areAll ? [`${refusal.message}: asked for were only those ${inText(names)}`] : []),
        ...refusedTexts(refusals, resource),
        ...(end === undefined ? [] : [end]),
        ...(beyond.length > 0
          ? [`${resource} were not asked for ${inText(beyond)}: ${mostNamespaces} are the limit`]
          : []),
      ],
    });
    return found;
  }

  async #namespacesOf(client: ClusterClient, signal: AbortSignal): Promise<KnownNamespaces> {
    const listed = await namesIn(client, { path: "/api/v1/namespaces", metadataOnly: true, signal });
    if (listed) return { names: listed, areAll: true };
    const projects = await namesIn(client, { path: "/apis/project.openshift.io/v1/projects", signal });
    if (!projects) this.#unproven.add(this.#usual);
    return { names: projects ?? [this.#usual], areAll: false };
  }
}

interface KnownNamespaces {
  readonly names: readonly string[];
  /** False when there may be others. */
  readonly areAll: boolean;
}

interface Each<T> {
  readonly request: PathRequest;
  readonly names: readonly string[];
  readonly read: (item: JsonObject) => T | undefined;
  /** Why the whole cluster is not listed, when that was wanted; and whether the names are all that there are. */
  readonly refusal?: ClusterRefusal;
  readonly areAll?: boolean;
}

interface Refused {
  readonly name: string;
  readonly error: ClusterRefusal;
}

/** Undefined where the list is refused or not known. */
async function namesIn(client: ClusterClient, request: PathRequest): Promise<readonly string[] | undefined> {
  try {
    return await listWhole(client, request, (item) => {
      const name = textIn(objectIn(item, "metadata"), "name");
      return label.test(name) ? name : undefined;
    });
  } catch (error) {
    if (error instanceof ClusterRefusal && error.isOfPath) return undefined;
    throw error;
  }
}

/** What the server says of the first, and the names of the others. */
function refusedTexts(refusals: readonly Refused[], resource: string): string[] {
  const [first, ...others] = refusals.filter(({ error }) => error.status === 403);
  const unknown = refusals.filter(({ error }) => error.status !== 403);
  const nor = others.length === 0 ? "" : `, nor ${inText(others.map(({ name }) => name))}`;
  const which = inText(unknown.map(({ name }) => name));
  return [
    ...(first ? [`${first.error.message}${nor}`] : []),
    ...(unknown[0] ? [`${unknown[0].error.message}, when it was asked for ${resource} ${which}`] : []),
  ];
}

/** `in the namespaces a, b and 3 more`. */
function inText(names: readonly string[]): string {
  const some = names.slice(0, mostNamed).map(oneLine).join(", ");
  const more = names.length > mostNamed ? ` and ${names.length - mostNamed} more` : "";
  return `in the namespace${names.length > 1 ? "s" : ""} ${some}${more}`;
}

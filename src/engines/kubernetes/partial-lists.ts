import { oneLine } from "../../io/one-line.ts";
import { PlimsollError } from "../../model/error.ts";
import { objectIn, textIn } from "../../model/objects/json-members.ts";
import type { JsonObject } from "../../model/objects/json-object.ts";
import type { ClusterClient } from "./cluster-client.ts";
import { affectsWholeCluster, ClusterRefusal } from "./cluster-failure.ts";
import type { ListRequest } from "./list-pages.ts";
import { inNamespace, listWhole, type PathRequest, resourceOf } from "./list-whole.ts";
import { requireNamespace } from "./require-namespace.ts";

/** The namespaces in which a kind of objects was listed. */
export interface ListedIn {
  readonly namespaces: readonly string[];
  /** Those whose list is refused (403). */
  readonly refused?: Refused;
  /** All namespaces that were asked, where their list is unknown. */
  readonly only?: Refused;
  /** Why else not of others, a clause each. */
  readonly gaps: readonly string[];
}

/** Namespaces, and in a sentence what the cluster says to the list of the first, or to that of all. */
export interface Refused {
  readonly namespaces: readonly string[];
  readonly message: string;
}

const mostNamespaces = 10_000;
/** As many connections as a client has: what waits for one would count as unreachable after a while. */
const atOnce = 4;
const mostNamed = 10;
/** Source: RFC 1123 labels, as Kubernetes has them for namespaces. */
const label = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/**
 * Lists for an account that may not list everything. Where the list of the whole cluster is refused (403), those of the
 * namespaces stand for it that may be listed, and of several namespaces that are wanted those that may be. For each
 * kind it is kept of which namespaces there is a list, and why not of others. Where no namespace may be listed, the
 * refusal stays an error.
 *
 * The list of namespaces gives their names; without the right to it, on OpenShift the account's projects do; else the
 * usual one is the only one that is asked. The first is asked alone, then a few at a time. After a failure that is not
 * of one namespace alone ({@link affectsWholeCluster}) no others are asked.
 */
export class PartialLists {
  /** Resources in namespaces, as paths name them: `pods`. Lists of others are whole, or an error. */
  readonly resources: ReadonlySet<string>;
  readonly #usual: string;
  readonly #listed = new Map<string, Listed>();
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
    const refusals: Refusal[] = [];
    const unasked: string[] = [];
    let end: PlimsollError | undefined;
    const asked = names.slice(0, mostNamespaces);
    const outcomes = await outcomesOf(client, { request, names: asked, read });
    for (const [index, name] of asked.entries()) {
      const outcome = outcomes[index];
      if (outcome instanceof ClusterRefusal && outcome.affectsOnePath) {
        refusals.push({ name, error: outcome });
      } else if (outcome === undefined || outcome instanceof PlimsollError) {
        unasked.push(name);
        end ??= outcome;
      } else {
        for (const item of outcome) found.push(item);
        listed.push(name);
        if (outcome.length > 0) this.#filled.add(name);
      }
    }
    const reason = end ?? refusal ?? refusals[0]?.error;
    if (listed.length === 0 && reason) throw reason;
    const beyond = names.slice(mostNamespaces);
    this.#listed.set(resource, {
      namespaces: listed,
      ...forbiddenIn(refusals),
      ...(refusal && !areAll && { only: { namespaces: names, message: refusal.message } }),
      gaps: [
        ...unknownTexts(refusals, resource),
        ...(end ? [whenAsked(end.message, resource, unasked)] : []),
        ...(beyond.length > 0
          ? [`${resource} were not requested ${inNamespaces(beyond)}; the limit is ${mostNamespaces} namespaces`]
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

interface Listed extends ListedIn {
  namespaces: readonly string[];
  readonly gaps: string[];
}

interface Refusal {
  readonly name: string;
  readonly error: ClusterRefusal;
}

/** What came of one namespace: its objects, or why there are none. */
type Outcome<T> = readonly T[] | PlimsollError;

/**
 * The outcome of each namespace, in their order; undefined for one that was not asked, after a failure of the whole
 * cluster. Errors: any failure that is neither of one namespace nor of the whole cluster; nothing is asked after it.
 */
async function outcomesOf<T>(
  client: ClusterClient,
  { request, names, read }: Pick<Each<T>, "request" | "names" | "read">,
): Promise<readonly (Outcome<T> | undefined)[]> {
  const outcomes = new Array<Outcome<T> | undefined>(names.length).fill(undefined);
  const stop = new AbortController();
  const signal = AbortSignal.any([request.signal, stop.signal]);
  const left = names.entries();
  let isOver = false;

  async function ask([index, name]: [number, string]): Promise<void> {
    try {
      outcomes[index] = await listWhole(client, inNamespace({ ...request, signal }, name), read);
    } catch (error) {
      if (!(error instanceof PlimsollError) || !(affectsOnePath(error) || affectsWholeCluster(error))) throw error;
      outcomes[index] = error;
      isOver ||= affectsWholeCluster(error);
    }
  }
  async function askOthers(): Promise<void> {
    while (!isOver) {
      const { value: entry } = left.next();
      if (!entry) return;
      await ask(entry);
    }
  }

  const { value: first } = left.next();
  if (first) await ask(first);
  try {
    await Promise.all(Array.from({ length: atOnce }, askOthers));
  } finally {
    stop.abort();
  }
  return outcomes;
}

function affectsOnePath(error: unknown): boolean {
  return error instanceof ClusterRefusal && error.affectsOnePath;
}

/** Undefined where the list is refused or not known. */
async function namesIn(client: ClusterClient, request: PathRequest): Promise<readonly string[] | undefined> {
  try {
    return await listWhole(client, request, (item) => {
      const name = textIn(objectIn(item, "metadata"), "name");
      return label.test(name) ? name : undefined;
    });
  } catch (error) {
    if (error instanceof ClusterRefusal && error.affectsOnePath) return undefined;
    throw error;
  }
}

function forbiddenIn(refusals: readonly Refusal[]): Pick<ListedIn, "refused"> {
  const forbidden = refusals.filter(({ error }) => error.status === 403);
  const [first] = forbidden;
  return first ? { refused: { namespaces: forbidden.map(({ name }) => name), message: first.error.message } } : {};
}

/** Texts for namespaces where the server does not know the resource. */
function unknownTexts(refusals: readonly Refusal[], resource: string): readonly string[] {
  const unknown = refusals.filter(({ error }) => error.status !== 403);
  const names = unknown.map(({ name }) => name);
  return unknown[0] ? [whenAsked(unknown[0].error.message, resource, names)] : [];
}

function whenAsked(message: string, resource: string, names: readonly string[]): string {
  return `${message} (request for ${resource} ${inNamespaces(names)})`;
}

/** `in the namespaces a, b and 3 more`. */
export function inNamespaces(names: readonly string[]): string {
  const some = names.slice(0, mostNamed).map(oneLine).join(", ");
  const more = names.length > mostNamed ? ` and ${names.length - mostNamed} more` : "";
  return `in the namespace${names.length > 1 ? "s" : ""} ${some}${more}`;
}

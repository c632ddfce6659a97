import { inNamespaces, type ListedIn, type Refused } from "../../engines/kubernetes/partial-lists.ts";

/** Lists by the resource as the API has it: `rolebindings`. */
type ListsOf = ReadonlyMap<string, Pick<ListedIn, "refused" | "only">>;

/**
 * For each resource, clauses that say what of it could not be listed. Where the same namespaces are refused for several
 * resources, they share one clause that names them all: a role that is missing in a namespace is missing for most.
 */
export function sharedGaps(lists: ListsOf): ReadonlyMap<string, readonly string[]> {
  const gaps = new Map([...lists.keys()].map((resource) => [resource, [] as string[]]));
  for (const { resources, namespaces, message } of onlyGroups(lists)) {
    const asked = `only those ${inNamespaces(namespaces)} were requested`;
    const clause =
      resources.length === 1
        ? `${message}: ${asked}`
        : `${inWords(resources)} cannot be listed in the whole cluster, and ${asked}: ${message}`;
    for (const resource of resources) gaps.get(resource)?.push(clause);
  }
  for (const { resources, namespaces, message } of refusedGroups(lists)) {
    const isWhole = message !== undefined && resources.length === 1 && namespaces.length === 1;
    const said = message === undefined ? "" : `: ${message}`;
    const where = inNamespaces(namespaces);
    const clause = isWhole ? message : `${inWords(resources)} cannot be listed ${where}${said}`;
    for (const resource of resources) gaps.get(resource)?.push(clause);
  }
  return gaps;
}

/** Resources and namespaces with one fate. Neither is empty. */
interface Group {
  readonly resources: readonly string[];
  readonly namespaces: readonly string[];
  /** What the cluster said of the first of both; undefined where that was not kept. */
  readonly message: string | undefined;
}

function onlyGroups(lists: ListsOf): readonly Group[] {
  const known = [...lists].flatMap(([resource, { only }]) => (only ? [{ resource, only }] : []));
  return [...Map.groupBy(known, ({ only }) => JSON.stringify(only.namespaces)).values()].map((group) => ({
    resources: group.map(({ resource }) => resource),
    namespaces: group[0]?.only.namespaces ?? [],
    message: group[0]?.only.message,
  }));
}

function refusedGroups(lists: ListsOf): readonly Group[] {
  const resourcesOf = new Map<string, string[]>();
  const messages = new Map<string, string>();
  for (const [resource, { refused }] of lists) {
    for (const namespace of new Set(refused?.namespaces)) {
      const resources = resourcesOf.get(namespace);
      if (resources) resources.push(resource);
      else resourcesOf.set(namespace, [resource]);
    }
    keepMessage(messages, resource, refused);
  }
  const groups = Map.groupBy(resourcesOf, ([, resources]) => resources.join());
  return [...groups.values()].map((group) => {
    const [first, resources = []] = group[0] ?? [];
    return {
      resources,
      namespaces: group.map(([namespace]) => namespace),
      message: messages.get(JSON.stringify([resources[0], first])),
    };
  });
}

function keepMessage(messages: Map<string, string>, resource: string, refused: Refused | undefined): void {
  const [first] = refused?.namespaces ?? [];
  if (refused && first !== undefined) messages.set(JSON.stringify([resource, first]), refused.message);
}

/** `pods, roles and services`. */
function inWords(names: readonly string[]): string {
  const last = names.at(-1) ?? "";
  return names.length < 2 ? last : `${names.slice(0, -1).join(", ")} and ${last}`;
}

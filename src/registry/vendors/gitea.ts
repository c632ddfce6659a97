import { apiPages } from "./api-pages.ts";
import { basicSecrets, firstGiven, listCatalog, splitPrefix, textOf, unfitLogIn } from "./listing.ts";
import type { ListedPlace, Vendor } from "./vendor.ts";

const pageSize = 50;

/**
 * Gitea, and Forgejo: the catalogue lists what the user may read; where it is not given, the interface lists the
 * packages of an owner, one entry for each version.
 *
 * Source: go-gitea/gitea `routers/api/packages/container/`, `templates/swagger/v1_json.tmpl`: listPackages.
 */
export const gitea: Vendor = {
  id: "gitea",
  name: "Gitea",
  isHost: (host) => host === "gitea.com" || host === "codeberg.org",
  isShown: ({ bearer, challenges }) =>
    (isGiteas(bearer?.service) && (bearer?.realm.pathname.endsWith("/v2/token") ?? false)) ||
    challenges.some(({ scheme, parameters }) => scheme === "basic" && /^gitea/i.test(parameters.get("realm") ?? "")),
  list: (place) =>
    place.prefix === ""
      ? listCatalog(place)
      : firstGiven(
          () => listCatalog(place),
          () => listPackages(place),
        ),
};

/** Older versions name no service. */
function isGiteas(service: string | undefined): boolean {
  return service === undefined || service === "container_registry";
}

async function* listPackages({ client, registry, prefix, credential, problem }: ListedPlace): AsyncGenerator<string> {
  const [owner] = splitPrefix(prefix);
  const host = client.host(registry);
  const base = await host.address(`/api/v1/packages/${owner}`);
  const known = await credential();
  const secrets = basicSecrets(known);
  const packages = apiPages({
    server: host,
    request: (page) => ({
      url: new URL(`?type=container&limit=${pageSize}&page=${page}`, base),
      secrets,
      what: `the packages of ${registry}/${owner}`,
    }),
    entries: (json) => json,
    more: (_, count) => count > 0,
  });
  for await (const { name } of packages) yield `${owner}/${textOf(name)}`;
  if (known && known.kind !== "basic") problem(unfitLogIn("Gitea"));
}

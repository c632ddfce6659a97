import { PlimsollError } from "../../model/error.ts";
import { apiPages, hasMore } from "./api-pages.ts";
import { bearerSecrets, credentialNeeded, prefixNeeded, splitPrefix, textOf } from "./listing.ts";
import { passingGithubRefusal } from "./passing-github-refusal.ts";
import type { ListedPlace, Vendor } from "./vendor.ts";

const api = "api.github.com";
const pageSize = 100;

/**
 * GitHub Container Registry: no catalogue; GitHub's interface lists the packages of an organization or a user to a
 * token that may read packages.
 *
 * Source: GitHub's documentation, "REST API endpoints for packages".
 */
export const ghcr: Vendor = {
  id: "ghcr",
  name: "GitHub Container Registry",
  isHost: (host) => host === "ghcr.io",
  async *list(place) {
    const [owner] = splitPrefix(place.prefix);
    if (owner === "") throw prefixNeeded(place.registry, "ghcr.io/OWNER");
    try {
      yield* listPackages(place, { owner, kind: "orgs" });
    } catch (cause) {
      // A refusal is not a reason to ask for a user: what is public alone would look like the whole.
      if (!(cause instanceof PlimsollError) || cause.code !== "image-not-found") throw cause;
      yield* listPackages(place, { owner, kind: "users" });
    }
  },
};

async function* listPackages(
  place: ListedPlace,
  { owner, kind }: { readonly owner: string; readonly kind: "orgs" | "users" },
): AsyncGenerator<string> {
  const secrets = bearerSecrets(await place.credential());
  if (!secrets["authorization"])
    throw credentialNeeded(place, "Log in with a token that has the scope read:packages: plimsoll login ghcr.io.");
  const query = (page: number): string => `package_type=container&per_page=${pageSize}&page=${page}`;
  const packages = apiPages({
    server: place.client.host(api),
    request: (page) => ({
      url: new URL(`https://${api}/${kind}/${owner}/packages?${query(page)}`),
      headers: { accept: "application/vnd.github+json", "x-github-api-version": "2022-11-28" },
      secrets,
      passing: passingGithubRefusal,
      what: `the packages of ${owner}`,
    }),
    entries: (json) => json,
    more: (answer, count) => hasMore(answer, { count, pageSize }),
  });
  for await (const { name } of packages) yield `${owner}/${textOf(name)}`;
}

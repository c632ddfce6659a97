import { firstGiven, givenOr, listCatalog, listKey, prefixNeeded, splitPrefix } from "./listing.ts";
import type { Vendor } from "./vendor.ts";

/**
 * JFrog Artifactory: reached by sub-domain or port, a registry is one of its repositories and the catalogue lists it.
 * Reached by path, a registry's name begins with the key of the repository, whose catalogue stands at an address of its
 * own.
 *
 * Source: JFrog's documentation, "Artifactory REST APIs", "List Docker Repositories".
 */
export const artifactory: Vendor = {
  id: "artifactory",
  name: "JFrog Artifactory",
  isHost: (host) => /^[a-z0-9-]+\.jfrog\.io$/.test(host),
  isShown: ({ bearer, challenges, header }) =>
    header("x-jfrog-version") !== "" ||
    header("x-artifactory-id") !== "" ||
    (bearer?.realm.pathname.startsWith("/artifactory/api/docker/") ?? false) ||
    challenges.some(({ parameters }) => /^artifactory realm$/i.test(parameters.get("realm") ?? "")),
  list: (place) => {
    const [key] = splitPrefix(place.prefix);
    if (key === "") {
      // A server that is reached by path is never listed as a whole.
      return givenOr(
        () => listCatalog(place),
        (cause) =>
          cause.code === "registry-refused" ? cause : prefixNeeded(place.registry, `${place.registry}/REPOSITORY`),
      );
    }
    return firstGiven(
      () => listKey(place, { key, base: `/artifactory/api/docker/${key}/v2` }),
      () => listCatalog(place),
    );
  },
};

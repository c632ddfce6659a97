import { firstGiven, listCatalog, listKey, splitPrefix } from "./listing.ts";
import type { Vendor } from "./vendor.ts";

/**
 * Sonatype Nexus Repository: reached by a port or a sub-domain of its own, a registry is one of its repositories and
 * the catalogue lists it. Reached by path, a name begins with that of the repository, whose catalogue stands at an
 * address of its own.
 *
 * Source: Sonatype's documentation, "Docker Registry", "Docker Repository Reverse Proxy Strategies".
 */
export const nexus: Vendor = {
  id: "nexus",
  name: "Sonatype Nexus",
  isShown: ({ challenges, header }) =>
    /^nexus\//i.test(header("server")) ||
    challenges.some(({ parameters }) => /^sonatype nexus/i.test(parameters.get("realm") ?? "")),
  list: (place) => {
    const [key] = splitPrefix(place.prefix);
    if (key === "") return listCatalog(place);
    return firstGiven(
      () => listKey(place, { key, base: `/repository/${key}/v2` }),
      () => listCatalog(place),
    );
  },
};

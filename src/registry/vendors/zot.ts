import { listCatalog } from "./listing.ts";
import type { Vendor } from "./vendor.ts";

/**
 * zot: the catalogue lists what the user may read.
 *
 * Source: project-zot/zot `pkg/api/routes.go`, `pkg/api/authn.go`.
 */
export const zot: Vendor = {
  id: "zot",
  name: "zot",
  // Both names are the operator's choice; these are those of its examples. Nothing depends on it.
  isShown: ({ bearer, challenges }) =>
    bearer?.service === "zot" ||
    challenges.some(({ scheme, parameters }) => scheme === "basic" && parameters.get("realm") === "zot"),
  list: listCatalog,
};

import { listCatalog } from "./listing.ts";
import type { Vendor } from "./vendor.ts";

/**
 * distribution, the registry of Docker and the CNCF; and every registry that shows no other name: the catalogue lists
 * all, or what the token server allows.
 *
 * Source: distribution, "HTTP API V2", "Listing Repositories".
 */
export const distribution: Vendor = {
  id: "distribution",
  name: "distribution",
  isShown: () => true,
  list: listCatalog,
};

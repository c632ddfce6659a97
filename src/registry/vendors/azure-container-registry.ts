import { azureCloudOf, azureCredential } from "./azure/azure-credential.ts";
import { listCatalog } from "./listing.ts";
import type { Vendor } from "./vendor.ts";

/**
 * Azure Container Registry: the catalogue lists all to who has the right to it.
 *
 * Source: Microsoft's documentation, "Azure Container Registry REST API", "Get list of repositories".
 */
export const azureContainerRegistry: Vendor = {
  id: "azure-container-registry",
  name: "Azure Container Registry",
  isHost: (host) => azureCloudOf(host) !== undefined,
  list: listCatalog,
  credential: azureCredential,
  allowsAnonymousAccess: () => true,
};

import { amazonEcr } from "./amazon-ecr.ts";
import { artifactory } from "./artifactory.ts";
import { azureContainerRegistry } from "./azure-container-registry.ts";
import { distribution } from "./distribution.ts";
import { dockerHubVendor } from "./docker-hub.ts";
import { ghcr } from "./ghcr.ts";
import { gitea } from "./gitea.ts";
import { gitlab } from "./gitlab.ts";
import { googleArtifactRegistry } from "./google-artifact-registry.ts";
import { harbor } from "./harbor.ts";
import { nexus } from "./nexus.ts";
import { openshift } from "./openshift.ts";
import { quay } from "./quay.ts";
import type { Vendor } from "./vendor.ts";
import { zot } from "./zot.ts";

/**
 * All kinds of registries that are known. The last is what a registry is when it shows itself as none of the others.
 */
export const vendors: readonly Vendor[] = [
  amazonEcr,
  artifactory,
  azureContainerRegistry,
  dockerHubVendor,
  ghcr,
  gitea,
  gitlab,
  googleArtifactRegistry,
  harbor,
  nexus,
  openshift,
  quay,
  zot,
  distribution,
];

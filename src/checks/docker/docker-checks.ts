import type { Check } from "../check.ts";
import { auditChecks } from "./audit-checks.ts";
import { containerIdentityChecks } from "./container-identity-checks.ts";
import { containerIsolationChecks } from "./container-isolation-checks.ts";
import { containerNetworkChecks } from "./container-network-checks.ts";
import { containerResourceChecks } from "./container-resource-checks.ts";
import { engineChecks } from "./daemon-checks.ts";
import { daemonOptionChecks } from "./daemon-option-checks.ts";
import type { DockerFacts } from "./docker-facts.ts";
import { fileChecks } from "./file-checks.ts";
import { dockerHostChecks } from "./host-checks.ts";
import { imageChecks } from "./image-checks.ts";
import { operationChecks } from "./operation-checks.ts";
import { swarmChecks } from "./swarm-checks.ts";

/**
 * Every check of a Docker Engine and its host, in the order of the CIS Docker Benchmark's sections. Titles and texts
 * are this project's own; ids map to the benchmark, with which this project has no connection.
 */
export const dockerChecks: readonly Check<DockerFacts>[] = [
  ...dockerHostChecks,
  ...auditChecks,
  ...engineChecks,
  ...daemonOptionChecks,
  ...fileChecks,
  ...imageChecks,
  ...containerIdentityChecks,
  ...containerIsolationChecks,
  ...containerResourceChecks,
  ...containerNetworkChecks,
  ...operationChecks,
  ...swarmChecks,
];

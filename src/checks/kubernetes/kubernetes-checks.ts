import type { KubernetesClusterFacts, KubernetesNodeFacts } from "../../model/checks/kubernetes-facts.ts";
import type { Check } from "../check.ts";
import { apiServerAccessChecks } from "./api-server-access-checks.ts";
import { apiServerChecks } from "./api-server-checks.ts";
import { auditChecks } from "./audit-checks.ts";
import { cloudChecks } from "./cloud-checks.ts";
import { controlPlaneChecks } from "./control-plane-checks.ts";
import { kubeletChecks } from "./kubelet-checks.ts";
import { namespaceChecks } from "./namespace-checks.ts";
import { nodeFileChecks } from "./node-file-checks.ts";
import { openShiftChecks } from "./openshift-checks.ts";
import { rbacChecks } from "./rbac-checks.ts";
import { workloadChecks } from "./workload-checks.ts";

/** Checks of what one node shows: sections 1 to 4 of the CIS Kubernetes Benchmark. */
export const kubernetesNodeChecks: readonly Check<KubernetesNodeFacts>[] = [
  ...nodeFileChecks,
  ...apiServerAccessChecks,
  ...apiServerChecks,
  ...controlPlaneChecks,
  ...auditChecks,
  ...kubeletChecks,
];

/** Those of them that need to know nothing of a node but its components. */
export const kubernetesComponentChecks: readonly Check<KubernetesNodeFacts>[] = kubernetesNodeChecks.filter(
  ({ needs }) => needs.every((need) => need === "components"),
);

/** Checks of what the API server shows: section 5 of the CIS Kubernetes Benchmark, and who logs in how of section 3. */
export const kubernetesClusterChecks: readonly Check<KubernetesClusterFacts>[] = [
  ...rbacChecks,
  ...workloadChecks,
  ...namespaceChecks,
  ...openShiftChecks,
  ...cloudChecks,
];

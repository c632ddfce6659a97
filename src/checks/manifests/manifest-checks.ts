import type { Check } from "../check.ts";
import { composeChecks } from "./compose/compose-checks.ts";
import { controlPlaneChecks } from "./control-plane/control-plane-checks.ts";
import { formerApiChecks } from "./former-api-checks.ts";
import type { ManifestFacts } from "./manifest-resource.ts";
import { namespaceChecks } from "./namespaces/namespace-checks.ts";
import { networkChecks } from "./network/network-checks.ts";
import { networkPolicyChecks } from "./network/network-policy-checks.ts";
import { containerCapabilityChecks } from "./pods/container-capability-checks.ts";
import { containerPrivilegeChecks } from "./pods/container-privilege-checks.ts";
import { imageChecks } from "./pods/image-checks.ts";
import { knownSoftwareChecks } from "./pods/known-software-checks.ts";
import { podIsolationChecks } from "./pods/pod-isolation-checks.ts";
import { resourceLimitChecks } from "./pods/resource-limit-checks.ts";
import { rbacBindingChecks } from "./rbac/rbac-binding-checks.ts";
import { rbacRoleChecks } from "./rbac/rbac-role-checks.ts";
import { serviceAccountChecks } from "./rbac/service-account-checks.ts";
import { referenceChecks } from "./references/reference-checks.ts";
import { selectorChecks } from "./references/selector-checks.ts";
import { secretChecks } from "./secrets/secret-checks.ts";

/** All checks of manifests but the Pod Security Standards, which are chosen by level and version. */
export const manifestChecks: readonly Check<ManifestFacts>[] = [
  ...podIsolationChecks,
  ...containerCapabilityChecks,
  ...containerPrivilegeChecks,
  ...imageChecks,
  ...resourceLimitChecks,
  ...serviceAccountChecks,
  ...secretChecks,
  ...namespaceChecks,
  ...networkPolicyChecks,
  ...networkChecks,
  ...rbacRoleChecks,
  ...rbacBindingChecks,
  ...knownSoftwareChecks,
  ...referenceChecks,
  ...selectorChecks,
  ...formerApiChecks,
  ...controlPlaneChecks,
  ...composeChecks,
];

import type { Check } from "../check.ts";
import { composeChecks } from "./compose/compose-checks.ts";
import { containerCapabilityChecks } from "./container-capability-checks.ts";
import { containerPrivilegeChecks } from "./container-privilege-checks.ts";
import { controlPlaneChecks } from "./control-plane/control-plane-checks.ts";
import { formerApiChecks } from "./former-api-checks.ts";
import { imageChecks } from "./image-checks.ts";
import { knownSoftwareChecks } from "./known-software-checks.ts";
import type { ManifestFacts } from "./manifest-resource.ts";
import { namespaceChecks } from "./namespace-checks.ts";
import { networkChecks } from "./network-checks.ts";
import { networkPolicyChecks } from "./network-policy-checks.ts";
import { podIsolationChecks } from "./pod-isolation-checks.ts";
import { rbacBindingChecks } from "./rbac-binding-checks.ts";
import { rbacRoleChecks } from "./rbac-role-checks.ts";
import { referenceChecks } from "./references/reference-checks.ts";
import { selectorChecks } from "./references/selector-checks.ts";
import { resourceLimitChecks } from "./resource-limit-checks.ts";
import { secretChecks } from "./secret-checks.ts";
import { serviceAccountChecks } from "./service-account-checks.ts";

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

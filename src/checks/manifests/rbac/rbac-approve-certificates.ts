import { certificateSigners } from "../../certificate-signers.ts";
import type { Check } from "../../check.ts";
import { cis, cwe, mitre } from "../../mappings.ts";
import type { JsonPath } from "../kustomize/json-path.ts";
import { manifestCheck } from "../manifest-check.ts";
import type { ManifestFacts, ManifestResource } from "../manifest-resource.ts";
import { grantPlaces, isOwnOfKubernetes, isRole, type Power, RoleBindings } from "./rbac-grants.ts";
import { boundTo, rbacText } from "./rbac-powers.ts";

const group = "certificates.k8s.io";
const approval: Power = {
  groups: [group],
  resources: ["certificatesigningrequests/approval"],
  verbs: ["update", "patch"],
};
const signing: Power = { groups: [group], resources: ["signers"], verbs: ["approve"], names: certificateSigners };

/**
 * The check of who approves requests for certificates: an API server asks for the right to change the approval, and for
 * the right to approve for the signer. Both count where one role has them, or one service account by two roles.
 */
export const approveCertificatesCheck: Check<ManifestFacts> = manifestCheck(
  rbacText("approve-certificates", {
    title: {
      pass: "Role cannot approve certificate signing requests",
      fail: "Role can approve certificate signing requests",
    },
    severity: "high",
    why: "An approved request can be a client certificate for any user, and certificates cannot be revoked.",
    remediation: "Remove update and patch on certificatesigningrequests/approval, or the verb approve on signers.",
    mappings: [cis("5.1.11"), mitre("T1098"), cwe("269")],
  }),
  {
    isAbout: isRole,
    *examine(role, facts) {
      if (isOwnOfKubernetes(role)) return;
      const changes = grantPlaces(role.object, [approval]).flat();
      if (changes.length === 0) return;
      const approves = grantPlaces(role.object, [signing]).flat();
      if (approves.length === 0 && !isCompleted(role, facts)) return;
      const distinct = new Map<string, JsonPath>([...changes, ...approves].map((path) => [path.join("/"), path]));
      yield { places: Array.from(distinct.values(), (path) => ({ path })), ...boundTo(role, facts) };
    },
  },
);

/** Whether a service account that is bound to a role may approve for a signer by another role. */
function isCompleted(role: ManifestResource, facts: ManifestFacts): boolean {
  const bindings = RoleBindings.of(facts);
  return bindings
    .subjects(role)
    .some(
      (subject) =>
        subject.kind === "ServiceAccount" &&
        bindings.rolesOf(subject).some((other) => grantPlaces(other.role.object, [signing]).length > 0),
    );
}

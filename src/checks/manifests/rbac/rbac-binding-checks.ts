import type { Check, CheckDescription } from "../../check.ts";
import { cis, cwe, mitre, nsa } from "../../mappings.ts";
import type { JsonPath } from "../kustomize/json-path.ts";
import { manifestCheck } from "../manifest-check.ts";
import type { ManifestFacts, ManifestResource } from "../manifest-resource.ts";
import {
  grantPlaces,
  isBinding,
  isOwnOfKubernetes,
  RoleBindings,
  type RoleSubject,
  roleRef,
  subjectsOf,
} from "./rbac-grants.ts";
import { rbacText, takeoverPowers } from "./rbac-powers.ts";

/** The subjects of role bindings. */
export const rbacBindingChecks: readonly Check<ManifestFacts>[] = [
  bindingCheck(
    rbacText("cluster-admin", {
      title: { pass: "Binding does not grant cluster-admin", fail: "Binding grants cluster-admin" },
      severity: "high",
      why: "A subject with cluster-admin controls the cluster and all of its nodes.",
      remediation: "Bind the subject to a role with only the permissions that it needs.",
      mappings: [cis("5.1.1"), nsa("Authentication and authorization"), mitre("T1078"), cwe("250")],
    }),
    (binding) => {
      const { kind, name } = roleRef(binding);
      if (kind !== "ClusterRole" || name !== "cluster-admin" || binding.name === "cluster-admin") return [];
      return subjectsOf(binding).map(({ path }) => [path, ["roleRef", "name"]]);
    },
  ),
  bindingCheck(
    rbacText("anonymous", {
      title: { pass: "Unauthenticated users have no role", fail: "Unauthenticated users have a role" },
      severity: "critical",
      why: "system:anonymous and system:unauthenticated include everyone who can reach the API server.",
      remediation: "Remove the subject from the binding.",
      mappings: [cis("1.2.1"), nsa("Authentication and authorization"), mitre("T1133"), cwe("306")],
    }),
    (binding) =>
      subjectsOf(binding)
        .filter(({ name }) => name === "system:anonymous" || name === "system:unauthenticated")
        .map(({ path }) => [path]),
  ),
  bindingCheck(
    rbacText("all-users", {
      title: {
        pass: "Authenticated users do not all have a powerful role",
        fail: "All authenticated users have a powerful role",
      },
      severity: "high",
      why: "system:authenticated includes everyone with a valid token, such as every service account.",
      remediation: "Bind the role only to the subjects that need it.",
      mappings: [nsa("Authentication and authorization"), mitre("T1078"), cwe("269")],
    }),
    (binding, facts) => {
      const role = RoleBindings.of(facts).roleOf(binding);
      const isPowerful =
        roleRef(binding).name === "cluster-admin" || (role && grantPlaces(role.object, takeoverPowers).length > 0);
      if (!isPowerful) return [];
      return subjectsOf(binding)
        .filter(({ name }) => ["system:authenticated", "system:serviceaccounts"].includes(name))
        .map(({ path }) => [path, ["roleRef", "name"]]);
    },
  ),
  bindingCheck(
    rbacText("masters", {
      title: { pass: "Group system:masters is not used", fail: "Group system:masters is used" },
      severity: "high",
      why: "Its members bypass authorization, and only a new certificate authority can revoke that.",
      remediation: "Bind another group to the role that is needed.",
      mappings: [cis("5.1.7"), mitre("T1078"), cwe("250")],
    }),
    (binding) =>
      binding.name === "cluster-admin"
        ? []
        : subjectsOf(binding)
            .filter(({ kind, name }) => kind === "Group" && name === "system:masters")
            .map(({ path }) => [path]),
  ),
  bindingCheck(
    rbacText("default-account", {
      title: { pass: "Default service account has no role", fail: "Default service account has a role" },
      severity: "medium",
      why: "Every pod without a service account uses the default one, and gets its permissions.",
      remediation: "Create a service account for the workload that needs the role, and bind the role to that account.",
      mappings: [cis("5.1.5"), nsa("Authentication and authorization"), cwe("269")],
    }),
    (binding) =>
      subjectsOf(binding)
        .filter(({ kind, name }) => kind === "ServiceAccount" && name === "default")
        .map(({ path }) => [path]),
  ),
];

function bindingCheck(
  description: CheckDescription,
  findPlaces: (binding: ManifestResource, facts: ManifestFacts) => readonly (readonly JsonPath[])[],
): Check<ManifestFacts> {
  return manifestCheck(description, {
    isAbout: isBinding,
    *examine(binding, facts) {
      if (isOwnOfKubernetes(binding)) return;
      for (const places of findPlaces(binding, facts)) {
        const [subject] = subjectsOf(binding).filter(({ path }) => places[0]?.join() === path.join());
        const value = subject ? whoText(subject) : "";
        yield {
          places: places.map((path, index) => (index === 0 ? { path, value } : { path })),
        };
      }
    },
  });
}

function whoText({ kind, namespace, name }: RoleSubject): string {
  return `${kind} ${namespace === "" ? "" : `${namespace}/`}${name}`;
}

import type { Check, CheckDescription } from "../check.ts";
import { cis, cwe, mitre, nsa } from "../mappings.ts";
import type { JsonPath } from "./json-path.ts";
import { manifestCheck } from "./manifest-check.ts";
import type { ManifestFacts, ManifestResource } from "./manifest-resource.ts";
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

/** Who is bound to roles. */
export const rbacBindingChecks: readonly Check<ManifestFacts>[] = [
  bindingCheck(
    rbacText("cluster-admin", {
      title: "Nobody is bound to cluster-admin",
      severity: "high",
      why: "Whoever has it rules the cluster, and through it every node.",
      remediation: "Bind to a role that grants what is needed.",
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
      title: "Requests without a user have no role",
      severity: "critical",
      why: "system:anonymous and system:unauthenticated are everyone who reaches the API server.",
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
      title: "Not everyone who can log in has a role that leads to all others",
      severity: "high",
      why: "system:authenticated is everyone with a token, every service account among them.",
      remediation: "Bind the role to those who need it.",
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
      title: "The group system:masters is not used",
      severity: "high",
      why: "Its members pass by all authorization, and nothing can take that from them but a new certificate authority.",
      remediation: "Bind a group of your own to the role that is needed.",
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
      title: "Default service accounts have no role",
      severity: "medium",
      why: "Every pod that names no account runs as the default one, and has what that one has.",
      remediation: "Make a service account for what needs the role, and bind that.",
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

import { posix } from "node:path";
import type { Check } from "../../check.ts";
import { cis, cwe, mitre, nsa } from "../../mappings.ts";
import { textAt } from "../kustomize/json-path.ts";
import { kindCheck, podCheck, printed } from "../manifest-check.ts";
import { type ManifestFacts, type ManifestResource, resourceTitle } from "../manifest-resource.ts";
import { defaultNamespace } from "../namespaces/default-namespace.ts";
import type { PodTemplate } from "../pods/pod-template.ts";
import { grantPlaces, isOwnOfKubernetes, RoleBindings, type RoleGrant } from "./rbac-grants.ts";
import { takeoverPowers } from "./rbac-powers.ts";

/** The accounts with which pods call the API server. */
export const serviceAccountChecks: readonly Check<ManifestFacts>[] = [
  podCheck(
    {
      id: "manifests/service-account-token",
      title: { pass: "Pod mounts no unneeded service account token", fail: "Pod mounts a service account token" },
      severity: "medium",
      why: "An attacker in the container can use the token, and most programs never call the API server.",
      remediation: "Set automountServiceAccountToken to false for the pod or its service account.",
      mappings: [cis("5.1.6"), nsa("Authentication and authorization"), mitre("T1528"), cwe("522")],
    },
    (pod, { resource, facts }) =>
      mountsToken(pod, { resource, facts })
        ? [
            {
              places: [
                {
                  path: [...pod.path, "automountServiceAccountToken"],
                  expected: "false",
                },
              ],
            },
          ]
        : [],
  ),
  kindCheck(
    {
      id: "manifests/service-account-automount",
      title: {
        pass: "Service account does not mount its token by default",
        fail: "Service account mounts its token by default",
      },
      severity: "low",
      why: "All pods of the account get the token, including those that do not need it.",
      remediation: "Set automountServiceAccountToken to false, and to true only in the pods that need it.",
      mappings: [cis("5.1.6"), nsa("Authentication and authorization"), mitre("T1528"), cwe("522")],
    },
    ["ServiceAccount"],
    {
      examine: ({ object }) => (object["automountServiceAccountToken"] === false ? [] : [{ places: [automount] }]),
    },
  ),
  kindCheck(
    {
      id: "manifests/default-service-account-token",
      title: {
        pass: "Default service account does not mount its token",
        fail: "Default service account mounts its token",
      },
      severity: "medium",
      why: "Every pod without a service account uses the default one, and gets its token.",
      remediation: "Set automountServiceAccountToken to false for the service account default.",
      mappings: [cis("5.1.5"), nsa("Authentication and authorization"), mitre("T1528"), cwe("522")],
    },
    ["ServiceAccount"],
    {
      examine: ({ name, object }) =>
        name !== "default" || object["automountServiceAccountToken"] === false ? [] : [{ places: [automount] }],
    },
  ),
  podCheck(
    {
      id: "manifests/default-service-account",
      title: { pass: "Pod does not use the default service account", fail: "Pod uses the default service account" },
      severity: "low",
      why: "Permissions of the default account apply to all pods without their own service account.",
      remediation:
        "Create a service account for the workload, and set it as serviceAccountName; or disable the token mount.",
      mappings: [cis("5.1.5"), nsa("Authentication and authorization"), cwe("269")],
    },
    (pod, { resource, facts }) =>
      accountOf(pod) === "default" && mountsToken(pod, { resource, facts })
        ? [
            {
              places: [
                {
                  path: [...pod.path, "serviceAccountName"],
                  expected: "a dedicated service account",
                },
              ],
            },
          ]
        : [],
  ),
  podCheck(
    {
      id: "manifests/former-service-account-field",
      title: {
        pass: "Pod sets its service account with serviceAccountName",
        fail: "Pod sets its service account with the deprecated field",
      },
      severity: "low",
      why: "The deprecated field serviceAccount is used only if serviceAccountName is missing; two different names are misleading.",
      remediation: "Use serviceAccountName, and remove serviceAccount.",
      mappings: [cwe("477")],
    },
    (pod) => {
      const former = pod.spec["serviceAccount"];
      // An API server writes both, the same.
      if (former === undefined || former === pod.spec["serviceAccountName"]) return [];
      return [
        {
          places: [
            { path: [...pod.path, "serviceAccount"] },
            { path: [...pod.path, "serviceAccountName"], expected: printed(former) },
          ],
        },
      ];
    },
  ),
  podCheck(
    {
      id: "manifests/service-account-takeover",
      title: {
        pass: "Service account of the pod cannot take over the cluster",
        fail: "Service account of the pod can take over the cluster",
      },
      severity: "high",
      why: "An attacker in the pod can use the permissions to read the tokens of other accounts, or to create pods with them.",
      remediation: "Grant the account only what it needs, without secrets, pods, impersonation and role changes.",
      mappings: [cis("5.1.1"), nsa("Authentication and authorization"), mitre("T1078"), cwe("269")],
    },
    (pod, { resource, facts }) => {
      if (!mountsToken(pod, { resource, facts })) return [];
      const account = {
        namespace: resource.namespace || defaultNamespace(facts),
        name: accountOf(pod),
      };
      const grant = takeoverGrant(account, facts);
      if (!grant || !isOneDeployment(resource, { account: account.name, binding: grant.binding })) return [];
      const reason = `the service account is bound to ${resourceTitle(grant.role)} by ${resourceTitle(grant.binding)}`;
      return [
        {
          places: [{ path: [...pod.path, "serviceAccountName"], value: account.name }],
          reason,
        },
      ];
    },
  ),
  podCheck(
    {
      id: "manifests/cluster-admin-account",
      title: {
        pass: "Service account of the pod is not cluster-admin",
        fail: "Service account of the pod is cluster-admin",
      },
      severity: "critical",
      why: "An attacker in the pod controls the cluster.",
      remediation: "Bind the account to a role with only the permissions that it needs.",
      mappings: [cis("5.1.1"), mitre("T1078"), cwe("250")],
    },
    (pod, { resource, facts }) => {
      if (!mountsToken(pod, { resource, facts })) return [];
      const account = {
        namespace: resource.namespace || defaultNamespace(facts),
        name: accountOf(pod),
      };
      const binding = RoleBindings.of(facts).adminBindingOf(account);
      if (!binding || !isOneDeployment(resource, { account: account.name, binding })) return [];
      const reason = `the service account is bound to cluster-admin by ${resourceTitle(binding)}`;
      return [
        {
          places: [{ path: [...pod.path, "serviceAccountName"], value: account.name }],
          reason,
        },
      ];
    },
  ),
];

const automount = { path: ["automountServiceAccountToken"], expected: "false" };

/** The name of the account that a pod runs as. */
function accountOf({ spec }: PodTemplate): string {
  return textAt(spec, "serviceAccountName") || textAt(spec, "serviceAccount") || "default";
}

/** Whether a pod gets the token of its account: as itself says, else as the account says, else yes. */
function mountsToken(
  pod: PodTemplate,
  { resource, facts }: { resource: ManifestResource; facts: ManifestFacts },
): boolean {
  const own = pod.spec["automountServiceAccountToken"];
  if (typeof own === "boolean") return own;
  const account = accountsOf(facts).get(`${resource.namespace || defaultNamespace(facts)}/${accountOf(pod)}`);
  return account?.object["automountServiceAccountToken"] !== false;
}

/**
 * Whether a workload and a binding are taken to reach the same cluster. Otherwise, all workloads of a repository that
 * use the account `default` of the namespace `default` would have what any test or example binds to it. For these, only
 * bindings in their own folder, in a folder above, and in folders beside these count.
 */
function isOneDeployment(
  { namespace, path }: ManifestResource,
  { account, binding }: { readonly account: string; readonly binding: ManifestResource },
): boolean {
  if ((namespace !== "" && namespace !== "default") || account !== "default") return true;
  if (path === undefined || binding.path === undefined) return true;
  const around = posix.join(posix.dirname(binding.path), "..");
  return around === "." || around.startsWith("..") || path.startsWith(around === "/" ? around : `${around}/`);
}

const takeoverCache = new WeakMap<ManifestFacts, Map<string, RoleGrant | undefined>>();

/** The binding in all namespaces by which an account can come to have all rights; looked for once for each account. */
function takeoverGrant(account: { namespace: string; name: string }, facts: ManifestFacts): RoleGrant | undefined {
  const known = takeoverCache.get(facts) ?? new Map<string, RoleGrant | undefined>();
  takeoverCache.set(facts, known);
  const key = `${account.namespace}/${account.name}`;
  if (!known.has(key)) {
    const grants = RoleBindings.of(facts).rolesOf(account);
    known.set(
      key,
      // Within one namespace it is a matter of that namespace.
      grants.find(
        ({ role, binding }) =>
          binding.kind === "ClusterRoleBinding" &&
          (!isOwnOfKubernetes(role) || role.name === "cluster-admin") &&
          grantPlaces(role.object, takeoverPowers).length > 0,
      ),
    );
  }
  return known.get(key);
}

const accountCache = new WeakMap<ManifestFacts, ReadonlyMap<string, ManifestResource>>();

function accountsOf(facts: ManifestFacts): ReadonlyMap<string, ManifestResource> {
  const known = accountCache.get(facts);
  if (known) return known;
  const accounts = facts.resources.filter(({ kind }) => kind === "ServiceAccount");
  const made = new Map(
    accounts.map((account) => [`${account.namespace || defaultNamespace(facts)}/${account.name}`, account]),
  );
  accountCache.set(facts, made);
  return made;
}

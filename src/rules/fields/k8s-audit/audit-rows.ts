import type { FieldRow } from "../json/field-rows.ts";
import { memberOf, textOf, valueAt } from "../json/json-value.ts";
import { allTextsOf, textsOf, valuesBelow } from "./audit-values.ts";
import {
  anyPrivileged,
  firstContainerImage,
  mounts,
  podName,
  type ReadAudit,
  roleRules,
  sourceAddresses,
  subjectNames,
  uriParameter,
  volumeTypes,
} from "./read-audit.ts";
import { repositoryOf } from "./repository-of.ts";

/**
 * A field and where it is found: at one place, as a list at one place, below places with arrays on the way, or by a
 * function.
 */
type AuditField = {
  readonly name: string;
  readonly description: string;
} & (
  | { readonly at: readonly string[] }
  | { readonly listAt: readonly string[] }
  | { readonly below: readonly string[] }
  | { readonly read: ReadAudit; readonly isList?: true; readonly takes?: "index" | "key" }
);

const spec: readonly string[] = ["requestObject", "spec"];
const annotation = (key: string): readonly string[] => ["annotations", key];

const fields: readonly AuditField[] = [
  { name: "ka.auditid", description: "ID of the audit event", at: ["auditID"] },
  { name: "ka.stage", description: "Stage of the request at which the event was written", at: ["stage"] },
  {
    name: "ka.auth.decision",
    description: "Authorization decision: `allow` or `forbid`",
    at: annotation("authorization.k8s.io/decision"),
  },
  {
    name: "ka.auth.reason",
    description: "Reason for the authorization decision",
    at: annotation("authorization.k8s.io/reason"),
  },
  {
    name: "ka.auth.openshift.decision",
    description: "Authentication decision of OpenShift",
    at: annotation("authentication.openshift.io/decision"),
  },
  {
    name: "ka.validations.admission.policy.failure",
    description: "Failures of validating admission policies",
    at: annotation("validation.policy.admission.k8s.io/validation_failure"),
  },
  {
    name: "ka.security.pod.violations",
    description: "Violations of the pod security standard",
    at: annotation("pod-security.kubernetes.io/audit-violations"),
  },
  {
    name: "ka.auth.openshift.username",
    description: "User name of the OpenShift authentication",
    at: annotation("authentication.openshift.io/username"),
  },
  { name: "ka.user.name", description: "User who sent the request", at: ["user", "username"] },
  { name: "ka.user.groups", description: "Groups of the user who sent the request", listAt: ["user", "groups"] },
  { name: "ka.impuser.name", description: "Impersonated user", at: ["impersonatedUser", "username"] },
  { name: "ka.verb", description: "Verb of the request", at: ["verb"] },
  { name: "ka.uri", description: "Path and query of the request", at: ["requestURI"] },
  {
    name: "ka.uri.param",
    description: "Value of a query parameter, by name",
    read: uriParameter,
    takes: "key",
  },
  { name: "ka.target.name", description: "Name of the object", at: ["objectRef", "name"] },
  { name: "ka.target.namespace", description: "Namespace of the object", at: ["objectRef", "namespace"] },
  {
    name: "ka.target.resource",
    description: "Resource type of the object, in the plural",
    at: ["objectRef", "resource"],
  },
  {
    name: "ka.target.subresource",
    description: "Requested subresource of the object",
    at: ["objectRef", "subresource"],
  },
  { name: "ka.target.pod.name", description: "Name of the pod, from the response", read: podName },
  {
    name: "ka.req.binding.subjects",
    description: "Subjects of a binding, each as JSON",
    listAt: ["requestObject", "subjects"],
  },
  {
    name: "ka.req.binding.subjects.user_names",
    description: "Users in the subjects of a binding",
    read: subjectNames("User"),
    isList: true,
  },
  {
    name: "ka.req.binding.subjects.serviceaccount_names",
    description: "Service accounts in the subjects of a binding",
    read: subjectNames("ServiceAccount"),
    isList: true,
  },
  {
    name: "ka.req.binding.subjects.serviceaccount_ns_names",
    description: "Service accounts in the subjects of a binding, as `namespace:name`",
    read: subjectNames("ServiceAccount", { withNamespace: true }),
    isList: true,
  },
  {
    name: "ka.req.binding.subjects.group_names",
    description: "Groups in the subjects of a binding",
    read: subjectNames("Group"),
    isList: true,
  },
  { name: "ka.req.binding.role", description: "Role of a binding", at: ["requestObject", "roleRef", "name"] },
  {
    name: "ka.req.binding.subject.has_name",
    description: "Always `true`; kept for old rules",
    read: () => "true",
    takes: "key",
  },
  { name: "ka.req.configmap.name", description: "Name of a ConfigMap", at: ["objectRef", "name"] },
  { name: "ka.req.configmap.obj", description: "Data of a ConfigMap, as JSON", at: ["requestObject", "data"] },
  {
    name: "ka.req.container.image",
    description: "Image of the first container; ka.req.pod.containers.image lists all images",
    read: firstContainerImage,
  },
  {
    name: "ka.req.container.image.repository",
    description:
      "Image of the first container up to the first colon or @; ka.req.pod.containers.image.repository lists all",
    read: (audit) => {
      const image = firstContainerImage(audit);
      return image === undefined ? undefined : repositoryOf(image);
    },
  },
  { name: "ka.req.pod.host_ipc", description: "Flag `hostIPC` of a pod", at: [...spec, "hostIPC"] },
  { name: "ka.req.pod.host_network", description: "Flag `hostNetwork` of a pod", at: [...spec, "hostNetwork"] },
  {
    name: "ka.req.container.host_network",
    description: "Flag `hostNetwork` of a pod",
    at: [...spec, "hostNetwork"],
  },
  { name: "ka.req.pod.host_pid", description: "Flag `hostPID` of a pod", at: [...spec, "hostPID"] },
  {
    name: "ka.req.container.privileged",
    description: "Whether a container of the pod is privileged",
    read: anyPrivileged,
  },
  {
    name: "ka.req.pod.run_as_user",
    description: "`runAsUser` of a pod",
    at: [...spec, "securityContext", "runAsUser"],
  },
  {
    name: "ka.req.pod.run_as_group",
    description: "`runAsGroup` of a pod",
    at: [...spec, "securityContext", "runAsGroup"],
  },
  { name: "ka.req.role.rules", description: "Rules of a role, each as JSON", listAt: ["requestObject", "rules"] },
  {
    name: "ka.req.role.rules.apiGroups",
    description: "API groups in the rules of a role",
    read: roleRules("apiGroups"),
    isList: true,
    takes: "index",
  },
  {
    name: "ka.req.role.rules.nonResourceURLs",
    description: "Non-resource URLs in the rules of a role",
    read: roleRules("nonResourceURLs"),
    isList: true,
    takes: "index",
  },
  {
    name: "ka.req.role.rules.verbs",
    description: "Verbs in the rules of a role",
    read: roleRules("verbs"),
    isList: true,
    takes: "index",
  },
  {
    name: "ka.req.role.rules.resources",
    description: "Resources in the rules of a role",
    read: roleRules("resources"),
    isList: true,
    takes: "index",
  },
  { name: "ka.req.pod.fs_group", description: "`fsGroup` of a pod", at: [...spec, "securityContext", "fsGroup"] },
  {
    name: "ka.req.pod.supplemental_groups",
    description: "`supplementalGroups` of a pod",
    listAt: [...spec, "securityContext", "supplementalGroups"],
  },
  { name: "ka.req.service.type", description: "Type of a service", at: [...spec, "type"] },
  {
    name: "ka.req.service.ports",
    description: "Ports of a service, as one JSON text",
    below: [...spec, "ports"],
  },
  {
    name: "ka.req.pod.volumes.hostpath",
    description: "Host paths that a pod mounts",
    below: [...spec, "volumes", "hostPath", "path"],
  },
  {
    name: "ka.req.volume.hostpath",
    description: "Whether a pod mounts this host path; `*` at the end matches any suffix",
    read: mounts,
    takes: "key",
  },
  {
    name: "ka.req.pod.volumes.flexvolume_driver",
    description: "Drivers of the flex volumes of a pod",
    below: [...spec, "volumes", "flexVolume", "driver"],
  },
  {
    name: "ka.req.pod.volumes.volume_type",
    description: "Types of the volumes of a pod",
    read: volumeTypes,
    isList: true,
    takes: "index",
  },
  {
    name: "ka.resp.name",
    description: "Name of the object in the response",
    at: ["responseObject", "metadata", "name"],
  },
  { name: "ka.response.code", description: "HTTP status of the response", at: ["responseStatus", "code"] },
  {
    name: "ka.response.reason",
    description: "Reason for the status of the response",
    at: ["responseStatus", "reason"],
  },
  { name: "ka.useragent", description: "User agent of the client", at: ["userAgent"] },
  {
    name: "ka.sourceips",
    description: "Source addresses of the request, starting with the client",
    read: sourceAddresses,
    isList: true,
    takes: "index",
  },
  {
    name: "ka.cluster.name",
    description: "Name of the cluster, if given",
    at: annotation("cluster_name"),
  },
];

/** All `ka.*` fields but those of containers (falcosecurity/plugins, k8saudit). */
export function auditRows(): FieldRow[] {
  return fields.map((field) => {
    const { name, description } = field;
    const { read, isList, takes } = readerOf(field);
    return {
      definition: {
        name,
        group: "ka",
        type: "CHARBUF",
        format: "NA",
        description,
        ...(isList && { isList }),
        ...(takes === "index" && { argument: { isIndex: true } }),
        ...(takes === "key" && { argument: { isRequired: true, isKey: true } }),
      },
      // Other JSON in the same stream does not have these fields.
      bind: (argument) => (event) =>
        memberOf(event.value, "auditID") === undefined ? undefined : read(event.value, argument),
    };
  });
}

interface AuditReader {
  readonly read: ReadAudit;
  readonly isList?: true;
  readonly takes?: "index" | "key";
}

function readerOf(field: AuditField): AuditReader {
  if ("read" in field) return field;
  if ("at" in field) return { read: (audit) => textOf(valueAt(audit, field.at)) };
  if ("below" in field) {
    return {
      read: (audit, argument) => textsOf(valuesBelow(audit, field.below, argument)),
      isList: true,
      takes: "index",
    };
  }
  return {
    read: (audit) => {
      const found = valueAt(audit, field.listAt);
      return Array.isArray(found) ? allTextsOf(found) : undefined;
    },
    isList: true,
  };
}

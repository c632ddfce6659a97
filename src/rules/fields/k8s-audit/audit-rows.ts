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
  { name: "ka.auditid", description: "The id of the audit event", at: ["auditID"] },
  { name: "ka.stage", description: "The stage of the request at which the event was written", at: ["stage"] },
  {
    name: "ka.auth.decision",
    description: "Whether the request was allowed",
    at: annotation("authorization.k8s.io/decision"),
  },
  {
    name: "ka.auth.reason",
    description: "Why the request was allowed or not",
    at: annotation("authorization.k8s.io/reason"),
  },
  {
    name: "ka.auth.openshift.decision",
    description: "OpenShift: how the authentication ended",
    at: annotation("authentication.openshift.io/decision"),
  },
  {
    name: "ka.validations.admission.policy.failure",
    description: "The failures of validating admission policies",
    at: annotation("validation.policy.admission.k8s.io/validation_failure"),
  },
  {
    name: "ka.security.pod.violations",
    description: "What in the pod is against the pod security standard",
    at: annotation("pod-security.kubernetes.io/audit-violations"),
  },
  {
    name: "ka.auth.openshift.username",
    description: "OpenShift: who wanted to authenticate",
    at: annotation("authentication.openshift.io/username"),
  },
  { name: "ka.user.name", description: "Who asks", at: ["user", "username"] },
  { name: "ka.user.groups", description: "The groups of who asks", listAt: ["user", "groups"] },
  { name: "ka.impuser.name", description: "The user being impersonated", at: ["impersonatedUser", "username"] },
  { name: "ka.verb", description: "What is to be done", at: ["verb"] },
  { name: "ka.uri", description: "The path and query that were asked for", at: ["requestURI"] },
  {
    name: "ka.uri.param",
    description: "The value of a parameter of the query, by its name",
    read: uriParameter,
    takes: "key",
  },
  { name: "ka.target.name", description: "The name of the object", at: ["objectRef", "name"] },
  { name: "ka.target.namespace", description: "The namespace of the object", at: ["objectRef", "namespace"] },
  {
    name: "ka.target.resource",
    description: "The resource of the object, in the plural",
    at: ["objectRef", "resource"],
  },
  {
    name: "ka.target.subresource",
    description: "The part of the object that is asked for",
    at: ["objectRef", "subresource"],
  },
  { name: "ka.target.pod.name", description: "The name of the pod, from the answer", read: podName },
  {
    name: "ka.req.binding.subjects",
    description: "Of a binding: its subjects, each as JSON",
    listAt: ["requestObject", "subjects"],
  },
  {
    name: "ka.req.binding.subjects.user_names",
    description: "Of a binding: the users among its subjects",
    read: subjectNames("User"),
    isList: true,
  },
  {
    name: "ka.req.binding.subjects.serviceaccount_names",
    description: "Of a binding: the service accounts among its subjects",
    read: subjectNames("ServiceAccount"),
    isList: true,
  },
  {
    name: "ka.req.binding.subjects.serviceaccount_ns_names",
    description: "Of a binding: the service accounts among its subjects, as `namespace:name`",
    read: subjectNames("ServiceAccount", { withNamespace: true }),
    isList: true,
  },
  {
    name: "ka.req.binding.subjects.group_names",
    description: "Of a binding: the groups among its subjects",
    read: subjectNames("Group"),
    isList: true,
  },
  { name: "ka.req.binding.role", description: "Of a binding: the role", at: ["requestObject", "roleRef", "name"] },
  {
    name: "ka.req.binding.subject.has_name",
    description: "True for every event; it is kept for old rules",
    read: () => "true",
    takes: "key",
  },
  { name: "ka.req.configmap.name", description: "Of a config map: its name", at: ["objectRef", "name"] },
  { name: "ka.req.configmap.obj", description: "Of a config map: its data as JSON", at: ["requestObject", "data"] },
  {
    name: "ka.req.container.image",
    description: "The image of the first container; ka.req.pod.containers.image has all",
    read: firstContainerImage,
  },
  {
    name: "ka.req.container.image.repository",
    description:
      "The image of the first container up to the first colon or @; ka.req.pod.containers.image.repository has all",
    read: (audit) => {
      const image = firstContainerImage(audit);
      return image === undefined ? undefined : repositoryOf(image);
    },
  },
  { name: "ka.req.pod.host_ipc", description: "Of a pod: the flag `hostIPC`", at: [...spec, "hostIPC"] },
  { name: "ka.req.pod.host_network", description: "Of a pod: the flag `hostNetwork`", at: [...spec, "hostNetwork"] },
  {
    name: "ka.req.container.host_network",
    description: "Of a pod: the flag `hostNetwork`",
    at: [...spec, "hostNetwork"],
  },
  { name: "ka.req.pod.host_pid", description: "Of a pod: the flag `hostPID`", at: [...spec, "hostPID"] },
  {
    name: "ka.req.container.privileged",
    description: "Whether a container of the pod is privileged",
    read: anyPrivileged,
  },
  {
    name: "ka.req.pod.run_as_user",
    description: "Of a pod: `runAsUser`",
    at: [...spec, "securityContext", "runAsUser"],
  },
  {
    name: "ka.req.pod.run_as_group",
    description: "Of a pod: `runAsGroup`",
    at: [...spec, "securityContext", "runAsGroup"],
  },
  { name: "ka.req.role.rules", description: "Of a role: its rules, each as JSON", listAt: ["requestObject", "rules"] },
  {
    name: "ka.req.role.rules.apiGroups",
    description: "Of a role: the API groups of its rules",
    read: roleRules("apiGroups"),
    isList: true,
    takes: "index",
  },
  {
    name: "ka.req.role.rules.nonResourceURLs",
    description: "Of a role: the paths outside resources of its rules",
    read: roleRules("nonResourceURLs"),
    isList: true,
    takes: "index",
  },
  {
    name: "ka.req.role.rules.verbs",
    description: "Of a role: the verbs of its rules",
    read: roleRules("verbs"),
    isList: true,
    takes: "index",
  },
  {
    name: "ka.req.role.rules.resources",
    description: "Of a role: the resources of its rules",
    read: roleRules("resources"),
    isList: true,
    takes: "index",
  },
  { name: "ka.req.pod.fs_group", description: "Of a pod: `fsGroup`", at: [...spec, "securityContext", "fsGroup"] },
  {
    name: "ka.req.pod.supplemental_groups",
    description: "Of a pod: `supplementalGroups`",
    listAt: [...spec, "securityContext", "supplementalGroups"],
  },
  { name: "ka.req.service.type", description: "Of a service: its type", at: [...spec, "type"] },
  {
    name: "ka.req.service.ports",
    description: "Of a service: its ports, all in one JSON text",
    below: [...spec, "ports"],
  },
  {
    name: "ka.req.pod.volumes.hostpath",
    description: "Of a pod: paths of the host that it mounts",
    below: [...spec, "volumes", "hostPath", "path"],
  },
  {
    name: "ka.req.volume.hostpath",
    description: "Of a pod: whether it mounts this path of the host; `*` at the end for any that begins so",
    read: mounts,
    takes: "key",
  },
  {
    name: "ka.req.pod.volumes.flexvolume_driver",
    description: "Of a pod: drivers of its flex volumes",
    below: [...spec, "volumes", "flexVolume", "driver"],
  },
  {
    name: "ka.req.pod.volumes.volume_type",
    description: "Of a pod: the types of its volumes",
    read: volumeTypes,
    isList: true,
    takes: "index",
  },
  {
    name: "ka.resp.name",
    description: "The name of the object in the answer",
    at: ["responseObject", "metadata", "name"],
  },
  { name: "ka.response.code", description: "The HTTP status of the answer", at: ["responseStatus", "code"] },
  { name: "ka.response.reason", description: "Why the answer has that status", at: ["responseStatus", "reason"] },
  { name: "ka.useragent", description: "The program that asks, as it names itself", at: ["userAgent"] },
  {
    name: "ka.sourceips",
    description: "The addresses from which the request came, the client's first",
    read: sourceAddresses,
    isList: true,
    takes: "index",
  },
  {
    name: "ka.cluster.name",
    description: "The name of the cluster, where one is given",
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

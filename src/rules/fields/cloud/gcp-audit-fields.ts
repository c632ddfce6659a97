import type { ByteString } from "../../../model/events/kernel-event.ts";
import type { FieldCatalogue } from "../../language/field.ts";
import { catalogueOf } from "../json/field-rows.ts";
import type { GeneralFieldOptions } from "../json/general-fields.ts";
import type { JsonRuleEvent } from "../json/json-rule-event.ts";
import { commonRows, jsonAt, type TextField, textAt, textRows } from "./cloud-rows.ts";

const label = (name: string): readonly string[] => ["resource", "labels", name];

const texts: readonly TextField[] = [
  ["gcp.user", ["protoPayload", "authenticationInfo", "principalEmail"], "Caller"],
  ["gcp.callerIP", ["protoPayload", "requestMetadata", "callerIp"], "Address of the caller"],
  ["gcp.userAgent", ["protoPayload", "requestMetadata", "callerSuppliedUserAgent"], "User agent of the caller"],
  ["gcp.authorizationInfo", ["protoPayload", "authorizationInfo"], "Requested permissions, as JSON"],
  ["gcp.serviceName", ["protoPayload", "serviceName"], "Called service"],
  ["gcp.policyDelta", policyDeltaOf, "Changes to access bindings, as JSON"],
  ["gcp.request", ["protoPayload", "request"], "Request, as JSON"],
  ["gcp.methodName", ["protoPayload", "methodName"], "Called method, such as `storage.setIamPermissions`"],
  ["gcp.cloudfunctions.function", label("function_name"), "Function in Cloud Functions"],
  ["gcp.cloudsql.databaseId", label("database_id"), "Database ID in Cloud SQL"],
  ["gcp.compute.instanceId", label("instance_id"), "Instance ID in Compute Engine"],
  ["gcp.compute.networkId", label("network_id"), "Network ID in Compute Engine"],
  ["gcp.compute.subnetwork", label("subnetwork_name"), "Subnetwork name in Compute Engine"],
  ["gcp.compute.subnetworkId", label("subnetwork_id"), "Subnetwork ID in Compute Engine"],
  ["gcp.dns.zone", label("zone_name"), "Zone in Cloud DNS"],
  ["gcp.iam.serviceAccount", label("email_id"), "Service account in IAM"],
  ["gcp.iam.serviceAccountId", label("unique_id"), "Service account ID in IAM"],
  ["gcp.location", locationOf, "Location or region of the resource"],
  ["gcp.logging.sink", sinkOf, "Sink in Cloud Logging"],
  ["gcp.projectId", label("project_id"), "Project of the resource"],
  ["gcp.resourceName", ["protoPayload", "resourceName"], "Name of the resource"],
  ["gcp.resourceType", ["resource", "type"], "Type of the resource, such as `gcs_bucket`"],
  ["gcp.resourceLabels", jsonAt("resource", "labels"), "Labels of the resource, as JSON"],
  ["gcp.storage.bucket", label("bucket_name"), "Bucket in Cloud Storage"],
  ["gcp.time", ["timestamp"], "Time of the call, in RFC 3339"],
];

/**
 * The fields of the source `gcp_auditlog`, audit entries of Google Cloud (`LogEntry`): `gcp.*`, and those of any JSON.
 * They follow the gcpaudit plugin of Falco, save that `gcp.authorizationInfo`, `gcp.policyDelta` and `gcp.request` are
 * the JSON that its documentation promises.
 */
export function gcpAuditFields(options: GeneralFieldOptions = {}): FieldCatalogue<JsonRuleEvent> {
  return catalogueOf([...commonRows("gcpaudit", { options }), ...textRows(texts)]);
}

function policyDeltaOf(entry: unknown): ByteString | undefined {
  return textAt(entry, "resource", "type") === "gcs_bucket"
    ? textAt(entry, "protoPayload", "serviceData", "policyDelta", "bindingDeltas")
    : textAt(entry, "protoPayload", "metadata", "datasetChange", "bindingDeltas");
}

/** For a zone, such as `europe-west1-b`, the region. */
function locationOf(entry: unknown): ByteString | undefined {
  const stated = textAt(entry, ...label("location")) ?? textAt(entry, ...label("region"));
  if (stated !== undefined) return stated;
  const zone = textAt(entry, ...label("zone"));
  if (zone === undefined || zone === "") return undefined;
  return zone.length > 2 ? zone.slice(0, -2) : zone;
}

function sinkOf(entry: unknown): ByteString | undefined {
  return textAt(entry, "resource", "type") === "logging_sink" ? textAt(entry, ...label("name")) : undefined;
}

import type { ByteString } from "../../../model/kernel-event.ts";
import type { FieldCatalogue } from "../../language/field.ts";
import { catalogueOf } from "../json/field-rows.ts";
import type { GeneralFieldOptions } from "../json/general-fields.ts";
import type { JsonRuleEvent } from "../json/json-rule-event.ts";
import { commonRows, jsonAt, type TextField, textAt, textRows } from "./cloud-rows.ts";

const label = (name: string): readonly string[] => ["resource", "labels", name];

const texts: readonly TextField[] = [
  ["gcp.user", ["protoPayload", "authenticationInfo", "principalEmail"], "Who called"],
  ["gcp.callerIP", ["protoPayload", "requestMetadata", "callerIp"], "The address that called"],
  [
    "gcp.userAgent",
    ["protoPayload", "requestMetadata", "callerSuppliedUserAgent"],
    "The program that called, as it names itself",
  ],
  ["gcp.authorizationInfo", ["protoPayload", "authorizationInfo"], "Which permissions were asked for, as JSON"],
  ["gcp.serviceName", ["protoPayload", "serviceName"], "The service that was called"],
  ["gcp.policyDelta", policyDeltaOf, "What the call changed about who may do what, as JSON"],
  ["gcp.request", ["protoPayload", "request"], "The request as JSON"],
  ["gcp.methodName", ["protoPayload", "methodName"], "The call, such as `storage.setIamPermissions`"],
  ["gcp.cloudfunctions.function", label("function_name"), "Of Cloud Functions: the function"],
  ["gcp.cloudsql.databaseId", label("database_id"), "Of Cloud SQL: the id of the database"],
  ["gcp.compute.instanceId", label("instance_id"), "Of Compute Engine: the id of the instance"],
  ["gcp.compute.networkId", label("network_id"), "Of Compute Engine: the id of the network"],
  ["gcp.compute.subnetwork", label("subnetwork_name"), "Of Compute Engine: the name of the subnetwork"],
  ["gcp.compute.subnetworkId", label("subnetwork_id"), "Of Compute Engine: the id of the subnetwork"],
  ["gcp.dns.zone", label("zone_name"), "Of Cloud DNS: the zone"],
  ["gcp.iam.serviceAccount", label("email_id"), "Of IAM: the service account"],
  ["gcp.iam.serviceAccountId", label("unique_id"), "Of IAM: the id of the service account"],
  ["gcp.location", locationOf, "The location or region of the resource"],
  ["gcp.logging.sink", sinkOf, "Of Cloud Logging: the sink"],
  ["gcp.projectId", label("project_id"), "The project of the resource"],
  ["gcp.resourceName", ["protoPayload", "resourceName"], "The name of the resource"],
  ["gcp.resourceType", ["resource", "type"], "The type of the resource, such as `gcs_bucket`"],
  ["gcp.resourceLabels", jsonAt("resource", "labels"), "The labels of the resource as JSON"],
  ["gcp.storage.bucket", label("bucket_name"), "Of Cloud Storage: the bucket"],
  ["gcp.time", ["timestamp"], "When the call was made, in RFC 3339"],
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

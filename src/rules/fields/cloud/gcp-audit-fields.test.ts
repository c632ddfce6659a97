import { expect, test } from "vitest";
import type { FieldValue } from "../../language/field.ts";
import { JsonRuleEvent } from "../json/json-rule-event.ts";
import { gcpAuditFields } from "./gcp-audit-fields.ts";

const catalogue = gcpAuditFields();

test("parts that are not text are JSON", () => {
  const protoPayload = {
    authorizationInfo: [{ permission: "storage.buckets.setIamPolicy", granted: true }],
    request: { name: "x" },
  };
  expect(read("gcp.authorizationInfo", { protoPayload })).toBe(
    '[{"permission":"storage.buckets.setIamPolicy","granted":true}]',
  );
  expect(read("gcp.request", { protoPayload })).toBe('{"name":"x"}');
  expect(read("gcp.resourceLabels", { resource: { labels: { a: "b" } } })).toBe('{"a":"b"}');
});

test("the change of a policy is where the kind of resource has it", () => {
  const bindingDeltas = [{ action: "ADD", member: "allUsers", role: "roles/storage.objectViewer" }];
  const text = JSON.stringify(bindingDeltas);
  const bucket = { protoPayload: { serviceData: { policyDelta: { bindingDeltas } } } };
  const dataset = { protoPayload: { metadata: { datasetChange: { bindingDeltas } } } };
  expect(read("gcp.policyDelta", { ...bucket, resource: { type: "gcs_bucket" } })).toBe(text);
  expect(read("gcp.policyDelta", { ...dataset, resource: { type: "bigquery_dataset" } })).toBe(text);
  expect(read("gcp.policyDelta", { ...bucket, resource: { type: "bigquery_dataset" } })).toBeUndefined();
});

test("the location is stated, a region, or that of a zone", () => {
  const located = (labels: object): unknown => read("gcp.location", { resource: { labels } });
  expect(located({ location: "EU", region: "r" })).toBe("EU");
  expect(located({ region: "europe-west1", zone: "z" })).toBe("europe-west1");
  expect(located({ zone: "europe-west1-b" })).toBe("europe-west1");
  expect(located({ zone: "x" })).toBe("x");
  expect(located({ zone: "" })).toBeUndefined();
  expect(located({})).toBeUndefined();
});

test("only a sink has the name of a sink", () => {
  const labels = { name: "all-logs" };
  expect(read("gcp.logging.sink", { resource: { type: "logging_sink", labels } })).toBe("all-logs");
  expect(read("gcp.logging.sink", { resource: { type: "project", labels } })).toBeUndefined();
});

test("what an entry lacks is missing, and the line of an event is its JSON", () => {
  expect(read("gcp.user", { protoPayload: { authenticationInfo: {} } })).toBeUndefined();
  expect(read("evt.plugininfo", { logName: "x" })).toBe('{"logName":"x"}');
});

function read(name: string, value: unknown): FieldValue | readonly FieldValue[] | undefined {
  const event = new JsonRuleEvent(0, { number: 1, time: 0n, source: "gcp_auditlog", value });
  return catalogue.resolve(name, undefined)?.extract(event);
}

import { expect, test } from "vitest";
import { judgeJson, loadedRules } from "../../setup/judge-json.ts";

// Rules for Google Cloud are not in the corpus: these are ours, in the manner of those that the plugin comes with.

/** An audit entry after Google's reference of `LogEntry` and `AuditLog`. */
function entry(service: string, methodName: string, more: { type: string; labels?: object; payload?: object }): object {
  return {
    protoPayload: {
      "@type": "type.googleapis.com/google.cloud.audit.AuditLog",
      status: {},
      authenticationInfo: { principalEmail: "ada@example.com" },
      requestMetadata: { callerIp: "198.51.100.7", callerSuppliedUserAgent: "gcloud/470.0" },
      serviceName: `${service}.googleapis.com`,
      methodName,
      authorizationInfo: [{ permission: `${service}.update`, granted: true }],
      resourceName: "projects/lab/things/1",
      ...more.payload,
    },
    insertId: "x1",
    resource: { type: more.type, labels: { project_id: "lab", ...more.labels } },
    timestamp: "2024-05-06T07:08:09.123456789Z",
    severity: "NOTICE",
    logName: "projects/lab/logs/cloudaudit.googleapis.com%2Factivity",
    receiveTimestamp: "2024-05-06T07:08:10Z",
  };
}

const toEverybody = [{ action: "ADD", role: "roles/storage.objectViewer", member: "allUsers" }];

/** A condition, an entry that fulfils it, the output of the rule and what it says. */
const cases: readonly (readonly [condition: string, event: object, output: string, says: string])[] = [
  [
    'gcp.methodName="storage.setIamPermissions" and gcp.policyDelta contains "allUsers"',
    entry("storage", "storage.setIamPermissions", {
      type: "gcs_bucket",
      labels: { bucket_name: "plans", location: "eu" },
      payload: { serviceData: { policyDelta: { bindingDeltas: toEverybody } } },
    }),
    "%gcp.storage.bucket %gcp.location %gcp.user %gcp.callerIP %gcp.userAgent",
    "plans eu ada@example.com 198.51.100.7 gcloud/470.0",
  ],
  [
    'gcp.serviceName="bigquery.googleapis.com" and gcp.policyDelta contains "ADD"',
    entry("bigquery", "google.iam.v1.IAMPolicy.SetIamPolicy", {
      type: "bigquery_dataset",
      payload: { metadata: { datasetChange: { bindingDeltas: toEverybody } } },
    }),
    "%gcp.policyDelta",
    '[{"action":"ADD","role":"roles/storage.objectViewer","member":"allUsers"}]',
  ],
  [
    'gcp.methodName="cloudsql.users.delete"',
    entry("cloudsql", "cloudsql.users.delete", {
      type: "cloudsql_database",
      labels: { database_id: "lab:main", region: "europe-west1" },
      payload: { request: { user: "eve" } },
    }),
    "%gcp.cloudsql.databaseId %gcp.location %gcp.request",
    'lab:main europe-west1 {"user":"eve"}',
  ],
  [
    'gcp.methodName endswith "instances.insert"',
    entry("compute", "v1.compute.instances.insert", {
      type: "gce_instance",
      labels: { instance_id: "77", zone: "europe-west1-b" },
    }),
    "%gcp.compute.instanceId %gcp.location %gcp.projectId",
    "77 europe-west1 lab",
  ],
  [
    'gcp.resourceType="gce_network"',
    entry("compute", "v1.compute.networks.delete", { type: "gce_network", labels: { network_id: "5" } }),
    "%gcp.compute.networkId %gcp.location",
    "5 <NA>",
  ],
  [
    "gcp.compute.subnetwork exists",
    entry("compute", "v1.compute.subnetworks.patch", {
      type: "gce_subnetwork",
      labels: { subnetwork_id: "6", subnetwork_name: "inner" },
    }),
    "%gcp.compute.subnetwork %gcp.compute.subnetworkId",
    "inner 6",
  ],
  [
    'gcp.resourceType="dns_managed_zone"',
    entry("dns", "dns.changes.create", { type: "dns_managed_zone", labels: { zone_name: "example-com" } }),
    "%gcp.dns.zone %gcp.resourceName",
    "example-com projects/lab/things/1",
  ],
  [
    'gcp.methodName="google.iam.admin.v1.CreateServiceAccountKey"',
    entry("iam", "google.iam.admin.v1.CreateServiceAccountKey", {
      type: "service_account",
      labels: { email_id: "robot@lab.iam.gserviceaccount.com", unique_id: "1001" },
    }),
    "%gcp.iam.serviceAccount %gcp.iam.serviceAccountId",
    "robot@lab.iam.gserviceaccount.com 1001",
  ],
  [
    'gcp.logging.sink="all-logs"',
    entry("logging", "google.logging.v2.ConfigServiceV2.DeleteSink", {
      type: "logging_sink",
      labels: { name: "all-logs" },
    }),
    "%gcp.logging.sink %gcp.resourceLabels",
    'all-logs {"project_id":"lab","name":"all-logs"}',
  ],
  [
    'gcp.authorizationInfo contains "cloudfunctions.update"',
    entry("cloudfunctions", "google.cloud.functions.v1.CloudFunctionsService.UpdateFunction", {
      type: "cloud_function",
      labels: { function_name: "mail", region: "us-east1" },
    }),
    "%gcp.cloudfunctions.function %gcp.time %evt.time.iso8601 %json.value[/insertId]",
    "mail 2024-05-06T07:08:09.123456789Z 2024-05-06T07:08:09.123456789+0000 x1",
  ],
];

test("rules on audit entries of Google Cloud fire on the entry that they are about, and on no other", async () => {
  const text = cases
    .map(([condition, , output], index) =>
      [
        `- rule: "${index}"`,
        "  desc: d",
        `  condition: ${condition}`,
        `  output: "${output}"`,
        "  priority: NOTICE",
        "  source: gcp_auditlog",
        "",
      ].join("\n"),
    )
    .join("\n");
  const plugins = "- required_plugin_versions: [{name: gcpaudit, version: 0.3.0}, {name: json, version: 0.7.0}]\n";
  const { rules, findings } = loadedRules({ name: "gcp.yaml", text: plugins + text });
  expect(findings).toEqual([]);
  const log = JSON.stringify(cases.map(([, event]) => event));
  for (const format of ["auto", "gcpaudit"] as const) {
    const { alerts, problems } = await judgeJson(log, { rules, format });
    expect(problems).toEqual([]);
    expect(alerts.map(({ rule, message, eventNumber }) => [rule, message, eventNumber])).toEqual(
      cases.map(([, , , says], index) => [String(index), says, index + 1]),
    );
  }
  expect(cases).toHaveLength(10);
});

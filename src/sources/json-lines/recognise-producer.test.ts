import { expect, test } from "vitest";
import { recogniseProducer, sourceOf, timeOf } from "./recognise-producer.ts";

const record = {
  eventVersion: "1.08",
  eventTime: "2024-01-02T03:04:05Z",
  eventSource: "ec2.amazonaws.com",
  eventName: "RunInstances",
  awsRegion: "eu-central-1",
};
const okta = { uuid: "u", published: "2024-01-02T03:04:05.678Z", eventType: "user.session.start", actor: { id: "a" } };
const gcp = {
  protoPayload: { serviceName: "storage.googleapis.com" },
  resource: { type: "gcs_bucket" },
  timestamp: "2024-01-02T03:04:05.000000006Z",
};

test("events of clouds and services are known by their members", () => {
  expect(recogniseProducer(record)).toBe("cloudtrail");
  expect(recogniseProducer(okta)).toBe("okta");
  expect(recogniseProducer(gcp)).toBe("gcpaudit");
  expect(recogniseProducer({ webhook_type: "push", repository: {} })).toBe("github");
});

test("an insight of CloudTrail is a record though it names no service", () => {
  const { eventSource: _, eventName: __, ...rest } = record;
  expect(recogniseProducer({ ...rest, eventType: "AwsCloudTrailInsight" })).toBe("cloudtrail");
  expect(recogniseProducer(rest)).toBe("json");
});

test("what only looks like them is any JSON", () => {
  expect(recogniseProducer({ ...record, eventSource: "aws:s3" })).toBe("json");
  expect(recogniseProducer({ ...okta, actor: "a" })).toBe("json");
  expect(recogniseProducer({ protoPayload: {} })).toBe("json");
  expect(recogniseProducer({ action: "created", repository: {}, sender: {} })).toBe("json");
  expect(recogniseProducer({ webhook_type: "push" })).toBe("json");
});

test("rules name the sources of Amazon and Google by other words", () => {
  expect(sourceOf("cloudtrail")).toBe("aws_cloudtrail");
  expect(sourceOf("gcpaudit")).toBe("gcp_auditlog");
  expect(sourceOf("okta")).toBe("okta");
});

test("each has its own time, and the body of a webhook none", () => {
  expect(timeOf(record, "cloudtrail")).toBe(1704164645000000000n);
  expect(timeOf(okta, "okta")).toBe(1704164645678000000n);
  expect(timeOf(gcp, "gcpaudit")).toBe(1704164645000000006n);
  expect(timeOf({ receiveTimestamp: "2024-01-02T03:04:05Z" }, "gcpaudit")).toBe(1704164645000000000n);
  expect(timeOf({ timestamp: "2024-01-02T03:04:05Z" }, "github")).toBeUndefined();
});

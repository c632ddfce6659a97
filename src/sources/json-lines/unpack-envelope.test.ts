import { expect, test } from "vitest";
import { unpackEnvelope } from "./unpack-envelope.ts";

const record = {
  eventVersion: "1.08",
  eventTime: "2024-01-02T03:04:05Z",
  eventSource: "ec2.amazonaws.com",
  eventName: "RunInstances",
  awsRegion: "eu-central-1",
};

test("a file of CloudTrail is its records", () => {
  const file = { Records: [record, { ...record, eventName: "StopInstances" }] };
  for (const format of ["auto", "cloudtrail"] as const) {
    expect(unpackEnvelope(file, format).map(({ value }) => value)).toEqual(file.Records);
  }
  expect(unpackEnvelope({ Records: [] }, "cloudtrail")).toEqual([]);
});

test("notifications of S3 are not taken for CloudTrail", () => {
  const notification = { Records: [{ ...record, eventSource: "aws:s3", eventName: "ObjectCreated:Put" }] };
  expect(unpackEnvelope(notification, "auto")).toEqual([{ value: notification }]);
  expect(unpackEnvelope({ Records: [] }, "auto")).toEqual([{ value: { Records: [] } }]);
});

test("a record that EventBridge passes on is the record", () => {
  const passed = { "detail-type": "AWS API Call via CloudTrail", source: "aws.ec2", detail: record };
  expect(unpackEnvelope(passed, "auto")).toEqual([{ value: record }]);
  const other = { "detail-type": "EC2 Instance State-change Notification", detail: record };
  expect(unpackEnvelope(other, "auto")).toEqual([{ value: other }]);
});

test("an event hook of Okta is its events", () => {
  const events = [{ uuid: "1" }, { uuid: "2" }];
  const hook = { eventType: "com.okta.event_hook", data: { events } };
  expect(unpackEnvelope(hook, "auto").map(({ value }) => value)).toEqual(events);
  expect(unpackEnvelope({ ...hook, data: [] }, "okta")).toHaveLength(1);
});

test("the body of a webhook gets its type from a header, wherever that is kept", () => {
  const body = { action: "created", sender: { login: "ada" } };
  const wanted = { ...body, webhook_type: "repository" };
  const shapes = [
    { headers: { "X-GitHub-Event": "repository" }, payload: body },
    { headers: { "x-github-event": ["repository"] }, body },
    { id: 7, event: "repository", request: { headers: { "X-GitHub-Event": "repository" }, payload: body } },
  ];
  for (const shape of shapes) expect(unpackEnvelope(shape, "github")).toEqual([{ value: wanted }]);
  const flat = { ...body, x_github_event: "repository" };
  expect(unpackEnvelope(flat, "auto")).toEqual([{ value: { ...flat, webhook_type: "repository" } }]);
});

test("a delivery of a webhook has the time at which it was delivered", () => {
  const request = { headers: { "X-GitHub-Event": "push" }, payload: { sender: {} } };
  expect(unpackEnvelope({ delivered_at: "2024-01-02T03:04:05Z", request }, "auto")).toEqual([
    { value: { sender: {}, webhook_type: "push" }, time: 1704164645000000000n },
  ]);
});

test("the type that an event states itself stays", () => {
  const event = { webhook_type: "push", "x-github-event": "ping" };
  expect(unpackEnvelope(event, "github")).toEqual([{ value: event }]);
});

test("a stated format opens only what is its own, and any JSON stays as it is", () => {
  const file = { Records: [record] };
  for (const format of ["json", "falco", "okta", "github", "gcpaudit"] as const) {
    expect(unpackEnvelope(file, format)).toEqual([{ value: file }]);
  }
});

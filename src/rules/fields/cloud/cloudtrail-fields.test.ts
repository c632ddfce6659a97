import { expect, test } from "vitest";
import { toByteString } from "../../language/byte-string.ts";
import type { FieldValue } from "../../language/field.ts";
import { JsonRuleEvent } from "../json/json-rule-event.ts";
import { cloudTrailFields } from "./cloudtrail-fields.ts";

const catalogue = cloudTrailFields();

const upload = {
  eventSource: "s3.amazonaws.com",
  eventName: "PutObject",
  awsRegion: "eu-central-1",
  sourceIPAddress: "198.51.100.7",
  userIdentity: { type: "IAMUser", userName: "ada", accountId: "111122223333" },
  requestParameters: { bucketName: "plans", key: "a/b.txt", Host: "plans.s3.amazonaws.com" },
  responseElements: null,
  additionalEventData: { bytesTransferredIn: 33, bytesTransferredOut: 0.9 },
  readOnly: false,
};

test("the caller is the user, the role, the service or the kind of identity", () => {
  const identity = (userIdentity: object): unknown => read("ct.user", { userIdentity });
  expect(identity({ type: "IAMUser", userName: "ada" })).toBe("ada");
  expect(identity({ type: "Root" })).toBeUndefined();
  expect(identity({ type: "AWSService", invokedBy: "ec2.amazonaws.com" })).toBe("ec2.amazonaws.com");
  expect(identity({ type: "AssumedRole", sessionContext: { sessionIssuer: { userName: "Admin" } } })).toBe("Admin");
  expect(identity({ type: "AssumedRole", userName: "ada" })).toBe("AssumedRole");
  expect(identity({ type: "AWSAccount" })).toBe("AWSAccount");
  expect(identity({ type: "FederatedUser", userName: "ada" })).toBe("FederatedUser");
  expect(identity({ type: "SAMLUser", userName: "ada" })).toBeUndefined();
});

test("of an assumed role the original user is the name of the session", () => {
  const identity = (userIdentity: object): unknown => read("ct.originaluser", { userIdentity });
  const arn = "arn:aws:sts::111122223333:assumed-role/Admin/ada";
  expect(identity({ type: "AssumedRole", arn, principalId: "AROA:bob" })).toBe("ada");
  expect(identity({ type: "AssumedRole", arn: "arn:a/b/c/d", principalId: "AROA:bob" })).toBe("bob");
  expect(identity({ type: "AssumedRole", principalId: "AROA" })).toBeUndefined();
  expect(identity({ type: "IAMUser", userName: "ada" })).toBe("ada");
});

test("the account is that of the caller, or else the one that got the record", () => {
  expect(read("ct.user.accountid", upload)).toBe("111122223333");
  expect(read("ct.user.accountid", { recipientAccountId: "444455556666" })).toBe("444455556666");
});

test("the short source has no domain of AWS", () => {
  expect(read("ct.shortsrc", upload)).toBe("s3");
  expect(read("ct.shortsrc", { eventSource: "health.example" })).toBe("health.example");
  expect(read("ct.shortsrc", { eventSource: ".amazonaws.com" })).toBe(".amazonaws.com");
});

test("an error that is null is not an error", () => {
  expect(read("ct.error", { errorCode: null })).toBeUndefined();
  expect(read("ct.error", { errorCode: "AccessDenied" })).toBe("AccessDenied");
});

test("whole parts are JSON, null among them", () => {
  expect(read("ct.request", upload)).toBe('{"bucketName":"plans","key":"a/b.txt","Host":"plans.s3.amazonaws.com"}');
  expect(read("ct.response", upload)).toBe("null");
  expect(read("ct.response", {})).toBeUndefined();
  expect(read("ct.serviceeventdetails", { serviceEventDetails: { snapshotId: "x" } })).toBe('{"snapshotId":"x"}');
  expect(read("ct.resources", { resources: [{ ARN: "a" }, { ARN: "b" }] })).toBe('{"ARN":"a"},{"ARN":"b"}');
  expect(read("ct.resources", { resources: [] })).toBeUndefined();
});

test("flags are texts, whether AWS writes JSON or text", () => {
  expect(read("ct.readonly", upload)).toBe("false");
  expect(read("ct.readonly", {})).toBeUndefined();
  expect(read("ct.managementevent", { managementEvent: true })).toBe("true");
  expect(read("ct.sessioncredentialfromconsole", { sessionCredentialFromConsole: "true" })).toBe("true");
});

test("objects of S3 have an address and sizes", () => {
  expect(read("s3.uri", upload)).toBe("s3://plans/a/b.txt");
  expect(read("s3.uri", { requestParameters: { bucketName: "plans" } })).toBeUndefined();
  expect(["s3.bytes", "s3.bytes.in", "s3.bytes.out"].map((name) => read(name, upload))).toEqual([33, 33, 0]);
  expect(read("s3.bytes", {})).toBeUndefined();
  const odd = { additionalEventData: { bytesTransferredIn: -1, bytesTransferredOut: "9" } };
  expect(read("s3.bytes", odd)).toBe(0);
  expect(["s3.cnt.get", "s3.cnt.put", "s3.cnt.other"].map((name) => read(name, upload))).toEqual([
    undefined,
    1,
    undefined,
  ]);
  expect(read("s3.cnt.other", { eventName: "ListBuckets" })).toBe(1);
});

test("images are those of the instances, or else the one that was asked for", () => {
  const items = [{ imageId: "ami-1" }, { instanceId: "i-2" }, { imageId: "ami-3" }];
  const started = { responseElements: { instancesSet: { items } }, requestParameters: { imageId: "ami-9" } };
  expect(images(started)).toEqual(["ami-1", "ami-3"]);
  expect(images(started, "2")).toEqual(["ami-3"]);
  expect(images(started, "1")).toBeUndefined();
  expect(images(started, "3")).toBeUndefined();
  expect(read("ec2.imageid", started)).toBe("ami-1");
  const asked = { requestParameters: { launchSpecification: { imageId: "ami-7" } } };
  expect(images(asked)).toEqual(["ami-7"]);
  expect(images(asked, "0")).toEqual(["ami-7"]);
  expect(images(asked, "1")).toBeUndefined();
  expect(images({})).toBeUndefined();
});

test("the name of instances comes from their tag", () => {
  const named = (items: readonly object[]): unknown =>
    read("ec2.name", { requestParameters: { tagSpecificationSet: { items } } });
  const tags = [
    { key: "Team", value: "x" },
    { key: "Name", value: "web-1" },
  ];
  expect(named([{ resourceType: "volume", tags: [{ key: "Name", value: "disk" }] }])).toBeUndefined();
  expect(named([{ resourceType: "instance", tags }])).toBe("web-1");
});

test("the summary says who did what from where, and to what", () => {
  const ofUpload = "ada via 198.51.100.7 → PutObject Size=33 URI=s3://plans/a/b.txt";
  expect(read("ct.info", upload)).toBe(toByteString(ofUpload));
  expect(read("evt.plugininfo", upload)).toBe(toByteString(`eu-central-1 ada s3 PutObject ${ofUpload}`));
  const byService = {
    ...upload,
    userIdentity: { type: "AWSService", invokedBy: "198.51.100.7" },
    errorCode: "AccessDenied",
    readOnly: true,
    additionalEventData: undefined,
    requestParameters: { Host: "h" },
  };
  expect(read("ct.info", byService)).toBe(toByteString("198.51.100.7 !← PutObject Host=h"));
  expect(read("ct.info", {})).toBe("<invalid cloudtrail event: userIdentity field missing>");
  expect(read("evt.plugininfo", { a: 1 })).toBe('{"a":1}');
});

test("the summary of a public access block tells its settings", () => {
  const PublicAccessBlockConfiguration = { BlockPublicAcls: true, IgnorePublicAcls: false };
  const block = {
    ...upload,
    eventName: "PutBucketPublicAccessBlock",
    requestParameters: { bucketName: "plans", PublicAccessBlockConfiguration },
  };
  expect(read("ct.info", block)).toBe(
    toByteString(
      "ada via 198.51.100.7 → PutBucketPublicAccessBlock BlockPublicAcls=true BlockPublicPolicy=false IgnorePublicAcls=false RestrictPublicBuckets=false ",
    ),
  );
});

test("records of any shape give values or none, and no failure", () => {
  const odd = [null, 1, "x", [], { userIdentity: [] }, { userIdentity: { type: "AssumedRole", arn: 7 } }];
  for (const value of [...odd, { resources: {}, requestParameters: { tagSpecificationSet: { items: [null] } } }]) {
    for (const { name } of catalogue.definitions) {
      const argument = name.endsWith(".value") ? "/a" : undefined;
      catalogue.resolve(name, argument)?.extract(eventOf(value));
    }
  }
});

function images(value: unknown, index?: string): unknown {
  return catalogue.resolve("ec2.imageids", index)?.extract(eventOf(value));
}

function read(name: string, value: unknown): FieldValue | readonly FieldValue[] | undefined {
  return catalogue.resolve(name, undefined)?.extract(eventOf(value));
}

function eventOf(value: unknown): JsonRuleEvent {
  return new JsonRuleEvent(0, { number: 1, time: 0n, source: "aws_cloudtrail", value });
}

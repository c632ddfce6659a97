import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { corpusBytes, corpusJson, describeWithCorpus } from "../../setup/corpus.ts";
import { judgeJson, loadedRules } from "../../setup/judge-json.ts";

interface PluginCase {
  readonly name: string;
  readonly rules: readonly string[];
  readonly options?: { readonly config?: { readonly plugins?: readonly { readonly open_params?: string }[] } };
  readonly expect: { readonly detect_level?: string; readonly detect_counts: Readonly<Record<string, number>> };
}

const user = {
  type: "IAMUser",
  principalId: "AIDAEXAMPLE",
  arn: "arn:aws:iam::111122223333:user/ada",
  accountId: "111122223333",
  userName: "ada",
};
const root = { type: "Root", principalId: "111122223333", arn: "arn:aws:iam::111122223333:root" };
const role = {
  type: "AssumedRole",
  principalId: "AROAEXAMPLE:ada",
  arn: "arn:aws:sts::111122223333:assumed-role/Admin/ada",
  sessionContext: { sessionIssuer: { type: "Role", userName: "Admin" } },
};
const signIn = {
  eventSource: "signin.amazonaws.com",
  responseElements: { ConsoleLogin: "Success" },
  additionalEventData: { MFAUsed: "No", MobileVersion: "No" },
};

/** A record after AWS's reference of record contents. */
function record(service: string, eventName: string, more: object = {}): object {
  return {
    eventVersion: "1.08",
    userIdentity: user,
    eventTime: "2024-05-06T07:08:09Z",
    eventSource: `${service}.amazonaws.com`,
    eventName,
    awsRegion: "eu-central-1",
    sourceIPAddress: "198.51.100.7",
    userAgent: "aws-cli/2.15.0",
    requestParameters: null,
    responseElements: null,
    requestID: "5e1b2c3d",
    eventID: "a7c1f3e2",
    readOnly: false,
    eventType: "AwsApiCall",
    managementEvent: true,
    recipientAccountId: "111122223333",
    eventCategory: "Management",
    ...more,
  };
}

const request = (requestParameters: object): object => ({ requestParameters });
const blockedNot = { BlockPublicAcls: true, BlockPublicPolicy: false, IgnorePublicAcls: true };

/** Records, and what the upstream rules say of them besides `All Cloudtrail Events`, with a part of the message. */
const events: readonly (readonly [event: object, rules: readonly string[], says: string])[] = [
  [
    record("signin", "ConsoleLogin", { ...signIn, userIdentity: role }),
    ["Console Login Through Assume Role"],
    "principal=AROAEXAMPLE:ada, assumedRole=arn:aws:sts::111122223333:assumed-role/Admin/ada",
  ],
  [record("signin", "ConsoleLogin", signIn), ["Console Login Without MFA"], "requesting user=ada"],
  [
    record("signin", "ConsoleLogin", { ...signIn, userIdentity: root }),
    ["Console Login Without MFA", "Console Root Login Without MFA"],
    "requesting user=<NA>",
  ],
  [
    record("iam", "DeactivateMFADevice", {
      userIdentity: root,
      ...request({ userName: "AWS ROOT USER", serialNumber: "arn:aws:iam::111122223333:mfa/root" }),
    }),
    ["Deactivate MFA for Root User"],
    "MFA serial number=arn:aws:iam::111122223333:mfa/root",
  ],
  [record("iam", "CreateUser", request({ userName: "eve" })), ["Create AWS user"], "new user created=eve"],
  [record("iam", "CreateGroup", request({ groupName: "ops" })), ["Create Group"], "group name=ops"],
  [record("iam", "DeleteGroup", request({ groupName: "ops" })), ["Delete Group"], "group name=ops"],
  [
    record("ecs", "CreateService", request({ cluster: "c", serviceName: "web", taskDefinition: "web:3" })),
    ["ECS Service Created"],
    "cluster=c, service name=web, task definition=web:3",
  ],
  [
    record("ecs", "RunTask", request({ cluster: "c", taskDefinition: "job:1" })),
    ["ECS Task Run or Started"],
    "task definition=job:1",
  ],
  [
    record("lambda", "CreateFunction20150331", request({ functionName: "mail" })),
    ["Create Lambda Function"],
    "lambda function=mail",
  ],
  [
    record("lambda", "UpdateFunctionCode20150331v2", request({ functionName: "mail" })),
    ["Update Lambda Function Code"],
    "lambda function=mail",
  ],
  [
    record("lambda", "UpdateFunctionConfiguration20150331v2", request({ functionName: "mail" })),
    ["Update Lambda Function Configuration"],
    "lambda function=mail",
  ],
  [
    record("ec2", "RunInstances", {
      ...request({ availabilityZone: "eu-central-1a" }),
      responseElements: { reservationId: "r-1", instancesSet: { items: [{ instanceId: "i-1", imageId: "ami-1" }] } },
    }),
    ["Run Instances", "Run Instances in Non-approved Region"],
    "availability zone=eu-central-1a, subnet id=<NA>, reservation id=r-1",
  ],
  [record("ec2", "RunInstances", { awsRegion: "us-east-0" }), ["Run Instances"], "AWS region=us-east-0"],
  [
    record("s3", "DeleteBucketEncryption", request({ bucketName: "plans" })),
    ["Delete Bucket Encryption"],
    "bucket=plans",
  ],
  [
    record(
      "s3",
      "PutBucketPublicAccessBlock",
      request({ bucketName: "plans", publicAccessBlock: "", PublicAccessBlockConfiguration: blockedNot }),
    ),
    ["Delete Bucket Public Access Block"],
    "bucket=plans",
  ],
  [
    record("s3", "ListBuckets", request({ Host: "s3.eu-central-1.amazonaws.com" })),
    ["List Buckets"],
    "host=s3.eu-central-1.amazonaws.com",
  ],
  [record("s3", "PutBucketAcl", request({ bucketName: "plans" })), ["Put Bucket ACL"], "bucket name=plans"],
  [record("s3", "PutBucketPolicy", request({ bucketName: "plans" })), ["Put Bucket Policy"], "bucket name=plans"],
  [record("cloudtrail", "CreateTrail", request({ name: "all" })), ["CloudTrail Trail Created"], "trail name=all"],
  [record("cloudtrail", "StopLogging", request({ name: "all" })), ["CloudTrail Logging Disabled"], "name=all"],
  [record("iam", "CreateUser", { errorCode: "AccessDenied", errorMessage: "no" }), [], "error=AccessDenied"],
];

describeWithCorpus("records of AWS CloudTrail", () => {
  const { cases } = corpusJson<{ cases: readonly PluginCase[] }>("runtime", "falco-legacy", "cases.json");
  const withPlugin = cases.filter(({ name }) => name.startsWith("detect_create_instance"));

  test.each(withPlugin)(
    "$name of Falco's regression suite gives what it expects",
    async ({ rules, options, ...one }) => {
      const [name = ""] = rules;
      const loaded = loadedRules({ name, text: textOf("falco-legacy", name) });
      expect(loaded.findings).toEqual([]);
      const path = options?.config?.plugins?.[0]?.open_params ?? "";
      const bytes = corpusBytes("runtime", "falco-legacy", path);
      for (const input of [bytes, gzipSync(bytes)]) {
        const {
          alerts,
          events: count,
          problems,
        } = await judgeJson(input, { rules: loaded.rules, format: "cloudtrail" });
        expect(countBy(alerts.map(({ rule }) => rule))).toEqual(one.expect.detect_counts);
        expect(alerts.map(({ priority }) => priority)).toEqual(["Informational"]);
        expect([count, problems]).toEqual([1, []]);
      }
    },
  );

  test("both cases with the plugin ran", () => {
    expect(withPlugin).toHaveLength(2);
  });

  test("every upstream rule fires on the record that it is about, and no other", async () => {
    const name = "aws_cloudtrail_rules.yaml";
    const { rules } = loadedRules({ name, text: textOf("rules-upstream", name) }, { all: true });
    const fired = new Set<string>();
    for (const [event, expected, says] of events) {
      const { alerts, problems } = await judgeJson(JSON.stringify(event), { rules });
      expect(problems).toEqual([]);
      const all = alerts.map(({ rule }) => rule);
      expect(all.toSorted(), says).toEqual(["All Cloudtrail Events", ...expected].toSorted());
      expect(alerts.map(({ message }) => message.replace(/\s+/g, " ")).join("\n")).toContain(says);
      for (const rule of all) fired.add(rule);
    }
    expect([...fired].toSorted()).toEqual(rules.map((rule) => rule.name).toSorted());
    expect(fired.size).toBe(22);
  });

  test("a file of records gives the same alerts as the records one by one", async () => {
    const name = "aws_cloudtrail_rules.yaml";
    const { rules } = loadedRules({ name, text: textOf("rules-upstream", name) });
    const records = events.map(([event]) => event);
    const lines = await judgeJson(records.map((event) => JSON.stringify(event)).join("\n"), { rules });
    const file = await judgeJson(gzipSync(JSON.stringify({ Records: records })), { rules, format: "cloudtrail" });
    expect(lines.alerts.length).toBeGreaterThanOrEqual(20);
    expect(file).toEqual(lines);
  });
});

function textOf(set: string, name: string): string {
  return corpusBytes("runtime", set, name).toString("utf8");
}

function countBy(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

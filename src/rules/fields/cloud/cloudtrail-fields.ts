import type { FieldCatalogue } from "../../language/field.ts";
import { catalogueOf, type FieldRow } from "../json/field-rows.ts";
import { type GeneralFieldOptions, row } from "../json/general-fields.ts";
import type { JsonRuleEvent } from "../json/json-rule-event.ts";
import { arrayAt, commonRows, jsonAt, type TextField, textAt, textRows } from "./cloud-rows.ts";
import { imagesOf, instanceNameOf } from "./cloudtrail-images.ts";
import { flagOf, lineOf, s3AddressOf, s3BytesOf, s3TotalOf, shortSourceOf, summaryOf } from "./cloudtrail-info.ts";
import { callerOf, originalCallerOf } from "./cloudtrail-user.ts";

const request = (member: string): readonly string[] => ["requestParameters", member];

const texts: readonly TextField[] = [
  ["ct.id", ["eventID"], "The id of the record"],
  ["ct.error", ["errorCode"], "The error of AWS; missing when the call succeeded"],
  ["ct.errormessage", ["errorMessage"], "What the error says; missing when the call succeeded"],
  ["ct.time", ["eventTime"], "When the call was made, as AWS writes it"],
  ["ct.src", ["eventSource"], "The service that was called, such as `ec2.amazonaws.com`"],
  ["ct.shortsrc", shortSourceOf, "The service that was called, without `.amazonaws.com`"],
  ["ct.name", ["eventName"], "The call, such as `RunInstances`"],
  ["ct.user", callerOf, "Who called; of an assumed role the role"],
  ["ct.originaluser", originalCallerOf, "Who called; of an assumed role the name of the session"],
  [
    "ct.user.accountid",
    (record) => textAt(record, "userIdentity", "accountId") ?? textAt(record, "recipientAccountId"),
    "The account of who called, or else the one that got the record",
  ],
  ["ct.user.identitytype", ["userIdentity", "type"], "The kind of who called: `Root`, `IAMUser`, `AssumedRole`, …"],
  ["ct.user.principalid", ["userIdentity", "principalId"], "The id of who called"],
  ["ct.user.arn", ["userIdentity", "arn"], "The ARN of who called"],
  ["ct.region", ["awsRegion"], "The region that was called"],
  ["ct.response.subnetid", ["responseElements", "subnetId"], "Of the response: the id of the subnet"],
  ["ct.response.reservationid", ["responseElements", "reservationId"], "Of the response: the id of the reservation"],
  ["ct.response", jsonAt("responseElements"), "The whole response as JSON"],
  ["ct.request.availabilityzone", request("availabilityZone"), "Of the request: the availability zone"],
  ["ct.request.cluster", request("cluster"), "Of the request: the cluster"],
  ["ct.request.functionname", request("functionName"), "Of the request: the function"],
  ["ct.request.groupname", request("groupName"), "Of the request: the group"],
  ["ct.request.host", request("Host"), "Of the request: the host"],
  ["ct.request.name", request("name"), "Of the request: the name of what it is about"],
  ["ct.request.policy", request("policy"), "Of the request: the policy"],
  ["ct.request.reason", request("reason"), "Of the request: the reason"],
  ["ct.request.target", request("target"), "Of the request: the target"],
  ["ct.request.documentname", request("documentName"), "Of the request: the name of the document"],
  ["ct.request.serialnumber", request("serialNumber"), "Of the request: the serial number, such as of an MFA device"],
  ["ct.request.servicename", request("serviceName"), "Of the request: the service"],
  ["ct.request.subnetid", request("subnetId"), "Of the request: the id of the subnet"],
  ["ct.request.taskdefinition", request("taskDefinition"), "Of the request: the definition of the task"],
  ["ct.request.username", request("userName"), "Of the request: the user"],
  ["ct.request", jsonAt("requestParameters"), "The whole request as JSON"],
  ["ct.srcip", ["sourceIPAddress"], "The address that called, or the service of AWS that did"],
  ["ct.useragent", ["userAgent"], "The program that called, as it names itself"],
  ["ct.info", summaryOf, "Who did what from where, in a few words"],
  ["ct.managementevent", (record) => flagOf(record, "managementEvent"), "`true` for calls that manage resources"],
  ["ct.readonly", (record) => flagOf(record, "readOnly"), "`true` for calls that change nothing"],
  ["ct.requestid", ["requestID"], "The id that the service gave the request"],
  ["ct.eventtype", ["eventType"], "What the record is about: `AwsApiCall`, `AwsConsoleSignIn`, …"],
  ["ct.apiversion", ["apiVersion"], "The version of the API that was called"],
  [
    "ct.resources",
    (record) => arrayAt(record, "resources").map(jsonAt()).join(",") || undefined,
    "What the call reached, each as JSON, with commas between",
  ],
  ["ct.recipientaccountid", ["recipientAccountId"], "The account that got the record"],
  ["ct.serviceeventdetails", ["serviceEventDetails"], "Of an event of a service: its details as JSON"],
  ["ct.sharedeventid", ["sharedEventID"], "The id that the records of one call in several accounts share"],
  ["ct.vpcendpointid", ["vpcEndpointId"], "The VPC endpoint through which the call went"],
  ["ct.eventcategory", ["eventCategory"], "The category: `Management`, `Data`, `Insight`, …"],
  ["ct.addendum.reason", ["addendum", "reason"], "Of a record that completes another: why it was needed"],
  ["ct.addendum.updatedfields", ["addendum", "updatedFields"], "Of a record that completes another: what it changes"],
  [
    "ct.addendum.originalrequestid",
    ["addendum", "originalRequestID"],
    "Of a record that completes another: the request id of that one",
  ],
  [
    "ct.addendum.originaleventid",
    ["addendum", "originalEventID"],
    "Of a record that completes another: the id of that one",
  ],
  [
    "ct.sessioncredentialfromconsole",
    (record) => flagOf(record, "sessionCredentialFromConsole"),
    "`true` for calls from a session of the AWS console",
  ],
  ["ct.edgedevicedetails", ["edgeDeviceDetails"], "The edge devices that the call is about, as JSON"],
  ["ct.tlsdetails.tlsversion", ["tlsDetails", "tlsVersion"], "The version of TLS of the call"],
  ["ct.tlsdetails.ciphersuite", ["tlsDetails", "cipherSuite"], "The cipher suite of the call"],
  [
    "ct.tlsdetails.clientprovidedhostheader",
    ["tlsDetails", "clientProvidedHostHeader"],
    "The host name that the client asked for",
  ],
  ["ct.additionaleventdata", jsonAt("additionalEventData"), "What the record says beside, as JSON"],
  ["s3.uri", s3AddressOf, "Of S3: the object, as `s3://BUCKET/KEY`"],
  ["s3.bucket", request("bucketName"), "Of S3: the bucket"],
  ["s3.key", request("key"), "Of S3: the key of the object"],
  ["ec2.name", instanceNameOf, "Of EC2: the name of the instances, from their tag"],
  ["ec2.imageid", (record) => imagesOf(record, "0")[0], "Of EC2: the first image; ec2.imageids has all"],
  ["ecr.repository", request("repositoryName"), "Of ECR: the repository"],
  ["ecr.imagetag", request("imageTag"), "Of ECR: the tag of the image"],
  ["iam.role", request("roleName"), "Of IAM: the role"],
  ["iam.policy", request("policyName"), "Of IAM: the policy"],
];

/**
 * The fields of the source `aws_cloudtrail`, records of AWS CloudTrail: `ct.*`, `s3.*`, `ec2.*`, `ecr.*`, `iam.*`, and
 * those of any JSON. They follow the cloudtrail plugin of Falco, save where it never gives what its documentation says.
 */
export function cloudTrailFields(options: GeneralFieldOptions = {}): FieldCatalogue<JsonRuleEvent> {
  return catalogueOf([
    ...commonRows("cloudtrail", { options, info: lineOf }),
    ...textRows(texts),
    ...countRows(),
    imagesRow(),
  ]);
}

function countRows(): FieldRow[] {
  const count = (name: string, read: (record: unknown) => number | undefined, description: string): FieldRow =>
    row(name, ({ value }) => read(value), { description, type: "UINT64", format: "DEC" });
  const isCall = (record: unknown, ...names: readonly string[]): boolean =>
    names.includes(textAt(record, "eventName") ?? "");
  return [
    count("s3.bytes", s3TotalOf, "Of S3: the bytes that went to and fro"),
    count("s3.bytes.in", (record) => s3BytesOf(record, "In"), "Of S3: the bytes that were uploaded"),
    count("s3.bytes.out", (record) => s3BytesOf(record, "Out"), "Of S3: the bytes that were downloaded"),
    count("s3.cnt.get", (record) => (isCall(record, "GetObject") ? 1 : undefined), "1 for `GetObject`"),
    count("s3.cnt.put", (record) => (isCall(record, "PutObject") ? 1 : undefined), "1 for `PutObject`"),
    count(
      "s3.cnt.other",
      (record) => (isCall(record, "GetObject", "PutObject") ? undefined : 1),
      "1 for every call but `GetObject` and `PutObject`",
    ),
  ];
}

function imagesRow(): FieldRow {
  return {
    definition: {
      name: "ec2.imageids",
      group: "ec2",
      type: "CHARBUF",
      format: "NA",
      description: "Of EC2: the images of the instances, or the one of that index",
      isList: true,
      argument: { isIndex: true },
    },
    bind:
      (index) =>
      ({ value }) =>
        imagesOf(value, index),
  };
}

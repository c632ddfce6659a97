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
  ["ct.id", ["eventID"], "ID of the record"],
  ["ct.error", ["errorCode"], "Error code from AWS; missing if the call succeeded"],
  ["ct.errormessage", ["errorMessage"], "Error message; missing if the call succeeded"],
  ["ct.time", ["eventTime"], "Time of the call, in the format of AWS"],
  ["ct.src", ["eventSource"], "Called service, such as `ec2.amazonaws.com`"],
  ["ct.shortsrc", shortSourceOf, "Called service, without `.amazonaws.com`"],
  ["ct.name", ["eventName"], "Name of the call, such as `RunInstances`"],
  ["ct.user", callerOf, "Caller; for an assumed role, the name of the role"],
  ["ct.originaluser", originalCallerOf, "Caller; for an assumed role, the name of the session"],
  [
    "ct.user.accountid",
    (record) => textAt(record, "userIdentity", "accountId") ?? textAt(record, "recipientAccountId"),
    "Account of the caller, or the account that received the record",
  ],
  [
    "ct.user.identitytype",
    ["userIdentity", "type"],
    "Identity type of the caller: `Root`, `IAMUser`, `AssumedRole`, …",
  ],
  ["ct.user.principalid", ["userIdentity", "principalId"], "Principal ID of the caller"],
  ["ct.user.arn", ["userIdentity", "arn"], "ARN of the caller"],
  ["ct.region", ["awsRegion"], "Called region"],
  ["ct.response.subnetid", ["responseElements", "subnetId"], "Subnet ID in the response"],
  ["ct.response.reservationid", ["responseElements", "reservationId"], "Reservation ID in the response"],
  ["ct.response", jsonAt("responseElements"), "Complete response, as JSON"],
  ["ct.request.availabilityzone", request("availabilityZone"), "Availability zone in the request"],
  ["ct.request.cluster", request("cluster"), "Cluster in the request"],
  ["ct.request.functionname", request("functionName"), "Function in the request"],
  ["ct.request.groupname", request("groupName"), "Group in the request"],
  ["ct.request.host", request("Host"), "Host in the request"],
  ["ct.request.name", request("name"), "Name in the request"],
  ["ct.request.policy", request("policy"), "Policy in the request"],
  ["ct.request.reason", request("reason"), "Reason in the request"],
  ["ct.request.target", request("target"), "Target in the request"],
  ["ct.request.documentname", request("documentName"), "Document name in the request"],
  ["ct.request.serialnumber", request("serialNumber"), "Serial number in the request, such as that of an MFA device"],
  ["ct.request.servicename", request("serviceName"), "Service in the request"],
  ["ct.request.subnetid", request("subnetId"), "Subnet ID in the request"],
  ["ct.request.taskdefinition", request("taskDefinition"), "Task definition in the request"],
  ["ct.request.username", request("userName"), "User in the request"],
  ["ct.request", jsonAt("requestParameters"), "Complete request, as JSON"],
  ["ct.srcip", ["sourceIPAddress"], "Address of the caller, or the calling AWS service"],
  ["ct.useragent", ["userAgent"], "User agent of the caller"],
  ["ct.info", summaryOf, "Summary of the caller, its address and the call"],
  ["ct.managementevent", (record) => flagOf(record, "managementEvent"), "`true` for calls that manage resources"],
  ["ct.readonly", (record) => flagOf(record, "readOnly"), "`true` for calls that change nothing"],
  ["ct.requestid", ["requestID"], "Request ID assigned by the service"],
  ["ct.eventtype", ["eventType"], "Event type: `AwsApiCall`, `AwsConsoleSignIn`, …"],
  ["ct.apiversion", ["apiVersion"], "Version of the called API"],
  [
    "ct.resources",
    (record) => arrayAt(record, "resources").map(jsonAt()).join(",") || undefined,
    "Accessed resources, each as JSON, comma-separated",
  ],
  ["ct.recipientaccountid", ["recipientAccountId"], "Account that received the record"],
  ["ct.serviceeventdetails", ["serviceEventDetails"], "Details of a service event, as JSON"],
  ["ct.sharedeventid", ["sharedEventID"], "Shared ID of the records of one call in several accounts"],
  ["ct.vpcendpointid", ["vpcEndpointId"], "VPC endpoint of the call"],
  ["ct.eventcategory", ["eventCategory"], "Category: `Management`, `Data`, `Insight`, …"],
  ["ct.addendum.reason", ["addendum", "reason"], "Reason for an addendum record"],
  ["ct.addendum.updatedfields", ["addendum", "updatedFields"], "Fields that an addendum record changes"],
  [
    "ct.addendum.originalrequestid",
    ["addendum", "originalRequestID"],
    "Request ID of the original record of an addendum",
  ],
  ["ct.addendum.originaleventid", ["addendum", "originalEventID"], "ID of the original record of an addendum"],
  [
    "ct.sessioncredentialfromconsole",
    (record) => flagOf(record, "sessionCredentialFromConsole"),
    "`true` for calls from a session of the AWS console",
  ],
  ["ct.edgedevicedetails", ["edgeDeviceDetails"], "Edge devices of the call, as JSON"],
  ["ct.tlsdetails.tlsversion", ["tlsDetails", "tlsVersion"], "TLS version of the call"],
  ["ct.tlsdetails.ciphersuite", ["tlsDetails", "cipherSuite"], "Cipher suite of the call"],
  [
    "ct.tlsdetails.clientprovidedhostheader",
    ["tlsDetails", "clientProvidedHostHeader"],
    "Host name requested by the client",
  ],
  ["ct.additionaleventdata", jsonAt("additionalEventData"), "Additional event data, as JSON"],
  ["s3.uri", s3AddressOf, "Object in S3, as `s3://BUCKET/KEY`"],
  ["s3.bucket", request("bucketName"), "Bucket in S3"],
  ["s3.key", request("key"), "Key of the object in S3"],
  ["ec2.name", instanceNameOf, "Name of the EC2 instances, from their `Name` tag"],
  [
    "ec2.imageid",
    (record) => imagesOf(record, "0")[0],
    "First image of the EC2 instances; ec2.imageids lists all images",
  ],
  ["ecr.repository", request("repositoryName"), "Repository in ECR"],
  ["ecr.imagetag", request("imageTag"), "Image tag in ECR"],
  ["iam.role", request("roleName"), "Role in IAM"],
  ["iam.policy", request("policyName"), "Policy in IAM"],
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
    count("s3.bytes", s3TotalOf, "Bytes transferred to and from S3"),
    count("s3.bytes.in", (record) => s3BytesOf(record, "In"), "Bytes uploaded to S3"),
    count("s3.bytes.out", (record) => s3BytesOf(record, "Out"), "Bytes downloaded from S3"),
    count(
      "s3.cnt.get",
      (record) => (isCall(record, "GetObject") ? 1 : undefined),
      "Constant 1 for `GetObject`, else missing",
    ),
    count(
      "s3.cnt.put",
      (record) => (isCall(record, "PutObject") ? 1 : undefined),
      "Constant 1 for `PutObject`, else missing",
    ),
    count(
      "s3.cnt.other",
      (record) => (isCall(record, "GetObject", "PutObject") ? undefined : 1),
      "Constant 1 for every call except `GetObject` and `PutObject`",
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
      description: "Images of the EC2 instances, or the image at the given index",
      isList: true,
      argument: { isIndex: true },
    },
    bind:
      (index) =>
      ({ value }) =>
        imagesOf(value, index),
  };
}

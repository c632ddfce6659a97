import { expect, test } from "vitest";
import { parseEcrHost } from "./ecr-host.ts";

test.each([
  ["123456789012.dkr.ecr.eu-west-1.amazonaws.com", "api.ecr.eu-west-1.amazonaws.com", "eu-west-1"],
  ["123456789012.dkr.ecr-fips.us-gov-west-1.amazonaws.com", "ecr-fips.us-gov-west-1.amazonaws.com", "us-gov-west-1"],
  ["123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn", "api.ecr.cn-north-1.amazonaws.com.cn", "cn-north-1"],
  ["123456789012.dkr-ecr.us-east-2.on.aws", "ecr.us-east-2.api.aws", "us-east-2"],
  ["123456789012.dkr-ecr-fips.us-east-1.on.aws", "ecr-fips.us-east-1.api.aws", "us-east-1"],
  [
    "123456789012.dkr-ecr.cn-north-1.on.amazonwebservices.com.cn",
    "ecr.cn-north-1.api.amazonwebservices.com.cn",
    "cn-north-1",
  ],
  ["123456789012.dkr.ecr.eusc-de-east-1.amazonaws.eu", "api.ecr.eusc-de-east-1.amazonaws.eu", "eusc-de-east-1"],
])("the interface of %s is at %s", (registry, api, region) => {
  const plain = region.startsWith("cn-")
    ? "amazonaws.com.cn"
    : region.startsWith("eusc-")
      ? "amazonaws.eu"
      : "amazonaws.com";
  const sts = `sts.${region}.${plain}`;
  expect(parseEcrHost(registry)).toEqual({ api, sts, region, service: "ecr", account: "123456789012" });
});

test.each([
  ["123456789012.dkr.ecr.eu-isoe-west-1.cloud.adc-e.uk", "api.ecr.eu-isoe-west-1.cloud.adc-e.uk"],
  ["123456789012.dkr.ecr.us-isof-south-1.csp.hci.ic.gov", "api.ecr.us-isof-south-1.csp.hci.ic.gov"],
])("%s is in a region that is closed to the public", (registry, api) => {
  expect(parseEcrHost(registry)).toMatchObject({ api, service: "ecr" });
});

test("ECR Public has one interface", () => {
  expect(parseEcrHost("public.ecr.aws")).toMatchObject({ service: "ecr-public", region: "us-east-1" });
  expect(parseEcrHost("ecr-public.aws.com")).toEqual({
    api: "ecr-public.us-east-1.api.aws",
    sts: "sts.us-east-1.amazonaws.com",
    region: "us-east-1",
    service: "ecr-public",
    account: undefined,
  });
});

test.each([
  "123456789012.dkr.ecr.eu-west-1.amazonaws.com.example.com",
  "example.com.123456789012.dkr.ecr.eu-west-1.amazonaws.com",
  "123456789012.dkr.ecr.eu-west-1.amazonaws.com:8443",
  "123456789012.dkr.ecr.eu-west-1.amazonawsXcom",
  "123456789012.dkr.ecr.evil.example-1.amazonaws.com",
  "12345678901.dkr.ecr.eu-west-1.amazonaws.com",
  "123456789012.dkr.ecr.eu-west-1.amazonaws.com\n",
  "xpublic.ecr.aws",
  "public.ecr.aws.example.com",
  "ecr-public.aws.com.example.com",
  "ecr-public-aws.com",
  "docker.io",
])("%j is none of Amazon's", (registry) => {
  expect(parseEcrHost(registry)).toBeUndefined();
});

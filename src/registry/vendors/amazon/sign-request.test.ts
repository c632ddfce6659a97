import { describe, expect, test } from "vitest";
import { Secret } from "../../credentials/secret.ts";
import { signRequest } from "./sign-request.ts";

// AWS's own examples: those of the test suite for Signature Version 4, and of the documentation of IAM and S3.
const suite = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: new Secret("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY") };
const documentation = {
  accessKeyId: "AKIAIOSFODNN7EXAMPLE",
  secretAccessKey: new Secret("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
};
const suiteTime = new Date("2015-08-30T12:36:00Z");
const empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

interface Example {
  readonly name: string;
  readonly url: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly service?: string;
  readonly signature: string;
}

const examples: readonly Example[] = [
  {
    name: "get-vanilla",
    url: "https://example.amazonaws.com/",
    signature: "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
  },
  {
    name: "get-vanilla-query-order-key-case",
    url: "https://example.amazonaws.com/?Param2=value2&Param1=value1",
    signature: "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
  },
  {
    name: "post-vanilla",
    method: "POST",
    url: "https://example.amazonaws.com/",
    signature: "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b",
  },
  {
    name: "post-x-www-form-urlencoded",
    method: "POST",
    url: "https://example.amazonaws.com/",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: "Param1=value1",
    signature: "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a",
  },
  {
    name: "the example of IAM, ListUsers",
    url: "https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08",
    headers: { "content-type": "application/x-www-form-urlencoded; charset=utf-8" },
    service: "iam",
    signature: "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7",
  },
];

describe("signatures of version 4", () => {
  test.each(examples)("$name", ({ url, method = "GET", headers = {}, body = "", service = "service", signature }) => {
    const signed = signRequest(
      { method, url: new URL(url), headers, body },
      { credentials: suite, region: "us-east-1", service, now: suiteTime },
    );
    expect(signed["x-amz-date"]).toBe("20150830T123600Z");
    expect(signed["authorization"]).toMatch(new RegExp(`, Signature=${signature}$`));
    expect(signed["authorization"]).toContain(`Credential=AKIDEXAMPLE/20150830/us-east-1/${service}/aws4_request, `);
  });

  test.each([
    [
      "https://examplebucket.s3.amazonaws.com/test.txt",
      { range: "bytes=0-9" },
      "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
    ],
    [
      "https://examplebucket.s3.amazonaws.com/?lifecycle",
      {},
      "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
    ],
    [
      "https://examplebucket.s3.amazonaws.com/?max-keys=2&prefix=J",
      {},
      "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
    ],
  ])("the examples of S3: %s", (url, headers, signature) => {
    const signed = signRequest(
      { method: "GET", url: new URL(url), headers: { ...headers, "x-amz-content-sha256": empty }, body: "" },
      { credentials: documentation, region: "us-east-1", service: "s3", now: new Date("2013-05-24T00:00:00Z") },
    );
    expect(signed["authorization"]).toMatch(new RegExp(`, Signature=${signature}$`));
  });

  test("a session token is signed too", () => {
    const credentials = { ...suite, sessionToken: new Secret("of a session") };
    const signed = signRequest(
      { method: "GET", url: new URL("https://example.amazonaws.com/"), headers: {}, body: "" },
      { credentials, region: "us-east-1", service: "service", now: suiteTime },
    );
    expect(signed["x-amz-security-token"]).toBe("of a session");
    expect(signed["authorization"]).toContain("SignedHeaders=host;x-amz-date;x-amz-security-token, ");
  });
});

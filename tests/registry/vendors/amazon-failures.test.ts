import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { repositoriesBelow } from "../../../src/registry/vendors/list-repositories.ts";
import { basicRegistry, cloudHosts } from "../setup/cloud-hosts.ts";
import type { InternetHost } from "../setup/fake-internet.ts";
import { fakeSts, lentKeys } from "../setup/fake-sts.ts";
import { listOf } from "../setup/registry-client.ts";

const ecr = "123456789012.dkr.ecr.eu-west-1.amazonaws.com";
const ecrApi = "api.ecr.eu-west-1.amazonaws.com";
const stsHost = "sts.eu-west-1.amazonaws.com";
const { folder, open } = cloudHosts([ecr, ecrApi, stsHost]);
const environment = { AWS_ACCESS_KEY_ID: "AKIDEXAMPLE", AWS_SECRET_ACCESS_KEY: "marker-of-aws" };
const registry = basicRegistry((header) => header.startsWith("Basic "));
type Answer = ReturnType<InternetHost>;

/** The shapes are those of AWS's JSON 1.1 and query protocols; HTTP 400 comes with both kinds of throttling. */
const throttled: Answer = { status: 400, json: { __type: "ThrottlingException", message: "Rate exceeded" } };
const token = Buffer.from("AWS:password").toString("base64");

/** Amazon ECR's interface, which gives the answers of `first`, by the request's number from 0, before good ones. */
function ecrInterface(first: Readonly<Record<number, Answer>> = {}): InternetHost {
  let count = 0;
  return ({ headers, body }) => {
    const other = first[count++];
    if (other) return other;
    if (String(headers["x-amz-target"]).endsWith(".GetAuthorizationToken"))
      return { json: { authorizationData: [{ authorizationToken: token, expiresAt: Date.now() / 1000 + 43_200 }] } };
    const { nextToken } = JSON.parse(body) as { nextToken?: string };
    return { json: { repositories: [{ repositoryName: nextToken ?? "a" }], ...(!nextToken && { nextToken: "b" }) } };
  };
}

async function failureOf(
  hosts: Readonly<Record<string, InternetHost>>,
  user: Readonly<Record<string, string>> = environment,
): Promise<unknown> {
  const { pull } = await open({ [ecr]: registry, ...hosts }, { environment: user });
  return pull(`${ecr}/a:v1`).catch((cause: unknown) => cause);
}

describe("a request too many", () => {
  test("is sent again where a password is asked for", async () => {
    const { pull, requests } = await open(
      { [ecr]: registry, [ecrApi]: ecrInterface({ 0: throttled }) },
      { environment },
    );
    await pull(`${ecr}/a:v1`);
    expect(requests.filter(({ host }) => host === ecrApi)).toHaveLength(2);
  });

  test.each(["ThrottlingException", "com.amazonaws.ecr#ThrottlingException", "TooManyRequestsException:http://x/"])(
    "is sent again in the middle of a list: %s",
    async (code) => {
      const answer = { status: 400, json: { __type: code, message: "Rate exceeded" } };
      const { client } = await open({ [ecrApi]: ecrInterface({ 1: answer }) }, { environment });
      expect(await listOf(repositoriesBelow(client, ecr, ""))).toEqual(["a", "b"]);
    },
  );

  test("is sent again where a role is asked for", async () => {
    const path = join(folder, "identity");
    writeFileSync(path, "an-identity");
    let count = 0;
    const sts = fakeSts(() => (count++ === 0 ? { code: "Throttling", message: "Rate exceeded" } : { lent: lentKeys }));
    const { pull } = await open(
      { [ecr]: registry, [ecrApi]: ecrInterface(), [stsHost]: sts },
      { environment: { AWS_ROLE_ARN: "arn:aws:iam::1:role/x", AWS_WEB_IDENTITY_TOKEN_FILE: path } },
    );
    await pull(`${ecr}/a:v1`);
    expect(count).toBe(2);
  });

  test("fails a list, in place of which no catalogue is asked for", async () => {
    const answer = { ...throttled, headers: { "retry-after": "9999" } };
    const { client, requests } = await open(
      { [ecr]: registry, [ecrApi]: ecrInterface({ 0: answer }) },
      { environment },
    );
    await expect(listOf(repositoriesBelow(client, ecr, ""))).rejects.toMatchObject({ code: "registry-unreachable" });
    expect(requests.filter(({ url }) => url.pathname.endsWith("/_catalog"))).toEqual([]);
  });

  test("is no refusal where it has to wait for too long", async () => {
    const answer = { ...throttled, headers: { "retry-after": "9999" } };
    const failure = await failureOf({ [ecrApi]: ecrInterface({ 0: answer }) });
    expect(failure).toMatchObject({
      code: "registry-unreachable",
      message: expect.stringContaining("HTTP status 400 (ThrottlingException), with a requested wait of 9999 seconds"),
      hint: expect.stringContaining("The rate limit is reached"),
    });
  });

  test("is not what other refusals are taken for", async () => {
    let count = 0;
    const denied: InternetHost = () => {
      count++;
      return { status: 400, json: { __type: "AccessDeniedException", message: "ThrottlingException" } };
    };
    expect(await failureOf({ [ecrApi]: denied })).toMatchObject({ code: "registry-refused" });
    expect(count).toBe(1);
  });
});

describe("what AWS says of a refusal is shown", () => {
  const who = "User: arn:aws:iam::1:user/x is not authorized to perform: ecr:GetAuthorizationToken on resource: *";

  test.each([
    [{ __type: "AccessDeniedException", Message: who }, `HTTP status 400 (AccessDeniedException: ${who})`],
    [
      { __type: "com.amazon.coral.service#UnrecognizedClientException" },
      "HTTP status 400 (UnrecognizedClientException)",
    ],
    [{ message: "Account not found" }, "HTTP status 400 (Account not found)"],
  ])("in JSON: %j", async (json, words) => {
    const failure = await failureOf({ [ecrApi]: () => ({ status: 400, json }) });
    expect(failure).toMatchObject({ code: "registry-refused", message: expect.stringContaining(words) });
  });

  test("in XML, without the token that it quotes", async () => {
    const path = join(folder, "refused-identity");
    writeFileSync(path, "marker-of&an-identity");
    const user = { AWS_ROLE_ARN: "arn:aws:iam::1:role/x", AWS_WEB_IDENTITY_TOKEN_FILE: path };
    const message = 'Not "authorized": marker-of&an-identity';
    const sts = fakeSts(() => ({ status: 403, code: "AccessDenied", message }));
    const failure = await failureOf({ [stsHost]: sts }, user);
    expect(failure).toMatchObject({
      code: "registry-refused",
      message: expect.stringContaining('HTTP status 403 (AccessDenied: Not "authorized": '),
    });
    expect(inspect(failure, { depth: 10 })).not.toContain("an-identity");
  });
});

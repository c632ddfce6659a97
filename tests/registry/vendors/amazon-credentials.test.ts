import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { repositoriesBelow } from "../../../src/registry/vendors/list-repositories.ts";
import { basicHeader, basicRegistry, cloudHosts, emptyManifest } from "../setup/cloud-hosts.ts";
import type { InternetHost } from "../setup/fake-internet.ts";
import { listen, sendJson } from "../setup/fake-registry.ts";
import { fakeSts, lentKeys } from "../setup/fake-sts.ts";
import { listOf } from "../setup/registry-client.ts";

// Shapes as the cloud's documentation has them; see the pages in docs/registries.
const ecr = "123456789012.dkr.ecr.eu-west-1.amazonaws.com";
const ecrApi = "api.ecr.eu-west-1.amazonaws.com";
const stsHost = "sts.eu-west-1.amazonaws.com";
const publicApi = "api.ecr-public.us-east-1.amazonaws.com";
const stranger = `${ecr}.example.com`;
const { folder, open } = cloudHosts([ecr, ecrApi, stsHost, "public.ecr.aws", publicApi, stranger]);
let halves = 0;
const awsKeys = {
  AWS_ACCESS_KEY_ID: "AKIDEXAMPLE",
  AWS_SECRET_ACCESS_KEY: "marker-of-aws",
  AWS_SESSION_TOKEN: "session",
};

/** Amazon ECR's interface. */
function ecrInterface({ lifetime = 12 * 3600 } = {}): InternetHost {
  let count = 0;
  return ({ headers, body, method }) => {
    if (method !== "POST" || !headers.authorization?.startsWith("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/"))
      return { status: 400, json: { __type: "UnrecognizedClientException", message: "The security token is invalid" } };
    const input = JSON.parse(body) as { nextToken?: string };
    switch (headers["x-amz-target"]) {
      case "AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken": {
        count++;
        const authorizationToken = Buffer.from(`AWS:password-${count}`).toString("base64");
        const expiresAt = Date.now() / 1000 + lifetime;
        return { json: { authorizationData: [{ authorizationToken, expiresAt, proxyEndpoint: `https://${ecr}` }] } };
      }
      case "AmazonEC2ContainerRegistry_V20150921.DescribeRepositories": {
        const [repositoryName, next] = input.nextToken === undefined ? ["team/app", "more"] : ["other", undefined];
        return { json: { repositories: [{ repositoryName }], ...(next && { nextToken: next }) } };
      }
      case "SpencerFrontendService.DescribeRepositories":
        return { json: { repositories: [{ repositoryName: "app", repositoryUri: "public.ecr.aws/a1b2c3d4/app" }] } };
      default:
        return { status: 400, json: { __type: "AccessDeniedException", message: "no" } };
    }
  };
}

describe("Amazon ECR", () => {
  const hosts = {
    [ecr]: basicRegistry((header) => header === basicHeader("AWS", "password-1")),
    [ecrApi]: ecrInterface(),
  };

  test("an account is given a password once, for all of a run", async () => {
    const { pull, requests } = await open({ ...hosts, [ecrApi]: ecrInterface() }, { environment: awsKeys });
    await pull(`${ecr}/team/app:v1`);
    await pull(`${ecr}/team/app:v2`);
    const asked = requests.filter(({ host }) => host === ecrApi);
    expect(asked).toHaveLength(1);
    expect(asked[0]?.headers["authorization"]).toMatch(
      /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/\d{8}\/eu-west-1\/ecr\/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-security-token;x-amz-target, Signature=[0-9a-f]{64}$/,
    );
    expect(asked[0]?.headers["x-amz-security-token"]).toBe("session");
    expect(JSON.stringify(requests.map(({ headers, body }) => [headers, body]))).not.toContain("marker-of-aws");
  });

  test("a password that is about to expire is asked for again", async () => {
    const any = basicRegistry((header) => header.startsWith("Basic "));
    const { pull, requests } = await open(
      { [ecr]: any, [ecrApi]: ecrInterface({ lifetime: -1 }) },
      { environment: awsKeys },
    );
    await pull(`${ecr}/team/app:v1`);
    await pull(`${ecr}/team/app:v2`);
    expect(requests.filter(({ host }) => host === ecrApi).length).toBeGreaterThan(1);
  });

  test("nothing is asked for before the registry wants a credential, and a file's comes first", async () => {
    const asksNothing = await open(
      { [ecr]: () => ({ json: emptyManifest }), [ecrApi]: ecrInterface() },
      { environment: awsKeys },
    );
    await asksNothing.pull(`${ecr}/team/app:v1`);
    expect(asksNothing.connections.every((host) => host === `${ecr}:443`)).toBe(true);
    const auths = { [ecr]: { auth: Buffer.from("AWS:of-the-file").toString("base64") } };
    const filed = await open(
      { [ecr]: basicRegistry((header) => header === basicHeader("AWS", "of-the-file")), [ecrApi]: ecrInterface() },
      { environment: { ...awsKeys, DOCKER_AUTH_CONFIG: JSON.stringify({ auths }) } },
    );
    await filed.pull(`${ecr}/team/app:v1`);
    expect(filed.connections.every((host) => host === `${ecr}:443`)).toBe(true);
  });

  test("no other host gets anything of the account", async () => {
    const { pull, requests, connections } = await open(
      { [stranger]: basicRegistry(() => false), [ecrApi]: ecrInterface() },
      { environment: awsKeys },
    );
    await expect(pull(`${stranger}/team/app:v1`)).rejects.toMatchObject({ code: "registry-refused" });
    expect(connections.every((host) => host === `${stranger}:443`)).toBe(true);
    expect(requests.every(({ headers }) => headers.authorization === undefined)).toBe(true);
  });

  test("lists the registry with the account, page by page", async () => {
    const { client, requests } = await open({ ...hosts, [ecrApi]: ecrInterface() }, { environment: awsKeys });
    expect(await listOf(repositoriesBelow(client, ecr, ""))).toEqual(["team/app", "other"]);
    expect(requests.map(({ body }) => JSON.parse(body) as unknown)).toEqual([
      { registryId: "123456789012", maxResults: 1000 },
      { registryId: "123456789012", maxResults: 1000, nextToken: "more" },
    ]);
  });

  test("lists of ECR Public what is the account's own", async () => {
    const anonymous: InternetHost = () => ({ status: 404, json: {} });
    const { client } = await open(
      { [publicApi]: ecrInterface(), "public.ecr.aws": anonymous },
      { environment: awsKeys },
    );
    expect(await listOf(repositoriesBelow(client, "public.ecr.aws", "a1b2c3d4"))).toEqual(["a1b2c3d4/app"]);
    await expect(listOf(repositoriesBelow(client, "public.ecr.aws", "other"))).rejects.toMatchObject({
      code: "image-not-found",
    });
    const without = await open({ "public.ecr.aws": anonymous });
    await expect(listOf(repositoriesBelow(without.client, "public.ecr.aws", "other"))).rejects.toMatchObject({
      code: "registry-refused",
    });
  });

  test("ECR Public is asked without an account that has no right to it", async () => {
    const registry: InternetHost = ({ url, headers }) => {
      if (url.pathname === "/token/")
        return { json: { token: headers.authorization === undefined ? "anonymous" : "known" } };
      if (headers.authorization === "Bearer anonymous")
        return { json: emptyManifest, headers: { "content-type": emptyManifest.mediaType } };
      const challenge = 'Bearer realm="https://public.ecr.aws/token/",service="public.ecr.aws",scope="aws"';
      return { status: 401, json: {}, headers: { "www-authenticate": challenge } };
    };
    const { pull } = await open({ "public.ecr.aws": registry, [publicApi]: ecrInterface() }, { environment: awsKeys });
    await pull("public.ecr.aws/docker/library/alpine:3");
  });

  test("an account without rights is an error that does not show it", async () => {
    const denied: InternetHost = ({ headers }) => ({
      status: 400,
      json: {
        __type: "AccessDeniedException",
        message: `no ${headers.authorization} ${headers["x-amz-security-token"]}`,
      },
    });
    const environment = { ...awsKeys, AWS_SESSION_TOKEN: "marker-of-session" };
    const { pull } = await open({ ...hosts, [ecrApi]: denied }, { environment });
    const failure = await pull(`${ecr}/team/app:v1`).catch((cause: unknown) => cause);
    expect(failure).toMatchObject({ code: "registry-refused" });
    expect(inspect(failure, { depth: 10 })).not.toMatch(/marker-of|Signature=/);
  });

  test("profiles are read as AWS's programs read them", async () => {
    const home = join(folder, "profiles");
    mkdirSync(join(home, ".aws"), { recursive: true });
    writeFileSync(
      join(home, ".aws", "credentials"),
      "# keys\n[default]\naws_access_key_id = AKIDOTHER\naws_secret_access_key=x\n\n[team]\nAWS_ACCESS_KEY_ID = AKIDEXAMPLE ; of the team\naws_secret_access_key = a=b\n",
    );
    writeFileSync(
      join(home, ".aws", "config"),
      "[profile role]\nrole_arn = arn:aws:iam::1:role/x\nsource_profile = none\n",
    );
    const good = await open({ ...hosts, [ecrApi]: ecrInterface() }, { home, environment: { AWS_PROFILE: "team" } });
    await good.pull(`${ecr}/team/app:v1`);
    const other = await open({ ...hosts, [ecrApi]: ecrInterface() }, { home });
    await expect(other.pull(`${ecr}/team/app:v1`)).rejects.toMatchObject({ code: "registry-refused" });
    for (const name of ["role", "missing"]) {
      const bad = await open(hosts, { home, environment: { AWS_PROFILE: name } });
      await expect(bad.pull(`${ecr}/team/app:v1`)).rejects.toMatchObject({ code: "usage" });
      const keyed = await open(
        { ...hosts, [ecrApi]: ecrInterface() },
        { home, environment: { ...awsKeys, AWS_PROFILE: name } },
      );
      await keyed.pull(`${ecr}/team/app:v1`);
    }
  });

  test.each([
    ["[default]\nregion = eu-west-1", {}, "registry-refused", "HTTP status 401"],
    [
      "[default]\nsso_session = team\nregion = eu-west-1",
      {},
      "usage",
      'the AWS profile "default" uses single sign-on but lacks sso_account_id',
    ],
    [
      "[default]\nrole_arn = arn:x\nsource_profile = team",
      {},
      "usage",
      'the AWS profile "default" has the source_profile "team", which does not exist',
    ],
    ["[default]\ncredential_process = /bin/false", {}, "usage", "its credential_process exited with 1"],
    ["[default]\naws_access_key_id = AKID", {}, "usage", "has only one of aws_access_key_id and aws_secret_access_key"],
    ["", { AWS_ACCESS_KEY_ID: "AKID" }, "usage", "AWS_ACCESS_KEY_ID is set without AWS_SECRET_ACCESS_KEY"],
  ])("an account that cannot be used is told of: %j %j", async (config, environment, code, message) => {
    const home = join(folder, `half-${halves++}`);
    mkdirSync(join(home, ".aws"), { recursive: true });
    writeFileSync(join(home, ".aws", "config"), config);
    const { client, pull } = await open(hosts, { home, environment: { ...environment } });
    const failure = { code, message: expect.stringContaining(message) as string };
    await expect(pull(`${ecr}/team/app:v1`)).rejects.toMatchObject(failure);
    await expect(listOf(repositoriesBelow(client, ecr, ""))).rejects.toMatchObject(failure);
  });

  test("what is public is had without the account that cannot be used, whose trouble explains a refusal", async () => {
    const registry: InternetHost = ({ url, headers }) => {
      if (url.pathname === "/token/") return { json: { token: "anonymous" } };
      if (headers.authorization === "Bearer anonymous" && url.pathname.startsWith("/v2/docker/"))
        return { json: emptyManifest, headers: { "content-type": emptyManifest.mediaType } };
      const challenge = 'Bearer realm="https://public.ecr.aws/token/",service="public.ecr.aws",scope="aws"';
      return { status: 401, json: {}, headers: { "www-authenticate": challenge } };
    };
    for (const environment of [{ AWS_PROFILE: "missing" }, { AWS_ACCESS_KEY_ID: "AKID" }]) {
      const { pull } = await open({ "public.ecr.aws": registry }, { environment: { ...environment } });
      await pull("public.ecr.aws/docker/library/alpine:3");
      await expect(pull("public.ecr.aws/private/app:1")).rejects.toMatchObject({ code: "usage" });
    }
  });

  test.each([
    [{ AWS_ROLE_ARN: "arn:x", AWS_WEB_IDENTITY_TOKEN_FILE: "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.marker-of-a-token" }],
    [{ AWS_SHARED_CREDENTIALS_FILE: "[default]\naws_access_key_id = AKID\naws_secret_access_key = marker-of-a-key" }],
    [{ AWS_CONFIG_FILE: "[default]\naws_access_key_id = AKID\naws_secret_access_key = marker-of-a-key" }],
    [
      {
        AWS_CONTAINER_CREDENTIALS_FULL_URI: "http://127.0.0.1:1/",
        AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: "eyJhbGciOi.marker-of-a-token",
      },
    ],
  ])("what should be in a file does not show where it is in the variable: %#", async (environment) => {
    const { pull } = await open(hosts, { environment });
    const failure = await pull(`${ecr}/team/app:v1`).catch((cause: unknown) => cause);
    expect(failure).toMatchObject({
      code: "usage",
      message: expect.stringMatching(/^AWS_\w+ requires the path of a file/),
    });
    expect(inspect(failure, { depth: 10 })).not.toContain("marker-of");
  });

  test("a web identity is lent credentials in the region of the registry", async () => {
    const path = join(folder, "web-identity");
    writeFileSync(path, "marker-of-an-identity\n");
    const sts = fakeSts((form) => {
      const good =
        form.get("Action") === "AssumeRoleWithWebIdentity" &&
        form.get("WebIdentityToken") === "marker-of-an-identity" &&
        form.get("RoleArn") === "arn:aws:iam::1:role/scanner";
      return good
        ? { lent: lentKeys }
        : { code: "InvalidIdentityToken", message: form.get("WebIdentityToken") ?? "none" };
    });
    const environment = { AWS_ROLE_ARN: "arn:aws:iam::1:role/scanner", AWS_WEB_IDENTITY_TOKEN_FILE: path };
    const all = { ...hosts, [ecrApi]: ecrInterface(), [stsHost]: sts };
    const { pull, requests } = await open(all, { environment });
    await pull(`${ecr}/team/app:v1`);
    expect(requests.find(({ host }) => host === ecrApi)?.headers["x-amz-security-token"]).toBe("lent");
    const other = await open(all, { environment: { ...environment, AWS_ROLE_ARN: "arn:aws:iam::1:role/other" } });
    const failure = await other.pull(`${ecr}/team/app:v1`).catch((cause: unknown) => cause);
    expect(failure).toMatchObject({ code: "registry-refused" });
    expect(inspect(failure, { depth: 10 })).not.toContain("marker-of-an-identity");
    const none = await open(all, { environment: { ...environment, AWS_WEB_IDENTITY_TOKEN_FILE: `${path}-none` } });
    await expect(none.pull(`${ecr}/team/app:v1`)).rejects.toMatchObject({ code: "target-unreadable" });
  });

  test("the credentials of a container come from this machine, past the proxy", async () => {
    const shown: (string | undefined)[] = [];
    const host = await listen(
      createServer((request, response) => {
        shown.push(request.headers.authorization);
        sendJson(response, 200, {
          AccessKeyId: "AKIDEXAMPLE",
          SecretAccessKey: "s",
          Token: "t",
          Expiration: new Date(Date.now() + 3600_000).toISOString(),
        });
      }),
    );
    const environment = {
      AWS_CONTAINER_CREDENTIALS_FULL_URI: `http://${host}/credentials`,
      AWS_CONTAINER_AUTHORIZATION_TOKEN: "of the container",
      HTTP_PROXY: "http://127.0.0.1:1",
    };
    const { pull, requests } = await open({ ...hosts, [ecrApi]: ecrInterface() }, { environment });
    await pull(`${ecr}/team/app:v1`);
    expect(shown).toEqual(["of the container"]);
    expect(requests.find(({ host: name }) => name === ecrApi)?.headers["x-amz-security-token"]).toBe("t");
  });

  test.each([
    "http://10.0.0.1/credentials",
    "http://169.254.169.254/latest",
    "http://metadata.example.com/",
    "http://127.0.0.1.example.com/",
    "file:///etc/passwd",
    "http://user:password@127.0.0.1/",
  ])("the credentials of a container are not asked for at %s", async (address) => {
    const environment = { AWS_CONTAINER_CREDENTIALS_FULL_URI: address };
    const { pull, connections } = await open(hosts, { environment });
    await expect(pull(`${ecr}/team/app:v1`)).rejects.toMatchObject({ code: "usage" });
    expect(connections.every((host) => host === `${ecr}:443`)).toBe(true);
  });
});

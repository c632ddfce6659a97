import { createHash } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { createServer, type IncomingHttpHeaders, type RequestListener } from "node:http";
import { join } from "node:path";
import { inspect } from "node:util";
import { expect, test } from "vitest";
import { basicHeader, basicRegistry, type CloudHosts, cloudHosts } from "../setup/cloud-hosts.ts";
import type { InternetHost } from "../setup/fake-internet.ts";
import { listen } from "../setup/fake-registry.ts";
import { fakeSts, lentKeys } from "../setup/fake-sts.ts";

// Shapes as the cloud's documentation has them; see docs/registries/amazon-ecr.md.
const ecr = "123456789012.dkr.ecr.eu-west-1.amazonaws.com";
const ecrApi = "api.ecr.eu-west-1.amazonaws.com";
const other = "210987654321.dkr.ecr.us-west-2.amazonaws.com";
const otherApi = "api.ecr.us-west-2.amazonaws.com";
const stsHost = "sts.eu-west-1.amazonaws.com";
const otherSts = "sts.us-west-2.amazonaws.com";
const portal = "portal.sso.eu-central-1.amazonaws.com";
const { folder, open } = cloudHosts([ecr, ecrApi, other, otherApi, stsHost, otherSts, portal]);
let homes = 0;

/** A home folder with files of AWS's programs. */
function homeWith(files: Readonly<Record<string, string>>): string {
  const home = join(folder, `home-${homes++}`);
  for (const [name, text] of Object.entries(files)) {
    const path = join(home, ".aws", name);
    mkdirSync(join(path, ".."), { recursive: true });
    writeFileSync(path, text);
    if (name.endsWith(".sh")) chmodSync(path, 0o755);
  }
  return home;
}

/** Signed with the keys that {@link lentKeys} has, for a service and a region. */
function isSigned(headers: IncomingHttpHeaders, scope: string, key = lentKeys.AccessKeyId): boolean {
  const form = new RegExp(`^AWS4-HMAC-SHA256 Credential=${key}/[0-9]{8}/${scope}/aws4_request, SignedHeaders=.*host`);
  return form.test(headers.authorization ?? "");
}

/** The interface of ECR in a region, which knows the lent keys alone. */
function ecrInterface(region: string): InternetHost {
  return ({ headers }) =>
    isSigned(headers, `${region}/ecr`) && headers["x-amz-security-token"] === "lent"
      ? {
          json: {
            authorizationData: [
              {
                authorizationToken: Buffer.from(`AWS:${region}`).toString("base64"),
                expiresAt: Date.now() / 1000 + 99,
              },
            ],
          },
        }
      : { status: 400, json: { __type: "UnrecognizedClientException", message: "The security token is invalid" } };
}

const hosts: Readonly<Record<string, InternetHost>> = {
  [ecr]: basicRegistry((header) => header === basicHeader("AWS", "eu-west-1")),
  [ecrApi]: ecrInterface("eu-west-1"),
  [other]: basicRegistry((header) => header === basicHeader("AWS", "us-west-2")),
  [otherApi]: ecrInterface("us-west-2"),
};
const baseKeys = "aws_access_key_id = BASE\naws_secret_access_key = marker-of-the-base\n";

async function failureOf({ pull }: CloudHosts): Promise<unknown> {
  const failure = await pull(`${ecr}/team/app:v1`).catch((cause: unknown) => cause);
  expect(inspect(failure, { depth: 10 })).not.toContain("marker-of");
  return failure;
}

test("roles are taken one after the other, in the region of each registry", async () => {
  const config = [
    `[profile base]\n${baseKeys}`,
    "[profile middle]\nrole_arn = arn:aws:iam::1:role/middle\nsource_profile = base\n",
    "[profile team]\nrole_arn = arn:aws:iam::2:role/team\nsource_profile = middle\nexternal_id = marker-of-x\n",
    "role_session_name = ada\nduration_seconds = 900\n",
  ].join("");
  const stsIn = (region: string): InternetHost =>
    fakeSts((form, headers) => {
      const fields = Object.fromEntries(form);
      if (isSigned(headers, `${region}/sts`, "BASE") && fields["RoleArn"] === "arn:aws:iam::1:role/middle")
        return { lent: { ...lentKeys, AccessKeyId: "MIDDLE", SessionToken: "middle" } };
      const good =
        isSigned(headers, `${region}/sts`, "MIDDLE") &&
        headers["x-amz-security-token"] === "middle" &&
        fields["RoleArn"] === "arn:aws:iam::2:role/team" &&
        fields["ExternalId"] === "marker-of-x" &&
        fields["RoleSessionName"] === "ada" &&
        fields["DurationSeconds"] === "900";
      const message = `not allowed: ${form.toString()} ${headers.authorization}`;
      return good ? { lent: lentKeys } : { code: "AccessDenied", message, status: 403 };
    });
  const all = { ...hosts, [stsHost]: stsIn("eu-west-1"), [otherSts]: stsIn("us-west-2") };
  const user = { home: homeWith({ config }), environment: { AWS_PROFILE: "team" } };
  const { pull, requests } = await open(all, user);
  await pull(`${ecr}/team/app:v1`);
  await pull(`${other}/team/app:v1`);
  await pull(`${ecr}/team/app:v2`);
  expect(requests.filter(({ host }) => host === ecrApi || host === otherApi)).toHaveLength(2);
  expect(JSON.stringify(requests.map(({ headers, body }) => [headers, body]))).not.toContain("marker-of-the-base");
  const wrong = { home: homeWith({ config: config.replace("ada", "eve") }), environment: { AWS_PROFILE: "team" } };
  expect(await failureOf(await open(all, wrong))).toMatchObject({ code: "registry-refused" });
});

test("a role is taken with the keys of its own profile", async () => {
  const sts = fakeSts((_, headers) =>
    isSigned(headers, "eu-west-1/sts", "BASE") ? { lent: lentKeys } : { code: "AccessDenied", message: "no" },
  );
  const config = `[default]\nrole_arn = arn:aws:iam::1:role/x\nsource_profile = default\n${baseKeys}`;
  const { pull } = await open({ ...hosts, [stsHost]: sts }, { home: homeWith({ config }) });
  await pull(`${ecr}/team/app:v1`);
});

test("a role is taken with the keys of the instance", async () => {
  const sts = fakeSts((_, headers) =>
    isSigned(headers, "eu-west-1/sts", "INSTANCE") ? { lent: lentKeys } : { code: "AccessDenied", message: "no" },
  );
  const config = "[default]\nrole_arn = arn:aws:iam::1:role/x\ncredential_source = ec2instancemetadata\n";
  const environment = await metadata({ ...lentKeys, AccessKeyId: "INSTANCE" });
  const { pull } = await open({ ...hosts, [stsHost]: sts }, { home: homeWith({ config }), environment });
  await pull(`${ecr}/team/app:v1`);
});

/** A program that writes `json` when it is given the arguments `--user` and `ada lovelace`. */
function program(json: string): string {
  return `#!/bin/sh\necho marker-of-stderr >&2\n[ "$1 $2" = "--user ada lovelace" ] || exit 7\ncat <<'END'\n${json}\nEND\n`;
}

const lentByProgram = { Version: 1, ...lentKeys };
const soon = new Date(Date.now() + 3600_000).toISOString();

test("a program gives credentials, and is started without a shell", async () => {
  const home = homeWith({ "give.sh": program(JSON.stringify({ ...lentByProgram, Expiration: soon })) });
  const touched = join(home, "touched");
  const command = `"${join(home, ".aws", "give.sh")}" --user 'ada lovelace' $(touch ${touched}) && touch ${touched}`;
  writeFileSync(join(home, ".aws", "config"), `[default]\ncredential_process = ${command}\n`);
  await (await open(hosts, { home })).pull(`${ecr}/team/app:v1`);
  expect(existsSync(touched)).toBe(false);
});

test.each([
  [JSON.stringify({ ...lentByProgram, Version: 2, SecretAccessKey: "marker-of-a" }), "credentials of version 1"],
  [JSON.stringify({ ...lentByProgram, Version: "1" }), "credentials of version 1"],
  [JSON.stringify({ Version: 1, AccessKeyId: "x" }), "did not write an AccessKeyId and a SecretAccessKey"],
  [JSON.stringify({ ...lentByProgram, Expiration: "2020-01-01T00:00:00Z" }), "wrote expired credentials"],
  [JSON.stringify({ ...lentByProgram, Expiration: "tomorrow" }), "wrote an Expiration that is not a date"],
  ["marker-of-a-key", "did not write a JSON object"],
])("what a program writes is not used: %j", async (json, message) => {
  const home = homeWith({ "give.sh": program(json) });
  const command = `${join(home, ".aws", "give.sh")} --user "ada lovelace"`;
  writeFileSync(join(home, ".aws", "config"), `[default]\ncredential_process = ${command}\n`);
  const failure = { code: "usage", message: expect.stringContaining(message) as string };
  expect(await failureOf(await open(hosts, { home }))).toMatchObject(failure);
});

test("a program that writes without end is stopped", async () => {
  const home = homeWith({ config: "[default]\ncredential_process = cat /dev/zero\n" });
  const failure = await failureOf(await open(hosts, { home, environment: { PATH: "/usr/bin:/bin" } }));
  expect(failure).toMatchObject({ message: expect.stringContaining("wrote more than 1048576 bytes") as string });
});

const ssoProfile = "sso_account_id = 123456789012\nsso_role_name = Reader & more\n";
const newForm = `[default]\nsso_session = our team\n${ssoProfile}[sso-session our team]\nsso_region = eu-central-1\nsso_start_url = https://x.awsapps.com/start\n`;
const oldForm = `[default]\nsso_region = eu-central-1\nsso_start_url = https://x.awsapps.com/start\n${ssoProfile}`;
const cacheOf = (key: string): string => `sso/cache/${createHash("sha1").update(key).digest("hex")}.json`;
const ssoPortal: InternetHost = ({ url, headers }) => {
  const { role_name, account_id } = Object.fromEntries(url.searchParams);
  const isKnown = headers["x-amz-sso_bearer_token"] === "marker-of-sso";
  if (!isKnown) return { status: 401, json: { message: "Session token not found or invalid" } };
  if (url.pathname !== "/federation/credentials" || role_name !== "Reader & more" || account_id !== "123456789012")
    return { status: 403, json: { message: "No access marker-of-sso" } };
  const { AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey, SessionToken: sessionToken } = lentKeys;
  return {
    json: { roleCredentials: { accessKeyId, secretAccessKey, sessionToken, expiration: Date.now() + 3600_000 } },
  };
};

test.each([
  ["a session", newForm, "our team", soon],
  ["a start URL", oldForm, "https://x.awsapps.com/start", soon.replace("Z", "UTC")],
])("single sign-on gives the credentials of a role, by the token of %s", async (_, config, key, expiresAt) => {
  const token = JSON.stringify({ accessToken: "marker-of-sso", expiresAt });
  const { pull, requests } = await open(
    { ...hosts, [portal]: ssoPortal },
    { home: homeWith({ config, [cacheOf(key)]: token }) },
  );
  await pull(`${ecr}/team/app:v1`);
  const shown = requests.filter(({ headers }) => JSON.stringify(headers).includes("marker-of-sso"));
  expect(shown.map(({ host }) => host)).toEqual([portal]);
});

test.each([
  ["is missing", undefined],
  ["has expired", JSON.stringify({ accessToken: "marker-of-sso", expiresAt: "2020-01-01T00:00:00Z" })],
  ["was ended", JSON.stringify({ accessToken: "marker-of-another", expiresAt: soon })],
  ["cannot be read", JSON.stringify({ accessToken: "marker-of-sso" })],
  ["cannot be read", "marker-of-sso"],
])("single sign-on whose log-in %s says to log in again", async (state, token) => {
  const files = { config: newForm, ...(token !== undefined && { [cacheOf("our team")]: token }) };
  const failure = await failureOf(await open({ ...hosts, [portal]: ssoPortal }, { home: homeWith(files) }));
  expect(failure).toMatchObject({
    code: "usage",
    message: `the AWS profile "default" uses single sign-on, but its log-in ${state}`,
    hint: "Run aws sso login.",
  });
});

/** The variable that leads to an instance metadata service, which refuses whoever shows no token of it. */
async function metadata(keys: object, answer?: RequestListener): Promise<Readonly<Record<string, string>>> {
  const path = "/latest/meta-data/iam/security-credentials/";
  const real: RequestListener = ({ method, url, headers }, response) => {
    const end = (status: number, text: string): void => void response.writeHead(status).end(text);
    if (url === "/latest/api/token") {
      const isGood = method === "PUT" && headers["x-aws-ec2-metadata-token-ttl-seconds"] === "21600";
      end(isGood ? 200 : 400, "of-the-service");
    } else if (headers["x-aws-ec2-metadata-token"] !== "of-the-service") end(401, "");
    else if (url === path) end(200, "our role\n");
    else if (url === `${path}our%20role`) {
      const { SessionToken: Token = "" } = keys as { SessionToken?: string };
      end(200, JSON.stringify({ Code: "Success", Type: "AWS-HMAC", ...keys, Token, Expiration: soon }));
    } else end(404, "");
  };
  const host = await listen(createServer(answer ?? real));
  return { AWS_EC2_METADATA_DISABLED: "false", AWS_EC2_METADATA_SERVICE_ENDPOINT: `http://${host}/` };
}

test("the instance gives credentials where nothing else does, past the proxy", async () => {
  const environment = await metadata(lentKeys);
  await (await open(hosts, { environment: { ...environment, HTTP_PROXY: "http://127.0.0.1:1" } })).pull(
    `${ecr}/team/app:v1`,
  );
  const disabled = await open(hosts, { environment: { ...environment, AWS_EC2_METADATA_DISABLED: "TRUE" } });
  await expect(disabled.pull(`${ecr}/team/app:v1`)).rejects.toMatchObject({ code: "registry-refused" });
});

test("an address where nothing answers in a second is asked twice, and is no instance", async () => {
  let count = 0;
  const environment = await metadata(lentKeys, () => void count++);
  const { pull } = await open(hosts, { environment });
  const began = Date.now();
  await expect(pull(`${ecr}/team/app:v1`)).rejects.toMatchObject({ code: "registry-refused" });
  expect(count).toBe(2);
  expect(Date.now() - began).toBeLessThan(10_000);
});

test.each<[string, RequestListener, string]>([
  ["leads elsewhere", (_, response) => void response.writeHead(307, { location: "/token" }).end(), "registry-refused"],
  ["knows no token", (_, response) => void response.writeHead(404).end("<html>"), "registry-refused"],
  [
    "fails after the token",
    ({ method }, response) => void response.writeHead(method === "PUT" ? 200 : 500).end("token"),
    "registry-unreachable",
  ],
  [
    "has no role",
    ({ method }, response) => void response.writeHead(method === "PUT" ? 200 : 404).end("token"),
    "registry-refused",
  ],
  [
    "writes without end",
    (_, response) => void response.writeHead(200).end(Buffer.alloc(1024 * 1024, "x")),
    "registry-refused",
  ],
])("a metadata service that %s gives no credentials", async (_, answer, code) => {
  const { pull } = await open(hosts, { environment: await metadata(lentKeys, answer) });
  await expect(pull(`${ecr}/team/app:v1`)).rejects.toMatchObject({ code });
});

test.each(["http://10.0.0.1/", "http://metadata.example.com/", "https://127.0.0.1/", "http://a:b@127.0.0.1/", "x"])(
  "the metadata of an instance are not asked for at %s",
  async (address) => {
    const environment = { AWS_EC2_METADATA_DISABLED: "false", AWS_EC2_METADATA_SERVICE_ENDPOINT: address };
    await expect((await open(hosts, { environment })).pull(`${ecr}/team/app:v1`)).rejects.toMatchObject({
      code: "usage",
      message: "the address in AWS_EC2_METADATA_SERVICE_ENDPOINT is not allowed for credentials",
    });
  },
);

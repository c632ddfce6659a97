import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "../../../../tests/setup/temporary-folder.ts";
import { RegistryDocument } from "../../connection/registry-document.ts";
import type { ProgramAnswer, ProgramCall } from "../../credentials/run-program.ts";
import { Secret } from "../../credentials/secret.ts";
import type { ApiServer } from "../cloud-accounts.ts";
import { findAwsCredentials } from "./find-aws-credentials.ts";

// What botocore (that of the AWS CLI 2) and aws-sdk-go-v2 do with the same variables and files.
const folder = temporaryFolder();
let homes = 0;

interface User {
  readonly environment?: Readonly<Record<string, string>>;
  readonly credentials?: string;
  readonly config?: string;
}

const container = { AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: "/v2/credentials" };

/** The access key that is found. In the container that {@link container} leads to it is `CONTAINER`. */
async function keyOf({ environment = {}, credentials = "", config = "" }: User): Promise<string | undefined> {
  const home = join(folder, `home-${homes++}`);
  mkdirSync(join(home, ".aws"), { recursive: true });
  writeFileSync(join(home, ".aws", "credentials"), credentials);
  writeFileSync(join(home, ".aws", "config"), config);
  const accounts = {
    environment: { AWS_EC2_METADATA_DISABLED: "true", ...environment },
    home,
    connect: noServer,
    connectDirectly: () => containerServer,
    runProgram: ({ name }: ProgramCall) => Promise.resolve(answerOf(name)),
    signal: new AbortController().signal,
  };
  return (await findAwsCredentials(accounts, place))?.accessKeyId;
}

const containerServer: ApiServer = {
  name: "169.254.170.2",
  ask: (request) => {
    const bytes = Buffer.from(JSON.stringify({ AccessKeyId: "CONTAINER", SecretAccessKey: "s", Token: "t" }));
    const head = { status: 200, headers: {}, challenges: [], url: request.url };
    return Promise.resolve(new RegistryDocument(head, { excerpt: bytes, bytes }));
  },
};

function noServer(): never {
  throw new Error("nobody else is asked");
}

const place = { sts: "sts.eu-west-1.amazonaws.com", region: "eu-west-1" };

/** The program `/bin/x` is there. */
function answerOf(name: string): ProgramAnswer | undefined {
  const output = new Secret('{"Version":1,"AccessKeyId":"PROGRAM","SecretAccessKey":"s"}');
  return name === "/bin/x" ? { exitCode: 0, output } : undefined;
}

const keys = (id: string): string => `aws_access_key_id = ${id}\naws_secret_access_key = s\n`;
const section = (name: string, text: string): string => `[${name}]\n${text}`;
const refusal = (message: string): object => ({ code: "usage", message: expect.stringContaining(message) as string });
const role = "role_arn = arn:aws:iam::1:role/x\nsource_profile = base\n";

describe("the profile", () => {
  const credentials = section("default", keys("DEFAULT")) + section("team", keys("TEAM")) + section("old", keys("OLD"));

  test("is the one of AWS_PROFILE, else of AWS_DEFAULT_PROFILE, else default", async () => {
    expect(await keyOf({ credentials })).toBe("DEFAULT");
    expect(await keyOf({ credentials, environment: { AWS_DEFAULT_PROFILE: "team" } })).toBe("TEAM");
    expect(await keyOf({ credentials, environment: { AWS_DEFAULT_PROFILE: "old", AWS_PROFILE: "team" } })).toBe("TEAM");
    expect(await keyOf({ credentials, environment: { AWS_DEFAULT_PROFILE: "team", AWS_PROFILE: "" } })).toBe("TEAM");
    const missing = keyOf({ credentials, environment: { AWS_DEFAULT_PROFILE: "missing" } });
    await expect(missing).rejects.toMatchObject(refusal('the AWS profile "missing" does not exist'));
  });

  test.each([
    ["in the configuration", { credentials: section("team", keys("TEAM")), config: section("profile team", role) }],
    ["beside the keys", { credentials: section("team", keys("TEAM") + role) }],
    ["in the credentials", { credentials: section("team", role), config: section("profile team", keys("TEAM")) }],
  ])("is of a role although it has keys, where the role is %s", async (_, files) => {
    const asked = keyOf({ ...files, environment: { AWS_PROFILE: "team" } });
    await expect(asked).rejects.toMatchObject(refusal('the AWS profile "team" has the source_profile "base", which'));
  });

  test("without a name of its own is of a role too", async () => {
    const asked = keyOf({ credentials: section("default", keys("DEFAULT")), config: section("default", role) });
    await expect(asked).rejects.toMatchObject(refusal('the AWS profile "default" has the source_profile "base"'));
  });

  test.each([
    ["role_arn = arn:aws:iam::1:role/x\n", "has role_arn with none of source_profile, credential_source"],
    [`${role}credential_source = Environment\n`, "has role_arn with more than one of source_profile"],
    ["role_arn = x\ncredential_source = Other\n", "credential_source that is not one of Environment, EcsContainer"],
    ["role_arn = x\ncredential_source = Environment\n", "credential_source Environment, where no credentials"],
    ["role_arn = x\ncredential_source = Ec2InstanceMetadata\n", "Ec2InstanceMetadata, where no credentials"],
    ["role_arn = x\nsource_profile = team\n", "refers to itself in source_profile and has no keys"],
    [`${role}mfa_serial = arn:aws:iam::1:mfa/ada\n`, "requires multi-factor authentication"],
    ["web_identity_token_file = /token\n", "has web_identity_token_file without role_arn"],
    ["login_session = arn:aws:iam::1:user/ada\n", "uses a browser login"],
    ["sso_session = s\nsso_account_id = 1\n", "uses single sign-on but lacks sso_role_name"],
    ["sso_account_id = 1\nsso_role_name = r\n", "uses single sign-on but lacks sso_session or sso_start_url"],
    [
      "sso_start_url = https://x\nsso_region = x.example.com/\nsso_account_id = 1\nsso_role_name = r\n",
      "its sso_region is not an AWS region",
    ],
  ])("that says %j ends the search", async (text, message) => {
    const asked = keyOf({ config: section("profile team", text), environment: { ...container, AWS_PROFILE: "team" } });
    await expect(asked).rejects.toMatchObject(refusal(`the AWS profile "team" `));
    await expect(asked).rejects.toMatchObject(refusal(message));
  });

  test("behind too many others is not used", async () => {
    const config = Array.from({ length: 10 }, (_, count) =>
      section(`profile p${count}`, `role_arn = x\nsource_profile = p${count + 1}\n`),
    ).join("");
    const asked = keyOf({ config, environment: { AWS_PROFILE: "p0" } });
    await expect(asked).rejects.toMatchObject(refusal('the AWS profile "p8" is reached through more than 8 profiles'));
  });

  test.each([
    ["/bin/y", "was not found in PATH"],
    ["bin/x", "has a relative path"],
    ["/bin/x 'a", "is not a command line"],
  ])("whose credential_process is %j ends the search", async (command, message) => {
    const config = section("default", `credential_process = ${command}\n`);
    await expect(keyOf({ config, environment: container })).rejects.toMatchObject(
      refusal(`the AWS profile "default" cannot be used: its credential_process ${message}`),
    );
  });

  test("with a role that is left empty has its keys", async () => {
    const config = section("default", "role_arn =\n");
    expect(await keyOf({ credentials: section("default", keys("DEFAULT")), config })).toBe("DEFAULT");
  });

  test("with half a pair of keys ends the search, whatever the other file has", async () => {
    const half = {
      credentials: section("team", "aws_access_key_id = HALF\n"),
      config: section("profile team", keys("X")),
    };
    const asked = keyOf({ ...half, environment: { AWS_PROFILE: "team" } });
    await expect(asked).rejects.toMatchObject(refusal("has only one of aws_access_key_id and aws_secret_access_key"));
    const whole = {
      credentials: section("default", keys("KEYS")),
      config: section("default", "aws_access_key_id = H\n"),
    };
    expect(await keyOf(whole)).toBe("KEYS");
  });

  test("of single sign-on or a program has the keys that were written under its name", async () => {
    const credentials = section("default", keys("DEFAULT"));
    for (const config of ["sso_session = s\nsso_account_id = 1\nsso_role_name = r\n", "credential_process = /bin/x\n"])
      expect(await keyOf({ credentials, config: section("default", config) })).toBe("DEFAULT");
  });
});

describe("the order", () => {
  const credentials = section("default", keys("DEFAULT"));

  test("is variables, profile, container", async () => {
    const variables = { AWS_ACCESS_KEY_ID: "VARIABLE", AWS_SECRET_ACCESS_KEY: "s" };
    const config = section("profile team", role);
    expect(await keyOf({ credentials, environment: { ...variables, ...container } })).toBe("VARIABLE");
    expect(await keyOf({ config, environment: { ...variables, AWS_PROFILE: "team" } })).toBe("VARIABLE");
    expect(await keyOf({ credentials, environment: container })).toBe("DEFAULT");
    expect(await keyOf({ environment: container })).toBe("CONTAINER");
    expect(await keyOf({ config: section("default", "credential_process = /bin/x\n"), environment: container })).toBe(
      "PROGRAM",
    );
    expect(await keyOf({})).toBeUndefined();
  });

  test.each([role, "sso_session = s\n", "credential_process = /bin/y\n", "aws_access_key_id = HALF\n"])(
    "does not pass over a default profile that cannot be used: %j",
    async (text) => {
      const asked = keyOf({ config: section("default", text), environment: container });
      await expect(asked).rejects.toMatchObject(refusal('the AWS profile "default"'));
    },
  );

  test("goes from a profile that does not mention credentials to the container", async () => {
    const config = section("profile team", "region = eu-west-1\n") + section("default", "region = eu-west-1\n");
    expect(await keyOf({ config, environment: container })).toBe("CONTAINER");
    expect(await keyOf({ config, environment: { ...container, AWS_PROFILE: "team" } })).toBe("CONTAINER");
    await expect(keyOf({ config, environment: { AWS_PROFILE: "team" } })).rejects.toMatchObject(
      refusal('the AWS profile "team" has no credentials'),
    );
    expect(await keyOf({ config })).toBeUndefined();
  });

  test("ends where variables say half of an account", async () => {
    await expect(keyOf({ credentials, environment: { AWS_ACCESS_KEY_ID: "HALF" } })).rejects.toMatchObject(
      refusal("AWS_ACCESS_KEY_ID is set without AWS_SECRET_ACCESS_KEY"),
    );
    await expect(keyOf({ credentials, environment: { AWS_WEB_IDENTITY_TOKEN_FILE: "/token" } })).rejects.toMatchObject(
      refusal("AWS_WEB_IDENTITY_TOKEN_FILE is set without AWS_ROLE_ARN"),
    );
    expect(await keyOf({ credentials, environment: { AWS_ROLE_ARN: "arn:aws:iam::1:role/x" } })).toBe("DEFAULT");
  });
});

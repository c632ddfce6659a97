import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "../../../../tests/setup/temporary-folder.ts";
import { RegistryDocument } from "../../registry-document.ts";
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
  const accounts = { environment, home, connect: noServer, connectDirectly: () => containerServer };
  return (await findAwsCredentials(accounts, { sts: "sts.eu-west-1.amazonaws.com" }))?.accessKeyId;
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
    [
      "of a web identity",
      {
        credentials: section("team", keys("TEAM")),
        config: section("profile team", "web_identity_token_file = /token\n"),
      },
    ],
  ])("is of a role although it has keys, where the role is %s", async (_, files) => {
    const asked = keyOf({ ...files, environment: { AWS_PROFILE: "team" } });
    await expect(asked).rejects.toMatchObject(refusal('the AWS profile "team" is of a role'));
  });

  test("without a name of its own is of a role too", async () => {
    const asked = keyOf({ credentials: section("default", keys("DEFAULT")), config: section("default", role) });
    await expect(asked).rejects.toMatchObject(refusal('the AWS profile "default" is of a role'));
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
    await expect(asked).rejects.toMatchObject(refusal("has only one of an access key and its secret"));
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
    expect(await keyOf({})).toBeUndefined();
  });

  test.each([role, "sso_session = s\n", "credential_process = /bin/x\n", "aws_access_key_id = HALF\n"])(
    "does not pass over a default profile that cannot be used: %j",
    async (text) => {
      const asked = keyOf({ config: section("default", text), environment: container });
      await expect(asked).rejects.toMatchObject(refusal('the AWS profile "default"'));
    },
  );

  test("goes from a profile that says nothing of credentials to the container", async () => {
    const config = section("profile team", "region = eu-west-1\n") + section("default", "region = eu-west-1\n");
    expect(await keyOf({ config, environment: container })).toBe("CONTAINER");
    expect(await keyOf({ config, environment: { ...container, AWS_PROFILE: "team" } })).toBe("CONTAINER");
    await expect(keyOf({ config, environment: { AWS_PROFILE: "team" } })).rejects.toMatchObject(
      refusal('the AWS profile "team" has no access key of its own'),
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

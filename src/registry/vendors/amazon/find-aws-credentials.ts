import { join } from "node:path";
import { namedPath } from "../../../io/named-path.ts";
import { PlimsollError } from "../../../model/error.ts";
import { readCredentialFile } from "../../credentials/read-credential-file.ts";
import { Secret } from "../../credentials/secret.ts";
import type { CloudAccounts } from "../cloud-accounts.ts";
import { containerCredentials } from "./container-credentials.ts";
import type { EcrHost } from "./ecr-host.ts";
import { parseProfiles } from "./profile-file.ts";
import type { AwsCredentials } from "./sign-request.ts";
import { webIdentityCredentials } from "./web-identity.ts";

/**
 * The user's credentials at AWS, where AWS's own programs look: the variables, then the role of a web identity, then
 * the profile that `AWS_PROFILE` names, `default` without it, then the address of a container. Undefined when there are
 * none.
 *
 * Profiles that have to be asked elsewhere for credentials (a role, single sign-on, a program) cannot be used; nor can
 * an access key without its secret.
 *
 * Source: AWS's documentation, "Standardized credential providers" and "Shared config and credentials files"; the order
 * is that of the AWS CLI and of AWS's library for Go.
 *
 * Errors: `usage` for what cannot be used where there is nothing else, and always for a profile that was named;
 * `file-malformed`, `target-unreadable`; those of {@link webIdentityCredentials} and {@link containerCredentials}.
 */
export async function findAwsCredentials(
  accounts: CloudAccounts,
  host: Pick<EcrHost, "sts">,
): Promise<AwsCredentials | undefined> {
  const { environment } = accounts;
  const given = ofVariables(environment) ?? (await webIdentityCredentials(accounts, host));
  if (given) return given;
  const named = environment["AWS_PROFILE"] || undefined;
  const profile = await readProfile(accounts, named ?? "default");
  if ("accessKeyId" in profile) return profile;
  if (named !== undefined) throw unusable(named, profile.lack ?? "has no access key of its own");
  const lent = await containerCredentials(accounts);
  if (lent) return lent;
  if (environment["AWS_ACCESS_KEY_ID"]) {
    throw new PlimsollError("usage", "AWS_ACCESS_KEY_ID is set without AWS_SECRET_ACCESS_KEY", {
      hint: "Set both, or neither to ask without an account.",
    });
  }
  if (profile.isMeant) throw unusable("default", profile.lack ?? "has no access key of its own");
  return undefined;
}

function ofVariables(environment: CloudAccounts["environment"]): AwsCredentials | undefined {
  return credentialsOf({
    id: environment["AWS_ACCESS_KEY_ID"],
    secret: environment["AWS_SECRET_ACCESS_KEY"],
    session: environment["AWS_SESSION_TOKEN"],
  });
}

/** A profile without credentials. */
interface BareProfile {
  /** What is wrong with it, as a clause about "it"; absent where it only has none. */
  readonly lack?: string;
  /** True when it is there to give credentials, and not for a region alone. */
  readonly isMeant: boolean;
}

async function readProfile({ environment, home }: CloudAccounts, name: string): Promise<AwsCredentials | BareProfile> {
  const files = [
    { kind: "credentials", setting: "AWS_SHARED_CREDENTIALS_FILE" },
    { kind: "config", setting: "AWS_CONFIG_FILE" },
  ] as const;
  const found: ReadonlyMap<string, string>[] = [];
  for (const { kind, setting } of files) {
    const path = namedPath(environment[setting] || join(home, ".aws", kind), { setting });
    const profile = parseProfiles((await readCredentialFile(path)) ?? "", kind).get(name);
    const credentials = credentialsOf({
      id: profile?.get("aws_access_key_id"),
      secret: profile?.get("aws_secret_access_key"),
      session: profile?.get("aws_session_token"),
    });
    if (credentials) return credentials;
    if (profile) found.push(profile);
  }
  if (found.length === 0) return { lack: "does not exist", isMeant: false };
  const lack = lacks.find(([settings]) => settings.some((setting) => found.some((one) => one.has(setting))))?.[1];
  return { ...(lack !== undefined && { lack }), isMeant: lack !== undefined };
}

/** What settings of a profile say of where its credentials come from. */
const lacks: readonly (readonly [settings: readonly string[], lack: string])[] = [
  [["role_arn"], "is of a role"],
  [["sso_session", "sso_start_url"], "is of single sign-on"],
  [["login_session"], "is of a log-in in the browser"],
  [["credential_process"], "is of a program"],
  [["aws_access_key_id", "aws_secret_access_key"], "has only one of an access key and its secret"],
];

function unusable(name: string, lack: string): PlimsollError {
  return new PlimsollError("usage", `the AWS profile ${JSON.stringify(name)} ${lack}`, {
    hint: "Profiles of roles, single sign-on and programs are not followed: set the variables that aws configure export-credentials --format env writes, which go before a profile, or log in with the password of aws ecr get-login-password.",
  });
}

function credentialsOf({
  id,
  secret,
  session,
}: {
  readonly id: string | undefined;
  readonly secret: string | undefined;
  readonly session: string | undefined;
}): AwsCredentials | undefined {
  if (!id || !secret) return undefined;
  const token = session ? { sessionToken: new Secret(session) } : {};
  return { accessKeyId: id, secretAccessKey: new Secret(secret), ...token };
}

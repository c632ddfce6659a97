import { join } from "node:path";
import { namedPath } from "../../../io/named-path.ts";
import { PlimsollError } from "../../../model/error.ts";
import { readCredentialFile } from "../../credentials/read-credential-file.ts";
import type { CloudAccounts } from "../cloud-accounts.ts";
import { awsKeys } from "./aws-keys.ts";
import { type Profiles, parseProfiles } from "./profile-file.ts";
import type { AwsCredentials } from "./sign-request.ts";

type Profile = NonNullable<ReturnType<Profiles["get"]>>;

/**
 * The keys of a profile, `default` unless one is named, in the file of the credentials, else in that of the
 * configuration. Undefined when it says nothing of credentials, and when there is no `default`.
 *
 * - A role, in either file, goes before keys in either: they are at most those with which to ask for it.
 * - Of keys and single sign-on or a program the keys count: other programs write them under the profile's name for
 *   those that follow neither.
 *
 * Source: AWS's documentation, "Shared config and credentials files", AWS SDKs and Tools Reference Guide; the AWS CLI
 * and AWS's library for Go where it is silent.
 *
 * Errors: `usage` for a profile that has to be asked elsewhere for credentials (a role, single sign-on, a program) or
 * has half of a pair of keys, and for one that was named and does not exist; `file-malformed`, `target-unreadable`.
 */
export async function profileCredentials(
  accounts: CloudAccounts,
  named: string | undefined,
): Promise<AwsCredentials | undefined> {
  const name = named ?? "default";
  const profiles: Profile[] = [];
  for (const kind of ["credentials", "config"] as const) {
    const profile = await readProfile(accounts, { kind, name });
    if (profile) profiles.push(profile);
  }
  if (profiles.length === 0 && named !== undefined) throw unusableProfile(name, "does not exist");
  const lackBy = (kinds: typeof lacks): string | undefined =>
    kinds.find(([settings]) => profiles.some((profile) => hasAny(profile, settings)))?.[1];
  const role = lackBy(roles);
  const keys = role === undefined ? keysIn(profiles.find((profile) => hasAny(profile, keySettings))) : undefined;
  if (keys) return keys;
  const lack = role ?? lackBy(lacks);
  if (lack !== undefined) throw unusableProfile(name, lack);
  return undefined;
}

/** `usage`; `lack` is a clause about the profile. */
export function unusableProfile(name: string, lack: string): PlimsollError {
  return new PlimsollError("usage", `the AWS profile ${JSON.stringify(name)} ${lack}`, {
    hint: "Profiles of roles, single sign-on and programs are not followed: set the variables that aws configure export-credentials --format env writes, which go before a profile, or log in with the password of aws ecr get-login-password.",
  });
}

async function readProfile(
  { environment, home }: CloudAccounts,
  { kind, name }: { readonly kind: keyof typeof pathSettings; readonly name: string },
): Promise<Profile | undefined> {
  const setting = pathSettings[kind];
  const path = namedPath(environment[setting] || join(home, ".aws", kind), { setting });
  return parseProfiles((await readCredentialFile(path)) ?? "", kind).get(name);
}

const pathSettings = { credentials: "AWS_SHARED_CREDENTIALS_FILE", config: "AWS_CONFIG_FILE" } as const;
const keySettings = ["aws_access_key_id", "aws_secret_access_key"] as const;

/** What settings of a profile say of where its credentials come from. */
const roles: readonly (readonly [settings: readonly string[], lack: string])[] = [
  [["role_arn", "web_identity_token_file"], "is of a role"],
];
const lacks: typeof roles = [
  [["sso_session", "sso_start_url", "sso_account_id", "sso_role_name"], "is of single sign-on"],
  [["login_session"], "is of a log-in in the browser"],
  [["credential_process"], "is of a program"],
  [keySettings, "has only one of an access key and its secret"],
];

/** A setting without a value says nothing. */
function hasAny(profile: Profile, settings: readonly string[]): boolean {
  return settings.some((setting) => Boolean(profile.get(setting)));
}

function keysIn(profile: Profile | undefined): AwsCredentials | undefined {
  const [id, secret, session] = [...keySettings, "aws_session_token"].map((setting) => profile?.get(setting));
  return awsKeys({ id, secret, session });
}

import { join } from "node:path";
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
 * The user's credentials at AWS, where AWS's own programs look: the variables, then the role of a web identity, then the profile that
 * `AWS_PROFILE` names, `default` without it, then the address of a container. With `AWS_PROFILE`, which was named on purpose, the variables are passed over, as the
 * libraries of AWS for Go and JavaScript do. Undefined when there are none.
 *
 * Profiles that have to be asked elsewhere for credentials (a role, single sign-on, a program) cannot be used; a profile that was named
 * is an error then, the default is passed over.
 *
 * Source: AWS's documentation, "Standardized credential providers" and "Shared config and credentials files".
 *
 * Errors: `usage`, `file-malformed`, `target-unreadable`; those of {@link webIdentityCredentials} and
 * {@link containerCredentials}.
 */
export async function findAwsCredentials(
  accounts: CloudAccounts,
  host: Pick<EcrHost, "sts">,
): Promise<AwsCredentials | undefined> {
  const { environment } = accounts;
  const named = environment["AWS_PROFILE"] || undefined;
  return (
    (named === undefined ? (ofVariables(environment) ?? (await webIdentityCredentials(accounts, host))) : undefined) ??
    (await ofProfile(accounts, named)) ??
    (await containerCredentials(accounts))
  );
}

function ofVariables(environment: CloudAccounts["environment"]): AwsCredentials | undefined {
  return credentialsOf({
    id: environment["AWS_ACCESS_KEY_ID"],
    secret: environment["AWS_SECRET_ACCESS_KEY"],
    session: environment["AWS_SESSION_TOKEN"],
  });
}

async function ofProfile(
  { environment, home }: CloudAccounts,
  named: string | undefined,
): Promise<AwsCredentials | undefined> {
  const files = [
    { kind: "credentials", path: environment["AWS_SHARED_CREDENTIALS_FILE"] || join(home, ".aws", "credentials") },
    { kind: "config", path: environment["AWS_CONFIG_FILE"] || join(home, ".aws", "config") },
  ] as const;
  const name = named ?? "default";
  let isThere = false;
  for (const { kind, path } of files) {
    const profile = parseProfiles((await readCredentialFile(path)) ?? "", kind).get(name);
    isThere ||= profile !== undefined;
    const credentials = credentialsOf({
      id: profile?.get("aws_access_key_id"),
      secret: profile?.get("aws_secret_access_key"),
      session: profile?.get("aws_session_token"),
    });
    if (credentials) return credentials;
  }
  if (named === undefined) return undefined;
  const reason = isThere ? "has no access key of its own" : "does not exist";
  throw new PlimsollError("usage", `the AWS profile ${JSON.stringify(named)} ${reason}`, {
    hint: "Profiles of roles, single sign-on and programs are not followed: export their credentials as AWS_ACCESS_KEY_ID and its kin, or log in with the password of aws ecr get-login-password.",
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

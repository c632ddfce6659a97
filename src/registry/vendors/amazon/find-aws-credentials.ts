import { PlimsollError } from "../../../model/error.ts";
import type { CloudAccounts } from "../cloud-accounts.ts";
import type { StsPlace } from "./ask-sts.ts";
import { awsKeys } from "./aws-keys.ts";
import { containerCredentials } from "./container-credentials.ts";
import { instanceCredentials } from "./instance-metadata.ts";
import { type CredentialSourceName, profileCredentials } from "./profile-credentials.ts";
import { brokenProfile } from "./profile-failure.ts";
import type { AwsCredentials } from "./sign-request.ts";
import { webIdentityCredentials } from "./web-identity.ts";

/**
 * The user's credentials at AWS, where AWS's own programs look: the variables, then the role of a web identity, then
 * the profile that `AWS_PROFILE` or else `AWS_DEFAULT_PROFILE` names, `default` without them, then the address of a
 * container, then the metadata service of an EC2 instance. Undefined when there are none.
 *
 * A source that is configured and cannot be used is an error, and later sources are not tried: the next one may be
 * another account.
 *
 * Source: AWS's documentation, "Standardized credential providers" and "Shared config and credentials files"; the order
 * is that of AWS's library for Go, and of the AWS CLI as far as the two agree.
 *
 * Errors: `usage` for an access key without its secret; those of {@link webIdentityCredentials},
 * {@link profileCredentials}, {@link containerCredentials} and {@link instanceCredentials}; `usage` for a profile that
 * was named and says nothing, where there is nothing else.
 */
export async function findAwsCredentials(
  accounts: CloudAccounts,
  place: StsPlace,
): Promise<AwsCredentials | undefined> {
  const { environment } = accounts;
  const given = ofVariables(environment) ?? (await webIdentityCredentials(accounts, place));
  if (given) return given;
  const named = environment["AWS_PROFILE"] || environment["AWS_DEFAULT_PROFILE"] || undefined;
  const found =
    (await profileCredentials(accounts, named, { place, credentialsOf: (source) => ofSource(accounts, source) })) ??
    (await containerCredentials(accounts)) ??
    (await instanceCredentials(accounts));
  if (!found && named !== undefined) throw brokenProfile(named, "has no credentials");
  return found;
}

/** The credentials of a `credential_source`. */
async function ofSource(accounts: CloudAccounts, source: CredentialSourceName): Promise<AwsCredentials | undefined> {
  if (source === "Environment") return ofVariables(accounts.environment);
  return source === "EcsContainer" ? containerCredentials(accounts) : instanceCredentials(accounts);
}

function ofVariables(environment: CloudAccounts["environment"]): AwsCredentials | undefined {
  const id = environment["AWS_ACCESS_KEY_ID"];
  const secret = environment["AWS_SECRET_ACCESS_KEY"];
  if (id && !secret) {
    throw new PlimsollError("usage", "AWS_ACCESS_KEY_ID is set without AWS_SECRET_ACCESS_KEY", {
      hint: "Set both variables, or unset both to use other credentials.",
    });
  }
  return awsKeys({ id, secret, session: environment["AWS_SESSION_TOKEN"] });
}

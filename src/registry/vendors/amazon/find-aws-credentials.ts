import { PlimsollError } from "../../../model/error.ts";
import type { CloudAccounts } from "../cloud-accounts.ts";
import { awsKeys } from "./aws-keys.ts";
import { containerCredentials } from "./container-credentials.ts";
import type { EcrHost } from "./ecr-host.ts";
import { profileCredentials, unusableProfile } from "./profile-credentials.ts";
import type { AwsCredentials } from "./sign-request.ts";
import { webIdentityCredentials } from "./web-identity.ts";

/**
 * The user's credentials at AWS, where AWS's own programs look: the variables, then the role of a web identity, then
 * the profile that `AWS_PROFILE` or else `AWS_DEFAULT_PROFILE` names, `default` without them, then the address of a
 * container. Undefined when there are none.
 *
 * What is meant to be used and cannot be is an error, and nothing after it is looked at: what comes next may be another
 * account.
 *
 * Source: AWS's documentation, "Standardized credential providers" and "Shared config and credentials files"; the order
 * is that of AWS's library for Go, and of the AWS CLI as far as the two agree.
 *
 * Errors: `usage` for an access key without its secret; those of {@link webIdentityCredentials},
 * {@link profileCredentials} and {@link containerCredentials}; `usage` for a profile that was named and says nothing,
 * where there is nothing else.
 */
export async function findAwsCredentials(
  accounts: CloudAccounts,
  host: Pick<EcrHost, "sts">,
): Promise<AwsCredentials | undefined> {
  const { environment } = accounts;
  const given = ofVariables(environment) ?? (await webIdentityCredentials(accounts, host));
  if (given) return given;
  const named = environment["AWS_PROFILE"] || environment["AWS_DEFAULT_PROFILE"] || undefined;
  const found = (await profileCredentials(accounts, named)) ?? (await containerCredentials(accounts));
  if (!found && named !== undefined) throw unusableProfile(named, "has no access key of its own");
  return found;
}

function ofVariables(environment: CloudAccounts["environment"]): AwsCredentials | undefined {
  const id = environment["AWS_ACCESS_KEY_ID"];
  const secret = environment["AWS_SECRET_ACCESS_KEY"];
  if (id && !secret) {
    throw new PlimsollError("usage", "AWS_ACCESS_KEY_ID is set without AWS_SECRET_ACCESS_KEY", {
      hint: "Set both, or neither to use what else there is.",
    });
  }
  return awsKeys({ id, secret, session: environment["AWS_SESSION_TOKEN"] });
}

import type { CloudAccounts } from "../cloud-accounts.ts";
import { askSts, type StsPlace } from "./ask-sts.ts";
import { brokenProfile } from "./profile-failure.ts";
import type { AwsCredentials } from "./sign-request.ts";

/** A role, and who asks for it. */
export interface RoleRequest {
  /** The profile that names the role. */
  readonly profile: string;
  readonly credentials: AwsCredentials;
  readonly role: string;
  /** `plimsoll` unless given. */
  readonly session: string | undefined;
  readonly externalId: string | undefined;
  /** Seconds, as written. */
  readonly duration: string | undefined;
}

/**
 * The credentials of a role, from AWS STS in the registry's own region.
 *
 * Source: AWS's documentation, "AWS Security Token Service API Reference", AssumeRole; "Assume role credential
 * provider", AWS SDKs and Tools Reference Guide.
 *
 * Errors: `usage` for a duration that is not a number; those of a request.
 */
export async function assumeRole(
  accounts: CloudAccounts,
  place: StsPlace,
  { profile, credentials, role, session, externalId, duration }: RoleRequest,
): Promise<AwsCredentials> {
  if (duration !== undefined && !/^[0-9]{1,6}$/.test(duration)) {
    throw brokenProfile(profile, "has a duration_seconds that is not a number", "Correct the profile.");
  }
  return askSts(accounts, place, {
    action: "AssumeRole",
    fields: {
      RoleArn: role,
      RoleSessionName: session ?? "plimsoll",
      ...(externalId !== undefined && { ExternalId: externalId }),
      ...(duration !== undefined && { DurationSeconds: duration }),
    },
    credentials,
    hidden: externalId === undefined ? [] : [externalId],
    what: `the credentials of the role in the AWS profile ${JSON.stringify(profile)}`,
  });
}

import { namedPath } from "../../../io/files/named-path.ts";
import { PlimsollError } from "../../../model/error.ts";
import { readCredentialFile } from "../../credentials/read-credential-file.ts";
import type { CloudAccounts } from "../cloud-accounts.ts";
import { askSts, type StsPlace } from "./ask-sts.ts";
import type { AwsCredentials } from "./sign-request.ts";

/** A role that is lent to who shows a token. */
export interface WebIdentity {
  readonly role: string;
  /** The path of the file with the token. */
  readonly path: string;
  /** The setting that names the file. */
  readonly setting: string;
  /** The setting that names the role. */
  readonly roleSetting: string;
  /** `plimsoll` unless given. */
  readonly session: string | undefined;
}

/**
 * The credentials of the role `AWS_ROLE_ARN` for the token in the file `AWS_WEB_IDENTITY_TOKEN_FILE`, as a service
 * account of EKS has them; undefined without such a file. They are asked for in the registry's own region.
 *
 * Errors: `usage` for a file without a role; those of {@link lentForToken}.
 */
export async function webIdentityCredentials(
  accounts: CloudAccounts,
  place: StsPlace,
): Promise<AwsCredentials | undefined> {
  const {
    AWS_ROLE_ARN: role,
    AWS_WEB_IDENTITY_TOKEN_FILE: path,
    AWS_ROLE_SESSION_NAME: session,
  } = accounts.environment;
  if (!path) return undefined;
  const setting = "AWS_WEB_IDENTITY_TOKEN_FILE";
  namedPath(path, { setting });
  if (!role) {
    throw new PlimsollError("usage", "AWS_WEB_IDENTITY_TOKEN_FILE is set without AWS_ROLE_ARN", {
      hint: "Set both, or neither to use what else there is.",
    });
  }
  return lentForToken(accounts, place, { role, path, setting, roleSetting: "AWS_ROLE_ARN", session });
}

/**
 * The credentials of a role for the token in a file.
 *
 * Source: AWS's documentation, "AWS Security Token Service API Reference", AssumeRoleWithWebIdentity.
 *
 * Errors: `target-unreadable` and `file-malformed` of the file; those of the request.
 */
export async function lentForToken(
  accounts: CloudAccounts,
  place: StsPlace,
  { role, path, setting, roleSetting, session }: WebIdentity,
): Promise<AwsCredentials> {
  const token = (await readCredentialFile(namedPath(path, { setting })))?.trim();
  if (!token) {
    throw new PlimsollError("target-unreadable", `${path}, set by ${setting}, contains no token`, {
      hint: `Correct ${setting}, or unset it to use other credentials.`,
    });
  }
  return askSts(accounts, place, {
    action: "AssumeRoleWithWebIdentity",
    fields: { RoleArn: role, RoleSessionName: session || "plimsoll", WebIdentityToken: token },
    hidden: [token],
    what: `the credentials of the role in ${roleSetting}`,
  });
}

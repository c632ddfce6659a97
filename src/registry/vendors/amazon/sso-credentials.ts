import { createHash } from "node:crypto";
import { join } from "node:path";
import { isJsonObject, parseJson } from "../../../model/objects/json-object.ts";
import { readCredentialFile } from "../../credentials/read-credential-file.ts";
import { memberOf } from "../api-pages.ts";
import { askApi } from "../ask-api.ts";
import type { CloudAccounts } from "../cloud-accounts.ts";
import { awsKeys } from "./aws-keys.ts";
import { expiryOf } from "./expiry.ts";
import { passingAwsFailure } from "./passing-aws-failure.ts";
import { brokenProfile } from "./profile-failure.ts";
import type { AwsCredentials } from "./sign-request.ts";

/** What a profile says of IAM Identity Center. */
export interface SingleSignOn {
  readonly profile: string;
  /** The name of its `[sso-session]`, for whose log-in the token was kept; without one it was for the start URL. */
  readonly session: string | undefined;
  readonly startUrl: string | undefined;
  readonly region: string | undefined;
  readonly account: string | undefined;
  readonly role: string | undefined;
}

/** It decides which host receives the token. */
const regionForm = /^[a-z]{2,4}(?:-[a-z]+)+-[0-9]{1,2}$/;

/**
 * The credentials of a role of IAM Identity Center for the token that `aws sso login` has kept. The token is not
 * renewed, and nothing is written.
 *
 * Source: AWS's documentation, "IAM Identity Center credential provider", AWS SDKs and Tools Reference Guide; "IAM
 * Identity Center Portal API Reference", GetRoleCredentials.
 *
 * Errors: `usage` for a profile that lacks a setting, and for a log-in that is missing or expired; `file-malformed`,
 * `target-unreadable`; those of a request.
 */
export async function ssoCredentials(accounts: CloudAccounts, profile: SingleSignOn): Promise<AwsCredentials> {
  const { region, account, role } = profile;
  const lack = lackOf(profile);
  if (lack !== undefined) throw brokenProfile(profile.profile, `uses single sign-on but lacks ${lack}`, correct);
  const key = profile.session ?? profile.startUrl ?? "";
  if (region === undefined || !regionForm.test(region)) {
    throw brokenProfile(profile.profile, "uses single sign-on, but its sso_region is not an AWS region", correct);
  }
  const token = await keptToken(accounts, { profile: profile.profile, key });
  const host = `portal.sso.${region}.${region.startsWith("cn-") ? "amazonaws.com.cn" : "amazonaws.com"}`;
  const query = new URLSearchParams({ role_name: role ?? "", account_id: account ?? "" });
  const answer = await askApi(accounts.connect(host), {
    url: new URL(`https://${host}/federation/credentials?${query.toString()}`),
    secrets: { "x-amz-sso_bearer_token": token },
    passing: passingAwsFailure,
    what: "the credentials of the single sign-on role",
  });
  if (answer.status === 401) throw logInAgain(profile.profile, "was ended");
  const lent = memberOf(answer.json, "roleCredentials");
  const [id, secret, session] = ["accessKeyId", "secretAccessKey", "sessionToken"].map((name) => {
    const value = memberOf(lent, name);
    return typeof value === "string" ? value : undefined;
  });
  const keys = session ? awsKeys({ id, secret, session }) : undefined;
  if (!keys) throw answer.refusal();
  return keys;
}

const correct = "Correct the profile in ~/.aws/config, or run aws configure sso to write it again.";

function lackOf({ session, startUrl, region, account, role }: SingleSignOn): string | undefined {
  if (!session && !startUrl) return "sso_session or sso_start_url";
  if (!account) return "sso_account_id";
  if (!role) return "sso_role_name";
  return region ? undefined : "sso_region";
}

async function keptToken(
  { home }: CloudAccounts,
  { profile, key }: { readonly profile: string; readonly key: string },
): Promise<string> {
  const name = `${createHash("sha1").update(key).digest("hex")}.json`;
  const text = await readCredentialFile(join(home, ".aws", "sso", "cache", name));
  if (text === undefined) throw logInAgain(profile, "is missing");
  const json = parseJson(text);
  const token = isJsonObject(json) ? json["accessToken"] : undefined;
  const until = expiryOf(isJsonObject(json) ? json["expiresAt"] : undefined);
  if (typeof token !== "string" || !/^[\x21-\x7e]+$/.test(token) || typeof until !== "number") {
    throw logInAgain(profile, "cannot be read");
  }
  if (until <= Date.now()) throw logInAgain(profile, "has expired");
  return token;
}

function logInAgain(profile: string, state: string): Error {
  const word = /^[\w.@+-]+$/.test(profile) ? profile : JSON.stringify(profile);
  const option = profile === "default" ? "" : ` --profile ${word}`;
  return brokenProfile(profile, `uses single sign-on, but its log-in ${state}`, `Run aws sso login${option}.`);
}

import type { CloudAccounts } from "../cloud-accounts.ts";
import type { StsPlace } from "./ask-sts.ts";
import { processCredentials } from "./process-credentials.ts";
import { brokenProfile } from "./profile-failure.ts";
import { type Profile, type ProfileFiles, readProfiles } from "./profiles.ts";
import { assumeRole } from "./role-credentials.ts";
import type { AwsCredentials } from "./sign-request.ts";
import { ssoCredentials } from "./sso-credentials.ts";
import { lentForToken } from "./web-identity.ts";

/** So many profiles may lead to one another. */
const longestChain = 8;

const credentialSources = ["Environment", "EcsContainer", "Ec2InstanceMetadata"] as const;

/** The `credential_source` of a role. */
export type CredentialSourceName = (typeof credentialSources)[number];

/** What profiles need beside their files. */
export interface ProfileOptions {
  readonly place: StsPlace;
  /** Undefined when there are none of that kind. */
  readonly credentialsOf: (source: CredentialSourceName) => Promise<AwsCredentials | undefined>;
}

/**
 * The credentials of a profile, `default` unless one is named, from the file of the credentials and that of the
 * configuration. Undefined when it does not mention credentials, and when there is no `default`.
 *
 * - A role, in either file, goes before keys in either; of a profile that another one leads to its keys go first.
 * - Keys go before single sign-on and programs: other programs write them under the profile's name for those that
 *   follow neither.
 *
 * Source: AWS's documentation, "Shared config and credentials files", AWS SDKs and Tools Reference Guide; the AWS CLI
 * and AWS's library for Go where it is silent.
 *
 * Errors: `usage` for a profile whose settings are incomplete or contradict one another, and for one that was named and
 * does not exist; `file-malformed`, `target-unreadable`; those of who is asked for credentials.
 */
export async function profileCredentials(
  accounts: CloudAccounts,
  named: string | undefined,
  options: ProfileOptions,
): Promise<AwsCredentials | undefined> {
  const files = await readProfiles(accounts);
  const profile = files.profile(named ?? "default");
  if (profile) return new ProfileChain(accounts, files, options).credentials(profile, []);
  if (named !== undefined) throw brokenProfile(named, "does not exist", "Correct AWS_PROFILE, or add the profile.");
  return undefined;
}

class ProfileChain {
  readonly #accounts: CloudAccounts;
  readonly #files: ProfileFiles;
  readonly #options: ProfileOptions;

  constructor(accounts: CloudAccounts, files: ProfileFiles, options: ProfileOptions) {
    this.#accounts = accounts;
    this.#files = files;
    this.#options = options;
  }

  /** `before` has the names of the profiles that led here. */
  async credentials(profile: Profile, before: readonly string[]): Promise<AwsCredentials | undefined> {
    const { name, keys, get } = profile;
    if (before.length > 0 && keys !== undefined && keys !== "half") return keys;
    if (before.includes(name)) throw brokenProfile(name, "refers to itself in source_profile and has no keys");
    if (before.length >= longestChain)
      throw brokenProfile(name, `is reached through more than ${longestChain} profiles`);
    if (get("role_arn") || get("web_identity_token_file")) return this.#ofRole(profile, [...before, name]);
    if (keys === "half") throw brokenProfile(name, "has only one of aws_access_key_id and aws_secret_access_key");
    if (keys) return keys;
    if (ssoSettings.some(get)) return this.#ofSingleSignOn(profile);
    if (get("login_session")) throw brokenProfile(name, "uses a browser login, which is not supported");
    const command = get("credential_process");
    return command ? processCredentials(this.#accounts, { profile: name, command }) : undefined;
  }

  async #ofRole({ name, get }: Profile, before: readonly string[]): Promise<AwsCredentials> {
    const role = get("role_arn");
    if (!role) throw brokenProfile(name, "has web_identity_token_file without role_arn");
    const sources = roleSources.filter((setting) => get(setting));
    const [setting] = sources;
    if (!setting || sources.length > 1) {
      const count = setting ? `more than one of ${roleSources.join(", ")}` : `none of ${roleSources.join(", ")}`;
      throw brokenProfile(name, `has role_arn with ${count}`, "Keep exactly one of these settings in the profile.");
    }
    const value = get(setting) ?? "";
    const session = get("role_session_name");
    const { place } = this.#options;
    if (setting === "web_identity_token_file") {
      const roleSetting = `the AWS profile ${JSON.stringify(name)}`;
      return lentForToken(this.#accounts, place, { role, path: value, setting, roleSetting, session });
    }
    if (get("mfa_serial"))
      throw brokenProfile(name, "requires multi-factor authentication (mfa_serial), which is not supported");
    const credentials = await (setting === "source_profile"
      ? this.#ofSourceProfile(name, value, before)
      : this.#ofSource(name, value));
    return assumeRole(this.#accounts, place, {
      profile: name,
      credentials,
      role,
      session,
      externalId: get("external_id"),
      duration: get("duration_seconds"),
    });
  }

  async #ofSourceProfile(name: string, source: string, before: readonly string[]): Promise<AwsCredentials> {
    const profile = this.#files.profile(source);
    const lack = `has the source_profile ${JSON.stringify(source)}, which`;
    if (!profile) throw brokenProfile(name, `${lack} does not exist`);
    const found = await this.credentials(profile, before);
    if (!found) throw brokenProfile(name, `${lack} has no credentials`);
    return found;
  }

  async #ofSource(name: string, source: string): Promise<AwsCredentials> {
    const known = credentialSources.find((one) => one.toLowerCase() === source.toLowerCase());
    if (!known) {
      throw brokenProfile(name, `has a credential_source that is not one of ${credentialSources.join(", ")}`);
    }
    const found = await this.#options.credentialsOf(known);
    if (!found) throw brokenProfile(name, `has the credential_source ${known}, where no credentials were found`);
    return found;
  }

  #ofSingleSignOn({ name, get }: Profile): Promise<AwsCredentials> {
    const session = get("sso_session");
    const shared = (setting: string): string | undefined =>
      (session && this.#files.session(session, setting)) || get(setting);
    return ssoCredentials(this.#accounts, {
      profile: name,
      session,
      startUrl: shared("sso_start_url"),
      region: shared("sso_region"),
      account: get("sso_account_id"),
      role: get("sso_role_name"),
    });
  }
}

const roleSources = ["source_profile", "credential_source", "web_identity_token_file"] as const;
const ssoSettings = ["sso_session", "sso_start_url", "sso_account_id", "sso_role_name"] as const;

import { join } from "node:path";
import { namedPath } from "../../../io/files/named-path.ts";
import { readCredentialFile } from "../../credentials/read-credential-file.ts";
import type { CloudAccounts } from "../cloud-accounts.ts";
import { awsKeys } from "./aws-keys.ts";
import { parseProfiles } from "./profile-file.ts";
import type { AwsCredentials } from "./sign-request.ts";

/** What the two files say of one profile. */
export interface Profile {
  readonly name: string;
  /** The value of a setting in the file of the credentials, else in that of the configuration; undefined when empty. */
  readonly get: (setting: string) => string | undefined;
  /** The pair of keys of the first file that has one of them; `half` for one of a pair. */
  readonly keys: AwsCredentials | "half" | undefined;
}

/** The profiles and sections of the user's files. */
export interface ProfileFiles {
  readonly profile: (name: string) => Profile | undefined;
  /** A setting of a `[sso-session NAME]`. */
  readonly session: (name: string, setting: string) => string | undefined;
}

const pathSettings = { credentials: "AWS_SHARED_CREDENTIALS_FILE", config: "AWS_CONFIG_FILE" } as const;
const keySettings = ["aws_access_key_id", "aws_secret_access_key"] as const;

/** Reads both files. Errors: `usage`, `file-malformed`, `target-unreadable`. */
export async function readProfiles(accounts: CloudAccounts): Promise<ProfileFiles> {
  const credentials = await textOf(accounts, "credentials");
  const config = await textOf(accounts, "config");
  const files = [parseProfiles(credentials, "credentials"), parseProfiles(config, "config")];
  const sessions = parseProfiles(config, "sso-session");
  return {
    profile: (name) => {
      const sections = files.map((file) => file.get(name)).filter((section) => section !== undefined);
      if (sections.length === 0) return undefined;
      return {
        name,
        get: (setting) => sections.map((section) => section.get(setting)).find(Boolean),
        keys: keysIn(sections.find((section) => keySettings.some((setting) => section.get(setting)))),
      };
    },
    session: (name, setting) => sessions.get(name)?.get(setting) || undefined,
  };
}

async function textOf({ environment, home }: CloudAccounts, kind: keyof typeof pathSettings): Promise<string> {
  const setting = pathSettings[kind];
  const path = namedPath(environment[setting] || join(home, ".aws", kind), { setting });
  return (await readCredentialFile(path)) ?? "";
}

function keysIn(section: ReadonlyMap<string, string> | undefined): Profile["keys"] {
  if (!section) return undefined;
  const [id, secret, session] = [...keySettings, "aws_session_token"].map((setting) => section.get(setting));
  return awsKeys({ id, secret, session }) ?? "half";
}

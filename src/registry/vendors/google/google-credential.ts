import { sign } from "node:crypto";
import { join } from "node:path";
import { namedPath } from "../../../io/files/named-path.ts";
import { PlimsollError } from "../../../model/error.ts";
import { isJsonObject, type JsonObject, parseJson } from "../../../model/objects/json-object.ts";
import { readCredentialFile } from "../../credentials/read-credential-file.ts";
import { Secret } from "../../credentials/secret.ts";
import { memberOf } from "../api-pages.ts";
import { askApi, form } from "../ask-api.ts";
import type { CloudAccounts } from "../cloud-accounts.ts";
import type { MadeCredential } from "../vendor.ts";

const tokenHost = "oauth2.googleapis.com";
const tokenUrl = `https://${tokenHost}/token`;
const scope = "https://www.googleapis.com/auth/cloud-platform";
const assertionSeconds = 3600;

/** Where an account stands. */
interface KeyFile {
  readonly path: string;
  /** How errors name it. */
  readonly name: string;
  /** True when the user named it, so that it has to be there. */
  readonly isNamed: boolean;
}

/**
 * The credential of the file that `GOOGLE_APPLICATION_CREDENTIALS` names, else of the one where `gcloud auth
 * application-default login` writes: the key of a service account, or what `gcloud` stores of a user. Either is
 * exchanged for an access token of an hour, which registries take as the password of `oauth2accesstoken`. Undefined
 * without such a file. The token is asked for at Google's address, whatever address the file names.
 *
 * Source: Google's documentation, "How Application Default Credentials works", "Using OAuth 2.0 for Server to Server
 * Applications", "Set up authentication for Docker"; RFC 7523.
 *
 * Errors: `file-malformed`, `target-unreadable` of the file; those of the request.
 */
export async function googleCredential(accounts: CloudAccounts): Promise<MadeCredential | undefined> {
  const file = keyFile(accounts);
  const key = await readKeyFile(file);
  if (!key) return undefined;
  const fields = grantOf(key, file, Date.now());
  const answer = await askApi(accounts.connect(tokenHost), {
    ...form(fields),
    url: new URL(tokenUrl),
    hidden: [fields["assertion"], fields["refresh_token"], fields["client_secret"]].filter((one) => one !== undefined),
    what: `an access token for the account of ${file.isNamed ? "GOOGLE_APPLICATION_CREDENTIALS" : file.path}`,
  });
  const token = memberOf(answer.json, "access_token");
  if (typeof token !== "string" || token === "") throw answer.refusal();
  const seconds = Number(memberOf(answer.json, "expires_in") ?? assertionSeconds);
  return {
    credential: { kind: "basic", username: "oauth2accesstoken", password: new Secret(token) },
    until: Date.now() + (seconds > 0 ? seconds : 60) * 1000,
  };
}

function keyFile({ environment, home }: CloudAccounts): KeyFile {
  const setting = "GOOGLE_APPLICATION_CREDENTIALS";
  const given = environment[setting];
  if (given) {
    const path = namedPath(given, { setting });
    return { path, name: `${path}, which ${setting} names,`, isNamed: true };
  }
  const folder = environment["CLOUDSDK_CONFIG"];
  if (folder) namedPath(folder, { setting: "CLOUDSDK_CONFIG", kind: "folder" });
  const path = join(folder || join(home, ".config", "gcloud"), "application_default_credentials.json");
  return { path, name: path, isNamed: false };
}

async function readKeyFile(file: KeyFile): Promise<JsonObject | undefined> {
  const { path, isNamed } = file;
  const text = await readCredentialFile(path);
  if (text === undefined) {
    if (!isNamed) return undefined;
    throw new PlimsollError(
      "target-unreadable",
      `GOOGLE_APPLICATION_CREDENTIALS is set to ${path}, which does not exist`,
      {
        hint: "Correct the variable, or unset it to connect without an account.",
      },
    );
  }
  const key = parseJson(text);
  if (!isJsonObject(key)) throw malformed(file, "it is not a JSON object");
  return key;
}

function grantOf(key: JsonObject, file: KeyFile, now: number): Readonly<Record<string, string>> {
  const { type } = key;
  if (type === "service_account") {
    const assertion = signedAssertion(key, file, Math.floor(now / 1000));
    return { grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer", assertion };
  }
  if (type === "authorized_user") {
    const member = (name: string): string => requiredText(key, name, file);
    return {
      grant_type: "refresh_token",
      client_id: member("client_id"),
      client_secret: member("client_secret"),
      refresh_token: member("refresh_token"),
    };
  }
  throw malformed(file, "its type is neither service_account nor authorized_user", followedByOthers);
}

/** A JSON Web Token that the account's key signs. Source: RFC 7515; RFC 7518, RS256. */
function signedAssertion(key: JsonObject, file: KeyFile, now: number): string {
  const issuer = requiredText(key, "client_email", file);
  const privateKey = requiredText(key, "private_key", file);
  const { private_key_id: id } = key;
  const head = encoded({ alg: "RS256", typ: "JWT", ...(typeof id === "string" && { kid: id }) });
  const claims = encoded({ iss: issuer, scope, aud: tokenUrl, iat: now, exp: now + assertionSeconds });
  try {
    const signature = sign("RSA-SHA256", Buffer.from(`${head}.${claims}`), privateKey);
    return `${head}.${claims}.${signature.toString("base64url")}`;
  } catch {
    // What OpenSSL says of a key is not repeated.
    throw malformed(file, "its private_key is not an RSA key");
  }
}

function encoded(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

function requiredText(key: JsonObject, name: string, file: KeyFile): string {
  const value = key[name];
  if (typeof value !== "string" || value === "") throw malformed(file, `its ${name} is missing`);
  return value;
}

const ownKey = "Use the key of a service account, or log in with the user _json_key and the key as its password.";
/** Workload identity federation and impersonation: Google's own programs make a token of them. */
const followedByOthers =
  "Other account types are not supported: log in with the user oauth2accesstoken and the output of gcloud auth application-default print-access-token as its password, or use the key of a service account.";

function malformed({ name }: KeyFile, reason: string, hint: string = ownKey): PlimsollError {
  return new PlimsollError("file-malformed", `${name} cannot be used: ${reason}`, { hint });
}

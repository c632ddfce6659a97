import { sign } from "node:crypto";
import { namedPath } from "../../../io/named-path.ts";
import { PlimsollError } from "../../../model/error.ts";
import { isJsonObject, type JsonObject, parseJson } from "../../../model/json-object.ts";
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

/**
 * The credential of the file that `GOOGLE_APPLICATION_CREDENTIALS` names: the key of a service account, or what
 * `gcloud` stores of a user. Either is exchanged for an access token of an hour, which registries take as the password
 * of `oauth2accesstoken`. Undefined without the variable. The token is asked for at Google's address, whatever address
 * the file names.
 *
 * Source: Google's documentation, "Using OAuth 2.0 for Server to Server Applications", "Set up authentication for
 * Docker"; RFC 7523.
 *
 * Errors: `file-malformed`, `target-unreadable` of the file; those of the request.
 */
export async function googleCredential(accounts: CloudAccounts): Promise<MadeCredential | undefined> {
  const given = accounts.environment["GOOGLE_APPLICATION_CREDENTIALS"];
  if (!given) return undefined;
  const path = namedPath(given, { setting: "GOOGLE_APPLICATION_CREDENTIALS" });
  const fields = grantOf(await readKeyFile(path), path, Date.now());
  const answer = await askApi(accounts.connect(tokenHost), {
    ...form(fields),
    url: new URL(tokenUrl),
    hidden: [fields["assertion"], fields["refresh_token"], fields["client_secret"]].filter((one) => one !== undefined),
    what: "an access token for the account of GOOGLE_APPLICATION_CREDENTIALS",
  });
  const token = memberOf(answer.json, "access_token");
  if (typeof token !== "string" || token === "") throw answer.refusal();
  const seconds = Number(memberOf(answer.json, "expires_in") ?? assertionSeconds);
  return {
    credential: { kind: "basic", username: "oauth2accesstoken", password: new Secret(token) },
    until: Date.now() + (seconds > 0 ? seconds : 60) * 1000,
  };
}

async function readKeyFile(path: string): Promise<JsonObject> {
  const text = await readCredentialFile(path);
  if (text === undefined) {
    throw new PlimsollError("target-unreadable", `GOOGLE_APPLICATION_CREDENTIALS names ${path}, which does not exist`, {
      hint: "Correct the variable, or unset it to ask without an account.",
    });
  }
  const file = parseJson(text);
  if (!isJsonObject(file)) throw malformed(path, "it is no JSON object");
  return file;
}

function grantOf(file: JsonObject, path: string, now: number): Readonly<Record<string, string>> {
  const { type } = file;
  if (type === "service_account") {
    const assertion = signedAssertion(file, path, Math.floor(now / 1000));
    return { grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer", assertion };
  }
  if (type === "authorized_user") {
    const member = (name: string): string => requiredText(file, name, path);
    return {
      grant_type: "refresh_token",
      client_id: member("client_id"),
      client_secret: member("client_secret"),
      refresh_token: member("refresh_token"),
    };
  }
  throw malformed(path, "its type is neither service_account nor authorized_user");
}

/** A JSON Web Token that the account's key signs. Source: RFC 7515; RFC 7518, RS256. */
function signedAssertion(file: JsonObject, path: string, now: number): string {
  const issuer = requiredText(file, "client_email", path);
  const key = requiredText(file, "private_key", path);
  const { private_key_id: id } = file;
  const head = encoded({ alg: "RS256", typ: "JWT", ...(typeof id === "string" && { kid: id }) });
  const claims = encoded({ iss: issuer, scope, aud: tokenUrl, iat: now, exp: now + assertionSeconds });
  try {
    const signature = sign("RSA-SHA256", Buffer.from(`${head}.${claims}`), key);
    return `${head}.${claims}.${signature.toString("base64url")}`;
  } catch {
    // What OpenSSL says of a key is not repeated.
    throw malformed(path, "its private_key is no RSA key");
  }
}

function encoded(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

function requiredText(file: JsonObject, name: string, path: string): string {
  const value = file[name];
  if (typeof value !== "string" || value === "") throw malformed(path, `its ${name} is missing`);
  return value;
}

function malformed(path: string, reason: string): PlimsollError {
  return new PlimsollError(
    "file-malformed",
    `${path}, which GOOGLE_APPLICATION_CREDENTIALS names, cannot be used: ${reason}`,
    {
      hint: "Use the key of a service account, or log in with the user _json_key and the key as its password.",
    },
  );
}

import { namedPath } from "../../../io/files/named-path.ts";
import { PlimsollError } from "../../../model/error.ts";
import { isJsonObject, parseJson } from "../../../model/objects/json-object.ts";
import { readCredentialFile } from "../../credentials/read-credential-file.ts";
import { Secret } from "../../credentials/secret.ts";
import { memberOf } from "../api-pages.ts";
import { askApi, form } from "../ask-api.ts";
import type { CloudAccounts } from "../cloud-accounts.ts";
import type { MadeCredential } from "../vendor.ts";

/** The user name that stands for "the password is a token". */
const tokenUser = "00000000-0000-0000-0000-000000000000";
/** For a token that does not say until when it holds; three hours is usual. */
const shortLifetime = 30 * 60_000;

/** Where a cloud of Microsoft's gives tokens, and for what they are asked. */
interface AzureCloud {
  readonly login: string;
  readonly scope: string;
}

const clouds: Readonly<Record<string, AzureCloud>> = {
  io: { login: "login.microsoftonline.com", scope: "https://containerregistry.azure.net/.default" },
  us: { login: "login.microsoftonline.us", scope: "https://management.usgovcloudapi.net/.default" },
  cn: { login: "login.chinacloudapi.cn", scope: "https://management.chinacloudapi.cn/.default" },
};

/** The cloud of a registry's host; undefined for a host outside these clouds. */
export function azureCloudOf(host: string): AzureCloud | undefined {
  const domain = /^[a-z0-9][a-z0-9-]{0,99}\.azurecr\.(io|us|cn)$/.exec(host)?.[1];
  return domain === undefined ? undefined : clouds[domain];
}

/**
 * The credential of the application in `AZURE_TENANT_ID` and `AZURE_CLIENT_ID`: its secret in `AZURE_CLIENT_SECRET`, or
 * the token of a workload's identity in the file `AZURE_FEDERATED_TOKEN_FILE`, is exchanged for a token of Microsoft
 * Entra, and that, at the registry, for a refresh token of the registry. Undefined without them.
 * A certificate of an application, in `AZURE_CLIENT_CERTIFICATE_PATH`, is not used.
 *
 * Source: Azure/acr `docs/AAD-OAuth.md`; Microsoft's documentation, "OAuth 2.0 client credentials flow".
 *
 * Errors: `usage` where there is a certificate alone; `target-unreadable`, `file-malformed` of the file; those of the
 * requests.
 */
export async function azureCredential(registry: string, accounts: CloudAccounts): Promise<MadeCredential | undefined> {
  const { AZURE_TENANT_ID: tenant, AZURE_CLIENT_ID: client } = accounts.environment;
  const cloud = azureCloudOf(registry);
  if (!tenant || !client || !cloud) return undefined;
  const proof = await proofOf(accounts);
  if (!proof) return undefined;
  const entra = await askApi(accounts.connect(cloud.login), {
    ...form({ grant_type: "client_credentials", client_id: client, scope: cloud.scope, ...proof }),
    url: new URL(`https://${cloud.login}/${encodeURIComponent(tenant)}/oauth2/v2.0/token`),
    hidden: Object.values(proof),
    what: "a token for the application in AZURE_CLIENT_ID",
  });
  const token = memberOf(entra.json, "access_token");
  if (typeof token !== "string" || token === "") throw entra.refusal();
  const exchange = await askApi(accounts.connect(registry), {
    ...form({ grant_type: "access_token", service: registry, tenant, access_token: token }),
    url: new URL(`https://${registry}/oauth2/exchange`),
    hidden: [token],
    what: "the exchange of a Microsoft Entra token",
  });
  const refreshToken = memberOf(exchange.json, "refresh_token");
  if (typeof refreshToken !== "string" || refreshToken === "") throw exchange.refusal();
  const credential = { kind: "identity-token", token: new Secret(refreshToken), username: tokenUser } as const;
  return { credential, until: expiryOf(refreshToken) ?? Date.now() + shortLifetime };
}

/** What proves that the application is itself. */
async function proofOf({ environment }: CloudAccounts): Promise<Readonly<Record<string, string>> | undefined> {
  const { AZURE_CLIENT_SECRET: secret, AZURE_FEDERATED_TOKEN_FILE: path } = environment;
  if (secret) return { client_secret: secret };
  if (!path) {
    if (!environment["AZURE_CLIENT_CERTIFICATE_PATH"]) return undefined;
    throw new PlimsollError("usage", "the application in AZURE_CLIENT_ID has a certificate, which is not supported", {
      hint: "Instead of AZURE_CLIENT_CERTIFICATE_PATH, use AZURE_CLIENT_SECRET or AZURE_FEDERATED_TOKEN_FILE, or log in with the user 00000000-0000-0000-0000-000000000000 and the token from az acr login --expose-token.",
    });
  }
  namedPath(path, { setting: "AZURE_FEDERATED_TOKEN_FILE" });
  const token = (await readCredentialFile(path))?.trim();
  if (!token) {
    throw new PlimsollError("target-unreadable", `${path}, set by AZURE_FEDERATED_TOKEN_FILE, contains no token`, {
      hint: "Correct the variable, or unset it to use other credentials.",
    });
  }
  const type = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
  return { client_assertion: token, client_assertion_type: type };
}

/**
 * The end of a JSON Web Token in milliseconds; undefined for what is none. It is the registry's own business whether it
 * is true.
 */
function expiryOf(token: string): number | undefined {
  const claims = parseJson(Buffer.from(token.split(".")[1] ?? "", "base64url").toString("utf8"));
  const seconds = isJsonObject(claims) ? claims["exp"] : undefined;
  return typeof seconds === "number" ? seconds * 1000 : undefined;
}

import { namedPath } from "../../../io/files/named-path.ts";
import { PlimsollError } from "../../../model/error.ts";
import { readCredentialFile } from "../../credentials/read-credential-file.ts";
import { Secret } from "../../credentials/secret.ts";
import { memberOf } from "../api-pages.ts";
import { askApi } from "../ask-api.ts";
import type { CloudAccounts } from "../cloud-accounts.ts";
import type { AwsCredentials } from "./sign-request.ts";

/** Where Amazon ECS, and EKS Pod Identity over IPv4 and IPv6, answer; all are link-local or unique to the machine. */
const containerHosts: readonly string[] = ["169.254.170.2", "169.254.170.23", "[fd00:ec2::23]"];

/**
 * The credentials of a task or a pod, from the address that `AWS_CONTAINER_CREDENTIALS_RELATIVE_URI` or `…_FULL_URI`
 * names, with the token in `AWS_CONTAINER_AUTHORIZATION_TOKEN` or the file `…_TOKEN_FILE`; undefined without such a
 * variable. Over plain HTTP only this machine and the addresses that AWS defines are asked, and never through a proxy.
 *
 * Source: AWS's documentation, "Container credential provider", AWS SDKs and Tools Reference Guide.
 *
 * Errors: `usage` for an address that may not be asked; those of the request and of the token's file.
 */
export async function containerCredentials(accounts: CloudAccounts): Promise<AwsCredentials | undefined> {
  const { environment } = accounts;
  const relative = environment["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"];
  const full = environment["AWS_CONTAINER_CREDENTIALS_FULL_URI"];
  if (!relative && !full) return undefined;
  const url = URL.parse(relative || full || "", "http://169.254.170.2/");
  if (!url || !mayBeAsked(url)) throw notAllowed(relative ? "RELATIVE" : "FULL");
  const token = await tokenOf(accounts);
  const answer = await askApi(accounts.connectDirectly(url.host), {
    url,
    ...(token && { secrets: { authorization: token } }),
    what: "the credentials of this container",
  });
  const member = (name: string): string | undefined => {
    const value = memberOf(answer.json, name);
    return typeof value === "string" && value !== "" ? value : undefined;
  };
  const [accessKeyId, secret, session] = [member("AccessKeyId"), member("SecretAccessKey"), member("Token")];
  if (accessKeyId === undefined || secret === undefined) throw answer.refusal();
  return {
    accessKeyId,
    secretAccessKey: new Secret(secret),
    ...(session !== undefined && { sessionToken: new Secret(session) }),
  };
}

/** A host name that is not this machine's may only be asked over TLS. */
function mayBeAsked(url: URL): boolean {
  if (url.username !== "" || url.password !== "") return false;
  if (url.protocol === "https:") return true;
  const isLoopback = url.hostname === "localhost" || url.hostname === "[::1]" || /^127(?:\.\d+){3}$/.test(url.hostname);
  return url.protocol === "http:" && (isLoopback || containerHosts.includes(url.hostname));
}

async function tokenOf({ environment }: CloudAccounts): Promise<string | undefined> {
  const setting = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE";
  const path = environment[setting];
  const text = path
    ? await readCredentialFile(namedPath(path, { setting }))
    : environment["AWS_CONTAINER_AUTHORIZATION_TOKEN"];
  const token = text?.trim();
  if (token !== undefined && !/^[\x20-\x7e]*$/.test(token)) {
    throw new PlimsollError(
      "file-malformed",
      "the token for the credentials of this container is not a single line of text",
    );
  }
  return token === "" ? undefined : token;
}

function notAllowed(kind: string): PlimsollError {
  const variable = `AWS_CONTAINER_CREDENTIALS_${kind}_URI`;
  return new PlimsollError("usage", `the address in ${variable} is not allowed for credentials`, {
    hint: "Plain http is allowed only for this machine and the Amazon ECS and EKS addresses; use https for other addresses.",
  });
}

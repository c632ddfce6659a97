import { Readable } from "node:stream";
import { namedPath } from "../../../io/named-path.ts";
import { readXmlElements } from "../../../io/xml.ts";
import { PlimsollError } from "../../../model/error.ts";
import { readCredentialFile } from "../../credentials/read-credential-file.ts";
import { Secret } from "../../credentials/secret.ts";
import { askApi, form } from "../ask-api.ts";
import type { CloudAccounts } from "../cloud-accounts.ts";
import type { EcrHost } from "./ecr-host.ts";
import { passingAwsFailure } from "./passing-aws-failure.ts";
import type { AwsCredentials } from "./sign-request.ts";

/**
 * The credentials of the role `AWS_ROLE_ARN` for the token in the file `AWS_WEB_IDENTITY_TOKEN_FILE`, as a service
 * account of EKS has them; undefined without such a file. They are asked for in the registry's own region; the reply is
 * XML, as long as nobody says that JSON is fine too.
 *
 * Source: AWS's documentation, "AWS Security Token Service API Reference", AssumeRoleWithWebIdentity.
 *
 * Errors: `usage` for a file without a role; `target-unreadable` and `file-malformed` of the file; those of the
 * request.
 */
export async function webIdentityCredentials(
  accounts: CloudAccounts,
  { sts }: Pick<EcrHost, "sts">,
): Promise<AwsCredentials | undefined> {
  const {
    AWS_ROLE_ARN: role,
    AWS_WEB_IDENTITY_TOKEN_FILE: path,
    AWS_ROLE_SESSION_NAME: session,
  } = accounts.environment;
  if (!path) return undefined;
  namedPath(path, { setting: "AWS_WEB_IDENTITY_TOKEN_FILE" });
  if (!role) {
    throw new PlimsollError("usage", "AWS_WEB_IDENTITY_TOKEN_FILE is set without AWS_ROLE_ARN", {
      hint: "Set both, or neither to use what else there is.",
    });
  }
  const token = (await readCredentialFile(path))?.trim();
  if (!token) {
    throw new PlimsollError("target-unreadable", `${path}, which AWS_WEB_IDENTITY_TOKEN_FILE names, holds no token`, {
      hint: "Correct the variable, or unset it to use other credentials.",
    });
  }
  const question = form({
    Action: "AssumeRoleWithWebIdentity",
    Version: "2011-06-15",
    RoleArn: role,
    RoleSessionName: session || "plimsoll",
    WebIdentityToken: token,
  });
  const answer = await askApi(accounts.connect(sts), {
    ...question,
    headers: { ...question.headers, accept: "text/xml, application/xml" },
    url: new URL(`https://${sts}/`),
    hidden: [token],
    passing: passingAwsFailure,
    what: "the credentials of the role in AWS_ROLE_ARN",
  });
  const lent = answer.status === 200 ? await lentIn(answer.bytes) : undefined;
  if (!lent) throw answer.refusal();
  return lent;
}

async function lentIn(bytes: Buffer): Promise<AwsCredentials | undefined> {
  try {
    const document = {
      label: "the reply",
      root: "AssumeRoleWithWebIdentityResponse",
      elements: new Set(["Credentials"]),
    };
    for await (const { children } of readXmlElements(Readable.from([bytes]), document)) {
      const [id, secret, token] = ["AccessKeyId", "SecretAccessKey", "SessionToken"].map((wanted) => {
        return children.find(({ name }) => name === wanted)?.text;
      });
      if (id && secret && token)
        return { accessKeyId: id, secretAccessKey: new Secret(secret), sessionToken: new Secret(token) };
    }
    return undefined;
  } catch (cause) {
    // What the parser says may quote the reply.
    if (cause instanceof PlimsollError) return undefined;
    throw cause;
  }
}

import { Readable } from "node:stream";
import { readXmlElements } from "../../../io/documents/xml.ts";
import { PlimsollError } from "../../../model/error.ts";
import { askApi, form } from "../ask-api.ts";
import type { CloudAccounts } from "../cloud-accounts.ts";
import { awsKeys } from "./aws-keys.ts";
import type { EcrHost } from "./ecr-host.ts";
import { passingAwsFailure } from "./passing-aws-failure.ts";
import { type AwsCredentials, signRequest } from "./sign-request.ts";

/** The service that lends credentials, in the region of a registry. */
export type StsPlace = Pick<EcrHost, "sts" | "region">;

/** A question for credentials of a role. */
export interface StsQuestion {
  readonly action: "AssumeRole" | "AssumeRoleWithWebIdentity";
  readonly fields: Readonly<Record<string, string>>;
  /** The signer; absent where a token in the fields identifies the caller. */
  readonly credentials?: AwsCredentials;
  /** What must not show in an error. */
  readonly hidden?: readonly string[];
  /** How errors name what is asked for. */
  readonly what: string;
}

/**
 * The credentials that AWS STS lends. The reply is XML unless the request accepts JSON.
 *
 * Source: AWS's documentation, "AWS Security Token Service API Reference".
 *
 * Errors: those of a request.
 */
export async function askSts(
  accounts: CloudAccounts,
  { sts, region }: StsPlace,
  { action, fields, credentials, hidden = [], what }: StsQuestion,
): Promise<AwsCredentials> {
  const question = form({ Action: action, Version: "2011-06-15", ...fields });
  const headers = { ...question.headers, accept: "text/xml, application/xml" };
  const url = new URL(`https://${sts}/`);
  const { body = "" } = question;
  const secrets =
    credentials &&
    signRequest({ method: "POST", url, headers, body }, { credentials, region, service: "sts", now: new Date() });
  const answer = await askApi(accounts.connect(sts), {
    ...question,
    headers,
    ...(secrets && { secrets }),
    url,
    hidden,
    passing: passingAwsFailure,
    what,
  });
  const lent = answer.status === 200 ? await lentIn(answer.bytes, `${action}Response`) : undefined;
  if (!lent) throw answer.refusal();
  return lent;
}

async function lentIn(bytes: Buffer, root: string): Promise<AwsCredentials | undefined> {
  try {
    const document = { label: "the reply", root, elements: new Set(["Credentials"]) };
    for await (const { children } of readXmlElements(Readable.from([bytes]), document)) {
      const [id, secret, session] = ["AccessKeyId", "SecretAccessKey", "SessionToken"].map((wanted) => {
        return children.find(({ name }) => name === wanted)?.text;
      });
      const keys = session ? awsKeys({ id, secret, session }) : undefined;
      if (keys) return keys;
    }
    return undefined;
  } catch (cause) {
    // What the parser says may quote the reply.
    if (cause instanceof PlimsollError) return undefined;
    throw cause;
  }
}

import { Secret } from "../../credentials/secret.ts";
import type { AwsCredentials } from "./sign-request.ts";

/** Credentials as they are written down; what is empty counts as not given. */
export interface WrittenAwsKeys {
  readonly id: string | undefined;
  readonly secret: string | undefined;
  /** Token of temporary credentials. */
  readonly session: string | undefined;
}

/** An access key and its secret; undefined unless both are given. */
export function awsKeys({ id, secret, session }: WrittenAwsKeys): AwsCredentials | undefined {
  if (!id || !secret) return undefined;
  const token = session ? { sessionToken: new Secret(session) } : {};
  return { accessKeyId: id, secretAccessKey: new Secret(secret), ...token };
}

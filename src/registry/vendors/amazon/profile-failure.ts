import { PlimsollError } from "../../../model/error.ts";

const otherWays =
  "Set the variables from aws configure export-credentials --format env, which take precedence over a profile, or log in with the password from aws ecr get-login-password.";

/** `usage` for a profile whose credentials cannot be used; `lack` is a clause about the profile. */
export function brokenProfile(name: string, lack: string, hint: string = otherWays): PlimsollError {
  return new PlimsollError("usage", `the AWS profile ${JSON.stringify(name)} ${lack}`, { hint });
}

import { isAbsolute } from "node:path";
import { ChildProcessFailure } from "../../../io/processes/child-process.ts";
import { isJsonObject, parseJson } from "../../../model/objects/json-object.ts";
import type { CloudAccounts } from "../cloud-accounts.ts";
import { awsKeys } from "./aws-keys.ts";
import { expiryOf } from "./expiry.ts";
import { brokenProfile } from "./profile-failure.ts";
import type { AwsCredentials } from "./sign-request.ts";
import { splitCommand } from "./split-command.ts";

/**
 * The credentials that the program of a profile's `credential_process` writes to its standard output, as JSON of
 * version 1. The program is started without a shell, and by an absolute path or a name that is looked for in `PATH`.
 * What it writes does not show in errors.
 *
 * Source: AWS's documentation, "Process credential provider", AWS SDKs and Tools Reference Guide.
 *
 * Errors: `usage` for a command that cannot be started or fails, and for output that is against the format or expired;
 * `cancelled`.
 */
export async function processCredentials(
  accounts: CloudAccounts,
  { profile, command }: { readonly profile: string; readonly command: string },
): Promise<AwsCredentials> {
  const fail = (reason: string): Error =>
    brokenProfile(profile, `cannot be used: its credential_process ${reason}`, checkProgram);
  const [name, ...args] = splitCommand(command) ?? [];
  if (!name) throw fail("is not a command line: it is empty or has an unclosed quote");
  if (!isAbsolute(name) && /[/\\]/.test(name)) throw fail("has a relative path; use an absolute one");
  const answer = await accounts.runProgram({ name, args }).catch((cause: unknown) => {
    throw cause instanceof ChildProcessFailure ? fail(`failed: ${cause.message}`) : cause;
  });
  if (!answer) throw fail("was not found in PATH");
  if (answer.exitCode !== 0) {
    const end = answer.exitCode === undefined ? "was ended by a signal" : `exited with ${answer.exitCode}`;
    throw fail(end);
  }
  const json = parseJson(answer.output.reveal());
  if (!isJsonObject(json)) throw fail("did not write a JSON object");
  if (json["Version"] !== 1) throw fail("did not write credentials of version 1");
  const [id, secret, session] = ["AccessKeyId", "SecretAccessKey", "SessionToken"].map((member) => {
    const value = json[member];
    return typeof value === "string" ? value : undefined;
  });
  const keys = awsKeys({ id, secret, session });
  if (!keys) throw fail("did not write an AccessKeyId and a SecretAccessKey");
  const until = expiryOf(json["Expiration"]);
  if (until === "malformed") throw fail("wrote an Expiration that is not a date");
  if (until !== undefined && until <= Date.now()) throw fail("wrote expired credentials");
  return keys;
}

const checkProgram =
  "Run the command manually to see its messages, correct credential_process in the profile, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, which take precedence over a profile.";

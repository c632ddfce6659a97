import { retryAfter } from "../../../io/http/http-answer.ts";
import { Interruption } from "../../../io/http/patience.ts";
import type { RegistryReply } from "../../connection/registry-document.ts";
import { registryWords } from "../../connection/registry-failure.ts";

/**
 * The {@link Interruption} for an answer of AWS that limits requests, or says in another way that the next one may
 * succeed, although its status is that of a refusal: 400, with the reason in the code of its error alone. Undefined for
 * every other answer.
 *
 * Source: AWS's documentation, "Retry behavior", AWS SDKs and Tools Reference Guide; "Common errors" of the API
 * references of Amazon ECR and AWS STS.
 */
export function passingAwsFailure(reply: RegistryReply): Interruption | undefined {
  if (reply.status < 400) return undefined;
  const code = registryWords(reply.excerpt)?.split(":", 1)[0];
  if (code === undefined || !passingCodes.has(code)) return undefined;
  return new Interruption(`HTTP status ${reply.status} (${code})`, { wait: retryAfter(reply.header("retry-after")) });
}

const passingCodes: ReadonlySet<string> = new Set([
  "IDPCommunicationError",
  "RequestThrottled",
  "RequestThrottledException",
  "RequestTimeout",
  "RequestTimeoutException",
  "ThrottledException",
  "Throttling",
  "ThrottlingException",
  "TooManyRequestsException",
]);

import { request } from "node:http";
import { PlimsollError } from "../../../model/error.ts";
import { parseJson } from "../../../model/objects/json-object.ts";
import { cancelled } from "../../connection/registry-failure.ts";
import { memberOf } from "../api-pages.ts";
import type { CloudAccounts } from "../cloud-accounts.ts";
import { awsKeys } from "./aws-keys.ts";
import { metadataAddress } from "./metadata-address.ts";
import type { AwsCredentials } from "./sign-request.ts";

const timeout = 1000;
const tries = 2;
const largestReply = 64 * 1024;
const roles = "/latest/meta-data/iam/security-credentials/";

/**
 * The credentials of the role of this EC2 instance, from the instance metadata service, version 2 alone. Undefined when
 * `AWS_EC2_METADATA_DISABLED` is `true`, when nothing answers within a second, twice, or the answer is not that of the
 * service, and when the instance has no role. The service is asked past all proxies, and redirects are not followed.
 *
 * Source: AWS's documentation, "Use the Instance Metadata Service to access instance metadata", Amazon EC2 User Guide;
 * "IMDS credential provider", AWS SDKs and Tools Reference Guide.
 *
 * Errors: those of {@link metadataAddress}; `registry-unreachable` where the service answers and fails; `cancelled`.
 */
export async function instanceCredentials(accounts: CloudAccounts): Promise<AwsCredentials | undefined> {
  const { environment, signal } = accounts;
  if (environment["AWS_EC2_METADATA_DISABLED"]?.toLowerCase() === "true") return undefined;
  const base = metadataAddress(environment);
  const token = await askTwice(signal, base, {
    method: "PUT",
    path: "/latest/api/token",
    headers: { "x-aws-ec2-metadata-token-ttl-seconds": "21600" },
  });
  const shown = token?.body.trim();
  if (token?.status !== 200 || !shown || !/^[\x21-\x7e]+$/.test(shown)) return undefined;
  const headers = { "x-aws-ec2-metadata-token": shown };
  const listed = await askTwice(signal, base, { method: "GET", path: roles, headers });
  if (listed?.status === 404) return undefined;
  const role = listed?.body.split("\n", 1)[0]?.trim();
  if (listed?.status !== 200 || !role) throw failing("returned no role", listed?.status);
  const path = `${roles}${encodeURIComponent(role)}`;
  const answer = await askTwice(signal, base, { method: "GET", path, headers });
  const json = answer?.status === 200 ? parseJson(answer.body) : undefined;
  const [id, secret, session, code] = ["AccessKeyId", "SecretAccessKey", "Token", "Code"].map((name) => {
    const value = memberOf(json, name);
    return typeof value === "string" ? value : undefined;
  });
  const keys = session && code === "Success" ? awsKeys({ id, secret, session }) : undefined;
  if (!keys) throw failing("returned no credentials for the role", answer?.status);
  return keys;
}

interface Question {
  readonly method: "GET" | "PUT";
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}

interface Reply {
  readonly status: number;
  readonly body: string;
}

/** Undefined when nothing answers. */
async function askTwice(signal: AbortSignal, base: URL, question: Question): Promise<Reply | undefined> {
  let reply: Reply | undefined;
  for (let count = 0; count < tries; count++) {
    if (signal.aborted) throw cancelled(signal);
    reply = await ask(base, question, AbortSignal.any([signal, AbortSignal.timeout(timeout)])).catch(() => undefined);
    if (reply && reply.status < 500) return reply;
  }
  if (signal.aborted) throw cancelled(signal);
  return reply;
}

function ask(base: URL, { method, path, headers }: Question, signal: AbortSignal): Promise<Reply> {
  const url = new URL(`${base.pathname.replace(/\/$/, "")}${path}`, base);
  return new Promise((resolve, reject) => {
    const length = method === "PUT" ? { "content-length": "0" } : {};
    const asked = request(url, { method, headers: { ...headers, ...length }, signal, agent: false }, (response) => {
      const pieces: Buffer[] = [];
      let size = 0;
      response.on("data", (piece: Buffer) => {
        size += piece.length;
        pieces.push(piece);
        if (size > largestReply) response.destroy(new Error("the response is too long"));
      });
      response.on("error", reject);
      response.on("close", () => reject(new Error("the response is incomplete")));
      response.on("end", () => {
        resolve({ status: response.statusCode ?? 0, body: Buffer.concat(pieces).toString("utf8") });
      });
    });
    asked.on("error", reject);
    asked.end();
  });
}

function failing(reason: string, status: number | undefined): PlimsollError {
  const told = status === undefined ? "" : ` (HTTP status ${status})`;
  return new PlimsollError("registry-unreachable", `the metadata service of this EC2 instance ${reason}${told}`, {
    hint: "Try again, check the role of the instance, or set AWS_EC2_METADATA_DISABLED=true to ignore the credentials of the instance.",
  });
}

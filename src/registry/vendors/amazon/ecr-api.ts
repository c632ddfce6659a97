import { Secret } from "../../credentials/secret.ts";
import { apiPages, memberOf } from "../api-pages.ts";
import { type ApiRequest, askApi } from "../ask-api.ts";
import type { CloudAccounts } from "../cloud-accounts.ts";
import type { MadeCredential } from "../vendor.ts";
import type { EcrHost } from "./ecr-host.ts";
import { passingAwsFailure } from "./passing-aws-failure.ts";
import { type AwsCredentials, signRequest } from "./sign-request.ts";

/** The account and the registry whose interface is used. */
export interface EcrAccount {
  readonly host: EcrHost;
  readonly accounts: CloudAccounts;
  readonly credentials: AwsCredentials;
}

const targets = { ecr: "AmazonEC2ContainerRegistry_V20150921", "ecr-public": "SpencerFrontendService" };
const usualLifetime = 12 * 3600 * 1000;

/**
 * A password for a registry, which holds for twelve hours.
 *
 * Source: AWS's documentation, "Amazon ECR API Reference", GetAuthorizationToken; of ECR Public the reply is one
 * object, not a list.
 *
 * Errors: those of a request.
 */
export async function authorizationToken(account: EcrAccount): Promise<MadeCredential> {
  const { host, accounts } = account;
  const what = "a password for the registry";
  const answer = await askApi(
    accounts.connect(host.api),
    call(account, { action: "GetAuthorizationToken", input: {}, what }),
  );
  const data = memberOf(answer.json, "authorizationData");
  const entry: unknown = Array.isArray(data) ? data[0] : data;
  const token = memberOf(entry, "authorizationToken");
  const pair = typeof token === "string" ? Buffer.from(token, "base64").toString("utf8") : "";
  const colon = pair.indexOf(":");
  if (colon < 1) throw answer.refusal();
  const expires = memberOf(entry, "expiresAt");
  return {
    credential: { kind: "basic", username: pair.slice(0, colon), password: new Secret(pair.slice(colon + 1)) },
    until: typeof expires === "number" ? expires * 1000 : Date.now() + usualLifetime,
  };
}

/**
 * The repositories of a registry, as objects with `repositoryName` and `repositoryUri`; of ECR Public those of the
 * user's own registry.
 *
 * Source: AWS's documentation, "Amazon ECR API Reference", DescribeRepositories.
 */
export function describeRepositories(account: EcrAccount): ReturnType<typeof apiPages> {
  const { host, accounts } = account;
  const whose = host.account === undefined ? {} : { registryId: host.account };
  return apiPages({
    server: accounts.connect(host.api),
    request: (_, nextToken) =>
      call(account, {
        action: "DescribeRepositories",
        input: { ...whose, maxResults: 1000, ...(nextToken !== undefined && { nextToken }) },
        what: "the list of repositories",
      }),
    entries: (json) => memberOf(json, "repositories"),
    more: ({ json }) => {
      const token = memberOf(json, "nextToken");
      return typeof token === "string" && token !== "" ? token : false;
    },
  });
}

function call(
  { host, credentials }: EcrAccount,
  { action, input, what }: { readonly action: string; readonly input: object; readonly what: string },
): ApiRequest {
  const url = new URL(`https://${host.api}/`);
  const headers = {
    "content-type": "application/x-amz-json-1.1",
    "x-amz-target": `${targets[host.service]}.${action}`,
  };
  const body = JSON.stringify(input);
  const { region, service } = host;
  const signed = signRequest({ method: "POST", url, headers, body }, { credentials, region, service, now: new Date() });
  return { method: "POST", url, headers, secrets: signed, body, passing: passingAwsFailure, what };
}

import { dockerHub } from "../../model/packages/reference.ts";
import type { Credential } from "../credentials/credential.ts";
import { apiPages, memberOf } from "./api-pages.ts";
import { askApi } from "./ask-api.ts";
import type { ApiServer } from "./cloud-accounts.ts";
import { prefixNeeded, splitPrefix, textOf, unfitLogIn } from "./listing.ts";
import type { ListedPlace, Vendor } from "./vendor.ts";

const api = "hub.docker.com";

/**
 * Docker Hub: no catalogue; its website's interface lists a namespace, and to anonymous users its public part. A user
 * name with a password or an access token is exchanged there for a token first.
 *
 * Source: Docker's documentation, "Docker Hub API": `/v2/auth/token`, `/v2/namespaces/{namespace}/repositories`.
 */
export const dockerHubVendor: Vendor = {
  id: "docker-hub",
  name: "Docker Hub",
  isHost: (host) => host === dockerHub,
  list: listNamespace,
};

async function* listNamespace({
  client,
  registry,
  prefix,
  credential: find,
  problem,
}: ListedPlace): AsyncGenerator<string> {
  const [namespace] = splitPrefix(prefix);
  if (namespace === "") throw prefixNeeded(registry, "docker.io/NAMESPACE");
  const server = client.host(api);
  const credential = await find();
  const secrets = await logIn(server, credential);
  if (credential && !secrets) problem(unfitLogIn("Docker Hub"));
  const what = `the repositories of docker.io/${namespace}`;
  const url = (page: number): URL =>
    new URL(`https://${api}/v2/namespaces/${namespace}/repositories?page_size=100&page=${page}`);
  const pages = apiPages({
    server,
    request: (page) => ({ url: url(page), what, ...(secrets && { secrets }) }),
    entries: (json) => memberOf(json, "results"),
    more: ({ json }) => typeof memberOf(json, "next") === "string",
  });
  for await (const { name } of pages) yield `${namespace}/${textOf(name)}`;
}

async function logIn(
  server: ApiServer,
  credential: Credential | undefined,
): Promise<Readonly<Record<string, string>> | undefined> {
  if (credential?.kind !== "basic") return undefined;
  const secret = credential.password.reveal();
  const answer = await askApi(server, {
    method: "POST",
    url: new URL(`https://${api}/v2/auth/token`),
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ identifier: credential.username, secret }),
    hidden: [secret],
    what: "the log-in",
  });
  const token = memberOf(answer.json, "access_token");
  if (typeof token !== "string" || !/^[\x21-\x7e]+$/.test(token)) throw answer.refusal();
  return { authorization: `Bearer ${token}` };
}

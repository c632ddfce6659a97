import { expect, test } from "vitest";
import { openRegistryClient } from "../../../src/pipeline/targets/registry-access.ts";
import { temporaryFolder } from "../../setup/temporary-folder.ts";
import { type FakeRegistry, fakeRegistry, sendJson } from "../setup/fake-registry.ts";
import { sortedRepositories } from "../setup/vendor-internet.ts";

const home = temporaryFolder();
const alice = Buffer.from("alice:wonder").toString("base64");

/** A registry that gives its catalogue, at one address, to a user alone. */
async function closedRegistry(catalog: string, realm: string, repositories: readonly string[]): Promise<FakeRegistry> {
  const registry = await fakeRegistry();
  registry.intercept = ({ path, headers }, response) => {
    if (headers.authorization !== `Basic ${alice}`)
      return sendJson(response, 401, {}, { "www-authenticate": `Basic realm="${realm}"` });
    return path.startsWith(`${catalog}?`) && sendJson(response, 200, { repositories });
  };
  return registry;
}

/** A registry whose token server lets each user see the catalogue in which is only what is that user's. */
async function catalogByUser(): Promise<FakeRegistry> {
  const registry = await fakeRegistry();
  registry.intercept = ({ path, headers }, response) => {
    const shown = headers.authorization ?? "";
    const user = Buffer.from(shown.replace("Basic ", ""), "base64").toString("utf8").split(":")[0];
    if (path.startsWith("/token")) return sendJson(response, 200, { token: `of-${user}` });
    const challenge = `Bearer realm="http://${registry.host}/token",service="x",scope="registry:catalog:*"`;
    const owner = /^Bearer of-(.*)$/.exec(shown)?.[1];
    if (owner === undefined) return sendJson(response, 401, {}, { "www-authenticate": challenge });
    return path.startsWith("/v2/_catalog") && sendJson(response, 200, { repositories: [`${owner}/app`] });
  };
  return registry;
}

async function listed(host: string, { key, prefix }: { readonly key: string; readonly prefix: string }) {
  const environment = { DOCKER_AUTH_CONFIG: JSON.stringify({ auths: { [key]: { auth: alice } } }) };
  const controller = new AbortController();
  const client = openRegistryClient({ environment, home }, controller.signal);
  try {
    return await sortedRepositories(client, host, prefix);
  } finally {
    controller.abort();
  }
}

test.each([
  { vendor: "distribution", realm: "Registry", catalog: "/v2/_catalog", repositories: ["team/app", "other"] },
  {
    vendor: "Sonatype Nexus",
    realm: "Sonatype Nexus Repository Manager",
    catalog: "/repository/team/v2/_catalog",
    repositories: ["app"],
  },
  {
    vendor: "JFrog Artifactory",
    realm: "Artifactory Realm",
    catalog: "/artifactory/api/docker/team/v2/_catalog",
    repositories: ["app"],
  },
])("a log-in for a path opens the list below it: $vendor", async ({ realm, catalog, repositories }) => {
  const { host, requests } = await closedRegistry(catalog, realm, repositories);
  expect(await listed(host, { key: `${host}/team`, prefix: "team" })).toEqual(["team/app"]);
  const shown = requests.filter(({ headers }) => headers.authorization !== undefined);
  expect(shown.length).toBeGreaterThan(0);
});

test("a log-in for a path is not shown for the whole registry, nor for another path", async () => {
  const { host, requests } = await closedRegistry("/v2/_catalog", "Registry", ["team/app"]);
  for (const prefix of ["", "teamwork"])
    await expect(listed(host, { key: `${host}/team`, prefix })).rejects.toMatchObject({ code: "registry-refused" });
  expect(requests.filter(({ headers }) => headers.authorization !== undefined)).toEqual([]);
});

test("a token that one log-in was given opens no list for another of the same registry", async () => {
  const { host, requests } = await catalogByUser();
  const users = ["left", "right"];
  const auths = Object.fromEntries(users.map((user) => [`${host}/${user}`, { username: user, password: "wonder" }]));
  const controller = new AbortController();
  const access = { environment: { DOCKER_AUTH_CONFIG: JSON.stringify({ auths }) }, home };
  const client = openRegistryClient(access, controller.signal);
  for (const user of [...users, ...users])
    expect(await sortedRepositories(client, host, user)).toEqual([`${user}/app`]);
  controller.abort();
  expect(requests.filter(({ path }) => path.includes("catalog%3A*"))).toHaveLength(2);
});

test("a list for which the log-in is refused is not the list of what strangers see", async () => {
  const registry = await fakeRegistry();
  registry.intercept = ({ path, headers }, response) => {
    const shown = headers.authorization;
    if (path.startsWith("/token"))
      return shown === `Basic ${alice}` ? sendJson(response, 200, { token: "good" }) : sendJson(response, 401, {});
    if (path.startsWith("/v2/_catalog")) return sendJson(response, 200, { repositories: ["public/app"] });
    const challenge = `Bearer realm="http://${registry.host}/token",service="x",scope="repository:left/app:pull"`;
    if (shown === undefined) return sendJson(response, 401, {}, { "www-authenticate": challenge });
    return sendJson(response, 200, { name: "left/app", tags: ["1"] });
  };
  const auths = {
    [`${registry.host}/left`]: { auth: alice },
    [`${registry.host}/right`]: { username: "alice", password: "old" },
  };
  const controller = new AbortController();
  const environment = { DOCKER_AUTH_CONFIG: JSON.stringify({ auths }) };
  const client = openRegistryClient({ environment, home }, controller.signal);
  try {
    for await (const _ of client.tags({ registry: registry.host, repository: "left/app" }));
    const list = sortedRepositories(client, registry.host, "right");
    await expect(list).rejects.toMatchObject({ code: "registry-refused" });
  } finally {
    controller.abort();
  }
});

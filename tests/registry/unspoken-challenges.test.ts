import { expect, test } from "vitest";
import { fakeRegistry, sendJson } from "./setup/fake-registry.ts";
import { basic, listOf, reference, testClient } from "./setup/registry-client.ts";

const credentialOf = (host: string): Parameters<typeof testClient>[0] => ({
  credentials: { [host]: basic("alice", "wonder") },
});

test.each([
  ["Negotiate", "it asks for negotiate"],
  ["NTLM, Negotiate", "it asks for ntlm, negotiate"],
  ['Digest realm="x", nonce="y"', "it asks for digest"],
  ["alice:wonder", "[secret]"],
  [",,,,,", "its challenge cannot be read"],
  ["=,=,=", "its challenge cannot be read"],
])(
  "a registry that asks for %s is shown no credentials, and the message says what it wants",
  async (challenge, words) => {
    const registry = await fakeRegistry();
    registry.intercept = ({ path }, response) =>
      path !== "/v2/" && sendJson(response, 401, {}, { "www-authenticate": challenge });
    const client = testClient(credentialOf(registry.host));
    const error = {
      code: "registry-refused",
      message: expect.stringContaining(words),
      hint: expect.stringContaining("Basic and Bearer"),
    };
    if (words.includes("[secret]")) await expect(listOf(client.catalog(registry.host))).rejects.toMatchObject(error);
    else await expect(client.manifest(reference(`${registry.host}/team/app:v1`))).rejects.toMatchObject(error);
    const shown = registry.requests.filter(({ headers }) => headers.authorization !== undefined);
    expect(shown.filter(({ path }) => !path.includes("_catalog"))).toEqual([]);
  },
);

test("a realm that is no address of the web is not the registry itself", async () => {
  const registry = await fakeRegistry();
  registry.intercept = ({ path }, response) =>
    path !== "/v2/" && sendJson(response, 401, {}, { "www-authenticate": 'Bearer realm="file:///etc/passwd"' });
  const client = testClient(credentialOf(registry.host));
  await expect(client.manifest(reference(`${registry.host}/team/app:v1`))).rejects.toMatchObject({
    code: "registry-refused",
    message: expect.stringContaining("not an http or https address"),
  });
  expect(registry.requests.filter(({ headers }) => headers.authorization !== undefined)).toEqual([]);
});

test.each(["Basic realm=My Registry", 'basic realm="unclosed', "Bearer realm=the registry", "Negotiate, Basic"])(
  "a challenge that is badly written is answered by its scheme: %s",
  async (challenge) => {
    const registry = await fakeRegistry();
    registry.putManifest("team/app", { schemaVersion: 2, config: {}, layers: [] }, { tag: "v1" });
    registry.intercept = ({ path, headers }, response) =>
      path !== "/v2/" &&
      headers.authorization === undefined &&
      sendJson(response, 401, {}, { "www-authenticate": challenge });
    await testClient(credentialOf(registry.host)).manifest(reference(`${registry.host}/team/app:v1`));
    const [, shown] = registry.requests.filter(({ path }) => path.includes("/manifests/"));
    expect(shown?.headers.authorization).toMatch(/^Basic /);
  },
);

test.each([
  [["Negotiate", "Basic realm=Sonatype Nexus"]],
  [["Basic realm=Sonatype Nexus", "Negotiate"]],
  [["NTLM", "Negotiate", "Bearer realm=the registry"]],
  [['Negotiate oYG2MIG=, Basic realm="x"']],
  [["Negotiate oYG2MIG=", 'Basic realm="x"']],
])("of several challenges one that is careless or not spoken does not void the others: %j", async (challenges) => {
  const registry = await fakeRegistry();
  registry.putManifest("team/app", { schemaVersion: 2, config: {}, layers: [] }, { tag: "v1" });
  registry.intercept = ({ path, headers }, response) => {
    if (path === "/v2/" || headers.authorization !== undefined) return false;
    response.writeHead(401, { "www-authenticate": challenges }).end("{}");
    return true;
  };
  await testClient(credentialOf(registry.host)).manifest(reference(`${registry.host}/team/app:v1`));
  const [, shown] = registry.requests.filter(({ path }) => path.includes("/manifests/"));
  expect(shown?.headers.authorization).toMatch(/^Basic /);
});

test.each([
  [(realm: string) => ["NTLM", "Negotiate", `Bearer realm="${realm}" service="x"`]],
  [(realm: string) => ["Negotiate", "Basic realm=Sonatype Nexus", `Bearer realm="${realm}",service="x"`]],
])("the realm of a Bearer challenge is found beside others (%#)", async (challengesFor) => {
  const registry = await fakeRegistry();
  registry.putManifest("team/app", { schemaVersion: 2, config: {}, layers: [] }, { tag: "v1" });
  registry.intercept = ({ path, headers }, response) => {
    if (path.startsWith("/token")) return sendJson(response, 200, { token: "good" });
    if (path === "/v2/" || headers.authorization === "Bearer good") return false;
    response.writeHead(401, { "www-authenticate": challengesFor(`http://${registry.host}/token`) }).end("{}");
    return true;
  };
  await testClient(credentialOf(registry.host)).manifest(reference(`${registry.host}/team/app:v1`));
  const asked = registry.requests.find(({ path }) => path.startsWith("/token"));
  expect(asked?.path).toContain("service=x");
});

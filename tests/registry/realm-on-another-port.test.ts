import { expect, test } from "vitest";
import { temporaryFolder } from "../setup/temporary-folder.ts";
import { makeCertificates, pem } from "./setup/certificates.ts";
import { type FakeInternet, fakeInternet, type InternetHost } from "./setup/fake-internet.ts";
import { fakeRegistry } from "./setup/fake-registry.ts";
import { basic, listOf, reference, testClient } from "./setup/registry-client.ts";
import { sortedRepositories } from "./setup/vendor-internet.ts";

const address = "10.1.2.3";
const { authority, server } = makeCertificates(temporaryFolder(), [address, "10.1.2.4"]);
const ca = pem(authority.certificate);
const user = basic("alice", "wonder");
const alice = `Basic ${Buffer.from("alice:wonder").toString("base64")}`;

/** A GitLab and its registry, as its packages set them up, but for the realm. */
function omnibus(realm: string): InternetHost {
  return ({ url, headers }) => {
    if (url.pathname === "/jwt/auth") return headers.authorization === alice ? { json: { token: "good" } } : undefined;
    if (url.pathname === "/api/v4/groups/group/registry/repositories") return { json: [{ path: "group/app" }] };
    if (url.pathname === "/v2/group/app/tags/list" && headers.authorization === "Bearer good")
      return { json: { name: "group/app", tags: ["v1"] } };
    const challenge = `Bearer realm="${realm}",service="container_registry"`;
    return { status: 401, json: {}, headers: { "www-authenticate": challenge } };
  };
}

async function setting(
  realm: string,
  { named }: { named?: false } = {},
): Promise<{ internet: FakeInternet; client: ReturnType<typeof testClient> }> {
  const hosts = { [address]: omnibus(realm), "10.1.2.4": omnibus(realm) };
  const internet = await fakeInternet(hosts, server);
  const settings = { get: () => ({ ca, ...(named === false && { named }) }) };
  const credentials = { [`${address}:5050`]: user };
  return { internet, client: testClient({ proxies: internet.proxies, settings, credentials }) };
}

const tagsOf = (client: ReturnType<typeof testClient>, registry: string): Promise<string[]> =>
  listOf(client.tags(reference(`${registry}/group/app`)));

test("a private registry's token server may be on another port of its host, as may its GitLab", async () => {
  const { internet, client } = await setting(`https://${address}/jwt/auth`);
  expect(await tagsOf(client, `${address}:5050`)).toEqual(["v1"]);
  expect(await sortedRepositories(client, `${address}:5050`, "group")).toEqual(["group/app"]);
  expect([...new Set(internet.connections)]).toEqual([`${address}:5050`, `${address}:443`]);
});

test.each([
  ["on another private host", "https://10.1.2.4/jwt/auth"],
  ["on this machine", "https://127.0.0.1:5050/jwt/auth"],
])("one %s is not asked, and the hint names what allows it", async (_, realm) => {
  const { internet, client } = await setting(realm);
  await expect(tagsOf(client, `${address}:5050`)).rejects.toMatchObject({
    code: "registry-refused",
    hint: expect.stringContaining("--registry-trust"),
  });
  expect([...new Set(internet.connections)]).toEqual([`${address}:5050`]);
});

test("one that is asked less safely than the registry gets nothing, also on its host", async () => {
  const { internet, client } = await setting(`http://${address}:5050/jwt/auth`);
  const failure = expect.objectContaining({ code: "registry-refused", message: expect.stringContaining("plain http") });
  await expect(tagsOf(client, `${address}:5050`)).rejects.toEqual(failure);
  await expect(tagsOf(client, `${address}:5050`)).rejects.toMatchObject({
    hint: expect.not.stringMatching(/log in|Check that the credentials/i),
  });
  expect([...new Set(internet.connections)]).toEqual([`${address}:5050`]);
});

test("a registry of this machine cannot lead to its other ports", async () => {
  const [inner, registry] = [await fakeRegistry(), await fakeRegistry()];
  registry.intercept = (_, response) => {
    const challenge = `Bearer realm="http://${inner.host}/token",service="x"`;
    response.writeHead(401, { "www-authenticate": challenge }).end();
    return true;
  };
  const client = testClient({ credentials: { [registry.host]: user } });
  await expect(client.head(reference(`${registry.host}/group/app:v1`))).rejects.toMatchObject({
    code: "registry-refused",
    hint: expect.stringContaining("--registry-trust"),
  });
  expect(inner.requests).toEqual([]);
});

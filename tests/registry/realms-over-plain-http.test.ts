import { createServer } from "node:http";
import { expect, test } from "vitest";
import { openRegistryClient } from "../../src/pipeline/targets/registry-access.ts";
import type { RegistryClient } from "../../src/registry/connection/registry-client.ts";
import type { RegistrySettings } from "../../src/registry/connection/registry-settings.ts";
import type { Credential } from "../../src/registry/credentials/credential.ts";
import { Secret } from "../../src/registry/credentials/secret.ts";
import { temporaryFolder } from "../setup/temporary-folder.ts";
import { type FakeRegistry, fakeRegistry, listen, sendJson } from "./setup/fake-registry.ts";
import { basic, listOf, reference, testClient } from "./setup/registry-client.ts";
import { sortedRepositories } from "./setup/vendor-internet.ts";

const tokenHost = "tokens.example.test:5001";
const user = basic("alice", "wonder");
const alice = `Basic ${Buffer.from("alice:wonder").toString("base64")}`;
const identity: Credential = { kind: "identity-token", token: new Secret("refresh-me") };

interface Setting {
  readonly registry: FakeRegistry;
  readonly client: RegistryClient;
  readonly proxies: { readonly HTTP_PROXY: string; readonly NO_PROXY: string };
  /** What reaches other hosts over http: their addresses, with the credentials that came along. */
  readonly heard: readonly string[];
}

/** A registry of this machine with its token server, and a network on which somebody listens. */
async function setting({
  realm,
  credential = user,
  settings = {},
}: {
  readonly realm: string;
  readonly credential?: Credential;
  readonly settings?: Readonly<Record<string, RegistrySettings>>;
}): Promise<Setting> {
  const heard: string[] = [];
  const network = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (text: string) => {
      body += text;
    });
    request.on("end", () => {
      const { origin, pathname } = new URL(request.url ?? "");
      const shown = request.headers.authorization ?? new URLSearchParams(body).get("refresh_token") ?? "nothing";
      heard.push(`${request.method} ${origin}${pathname}: ${shown}`);
      sendJson(response, 200, { token: "good" });
    });
  });
  const registry = await fakeRegistry();
  registry.intercept = ({ path, headers }, response) => {
    if (path.startsWith("/elsewhere")) {
      response.writeHead(302, { location: `http://${tokenHost}/token` }).end();
      return true;
    }
    if (path === "/v2/group/app/tags/list?n=1000" && headers.authorization === "Bearer good")
      return sendJson(response, 200, { name: "group/app", tags: ["v1"] });
    const challenge = `Bearer realm="${realm.replace("REGISTRY", registry.host)}",service="container_registry"`;
    return sendJson(response, 401, {}, { "www-authenticate": challenge });
  };
  const proxies = { HTTP_PROXY: `http://${await listen(network)}`, NO_PROXY: "127.0.0.1" };
  const client = testClient({
    proxies,
    credentials: { [registry.host]: credential },
    settings: { get: (name) => settings[name === registry.host ? "REGISTRY" : name] },
  });
  return { registry, client, proxies, heard };
}

const tagsOf = ({ client, registry }: Setting): Promise<string[]> =>
  listOf(client.tags(reference(`${registry.host}/group/app`)));

test.each([
  ["a password", user],
  ["an identity token", identity],
])("%s for a registry of this machine does not leave it in the clear", async (_, credential) => {
  const place = await setting({ realm: `http://${tokenHost}/token`, credential });
  await expect(tagsOf(place)).rejects.toMatchObject({
    code: "registry-refused",
    message: expect.stringContaining(`its token server ${tokenHost} uses plain http`) as string,
    hint: expect.stringContaining(`--insecure ${tokenHost}`) as string,
  });
  expect(place.heard).toEqual([]);
});

test.each([
  ["that host", { [tokenHost]: { insecure: true } }],
  ["the registry", { REGISTRY: { insecure: true } }],
])("it does where the user allows plain http for %s", async (_, settings) => {
  const place = await setting({ realm: `http://${tokenHost}/token`, settings });
  expect(await tagsOf(place)).toEqual(["v1"]);
  expect(place.heard).toEqual([`GET http://${tokenHost}/token: ${alice}`]);
  const exchanged = await setting({ realm: `http://${tokenHost}/token`, settings, credential: identity });
  expect(await tagsOf(exchanged)).toEqual(["v1"]);
  expect(exchanged.heard).toEqual([`POST http://${tokenHost}/token: refresh-me`]);
});

test.each([
  [[], []],
  [[tokenHost], [`GET http://${tokenHost}/token: ${alice}`]],
])("as --insecure has it: %j", async (insecure, heard) => {
  const place = await setting({ realm: `http://${tokenHost}/token` });
  const credential = { registry: place.registry.host, username: "alice", password: "wonder" };
  const access = { environment: { PATH: "", ...place.proxies }, home: temporaryFolder(), insecure, credential };
  const client = openRegistryClient(access, new AbortController().signal);
  const tags = await tagsOf({ ...place, client }).catch((cause: unknown) => cause);
  if (insecure.length > 0) expect(tags).toEqual(["v1"]);
  else expect(tags).toMatchObject({ code: "registry-refused" });
  expect(place.heard).toEqual(heard);
});

test("what the user says of another host allows nothing for this one", async () => {
  const settings = { "tokens.example.test": { insecure: true }, [tokenHost]: { insecure: false } };
  const place = await setting({ realm: `http://${tokenHost}/token`, settings });
  await expect(tagsOf(place)).rejects.toMatchObject({ code: "registry-refused" });
  expect(place.heard).toEqual([]);
});

test("a redirect of a token server on this machine takes no password along", async () => {
  const place = await setting({ realm: "http://REGISTRY/elsewhere" });
  expect(await tagsOf(place)).toEqual(["v1"]);
  expect(place.heard).toEqual([`GET http://${tokenHost}/token: nothing`]);
});

test("a redirect takes no identity token along", async () => {
  const place = await setting({ realm: "http://REGISTRY/elsewhere", credential: identity });
  await expect(tagsOf(place)).rejects.toMatchObject({ code: "registry-failed" });
  expect(place.heard).toEqual([]);
});

test("nor is a GitLab elsewhere asked over plain http for what a registry of this machine has", async () => {
  const place = await setting({ realm: `http://${tokenHost}/jwt/auth` });
  const listed = sortedRepositories(place.client, place.registry.host, "group");
  await expect(listed).rejects.toMatchObject({ code: "registry-refused" });
  expect(place.heard).toEqual([]);
});

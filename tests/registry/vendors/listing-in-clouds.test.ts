import { describe, expect, test } from "vitest";
import type { Credential } from "../../../src/registry/credentials/credential.ts";
import { Secret } from "../../../src/registry/credentials/secret.ts";
import { repositoriesBelow } from "../../../src/registry/vendors/list-repositories.ts";
import type { InternetHost } from "../setup/fake-internet.ts";
import { basic, listOf } from "../setup/registry-client.ts";
import { internetOf, sortedRepositories, tokenRegistry } from "../setup/vendor-internet.ts";

// Shapes as the vendors' documentation has them; see the pages in docs/registries.
const clientIn = internetOf(["europe-docker.pkg.dev", "contoso.azurecr.io", "*.apps.example.com", "api.example.com"]);

describe("Google Artifact Registry", () => {
  const folders: Readonly<Record<string, object>> = {
    "project/images": { child: ["app", "team"], manifest: {}, tags: [] },
    "project/images/app": { child: [], manifest: { "sha256:1": { tag: ["v1"] } }, tags: ["v1"] },
    "project/images/team": { child: ["tool"], manifest: {}, tags: [] },
    "project/images/team/tool": { child: [], manifest: { "sha256:2": {} }, tags: [] },
  };
  const google: InternetHost = ({ url }) => {
    const name = /^\/v2\/(.+)\/tags\/list$/.exec(url.pathname)?.[1] ?? "";
    return folders[name]
      ? { json: { name, ...folders[name] } }
      : { status: 404, json: { errors: [{ code: "NAME_UNKNOWN" }] } };
  };

  test("reads all pages, and tells of names that no repository can have", async () => {
    const paged: InternetHost = (request) => {
      if (request.url.pathname !== "/v2/project/images/tags/list") return google(request);
      const second = request.url.searchParams.has("last");
      const json = { child: second ? ["team", "UPPER"] : ["app"], manifest: {}, tags: [] };
      return { json, headers: second ? {} : { link: '</v2/project/images/tags/list?last=app>; rel="next"' } };
    };
    const { client } = await clientIn({ hosts: { "europe-docker.pkg.dev": paged } });
    const gaps: string[] = [];
    const options = { problem: (reason: string) => void gaps.push(reason) };
    const list = await listOf(repositoriesBelow(client, "europe-docker.pkg.dev", "project/images", options));
    expect(list.sort()).toEqual(["project/images/app", "project/images/team/tool"]);
    expect(gaps).toEqual([expect.stringContaining("project/images/UPPER")]);
  });

  test("goes past what is refused below, and tells of it", async () => {
    const closed: InternetHost = (request) =>
      request.url.pathname === "/v2/project/images/team/tags/list" ? { status: 403, json: {} } : google(request);
    const { client } = await clientIn({ hosts: { "europe-docker.pkg.dev": closed } });
    const gaps: string[] = [];
    const options = { problem: (reason: string) => void gaps.push(reason) };
    const list = await listOf(repositoriesBelow(client, "europe-docker.pkg.dev", "project/images", options));
    expect(list).toEqual(["project/images/app"]);
    expect(gaps).toEqual([
      expect.stringMatching(/^what is at and below \S+\/project\/images\/team cannot be listed: .*403/),
    ]);
    await expect(sortedRepositories(client, "europe-docker.pkg.dev", "project/images/team")).rejects.toMatchObject({
      code: "registry-refused",
    });
  });

  test("walks through a repository", async () => {
    const { client } = await clientIn({ hosts: { "europe-docker.pkg.dev": google } });
    expect(await sortedRepositories(client, "europe-docker.pkg.dev", "project/images")).toEqual([
      "project/images/app",
      "project/images/team/tool",
    ]);
    expect(await sortedRepositories(client, "europe-docker.pkg.dev", "project/images/app")).toEqual([
      "project/images/app",
    ]);
    await expect(sortedRepositories(client, "europe-docker.pkg.dev", "project")).rejects.toMatchObject({
      code: "usage",
    });
    await expect(sortedRepositories(client, "europe-docker.pkg.dev", "project/none")).rejects.toMatchObject({
      code: "image-not-found",
    });
  });
});

test("Azure: an identity token is exchanged for the right to the catalogue", async () => {
  const azure: InternetHost = ({ url, headers, body, method }) => {
    if (url.pathname === "/oauth2/token") {
      const form = new URLSearchParams(body);
      const good =
        method === "POST" && form.get("refresh_token") === "refresh" && form.get("service") === "contoso.azurecr.io";
      return good
        ? { json: { access_token: `for ${form.get("scope")}`.replaceAll(" ", "-") } }
        : { status: 401, json: {} };
    }
    if (headers.authorization === "Bearer for-registry:catalog:*")
      return { json: { repositories: ["hello", "team/app"] } };
    const challenge = 'Bearer realm="https://contoso.azurecr.io/oauth2/token",service="contoso.azurecr.io"';
    return { status: 401, json: {}, headers: { "www-authenticate": challenge } };
  };
  const token: Credential = {
    kind: "identity-token",
    token: new Secret("refresh"),
    username: "00000000-0000-0000-0000-000000000000",
  };
  const { client } = await clientIn({
    hosts: { "contoso.azurecr.io": azure },
    credentials: { "contoso.azurecr.io": token },
  });
  expect(await sortedRepositories(client, "contoso.azurecr.io", "")).toEqual(["hello", "team/app"]);
});

test("OpenShift: where the catalogue is not given, the cluster lists the image streams of a project", async () => {
  const registry = "default-route-openshift-image-registry.apps.example.com";
  const cluster: InternetHost = ({ url, headers }) => {
    if (headers.authorization !== "Bearer sha256~token") return { status: 401, json: { message: "Unauthorized" } };
    if (url.pathname !== "/apis/image.openshift.io/v1/namespaces/shop/imagestreams") return { status: 403, json: {} };
    const second = url.searchParams.get("continue") === "a b";
    const items = [{ metadata: { namespace: "shop", name: second ? "web" : "app" } }];
    return { json: { kind: "ImageStreamList", metadata: { continue: second ? "" : "a b" }, items } };
  };
  const hosts = {
    "api.example.com": cluster,
    [registry]: tokenRegistry(registry, { realm: `https://${registry}/openshift/token` }),
  };
  const { client, connections } = await clientIn({ hosts, credentials: { [registry]: basic("any", "sha256~token") } });
  expect(await sortedRepositories(client, registry, "shop")).toEqual(["shop/app", "shop/web"]);
  expect(connections).toContain("api.example.com:6443");
});
